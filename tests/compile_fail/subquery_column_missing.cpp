// EXPECT: tandem: this subquery does not select that column
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(Post::c.id).subquery<"posts">()[Post::c.title]; }

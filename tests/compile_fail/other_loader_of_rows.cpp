// EXPECT: tandem: this loader starts from another model than those of the query's objects
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(User::c, tandem::count()).options(tandem::selectinload(Post::c.user)); }

// EXPECT: tandem: this statement sets a column of another model than it writes
// LINES: 20
#include "models.hpp"

auto query() { return tandem::update<User>().set(Post::c.title, "t"); }

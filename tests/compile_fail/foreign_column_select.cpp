// EXPECT: tandem: this query uses a column of a model that it does not select from
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(User::c.id, Post::c.title); }

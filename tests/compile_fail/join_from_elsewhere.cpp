// EXPECT: tandem: this relation starts from a model that the query does not select from
// LINES: 20
#include "models.hpp"

auto query() { return User::select().join(Post::c.user); }

// EXPECT: tandem: in() needs a query for a column of the same type
// LINES: 20
#include "models.hpp"

auto query() { return User::select().where(User::c.username.in(tandem::select(Post::c.id))); }

// EXPECT: tandem: row(…).in() needs a query for as many columns, of the same types
// LINES: 20
#include "models.hpp"

auto condition() { return tandem::row(User::c.id, User::c.username).in(tandem::select(Post::c.id, Post::c.user_id)); }

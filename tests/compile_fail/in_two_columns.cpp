// EXPECT: tandem: in() needs a query for one column
#include "models.hpp"

auto query() { return User::select().where(User::c.id.in(tandem::select(Post::c.id, Post::c.user_id))); }

// EXPECT: tandem: this query uses a column of a model that it does not select from
// LINES: 20
#include "models.hpp"

auto query() { return User::select().where(tandem::exists(Post::select().where(Post::c.user_id == User::c.id))); }

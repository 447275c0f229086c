// EXPECT: tandem: has() is for relations to one object; this is a collection: say any()
#include "models.hpp"

auto query() { return User::select().where(User::c.posts.has(Post::c.title == "x")); }

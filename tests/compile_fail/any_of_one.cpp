// EXPECT: tandem: any() is for collections; this relation leads to one object: say has()
// LINES: 20
#include "models.hpp"

auto query() { return Post::select().where(Post::c.user.any(User::c.id == 3)); }

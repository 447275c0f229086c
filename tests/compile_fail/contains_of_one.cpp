// EXPECT: tandem: contains() is for collections; compare this relation by ==
#include "models.hpp"

auto query(const tandem::Ref<User>& user) { return Post::select().where(Post::c.user.contains(user)); }

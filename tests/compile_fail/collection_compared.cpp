// EXPECT: tandem: a collection cannot be compared by ==; say contains(object)
#include "models.hpp"

auto query(const tandem::Ref<Post>& post) { return User::select().where(User::c.posts == post); }

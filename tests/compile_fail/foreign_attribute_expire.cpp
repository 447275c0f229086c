// EXPECT: tandem: this attribute belongs to another model than the object
// LINES: 20
#include "models.hpp"

void use(tandem::Session& session, const tandem::Ref<User>& user) { session.expire(user, Post::c.title); }

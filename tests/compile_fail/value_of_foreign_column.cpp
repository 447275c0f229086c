// EXPECT: tandem: value_of() takes a column of the object's own model
#include "models.hpp"

auto value(const tandem::Ref<User>& user) { return value_of(user, Post::c.title); }

// EXPECT: tandem: with_criteria() needs a condition on the columns of one model
#include "models.hpp"

auto query() { return User::select().options(tandem::with_criteria(Post::c.user_id == User::c.id)); }

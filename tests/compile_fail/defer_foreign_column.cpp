// EXPECT: tandem: this loader starts from another model than the query
#include "models.hpp"

auto query() { return User::select().options(defer(Post::c.title)); }

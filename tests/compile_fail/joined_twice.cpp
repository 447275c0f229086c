// EXPECT: tandem: this model is in the query already; join an alias of it
// LINES: 20
#include "models.hpp"

auto query() { return Post::select().join(Post::c.user).join<User>(User::c.id == 3); }

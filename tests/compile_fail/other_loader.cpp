// S107
// EXPECT: tandem: this loader starts from another model than the query's
// LINES: 20
#include "models.hpp"

auto query() { return User::select().options(tandem::selectinload(Post::c.user)); }

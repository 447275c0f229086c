// S107
// EXPECT: tandem: loaders are for queries of objects, not of columns
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(User::c.id).options(tandem::selectinload(User::c.posts)); }

// EXPECT: tandem: where() needs a condition, e.g. where(User::c.id == 3)
// LINES: 20
#include "models.hpp"

auto query() { return User::select().where(User::c.username); }

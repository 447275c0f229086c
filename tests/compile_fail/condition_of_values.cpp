// EXPECT: tandem: && || ! need conditions, e.g. User::c.id == 3 && User::c.age > 17
// LINES: 20
#include "models.hpp"

auto query() { return User::select().where(User::c.id == 3 && User::c.username); }

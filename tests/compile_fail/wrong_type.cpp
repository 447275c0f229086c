// EXPECT: tandem: this column cannot be compared with a value of that type
// LINES: 20
#include "models.hpp"

auto query() { return User::select().where(User::c.username == 3); }

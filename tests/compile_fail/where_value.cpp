// EXPECT: tandem: where() needs a condition, e.g. where(User::c.id == 3)
// LINES: 20
#include "models.hpp"

auto query(const User& user) { return User::select().where(user.id == 3); }

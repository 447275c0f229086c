// EXPECT: tandem: comparing two columns of different types
// LINES: 20
#include "models.hpp"

auto query() { return User::select().where(User::c.username == User::c.id); }

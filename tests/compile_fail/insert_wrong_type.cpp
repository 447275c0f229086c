// EXPECT: tandem: this column cannot take a value of that type
// LINES: 20
#include "models.hpp"

auto query() { return tandem::insert_into(User::c.username, User::c.age).values("a", "b"); }

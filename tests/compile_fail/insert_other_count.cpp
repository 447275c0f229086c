// EXPECT: tandem: values() needs one value for each column of insert_into()
// LINES: 20
#include "models.hpp"

auto query() { return tandem::insert_into(User::c.username, User::c.age).values("a"); }

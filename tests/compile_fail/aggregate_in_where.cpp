// EXPECT: tandem: an aggregate cannot stand in where(); say having()
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(User::c.age).group_by(User::c.age).where(tandem::count() > 3); }

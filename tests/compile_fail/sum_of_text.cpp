// EXPECT: tandem: sum() needs a column of numbers
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(tandem::sum(User::c.username)); }

// EXPECT: tandem: avg() needs a column of numbers
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(tandem::avg(User::c.username)); }

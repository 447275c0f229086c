// EXPECT: tandem: arithmetic needs numbers (texts are joined by +)
// LINES: 20
#include "models.hpp"

auto query() { return tandem::select(User::c.username * User::c.username); }

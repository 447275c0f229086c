// EXPECT: tandem: this column cannot be NULL
// LINES: 20
#include "models.hpp"

auto query() { return tandem::update<User>().set(User::c.username, std::nullopt); }

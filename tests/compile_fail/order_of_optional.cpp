// EXPECT: tandem: NULL has no order: compare with a value (*optional), or ask for is_null()
// LINES: 20
#include "models.hpp"

auto query(std::optional<int> age) { return User::select().where(User::c.age >= age); }

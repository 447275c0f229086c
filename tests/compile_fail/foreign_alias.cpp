// EXPECT: tandem: this query uses a column of a model that it does not select from
// LINES: 20
#include "models.hpp"

constexpr auto other = tandem::alias<User, "other">;
auto query() { return User::select().where(other.id == 3); }

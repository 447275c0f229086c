// EXPECT: tandem: a value of this type does not fit the column
// LINES: 20
#include "models.hpp"

void use(const tandem::Ref<User>& user) { tandem::set(user, User::c.id, "seven"); }

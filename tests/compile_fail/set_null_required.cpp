// EXPECT: tandem: set_null() is for a std::optional member; this one cannot be NULL
// LINES: 20
#include "models.hpp"

void clear(const tandem::Ref<User>& user) { tandem::set_null(user, User::c.username); }

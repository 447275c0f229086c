// EXPECT: tandem: where() of a loader needs a condition on the model that its relation leads to
#include "models.hpp"

auto query() { return User::select().options(selectinload(User::c.posts).where(User::c.id > 2)); }

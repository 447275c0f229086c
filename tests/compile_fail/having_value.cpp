// EXPECT: tandem: having() needs a condition, e.g. having(count() > 3)
#include "models.hpp"

auto query() { return tandem::select(Post::c.user_id, tandem::count()).group_by(Post::c.user_id).having(3); }

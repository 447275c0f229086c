// EXPECT: tandem: this statement uses a column of another model than it writes; ask for it in a subquery
#include "models.hpp"

auto statement() { return tandem::delete_from<User>().where(Post::c.id == 1); }

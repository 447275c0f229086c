// S107
// EXPECT: tandem: this loader starts from another model than its relation leads to
// LINES: 20
#include "models.hpp"

auto query() {
    return User::select().options(tandem::selectinload(User::c.posts).options(tandem::selectinload(User::c.posts)));
}

// EXPECT: tandem: a column beside an aggregate is missing in group_by()
// LINES: 20
#include "models.hpp"

auto query(tandem::Session& session) {
    return session.exec(tandem::select(Post::c.title, tandem::count()).group_by(Post::c.user_id));
}

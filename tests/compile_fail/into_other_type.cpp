// EXPECT: tandem: a member of the struct cannot take the column that the query selects in its place
// LINES: 25
#include "models.hpp"

struct Row {
    std::int64_t id = 0;
    std::int64_t title = 0;
    TANDEM_STRUCT(Row, id, title)
};
auto query(tandem::Session& session) { return session.exec(tandem::select(Post::c.id, Post::c.title).into<Row>()); }

// EXPECT: tandem: the struct lists another number of members than the query selects columns
// LINES: 25
#include "models.hpp"

struct Row {
    std::int64_t id = 0;
    TANDEM_STRUCT(Row, id)
};
auto query(tandem::Session& session) { return session.exec(tandem::select(Post::c.id, Post::c.title).into<Row>()); }

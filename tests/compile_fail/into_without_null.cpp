// EXPECT: tandem: a member of the struct cannot take the column that the query selects in its place
// LINES: 25
#include "models.hpp"

struct Row {
    std::int64_t age = 0;
    TANDEM_STRUCT(Row, age)
};
auto query(tandem::Session& session) { return session.exec(tandem::select(User::c.age).into<Row>()); }

// EXPECT: tandem: into() is for columns; rows with objects come as tuples
// LINES: 30
#include "models.hpp"

struct Row {
    std::int64_t id = 0;
    std::int64_t age = 0;
    TANDEM_STRUCT(Row, id, age)
};
auto query() { return tandem::select(User::c, User::c.age).into<Row>(); }

// EXPECT: tandem: this query selects a column of a model that it neither selects from nor joins
// LINES: 20
#include "models.hpp"

auto query(tandem::Session& session) { return session.exec(tandem::select(User::c.id, Post::c.title)); }

// EXPECT: tandem: after() goes behind order_by() of columns that cannot be NULL
// LINES: 20
#include "models.hpp"

auto query() { return Post::select().after(3); }

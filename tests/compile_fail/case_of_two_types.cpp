// EXPECT: tandem: the branches of a case_ give values of different types
#include "models.hpp"

auto query() {
    return tandem::select(tandem::case_(tandem::when(User::c.id > 1, 1), tandem::when(User::c.id > 2, "two")));
}

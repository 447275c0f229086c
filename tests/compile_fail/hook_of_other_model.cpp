// EXPECT: tandem: a hook of a model takes (T&) or (T&, tandem::Session&)
// LINES: 20
#include "models.hpp"

void use(tandem::Database& db) {
    db.on<User>().before_insert([](Post&) {});
}

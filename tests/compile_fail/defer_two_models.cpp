// EXPECT: tandem: defer(), undefer() and load_only() take columns of one model
#include "models.hpp"

auto query() { return User::select().options(load_only(User::c.username, Post::c.title)); }

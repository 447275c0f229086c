// EXPECT: tandem: insert_into() needs columns of one model
#include "models.hpp"

auto statement() { return tandem::insert_into(User::c.username, Post::c.title); }

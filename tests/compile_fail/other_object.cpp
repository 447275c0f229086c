// EXPECT: tandem: this relation leads to another model
// LINES: 20
#include "models.hpp"

auto query(const tandem::Ref<Post>& post) { return Post::select().where(Post::c.user == post); }

// The models of the compile-fail cases.
#pragma once

#include <tandem/orm.hpp>

struct Post;
struct User : tandem::Model<User> {
    std::string username;
    std::optional<std::int64_t> age{};
    tandem::Many<Post> posts{};
    TANDEM_MODEL(User, username, age, (posts, back_populates("user")))
};
struct Post : tandem::Model<Post> {
    std::string title;
    std::int64_t user_id = 0;
    tandem::One<User> user{};
    TANDEM_MODEL(Post, title, (user_id, foreign_key("user.id")), (user, back_populates("posts")))
};

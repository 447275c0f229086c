/// The tables: who writes (User), what they write (Post), and who objects to it (Flag).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

struct User;
struct Flag;

struct Post : tandem::Model<Post> {
    std::string title;
    std::string body;
    std::int64_t user_id = 0;
    std::optional<tandem::Timestamp> update_ts{};

    tandem::One<User> user{};
    tandem::Many<Flag> flags{};

    /// What the page gets: the time without its microseconds.
    tandem::Json dict() const {
        auto d = Model::dict();
        if (update_ts) d["update_ts"] = tandem::isoformat(floor<std::chrono::seconds>(*update_ts));
        return d;
    }

    TANDEM_MODEL(Post, title, body, (user_id, foreign_key("user.id"), index), (update_ts, server_default(now)),
        (user, back_populates("posts"), lazy(selectin)), (flags, back_populates("post")))
};

struct User : tandem::Model<User> {
    std::string username;
    std::string email;

    tandem::Many<Post> posts{};
    tandem::Many<Flag> flags{};

    TANDEM_MODEL(User, (username, unique), email, (posts, back_populates("user")), (flags, back_populates("user")))
};

struct Flag : tandem::Model<Flag> {
    std::int64_t post_id = 0;
    std::int64_t user_id = 0;
    std::string message;

    tandem::One<Post> post{};
    tandem::One<User> user{};

    TANDEM_MODEL(Flag, (post_id, foreign_key("post.id"), index), (user_id, foreign_key("user.id"), index), message,
        (post, back_populates("flags")), (user, back_populates("flags")))
};

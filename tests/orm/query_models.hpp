// The models of the query language's tests: a blog with tags, a tree, and numbers. They have a program of their own, as
// their tables have the names of those in blog.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tandem/orm.hpp>

#include "support/oracle.hpp"

namespace queries {

struct Post;
struct Flag;
struct Tag;

struct User : tandem::Model<User> {
    std::string username;
    std::optional<std::string> email{};
    tandem::Many<Post> posts{};
    tandem::Many<Flag> flags{};
    TANDEM_MODEL(User, (username, unique), email, (posts, back_populates("user"), order_by("id")),
        (flags, back_populates("user"), order_by("id")))
};
struct Post : tandem::Model<Post> {
    std::string title;
    std::optional<std::int64_t> user_id{};
    tandem::One<User> user{};
    tandem::Many<Flag> flags{};
    tandem::Many<Tag> tags{};
    TANDEM_MODEL(Post, title, (user_id, foreign_key("user.id")), (user, back_populates("posts")),
        (flags, back_populates("post"), delete_orphan, order_by("id")),
        (tags, back_populates("posts"), link("post_tag"), order_by("id")))
};
struct Flag : tandem::Model<Flag> {
    std::int64_t post_id = 0;
    std::optional<std::int64_t> user_id{};
    std::string message;
    tandem::One<Post> post{};
    tandem::One<User> user{};
    TANDEM_MODEL(Flag, (post_id, foreign_key("post.id")), (user_id, foreign_key("user.id")), message,
        (post, back_populates("flags")), (user, back_populates("flags")))
};
struct Tag : tandem::Model<Tag> {
    std::string label;
    tandem::Many<Post> posts{};
    TANDEM_MODEL(Tag, label, (posts, back_populates("tags"), link("post_tag"), order_by("id")))
};
struct Node : tandem::Model<Node> {
    std::string label;
    std::optional<std::int64_t> parent_id{};
    tandem::One<Node> parent{};
    tandem::Many<Node> children{};
    TANDEM_MODEL(Node, label, (parent_id, foreign_key("node.id")), (parent, back_populates("children")),
        (children, back_populates("parent")))
};
/// A message has a sender and a receiver: two foreign keys to one table.
struct Message : tandem::Model<Message> {
    std::int64_t sender_id = 0;
    std::int64_t receiver_id = 0;
    TANDEM_MODEL(Message, (sender_id, foreign_key("user.id")), (receiver_id, foreign_key("user.id")))
};
/// A row per kind of number.
struct Number : tandem::Model<Number> {
    std::int32_t small = 0;
    std::int64_t big = 0;
    double real = 0;
    std::optional<std::int64_t> maybe{};
    bool flag = false;
    std::string text;
    std::optional<tandem::Timestamp> at{};
    TANDEM_MODEL(Number, small, big, real, maybe, flag, text, at)
};
/// The key has two columns.
struct Seat : tandem::Model<Seat, void> {
    std::int64_t row = 0;
    std::string letter;
    std::int32_t price = 0;
    TANDEM_MODEL(Seat, (row, primary_key), (letter, primary_key), price)
};

}  // namespace queries

/// The blog: users 1 ana, 2 ben, 3 cy (no email), 4 dee; posts p1 (ana), p2 p3 p4 (ben), p5 (cy); flags f1 to f6; tags
/// t1 to t4 on posts 1, 2, 3 and 5. The tree: 1 over 2, 3, 4; 3 over 5, 6, 7.
class QueryFixture : public Fixture {
public:
    QueryFixture() {
        oracle.run(
            "INSERT INTO user (id, username, email) VALUES (1, 'ana', 'ana@x.io'), (2, 'ben', 'ben@x.io'),"
            " (3, 'cy', NULL), (4, 'dee', 'dee@y.io');"
            "INSERT INTO post (id, title, user_id) VALUES (1, 'p1', 1), (2, 'p2', 2), (3, 'p3', 2), (4, 'p4', 2),"
            " (5, 'p5', 3);"
            "INSERT INTO flag (id, post_id, user_id, message) VALUES (1, 1, 2, 'f1'), (2, 1, 3, 'f2'),"
            " (3, 3, 1, 'f3'), (4, 3, 3, 'f4'), (5, 5, 1, 'f5'), (6, 5, 2, 'f6');"
            "INSERT INTO tag (id, label) VALUES (1, 't1'), (2, 't2'), (3, 't3'), (4, 't4');"
            "INSERT INTO post_tag (post_id, tag_id) VALUES (1, 1), (1, 2), (2, 2), (3, 1), (3, 2), (3, 3), (5, 3);"
            "INSERT INTO node (id, parent_id, label) VALUES (1, NULL, 'n1'), (2, 1, 'n2'), (3, 1, 'n3'), (4, 1, 'n4'),"
            " (5, 3, 'n5'), (6, 3, 'n6'), (7, 3, 'n7');");
    }
};

using Ids = std::vector<std::int64_t>;

/// The ids of what a query for objects finds.
template <class Q>
Ids ids(tandem::Session& session, const Q& query) {
    Ids found;
    for (const auto& object : session.exec(query).all()) found.push_back(object->id);
    return found;
}
/// The ids of the rows of T that a condition finds, in order.
template <class T, class E>
Ids where(tandem::Database& db, const E& condition) {
    auto session = db.session();
    return ids(session, T::select().where(condition).order_by(T::c.id));
}

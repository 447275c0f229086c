// Joins and aliases.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/join.hpp>

#include "query_models.hpp"

using Catch::Matchers::ContainsSubstring;
using queries::Flag;
using queries::Message;
using queries::Node;
using queries::Post;
using queries::Tag;
using queries::User;
using namespace tandem;

namespace {
constexpr auto other = alias<User, "other">;
constexpr auto parent = alias<Node, "parent">;
}  // namespace

TEST_CASE_METHOD(QueryFixture, "a relation joins: to one, to many, and through a link table", "[query]") {
    auto session = db.session();
    CHECK(session
              .exec(select(Post::c.title, User::c.username)
                        .join(Post::c.user)
                        .where(User::c.username != "ben")
                        .order_by(Post::c.id))
              .all() == std::vector<std::tuple<std::string, std::string>>{{"p1", "ana"}, {"p5", "cy"}});
    CHECK(session
              .exec(select(User::c.username, count())
                        .join(User::c.posts)
                        .join(Post::c.flags)
                        .group_by(User::c.id)
                        .order_by(User::c.id))
              .all() == std::vector<std::tuple<std::string, std::int64_t>>{{"ana", 2}, {"ben", 2}, {"cy", 2}});
    CHECK(session
              .exec(select(Post::c.id, Tag::c.label)
                        .join(Post::c.tags)
                        .where(Tag::c.id != 2)
                        .order_by(Post::c.id, Tag::c.id))
              .all() == std::vector<std::tuple<std::int64_t, std::string>>{{1, "t1"}, {3, "t1"}, {3, "t3"}, {5, "t3"}});
    CHECK(session.exec(select(Tag::c.label).join(Tag::c.posts).join(Post::c.user).where(User::c.id == 3)).scalars() ==
        std::vector<std::string>{"t3"});
}

TEST_CASE_METHOD(
    QueryFixture, "a query for objects that joins a collection finds one per row, unless distinct", "[query]") {
    auto session = db.session();
    const auto users = User::select().join(User::c.posts).order_by(User::c.id);
    CHECK(ids(session, users) == Ids{1, 2, 2, 2, 3});
    CHECK(ids(session, users.distinct()) == Ids{1, 2, 3});
    CHECK(ids(session, users.distinct().limit(2).offset(1)) == Ids{2, 3});
}

TEST_CASE_METHOD(QueryFixture, "after an outer join the joined columns are optional", "[query]") {
    auto session = db.session();
    const std::vector<std::tuple<std::string, std::optional<std::string>>> rows =
        session
            .exec(select(User::c.username, Post::c.title)
                      .outer_join(User::c.posts)
                      .where(User::c.id > 2)
                      .order_by(User::c.id))
            .all();
    CHECK(rows == std::vector<std::tuple<std::string, std::optional<std::string>>>{{"cy", "p5"}, {"dee", {}}});
    const std::vector<std::tuple<std::string, std::int64_t, std::optional<std::string>>> counted =
        session
            .exec(select(User::c.username, count(Post::c.id), upper(max(Post::c.title)))
                      .outer_join(User::c.posts)
                      .group_by(User::c.id)
                      .order_by(User::c.id))
            .all();
    CHECK(counted ==
        std::vector<std::tuple<std::string, std::int64_t, std::optional<std::string>>>{
            {"ana", 1, "P1"}, {"ben", 3, "P4"}, {"cy", 1, "P5"}, {"dee", 0, {}}});
    CHECK(ids(session, Tag::select().outer_join(Tag::c.posts).where(Post::c.id == std::nullopt)) == Ids{4});
}

TEST_CASE_METHOD(QueryFixture, "S124 aliases: pairs of one table, and a tree's parents", "[query]") {
    auto session = db.session();
    CHECK(session
              .exec(select(User::c.id, other.id)
                        .join(other, User::c.id < other.id)
                        .where(other.id <= 3)
                        .order_by(User::c.id, other.id))
              .all() == std::vector<std::tuple<std::int64_t, std::int64_t>>{{1, 2}, {1, 3}, {2, 3}});
    CHECK(ids(session, Node::select().join(Node::c.parent, parent).where(parent.label == "n3").order_by(Node::c.id)) ==
        Ids{5, 6, 7});
    CHECK(session.exec(select(Node::c.label, parent.label).outer_join(Node::c.parent, parent).where(Node::c.id < 3))
              .all() == std::vector<std::tuple<std::string, std::optional<std::string>>>{{"n1", {}}, {"n2", "n1"}});
}

TEST_CASE_METHOD(QueryFixture, "an alias can be what is selected, and its relations lead on", "[query]") {
    auto session = db.session();
    CHECK(ids(session, select(other).where(other.username.contains("e")).order_by(other.id)) == Ids{2, 4});
    CHECK(ids(session, select(parent).join(parent.children).where(Node::c.id == 6)) == Ids{3});
    CHECK(session.exec(select(count()).from(other)).scalar() == 4);
}

TEST_CASE_METHOD(QueryFixture, "S125 joins without a path", "[query]") {
    auto session = db.session();
    StatementLog log{db};
    const auto none = error_of<ArgumentError>([&] { (void)session.exec(User::select().join<Tag>()).all(); });
    CHECK_THAT(none, ContainsSubstring("User") && ContainsSubstring("Tag") && ContainsSubstring("condition"));
    const auto several = error_of<ArgumentError>([&] { (void)session.exec(User::select().join<Message>()).all(); });
    CHECK_THAT(several,
        ContainsSubstring("Message.sender_id") && ContainsSubstring("Message.receiver_id") &&
            ContainsSubstring("User"));
    CHECK(log.size() == 0);
    CHECK(ids(session, Flag::select().join<User>().order_by(Flag::c.id)) == Ids{1, 2, 3, 4, 5, 6});
    CHECK(log.size() == 1);
    CHECK(ids(session, User::select().join<Flag>().where(Flag::c.id <= 2).order_by(User::c.id)) == Ids{2, 3});
    CHECK(ids(session, Flag::select().join<User>().join<Message>(Message::c.sender_id == User::c.id)).empty());
}

TEST_CASE_METHOD(QueryFixture, "a condition joins what has no foreign key, and binds its values in place", "[query]") {
    auto session = db.session();
    CHECK(session
              .exec(select(User::c.id + 100, Tag::c.label)
                        .where(User::c.id > 1)
                        .join<Tag>(Tag::c.id == User::c.id && Tag::c.label != "t3")
                        .where(Tag::c.id > 0)
                        .order_by(User::c.id))
              .all() == std::vector<std::tuple<std::int64_t, std::string>>{{102, "t2"}, {104, "t4"}});
    CHECK(session.exec(select(User::c.id).outer_join<Tag>(Tag::c.id == User::c.id && Tag::c.id > 3)).all().size() == 4);
}

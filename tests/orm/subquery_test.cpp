// Queries inside queries.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/subquery.hpp>

#include "query_models.hpp"

using queries::Flag;
using queries::Node;
using queries::Post;
using queries::Tag;
using queries::User;
using namespace tandem;

TEST_CASE_METHOD(QueryFixture, "in() takes a query for one column", "[query]") {
    CHECK(where<User>(db, User::c.id.in(select(Post::c.user_id).where(Post::c.title > "p2"))) == Ids{2, 3});
    CHECK(where<User>(db, User::c.id.not_in(select(Post::c.user_id).where(Post::c.title > "p2"))) == Ids{1, 4});
    CHECK(where<User>(db, User::c.username.in(select(User::c.username).where(User::c.id < 3))) == Ids{1, 2});
    CHECK(where<User>(db, User::c.id.in(select(Post::c.user_id).order_by(Post::c.id.desc()).limit(1).offset(1))) ==
        Ids{2});
}

TEST_CASE_METHOD(QueryFixture, "exists asks for rows, of the query around where it says so", "[query]") {
    const auto has_posts = exists(Post::select().correlate<User>().where(Post::c.user_id == User::c.id));
    CHECK(where<User>(db, has_posts) == Ids{1, 2, 3});
    CHECK(where<User>(db, !has_posts) == Ids{4});
    CHECK(where<User>(db, exists(Post::select().where(Post::c.id == 99))).empty());
    CHECK(where<User>(db, User::c.id > 1 && exists(select(Post::c.id + 7).where(Post::c.id == 5)) && User::c.id < 3) ==
        Ids{2});
    // A model of the same name in both queries needs an alias.
    constexpr auto namesake = alias<User, "namesake">;
    CHECK(where<User>(db,
              exists(select(namesake).correlate<User>().where(namesake.id != User::c.id &&
                  length(namesake.username) == length(User::c.username)))) == Ids{1, 2, 4});
}

TEST_CASE_METHOD(QueryFixture, "a scalar subquery is a value, empty where there is no row", "[query]") {
    auto session = db.session();
    const auto posts =
        select(count(Post::c.id)).correlate<User>().where(Post::c.user_id == User::c.id && Post::c.id > 1);
    const std::vector<std::tuple<std::string, std::optional<std::int64_t>>> rows =
        session.exec(select(User::c.username, posts.scalar_subquery()).order_by(User::c.id)).all();
    CHECK(rows ==
        std::vector<std::tuple<std::string, std::optional<std::int64_t>>>{
            {"ana", 0}, {"ben", 3}, {"cy", 1}, {"dee", 0}});
    CHECK(where<Post>(db, Post::c.id == select(max(Post::c.id)).scalar_subquery()) == Ids{5});
    CHECK(where<User>(db, posts.scalar_subquery() >= 1) == Ids{2, 3});
    CHECK_FALSE(session.exec(select(select(User::c.id).where(User::c.id == 99).scalar_subquery()).from<Tag>().limit(1))
                    .scalar());
}

TEST_CASE_METHOD(QueryFixture, "a derived table has the columns that were selected", "[query]") {
    auto session = db.session();
    const auto posts = count().label<"posts">();
    const auto totals =
        select(Post::c.user_id, posts).where(Post::c.id > 1).group_by(Post::c.user_id).subquery<"totals">();
    const std::vector<std::tuple<std::string, std::int64_t>> rows =
        session
            .exec(select(User::c.username, totals[posts])
                      .join(totals, totals[Post::c.user_id] == User::c.id && totals[posts] < 100)
                      .where(User::c.id > 0)
                      .order_by(totals.column<1>().desc()))
            .all();
    CHECK(rows == std::vector<std::tuple<std::string, std::int64_t>>{{"ben", 3}, {"cy", 1}});
    const std::vector<std::optional<std::int64_t>> outer =
        session
            .exec(select(totals[posts])
                      .from<User>()
                      .outer_join(totals, totals[Post::c.user_id] == User::c.id)
                      .order_by(User::c.id))
            .scalars();
    CHECK(outer == std::vector<std::optional<std::int64_t>>{{}, 3, 1, {}});
    CHECK(session.exec(select(max(totals[posts])).from(totals)).scalar() == 3);
}

TEST_CASE_METHOD(
    QueryFixture, "rows can be counted however they were found: a query with a limit as a table", "[query]") {
    auto session = db.session();
    const auto page = select(Post::c.id).where(Post::c.id > 1).order_by(Post::c.id).limit(3).subquery<"page">();
    CHECK(session.exec(select(count(), max(page[Post::c.id])).from(page)).one() ==
        std::tuple<std::int64_t, std::optional<std::int64_t>>{3, 4});
}

TEST_CASE_METHOD(QueryFixture, "a common table expression stands in front, with its values first", "[query]") {
    auto session = db.session();
    const auto active =
        select(Flag::c.user_id, count() + 10).where(Flag::c.id > 2).group_by(Flag::c.user_id).cte<"active">();
    CHECK(session
              .exec(select(User::c.username + "!", active.column<1>())
                        .join(active, active[Flag::c.user_id] == User::c.id)
                        .where(User::c.username != "zoe")
                        .order_by(User::c.id))
              .all() == std::vector<std::tuple<std::string, std::int64_t>>{{"ana!", 12}, {"ben!", 11}, {"cy!", 11}});
    CHECK(where<User>(db, User::c.id.in(select(active[Flag::c.user_id]).from(active).where(active.column<1>() > 11))) ==
        Ids{1});
}

TEST_CASE_METHOD(QueryFixture, "a recursive query gives the depth of every node of a tree", "[query]") {
    auto session = db.session();
    const auto depth = literal(0).label<"depth">();
    const auto tree =
        recursive<"tree">(select(Node::c.id, depth).where(Node::c.parent_id == std::nullopt), [&](const auto& up) {
            return select(Node::c.id, up[depth] + 1).join(up, up[Node::c.id] == Node::c.parent_id);
        });
    const auto depths = select(tree[Node::c.id], tree[depth]).from(tree).order_by(tree[Node::c.id]);
    CHECK(session.exec(depths).all() ==
        std::vector<std::tuple<std::int64_t, std::int64_t>>{{1, 0}, {2, 1}, {3, 1}, {4, 1}, {5, 2}, {6, 2}, {7, 2}});
    CHECK(ids(session,
              Node::select().join(tree, tree[Node::c.id] == Node::c.id).where(tree[depth] == 1).order_by(Node::c.id)) ==
        Ids{2, 3, 4});
}

TEST_CASE_METHOD(QueryFixture, "a recursive query walks up, and stops in a circle where it counts", "[query]") {
    oracle.run("UPDATE node SET parent_id = 6 WHERE id = 1");
    auto session = db.session();
    const auto steps = literal(0).label<"steps">();
    const auto way = recursive<"way">(select(Node::c.parent_id, steps).where(Node::c.id == 6), [&](const auto& from) {
        return select(Node::c.parent_id, from[steps] + 1)
            .join(from, from[Node::c.parent_id] == Node::c.id)
            .where(from[steps] < 4);
    });
    CHECK(session.exec(select(way[Node::c.parent_id]).from(way).order_by(way[steps])).scalars() ==
        std::vector<std::optional<std::int64_t>>{3, 1, 6, 3, 1});
}

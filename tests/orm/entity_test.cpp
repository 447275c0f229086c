#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/entity.hpp>

#include "query_models.hpp"

using namespace queries;
using namespace tandem;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr auto other = alias<User, "other">;
constexpr auto up = alias<Node, "up">;

}  // namespace

TEST_CASE_METHOD(QueryFixture, "rows of two models hold an object of each, one per key", "[query]") {
    auto session = db.session();
    const auto rows = session.exec(select(User::c, Post::c).join(User::c.posts).order_by(Post::c.id)).all();
    static_assert(std::is_same_v<decltype(rows)::value_type, std::tuple<Ref<User>, Ref<Post>>>);
    REQUIRE(rows.size() == 5);
    const auto& [ben, p2] = rows[1];
    CHECK(ben->username == "ben");
    CHECK(p2->title == "p2");
    CHECK(ben == std::get<0>(rows[2]));
    CHECK(ben == session.get<User>(2));
    const StatementLog log{db};
    CHECK(p2 == session.get<Post>(2));
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "objects stand beside values, aggregates included, in the order selected", "[query]") {
    auto session = db.session();
    const auto rows = session
                          .exec(select(count(Post::c.id), User::c, User::c.username)
                                    .from<User>()
                                    .outer_join(User::c.posts)
                                    .group_by(User::c.id)
                                    .order_by(User::c.id))
                          .all();
    REQUIRE(rows.size() == 4);
    CHECK(std::get<0>(rows[1]) == 3);
    CHECK(std::get<1>(rows[1])->email == "ben@x.io");
    CHECK(std::get<2>(rows[1]) == "ben");
    CHECK(std::get<0>(rows[3]) == 0);
}

TEST_CASE_METHOD(QueryFixture, "an object that an outer join does not find is an empty Ref", "[query]") {
    auto session = db.session();
    const auto rows =
        session.exec(select(User::c, Post::c).outer_join(User::c.posts).where(User::c.id >= 3).order_by(User::c.id))
            .all();
    REQUIRE(rows.size() == 2);
    CHECK(std::get<1>(rows[0])->title == "p5");
    CHECK(std::get<0>(rows[1])->username == "dee");
    CHECK_FALSE(std::get<1>(rows[1]));
}

TEST_CASE_METHOD(QueryFixture, "a model comes twice under an alias", "[query]") {
    auto session = db.session();
    const auto pairs = session
                           .exec(select(User::c, other)
                                     .join(other, User::c.id < other.id)
                                     .where(other.id <= 3)
                                     .order_by(User::c.id, other.id))
                           .all();
    std::string found;
    for (const auto& [one, two] : pairs) found += one->username + "<" + two->username + " ";
    CHECK(found == "ana<ben ana<cy ben<cy ");

    const auto nodes = session.exec(select(Node::c, up).outer_join(Node::c.parent, up).order_by(Node::c.id)).all();
    REQUIRE(nodes.size() == 7);
    CHECK_FALSE(std::get<1>(nodes[0]));
    CHECK(std::get<1>(nodes[4]) == std::get<0>(nodes[2]));
}

TEST_CASE_METHOD(QueryFixture, "Model::c alone selects the model's objects", "[query]") {
    auto session = db.session();
    CHECK(ids(session, select(User::c).where(User::c.id > 2).order_by(User::c.id)) == Ids{3, 4});
}

TEST_CASE_METHOD(QueryFixture, "loader options go to the model that they name", "[query]") {
    auto session = db.session();
    StatementLog log{db};
    const auto rows = session
                          .exec(select(User::c, Post::c)
                                    .join(User::c.posts)
                                    .order_by(Post::c.id)
                                    .options(selectinload(User::c.flags), joinedload(Post::c.tags)))
                          .all();
    CHECK(log.count("SELECT") == 3);
    log.clear();
    CHECK(std::get<0>(rows[1])->flags.size() == 2);
    CHECK(std::get<1>(rows[0])->tags.size() == 2);
    CHECK(std::get<1>(rows[3])->tags.empty());
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "columns of one of the models can be deferred", "[query]") {
    auto session = db.session();
    const auto rows = session
                          .exec(select(Post::c, User::c, User::c.username)
                                    .join(Post::c.user)
                                    .order_by(Post::c.id)
                                    .options(defer(User::c.email)))
                          .all();
    REQUIRE(rows.size() == 5);
    StatementLog log{db};
    CHECK(std::get<0>(rows[4])->title == "p5");
    CHECK(std::get<2>(rows[4]) == "cy");
    CHECK(log.size() == 0);
    CHECK(std::get<1>(rows[0])->email == "ana@x.io");
    CHECK(log.size() == 1);
}

TEST_CASE_METHOD(QueryFixture, "criteria hold for each of the models, where it is joined", "[query]") {
    auto session = db.session();
    session.with_criteria(Post::c.id > 2);
    const auto rows =
        session.exec(select(User::c, Post::c).outer_join(User::c.posts).order_by(User::c.id, Post::c.id)).all();
    std::string found;
    for (const auto& [user, post] : rows) found += user->username + ":" + (post ? post->title : "-") + " ";
    CHECK(found == "ana:- ben:p3 ben:p4 cy:p5 dee:- ");
}

TEST_CASE_METHOD(QueryFixture, "criteria hold for an alias, too", "[query]") {
    auto session = db.session();
    session.with_criteria(User::c.id > 2);
    CHECK(ids(session, select(other).order_by(other.id)) == Ids{3, 4});
    CHECK(session.exec(select(Post::c, other).join(Post::c.user, other)).all().size() == 1);
}

TEST_CASE_METHOD(QueryFixture, "objects in rows are the session's: changes are written", "[query]") {
    auto session = db.session(tandem::write);
    auto [user, posts] = session
                             .exec(select(User::c, count(Post::c.id))
                                       .join(User::c.posts)
                                       .group_by(User::c.id)
                                       .having(count(Post::c.id) == 3))
                             .one();
    user->email = "new@x.io";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 2") == "new@x.io");
    CHECK(posts == 3);
}

TEST_CASE_METHOD(QueryFixture, "first, one and one_or_none read rows of objects", "[query]") {
    auto session = db.session();
    const auto query = select(User::c, Post::c).join(User::c.posts).order_by(Post::c.id);
    CHECK(std::get<1>(session.exec(query).first().value())->title == "p1");
    CHECK_FALSE(session.exec(query.where(User::c.id == 4)).one_or_none());
    CHECK_THROWS_AS(session.exec(query).one(), MultipleResults);
    CHECK_THROWS_AS(session.exec(query.where(User::c.id == 4)).one(), NoResult);
    CHECK(session.exec(query).count() == 5);
    CHECK(session.exec(query.limit(2).offset(4)).all().size() == 1);
}

TEST_CASE_METHOD(
    QueryFixture, "an inner joined load cannot leave out rows of several objects, and says so", "[query]") {
    auto session = db.session();
    CHECK_THAT(error_of<ArgumentError>([&] {
        (void)session.exec(select(User::c, Post::c).join(User::c.posts).options(joinedload(Post::c.tags).inner()))
            .all();
    }),
        ContainsSubstring("Post.tags") && ContainsSubstring("join()"));
}

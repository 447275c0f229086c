// How results are read, and raw SQL with typed rows.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/result.hpp>

#include "query_models.hpp"

using Catch::Matchers::ContainsSubstring;
using queries::Post;
using queries::Seat;
using queries::User;
using namespace tandem;

namespace {
struct UserRow {
    std::int64_t id = 0;
    std::string username;
    std::optional<std::string> email;
    TANDEM_STRUCT(UserRow, id, username, email)
};
}  // namespace

TEST_CASE_METHOD(QueryFixture, "first asks for one row, one for two at most", "[query]") {
    auto session = db.session();
    (void)session.exec(User::select().order_by(User::c.id)).first();
    // Only what was asked for came into the session: the others are still to be read.
    StatementLog log{db};
    (void)session.get<User>(1);
    CHECK(log.size() == 0);
    (void)session.get<User>(2);
    CHECK(log.size() == 1);
    CHECK_THROWS_AS(session.exec(User::select().order_by(User::c.id.desc())).one(), MultipleResults);
    log.clear();
    (void)session.get<User>(4);
    (void)session.get<User>(3);
    CHECK(log.size() == 0);
    CHECK(session.exec(Post::select().order_by(Post::c.id).limit(0)).first() == nullptr);
    CHECK(session.exec(Post::select().order_by(Post::c.id).offset(3)).first()->id == 4);
}

TEST_CASE_METHOD(QueryFixture, "each way to read a result has its errors", "[query]") {
    auto session = db.session();
    const auto none = User::select().where(User::c.id == 99);
    const auto names = select(User::c.username);
    CHECK_THROWS_AS(session.exec(none).one(), NoResult);
    CHECK_THROWS_AS(session.exec(User::select()).one(), MultipleResults);
    CHECK_THROWS_AS(session.exec(User::select()).one_or_none(), MultipleResults);
    CHECK_FALSE(session.exec(none).one_or_none());
    CHECK_FALSE(session.exec(none).first());
    CHECK_THROWS_AS(session.exec(names).scalar(), MultipleResults);
    CHECK_THROWS_AS(session.exec(names.where(User::c.id == 99)).scalar(), NoResult);
    CHECK_FALSE(session.exec(names.where(User::c.id == 99)).one_or_none());
    CHECK_THROWS_AS(session.exec(names).one_or_none(), MultipleResults);
    CHECK(session.exec(names.order_by(User::c.id)).first() == std::tuple<std::string>{"ana"});
    CHECK(session.get_one<User>(2)->username == "ben");
    CHECK_THAT(error_of<NoResult>([&] { (void)session.get_one<User>(99); }),
        ContainsSubstring("User") && ContainsSubstring("99"));
    CHECK_THAT(error_of<NoResult>([&] { (void)session.get_one<Seat>(1, "x"); }),
        ContainsSubstring("Seat") && ContainsSubstring("1, \"x\""));
}

TEST_CASE_METHOD(QueryFixture, "a result read after its session has ended is an error", "[query]") {
    auto session = std::make_unique<Session>(db.session());
    auto result = session->exec(User::select());
    session.reset();
    CHECK_THROWS_AS(std::move(result).all(), InvalidStateError);
}

TEST_CASE_METHOD(QueryFixture, "raw SQL gives tuples, structs and objects", "[query]") {
    auto session = db.session();
    CHECK(session
              .execute<std::tuple<std::int64_t, std::optional<std::string>>>(
                  "SELECT id, email FROM user WHERE id >= :low ORDER BY id", {{"low", 3}})
              .all() == std::vector<std::tuple<std::int64_t, std::optional<std::string>>>{{3, {}}, {4, "dee@y.io"}});
    const auto rows =
        session.execute<UserRow>("SELECT email, username, id FROM user WHERE username = :name", {{"name", "ben"}})
            .all();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].id == 2);
    CHECK(rows[0].username == "ben");
    CHECK(rows[0].email == "ben@x.io");
    const auto ana = session.get<User>(1);
    const auto users = session.execute<User>("SELECT id FROM user WHERE id <> 3 ORDER BY id DESC").all();
    REQUIRE(users.size() == 3);
    CHECK(users[0]->username == "dee");
    CHECK(users[2] == ana);
    CHECK(session.execute<User>("SELECT id FROM user WHERE id = 99").first() == nullptr);
    CHECK(session.execute<std::tuple<std::int64_t>>(unchecked_sql("SELECT count(*) FROM user")).scalar() == 4);
}

TEST_CASE_METHOD(QueryFixture, "raw SQL whose columns do not fit says which", "[query]") {
    auto session = db.session();
    CHECK_THAT(
        error_of<ArgumentError>([&] { (void)session.execute<std::tuple<std::int64_t>>("SELECT id, email FROM user"); }),
        ContainsSubstring("2 columns") && ContainsSubstring("1"));
    CHECK_THAT(error_of<ArgumentError>([&] { (void)session.execute<UserRow>("SELECT id, username FROM user"); }),
        ContainsSubstring("UserRow") && ContainsSubstring("\"email\""));
    CHECK_THAT(error_of<ArgumentError>(
                   [&] { (void)session.execute<UserRow>("SELECT id, username, email, 1 AS other FROM user"); }),
        ContainsSubstring("UserRow") && ContainsSubstring("\"other\""));
    CHECK_THAT(
        error_of<ValueError>([&] { (void)session.execute<std::tuple<std::int64_t>>("SELECT username FROM user"); }),
        ContainsSubstring("\"username\""));
    CHECK_THAT(
        error_of<ValueError>([&] { (void)session.execute<UserRow>("SELECT email, id, NULL AS username FROM user"); }),
        ContainsSubstring("\"username\""));
    CHECK_THROWS_AS(session.execute<User>("SELECT id, username FROM user"), ArgumentError);
}

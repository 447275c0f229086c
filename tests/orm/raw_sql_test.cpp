// Raw SQL: parameters by name, values of every kind, and what is refused.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;

TEST_CASE_METHOD(BlogFixture, "named parameters of raw SQL are bound by name, not by place") {
    auto session = db.session();
    session.execute(
        "INSERT INTO user (email, username) VALUES (:email, :username)", {{"username", "eva"}, {"email", "eva@x.io"}});
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 5") == "eva|eva@x.io");
}

TEST_CASE_METHOD(
    BlogFixture, "S074 raw SQL is kept by a commit only, binds all of its parameters, and reads no others") {
    {
        auto session = db.session();
        session.execute("INSERT INTO user (username, email) VALUES (:username, '')", {{"username", "eva"}});
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    auto session = db.session();
    session.execute("INSERT INTO user (username, email) VALUES (:username, '')", {{"username", "eva"}});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");

    StatementLog log{db};
    CHECK_THROWS_AS(session.execute("INSERT INTO user (username, email) VALUES (:username, '')"), tandem::BindError);
    CHECK(log.size() == 0);
    const auto row = session.execute("SELECT ':username', 'a:b', :n", {{"n", 1}}).first();
    REQUIRE(row);
    CHECK(*row == tandem::Row{std::string{":username"}, std::string{"a:b"}, std::int64_t{1}});
}

TEST_CASE_METHOD(BlogFixture, "a parameter may be used several times") {
    auto session = db.session();
    const auto rows = session.execute("SELECT :n, :n + 1", {{"n", 3}}).all();
    CHECK(rows == std::vector<tandem::Row>{{std::int64_t{3}, std::int64_t{4}}});
}

TEST_CASE_METHOD(BlogFixture, "parameters that do not fit throw BindError before anything runs") {
    auto session = db.session();
    (void)session.get<User>(1);
    StatementLog log{db};
    const auto sql = "INSERT INTO user (username, email) VALUES (:username, :email)";
    SECTION("missing") {
        CHECK_THAT(error_of<tandem::BindError>([&] {
            session.execute(tandem::unchecked_sql(sql), {{"username", "x"}});
        }),
            ContainsSubstring(":email"));
    }
    SECTION("extra") {
        const auto call = [&] {
            session.execute(tandem::unchecked_sql(sql), {{"username", "x"}, {"email", "y"}, {"age", 3}});
        };
        CHECK_THAT(error_of<tandem::BindError>(call), ContainsSubstring(":age"));
    }
    SECTION("wrong name") {
        const auto call = [&] { session.execute(tandem::unchecked_sql(sql), {{"username", "x"}, {"mail", "y"}}); };
        CHECK_THAT(error_of<tandem::BindError>(call), ContainsSubstring(":mail"));
    }
    SECTION("the same twice instead of another") {
        const auto call = [&] { session.execute(tandem::unchecked_sql(sql), {{"username", "x"}, {"username", "y"}}); };
        CHECK_THAT(error_of<tandem::BindError>(call), ContainsSubstring(":username"));
    }
    SECTION("without a name") {
        CHECK_THAT(error_of<tandem::BindError>([&] { session.execute("SELECT ?"); }), ContainsSubstring(":name"));
    }
    CHECK(log.size() == 0);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "colons inside quotes and comments are no parameters") {
    auto session = db.session();
    const auto row =
        session.execute("SELECT 'a:b', \":c\" /* :d */ FROM (SELECT :e AS \":c\") -- :f", {{"e", "x:y"}}).first();
    REQUIRE(row);
    CHECK(*row == tandem::Row{std::string{"a:b"}, std::string{"x:y"}});
}

TEST_CASE_METHOD(BlogFixture, "a bound value is never part of the SQL") {
    auto session = db.session();
    const auto found = session.execute("SELECT * FROM user WHERE username = :name", {{"name", "x' OR '1'='1"}}).all();
    CHECK(found.empty());
}

TEST_CASE_METHOD(Fixture, "rows of raw SQL carry null, blobs, 64-bit extremes, reals and emoji") {
    auto session = db.session();
    const tandem::Blob blob{{std::byte{0}, std::byte{255}, std::byte{0}}};
    const auto row = session
                         .execute("SELECT :null, :empty, :low, :high, :real, :text, :blob, :yes, :none",
                             {{"null", nullptr}, {"empty", ""}, {"low", INT64_MIN}, {"high", INT64_MAX}, {"real", 0.1},
                                 {"text", "żółć 😀"}, {"blob", blob}, {"yes", true}, {"none", std::optional<int>{}}})
                         .first();
    REQUIRE(row);
    CHECK(*row ==
        tandem::Row{std::monostate{}, std::string{}, INT64_MIN, INT64_MAX, 0.1, std::string{"żółć 😀"}, blob,
            std::int64_t{1}, std::monostate{}});
}

TEST_CASE_METHOD(Fixture, "an empty blob is not null") {
    auto session = db.session();
    CHECK(session.execute("SELECT :blob", {{"blob", tandem::Blob{}}}).scalar() == tandem::Value{tandem::Blob{}});
}

TEST_CASE_METHOD(Fixture, "text keeps an embedded NUL") {
    auto session = db.session();
    const std::string text{"a\0b", 3};
    CHECK(session.execute("SELECT :text", {{"text", text}}).scalar() == tandem::Value{text});
}

TEST_CASE_METHOD(BlogFixture, "raw SQL tells its columns and how many rows it changed") {
    auto session = db.session();
    CHECK(session.execute("SELECT id, username AS name FROM user").columns() == std::vector<std::string>{"id", "name"});
    CHECK(session.execute("UPDATE user SET email = 'x' WHERE id > 2").changed() == 2);
    CHECK(session.execute("SELECT 1").changed() == 0);
}

TEST_CASE_METHOD(BlogFixture, "raw SQL without commit leaves nothing behind") {
    {
        auto session = db.session();
        session.execute("DELETE FROM flag");
    }
    CHECK(oracle.row("SELECT count(*) FROM flag") == "6");
}

TEST_CASE_METHOD(Fixture, "transaction control built at run time is refused, also behind comments") {
    auto session = db.session();
    session.add(User{.username = "ana"});
    session.flush();
    for (const auto* sql : {"COMMIT", "  begin", "End;", "ROLLBACK", "savepoint a", "RELEASE a", "-- c\nCOMMIT",
             "/* c */ /* d */\n;COMMIT", "/**/commit", "ATTACH 'x' AS y", "DETACH y"}) {
        INFO(sql);
        CHECK_THROWS_AS(session.execute(tandem::unchecked_sql(sql)), tandem::ArgumentError);
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "0");
}

TEST_CASE_METHOD(Fixture, "several statements in one text, and none, are refused") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute("SELECT 1; SELECT 2"), tandem::ArgumentError);
    CHECK_THROWS_AS(session.execute(""), tandem::ArgumentError);
    CHECK_THROWS_AS(session.execute("-- nothing"), tandem::ArgumentError);
    CHECK_NOTHROW(session.execute("SELECT 1;  "));
}

TEST_CASE_METHOD(Fixture, "comments behind a statement are none") {
    auto session = db.session();
    CHECK(session.execute("SELECT 1; -- the end").scalar() == tandem::Value{1});
    CHECK(session.execute("SELECT 2 /* the */ ; /* end; */ ;\n-- SELECT 3").scalar() == tandem::Value{2});
    CHECK_THROWS_AS(session.execute("SELECT 1; /* and */ SELECT 2"), tandem::ArgumentError);
}

TEST_CASE_METHOD(Fixture, "an error of raw SQL names the statement") {
    auto session = db.session();
    CHECK_THAT(error_of<tandem::SqlError>([&] { session.execute("SELECT * FROM nowhere"); }),
        ContainsSubstring("nowhere") && ContainsSubstring("SELECT *"));
}

TEST_CASE_METHOD(BlogFixture, "scalar() of no row and of several rows throws") {
    auto session = db.session();
    CHECK_THROWS_AS((void)session.execute("SELECT id FROM user WHERE id = 99").scalar(), tandem::NoResult);
    CHECK_THROWS_AS((void)session.execute("SELECT id FROM user").scalar(), tandem::MultipleResults);
}

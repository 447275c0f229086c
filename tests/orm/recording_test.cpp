// The engine on a driver that is no SQLite: sessions, unit of work, loading, raw SQL, steps, pool and echo ask only for
// what driver.hpp names.
#include <optional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/database.hpp>
#include <tandem/orm/transaction.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"
#include "support/recording_driver.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using Lines = std::vector<std::string>;
using tandem::Value;

namespace {

Value number(std::int64_t value) { return value; }
Value text(const char* value) { return std::string{value}; }

class Recorded {
public:
    Recorded() { recording->take(); }  // the connection made to see whether there is a database
    std::shared_ptr<Recording> recording = std::make_shared<Recording>();
    tandem::Database db{make_recording_driver(recording), {.connections = 2, .timeout = std::chrono::milliseconds{10}}};
};

}  // namespace

TEST_CASE_METHOD(Recorded, "tables are made in the words of the database's dialect", "[driver]") {
    db.create_tables();
    const auto lines = recording->take();
    REQUIRE(lines.size() > 5);
    CHECK(lines.front() == "BEGIN write");
    CHECK(lines.back() == "COMMIT");
    std::string all;
    for (const auto& line : lines) all += line + "\n";
    CHECK_THAT(all,
        ContainsSubstring("\"id\" NUMBER") && ContainsSubstring("\"title\" THING") && ContainsSubstring("THE_TIME"));
    CHECK_THAT(all, !ContainsSubstring("INTEGER") && !ContainsSubstring("strftime"));
}

TEST_CASE_METHOD(Recorded, "a graph of new objects is inserted in order, with the keys that come back", "[driver]") {
    auto session = db.session(tandem::write);
    const auto user = session.add(User{.username = "eva", .email = "e"});
    const auto post = session.add(Post{.title = "t", .body = "b", .user = user});
    recording->answer("INSERT INTO \"user\"", {{number(7)}});
    recording->answer("INSERT INTO \"post\"", {{number(8), text("2026-01-31 12:00:00.000000")}});
    session.commit();
    CHECK(user->id == 7);
    CHECK(post->id == 8);
    CHECK(post->user_id == 7);
    CHECK(tandem::isoformat(post->update_ts.value()) == "2026-01-31T12:00:00Z");
    const auto lines = recording->take();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "BEGIN write");
    CHECK_THAT(lines[1], StartsWith("INSERT INTO \"user\"") && ContainsSubstring("['eva', 'e']"));
    CHECK_THAT(lines[2], StartsWith("INSERT INTO \"post\"") && ContainsSubstring("['t', 'b', 7]"));
    CHECK(lines[3] == "COMMIT");
}

TEST_CASE_METHOD(Recorded, "rows become objects, loaded relations included, and changes are written", "[driver]") {
    auto session = db.session();
    recording->answer("FROM \"post\"",
        {{number(1), text("t1"), text("b"), number(5), {}}, {number(2), text("t2"), text("b"), number(5), {}}});
    recording->answer("FROM \"user\"", {{number(5), text("ana"), text("a@x")}});
    const auto posts = session.exec(Post::select().options(selectinload(Post::c.user)).order_by(Post::c.id)).all();
    REQUIRE(posts.size() == 2);
    CHECK(posts[0]->user->username == "ana");
    CHECK(posts[0]->user.get() == posts[1]->user.get());
    CHECK_FALSE(posts[0]->update_ts);
    auto lines = recording->take();
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "BEGIN");
    CHECK_THAT(lines[2],
        ContainsSubstring("FROM \"user\"") && ContainsSubstring("\"id\" AMONG (?)") && ContainsSubstring("[(5)]"));

    posts[1]->title = "changed";
    session.remove(posts[0]);
    session.commit();
    lines = recording->take();
    REQUIRE(lines.size() >= 3);
    std::string all;
    for (const auto& line : lines) all += line + "\n";
    CHECK_THAT(all, ContainsSubstring("UPDATE \"post\" SET \"title\" = ? WHERE \"id\" = ? ['changed', 2]"));
    CHECK_THAT(all, ContainsSubstring("DELETE FROM \"post\" WHERE \"id\" = ? [1]"));
    CHECK(lines.back() == "COMMIT");
}

TEST_CASE_METHOD(Recorded, "a collection is loaded on access, and a row that vanished is noticed", "[driver]") {
    auto session = db.session();
    recording->answer("FROM \"user\"", {{number(5), text("ana"), text("a@x")}});
    const auto ana = session.get<User>(5);
    REQUIRE(ana);
    recording->answer("FROM \"flag\"", {{number(1), number(9), number(5), text("m")}});
    REQUIRE(ana->flags.size() == 1);
    CHECK(ana->flags[0]->message == "m");
    ana->email = "new";
    recording->changed_rows = 0;
    CHECK_THROWS_AS(session.commit(), tandem::Error);
    session.rollback();
    CHECK(recording->take().back() == "ROLLBACK");
}

TEST_CASE_METHOD(Recorded, "raw SQL binds by name and returns rows", "[driver]") {
    auto session = db.session();
    recording->answer("SELECT a", {{number(1), text("x")}, {number(2), {}}});
    const auto rows = session.execute("SELECT a, b FROM t WHERE c = :c", {{"c", "y"}}).all();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0] == tandem::Row{number(1), text("x")});
    CHECK(rows[1] == tandem::Row{number(2), Value{}});
    CHECK(recording->take() == Lines{"BEGIN", "SELECT a, b FROM t WHERE c = :c ['y']"});
    CHECK(session.execute("UPDATE t SET a = 1").changed() == 1);
}

TEST_CASE_METHOD(Recorded, "steps use savepoints to keep what was sealed", "[driver]") {
    tandem::orm::Transaction step{db, tandem::orm::Access::write};
    {
        auto first = step.session();
        first.execute("UPDATE t SET a = 1");
        first.commit();
        auto second = step.session();
        second.execute("UPDATE t SET a = 2");
        second.rollback();
    }
    step.commit();
    CHECK(recording->take() ==
        Lines{"BEGIN write", "UPDATE t SET a = 1", "SAVEPOINT", "UPDATE t SET a = 2", "ROLLBACK TO", "COMMIT"});
}

TEST_CASE_METHOD(Recorded, "an error of the database reaches the caller, and rollback puts objects back", "[driver]") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    recording->answers.push_back({"INSERT", {}, "the cable was cut"});
    CHECK_THAT(error_of<tandem::OperationalError>([&] { session.commit(); }), ContainsSubstring("the cable was cut"));
    session.rollback();
    CHECK(eva->id == 0);
    CHECK(eva->username == "eva");
    session.add(eva);
    session.commit();
    CHECK(eva->id == 100);
}

TEST_CASE_METHOD(Recorded, "S145 a connection that turned bad is closed and replaced by a new one", "[pool]") {
    {
        auto session = db.session();
        session.execute("SELECT 1");
        recording->is_sound = false;
    }
    CHECK(recording->take() == Lines{"BEGIN", "SELECT 1", "ROLLBACK", "disconnect"});
    recording->is_sound = true;
    for (int i = 0; i < 2; ++i) {
        auto session = db.session();
        session.execute("SELECT 1");
    }
    CHECK(recording->take() == Lines{"connect", "BEGIN", "SELECT 1", "ROLLBACK", "BEGIN", "SELECT 1", "ROLLBACK"});
}

TEST_CASE_METHOD(Recorded, "echo works on any driver", "[echo]") {
    Lines lines;
    db.echo([&](std::string_view line) { lines.emplace_back(line.substr(line.find("  ") + 2)); });
    auto session = db.session();
    session.execute("UPDATE account SET password_hash = :password_hash, name = :n WHERE 1",
        {{"password_hash", "secret"}, {"n", "x"}});
    session.commit();
    REQUIRE(lines.size() == 3);
    CHECK_THAT(lines[1], ContainsSubstring("password_hash=***") && !ContainsSubstring("secret"));
}

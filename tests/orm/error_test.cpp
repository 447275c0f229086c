#include <chrono>
#include <fstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/error.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("each error is caught by its alias, by tandem::Error and by std::exception, and tells its kind") {
    try {
        throw tandem::ValueError("text");
    } catch (const tandem::Error& error) {
        CHECK(error.kind() == tandem::ErrorKind::validation);
        CHECK(std::string{error.what()} == "text");
        CHECK(dynamic_cast<const std::runtime_error*>(&error) != nullptr);
        CHECK(dynamic_cast<const tandem::BindError*>(&error) == nullptr);
    }
}

TEST_CASE_METHOD(BlogFixture, "a broken UNIQUE is an IntegrityError that names table and column") {
    auto session = db.session();
    session.add(User{.username = "ana"});
    CHECK_THAT(error_of<tandem::IntegrityError>([&] { session.commit(); }), ContainsSubstring("user.username"));
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "a broken foreign key is an IntegrityError") {
    auto session = db.session();
    session.add(Post{.title = "orphan", .user_id = 99});
    CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    session.rollback();
    session.remove(session.get<User>(1));
    CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    session.rollback();
    CHECK(session.get<User>(1)->username == "ana");
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "a row that the database refuses is named by its object, with what to do") {
    auto session = db.session();
    const auto refused = [&](const char* object, const char* what, const char* advice) {
        CHECK_THAT(error_of<tandem::IntegrityError>([&] { session.flush(); }),
            ContainsSubstring(object) && ContainsSubstring(what) && ContainsSubstring(advice));
        session.rollback();
    };
    SECTION("a new one") {
        session.add(User{.username = "ana"});
        refused("User (new) cannot be inserted", "user.username", "choose another one");
    }
    SECTION("a changed one") {
        session.get<User>(2)->username = "ana";
        refused("User#2 cannot be updated", "user.username", "choose another one");
    }
    SECTION("a deleted one") {
        oracle.run("CREATE TABLE visit (user_id INTEGER NOT NULL REFERENCES user (id)); INSERT INTO visit VALUES (4)");
        session.remove(session.get<User>(4));
        refused("User#4 cannot be deleted", "FOREIGN KEY", "delete or release what refers to it");
    }
}

TEST_CASE_METHOD(BlogFixture, "NULL where there must be a value is an IntegrityError") {
    auto session = db.session();
    CHECK_THAT(error_of<tandem::IntegrityError>(
                   [&] { session.execute("INSERT INTO user (username, email) VALUES ('x', NULL)"); }),
        ContainsSubstring("user.email"));
}

TEST_CASE_METHOD(BlogFixture,
    "a session that reads, then writes while another program does, meets Conflict and can go on after it") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    oracle.run("BEGIN IMMEDIATE");
    // What it read is going to be old: waiting for the other one would not help, so there is no timeout.
    ana->email = "mine";
    CHECK_THAT(error_of<tandem::Conflict>([&] { session.commit(); }), ContainsSubstring("session(tandem::write)"));
    oracle.run("ROLLBACK");
    session.rollback();
    CHECK(ana->email == "ana@x.io");
    ana->email = "mine";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "mine");
}

TEST_CASE_METHOD(BlogFixture,
    "a database that another program keeps locked is an OperationalError, and the session can go on after it") {
    tandem::Database hasty{"sqlite:///" + file(), {.busy_timeout = std::chrono::milliseconds{20}}};
    auto session = hasty.session(tandem::write);
    oracle.run("BEGIN IMMEDIATE");
    const auto eva = session.add(User{.username = "eva"});
    CHECK_THAT(
        error_of<tandem::OperationalError>([&] { session.commit(); }), ContainsSubstring("locked by another program"));
    oracle.run("ROLLBACK");
    session.rollback();
    session.add(eva);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user WHERE username = 'eva'") == "1");
}

TEST_CASE_METHOD(BlogFixture, "a writer waits for another program's lock") {
    oracle.run("BEGIN IMMEDIATE");
    std::thread other{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        oracle.run("COMMIT");
    }};
    auto session = db.session(tandem::write);
    session.add(User{.username = "eva"});
    CHECK_NOTHROW(session.commit());
    other.join();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE("a file that is no database is an OperationalError that names it") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "notes.db").string();
    std::ofstream{path} << std::string(2000, 'x');
    CHECK_THAT(error_of<tandem::OperationalError>([&] { tandem::Database{"sqlite:///" + path}; }),
        ContainsSubstring(path) && ContainsSubstring("not a SQLite database"));
}

TEST_CASE("a table without a column that the model has is an SqlError that names it") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "old.db").string();
    Oracle oracle{path};
    oracle.run("CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT NOT NULL)");
    tandem::Database db{"sqlite:///" + path};
    auto session = db.session();
    CHECK_THAT(error_of<tandem::SqlError>([&] { (void)session.get<User>(1); }), ContainsSubstring("email"));
    session.rollback();
    CHECK(session.execute("SELECT count(*) FROM user").scalar() == tandem::Value{std::int64_t{0}});
}

TEST_CASE_METHOD(Fixture, "a table that is missing is an SqlError that names it") {
    oracle.run("DROP TABLE flag");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::SqlError>([&] { (void)session.get<blog::Flag>(1); }), ContainsSubstring("flag"));
}

TEST_CASE("what an empty Ref is used for says so") {
    const tandem::Ref<User> nobody;
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { (void)nobody->username; }), ContainsSubstring("Ref<User>"));
}

// A session after an error: what it still does, and what it keeps.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::ObjectState;
using tandem::state_of;

TEST_CASE_METHOD(BlogFixture, "after a failed flush whatever needs SQL throws PendingRollback naming the first error") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.add(User{.username = "ana"});
    CHECK_THROWS_AS(session.flush(), tandem::IntegrityError);
    StatementLog log{db};
    const auto refused = [](auto call) {
        const auto message = error_of<tandem::PendingRollback>(call);
        CHECK_THAT(message, ContainsSubstring("user.username") && ContainsSubstring("rollback()"));
        CHECK_THAT(message, ContainsSubstring("flush_failure_test.cpp:"));
    };
    refused([&] { session.flush(); });
    refused([&] { session.commit(); });
    refused([&] { (void)session.exec(User::select()).all(); });
    refused([&] { (void)session.exec(tandem::select(User::c.id)).all(); });
    refused([&] { (void)session.execute("SELECT 1"); });
    refused([&] { (void)session.get<User>(2); });
    refused([&] { (void)dee->posts.size(); });
    refused([&] { session.refresh(dee); });
    CHECK(log.size() == 0);
    CHECK(dee->username == "dee");
    CHECK(session.get<User>(4) == dee);
    session.rollback();
    CHECK(session.get<User>(2)->username == "ben");
    session.add(User{.username = "eva"});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE_METHOD(BlogFixture, "a flush that failed in the middle leaves nothing half done after the rollback") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "changed";
    const auto eva = session.add(User{.username = "eva"});
    const auto twin = session.add(User{.username = "ben"});
    const auto fay = session.add(User{.username = "fay"});
    const auto post = session.add(Post{.title = "p6", .user = eva});
    CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    session.rollback();
    for (const auto& user : {eva, twin, fay}) {
        CHECK(state_of(user) == ObjectState::transient);
        CHECK(user->id == 0);
    }
    CHECK(state_of(post) == ObjectState::transient);
    CHECK(ana->email == "ana@x.io");
    twin->username = "other";
    for (const auto& user : {eva, twin, fay}) session.add(user);
    session.add(post);
    session.commit();
    CHECK(oracle.rows("SELECT username FROM user ORDER BY username") ==
        std::vector<std::string>{"ana", "ben", "cy", "dee", "eva", "fay", "other"});
    CHECK(oracle.row("SELECT username FROM user JOIN post ON post.user_id = user.id WHERE title = 'p6'") == "eva");
}

TEST_CASE_METHOD(BlogFixture, "a query whose autoflush failed leaves the session to be rolled back") {
    auto session = db.session();
    session.add(User{.username = "ana"});
    CHECK_THROWS_AS(session.exec(User::select()).all(), tandem::IntegrityError);
    CHECK_THROWS_AS(session.exec(User::select()).all(), tandem::PendingRollback);
}

TEST_CASE_METHOD(BlogFixture, "raw SQL that fails has no effect, and the session goes on") {
    auto session = db.session();
    session.execute("INSERT INTO user (username, email) VALUES ('eva', '')");
    CHECK_THROWS_AS(
        session.execute("INSERT INTO user (username, email) VALUES ('fay', ''), ('ana', '')"), tandem::IntegrityError);
    CHECK_THROWS_AS(session.execute("SELECT * FROM nowhere"), tandem::SqlError);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE_METHOD(BlogFixture, "a commit that the database refuses keeps nothing, and the objects follow the rollback") {
    oracle.run("CREATE TABLE part (user_id INTEGER REFERENCES user (id) DEFERRABLE INITIALLY DEFERRED)");
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.execute("INSERT INTO part (user_id) VALUES (99)");
    CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    CHECK_THROWS_AS(session.get<User>(1), tandem::PendingRollback);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    session.rollback();
    CHECK(state_of(eva) == ObjectState::transient);
    session.add(eva);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE_METHOD(BlogFixture, "a session that is closed after a failed flush leaves its objects as a rollback does") {
    tandem::Ref<User> ana;
    tandem::Ref<User> eva;
    {
        auto session = db.session();
        ana = session.get<User>(1);
        ana->email = "changed";
        eva = session.add(User{.username = "eva"});
        session.add(User{.username = "ben"});
        CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    }
    CHECK(ana->email == "ana@x.io");
    CHECK(state_of(ana) == ObjectState::detached);
    CHECK(state_of(eva) == ObjectState::transient);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

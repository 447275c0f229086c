// Savepoints: parts of a session's work that are undone alone.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/savepoint.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::ObjectState;
using tandem::state_of;
using Names = std::vector<std::string>;

namespace {
Names new_users(Oracle& oracle) { return oracle.rows("SELECT username FROM user WHERE id > 4 ORDER BY username"); }
}  // namespace

TEST_CASE_METHOD(BlogFixture, "S064 a rollback to a savepoint undoes what came after it, and nothing else") {
    auto session = db.session();
    const auto a1 = session.add(User{.username = "a1"});
    auto savepoint = session.savepoint();
    const auto a2 = session.add(User{.username = "a2"});
    session.flush();
    savepoint.rollback();
    CHECK(state_of(a1) == ObjectState::persistent);
    CHECK(state_of(a2) == ObjectState::transient);
    CHECK(a2->username == "a2");
    CHECK(a2->id == 0);
    session.add(User{.username = "a3"});
    session.commit();
    CHECK(new_users(oracle) == Names{"a1", "a3"});
}

TEST_CASE_METHOD(BlogFixture, "S065 a rollback to a savepoint brings back what was changed before it") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "e1";
    auto savepoint = session.savepoint();
    ana->email = "e2";
    SECTION("flushed") { session.flush(); }
    SECTION("not flushed") {}
    savepoint.rollback();
    CHECK(ana->email == "e1");
    session.commit();
    CHECK(ana->email == "e1");
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "e1");
}

TEST_CASE_METHOD(BlogFixture, "S067 a savepoint per row keeps the good rows, and the session goes on") {
    auto session = db.session();
    for (const auto* name : {"x1", "ana", "x2"}) {
        try {
            auto savepoint = session.savepoint();
            session.add(User{.username = name});
            session.flush();
            savepoint.commit();
        } catch (const tandem::IntegrityError&) {}
        CHECK(session.get<User>(1)->username == "ana");
    }
    session.commit();
    CHECK(new_users(oracle) == Names{"x1", "x2"});
    CHECK(oracle.row("SELECT count(*) FROM user") == "6");
}

TEST_CASE_METHOD(BlogFixture, "S068 a committed savepoint goes with the session's rollback") {
    auto session = db.session();
    auto savepoint = session.savepoint();
    const auto eva = session.add(User{.username = "eva"});
    session.flush();
    savepoint.commit();
    CHECK(state_of(eva) == ObjectState::persistent);
    session.rollback();
    CHECK(state_of(eva) == ObjectState::transient);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(
    BlogFixture, "a savepoint that is neither committed nor rolled back is rolled back by its scope's end") {
    auto session = db.session();
    {
        auto savepoint = session.savepoint();
        session.add(User{.username = "lost"});
        session.flush();
    }
    session.add(User{.username = "kept"});
    session.commit();
    CHECK(new_users(oracle) == Names{"kept"});
}

TEST_CASE_METHOD(BlogFixture, "committing a savepoint flushes") {
    auto session = db.session();
    auto savepoint = session.savepoint();
    session.add(User{.username = "ana"});
    CHECK_THROWS_AS(savepoint.commit(), tandem::IntegrityError);
    CHECK_THAT(error_of<tandem::PendingRollback>([&] { session.execute("SELECT 1"); }), ContainsSubstring("savepoint"));
    savepoint.rollback();
    CHECK(session.execute("SELECT count(*) FROM user").scalar() == tandem::Value{std::int64_t{4}});
}

TEST_CASE_METHOD(BlogFixture, "an error in a savepoint takes back what was done to a collection there, and no more") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    CHECK(ana->posts.size() == 1);
    ana->posts.push_back(Post{.title = "outer"});
    try {
        auto savepoint = session.savepoint();
        ana->posts.push_back(Post{.title = "inner"});
        ana->username = "ben";
        savepoint.commit();
        FAIL("the name is taken");
    } catch (const tandem::IntegrityError&) {}
    CHECK(ana->username == "ana");
    CHECK(ana->posts.size() == 2);
    session.commit();
    CHECK(oracle.rows("SELECT title FROM post WHERE user_id = 1 ORDER BY id") == Names{"p1", "outer"});
}

TEST_CASE_METHOD(BlogFixture, "savepoints nest to any depth") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    auto outer = session.savepoint();
    ana->email = "outer";
    session.add(User{.username = "o"});
    {
        auto middle = session.savepoint();
        ana->email = "middle";
        session.add(User{.username = "m"});
        {
            auto inner = session.savepoint();
            ana->email = "inner";
            session.add(User{.username = "i"});
            inner.rollback();
        }
        CHECK(ana->email == "middle");
        middle.commit();
    }
    CHECK(ana->email == "middle");
    SECTION("the outer one is committed") {
        outer.commit();
        session.commit();
        CHECK(new_users(oracle) == Names{"m", "o"});
        CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "middle");
    }
    SECTION("the outer one is rolled back") {
        outer.rollback();
        CHECK(ana->email == "ana@x.io");
        session.commit();
        CHECK(new_users(oracle).empty());
        CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
    }
    SECTION("the session is rolled back") {
        session.rollback();
        CHECK(ana->email == "ana@x.io");
        CHECK_FALSE(outer.is_open());
        CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
    }
}

TEST_CASE_METHOD(BlogFixture, "an outer savepoint waits for the inner one, and its rollback ends it") {
    auto session = db.session();
    auto outer = session.savepoint();
    const int line = __LINE__ + 1;
    auto inner = session.savepoint();
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { outer.commit(); }),
        ContainsSubstring("savepoint_test.cpp:" + std::to_string(line)));
    session.add(User{.username = "eva"});
    outer.rollback();
    CHECK_FALSE(inner.is_open());
    CHECK_THROWS_AS(inner.commit(), tandem::InvalidStateError);
    CHECK_THROWS_AS(inner.rollback(), tandem::InvalidStateError);
    CHECK_THROWS_AS(outer.rollback(), tandem::InvalidStateError);
    session.commit();
    CHECK(new_users(oracle).empty());
}

TEST_CASE_METHOD(BlogFixture, "a session does not commit while a savepoint is open") {
    auto session = db.session();
    auto savepoint = session.savepoint();
    session.add(User{.username = "eva"});
    CHECK_THAT(
        error_of<tandem::InvalidStateError>([&] { session.commit(); }), ContainsSubstring("savepoint_test.cpp:"));
    savepoint.commit();
    session.commit();
    CHECK(new_users(oracle) == Names{"eva"});
}

TEST_CASE_METHOD(BlogFixture, "a savepoint that outlives its session has ended") {
    std::optional<tandem::Savepoint> savepoint;
    {
        auto session = db.session();
        savepoint.emplace(session.savepoint());
        session.execute("DELETE FROM flag");
    }
    CHECK_FALSE(savepoint->is_open());
    CHECK_THROWS_AS(savepoint->commit(), tandem::InvalidStateError);
    savepoint.reset();
    CHECK(oracle.row("SELECT count(*) FROM flag") == "6");
}

TEST_CASE_METHOD(BlogFixture, "deleted objects and relations come back with a savepoint") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto p2 = session.get<Post>(2);
    const auto p3 = session.get<Post>(3);
    REQUIRE(ben->posts.size() == 3);
    REQUIRE(ana->posts.size() == 1);
    auto savepoint = session.savepoint();
    session.remove(p2);
    p3->user = ana;
    session.flush();
    REQUIRE(ben->posts.size() == 1);
    savepoint.rollback();
    CHECK(state_of(p2) == ObjectState::persistent);
    CHECK(p2->title == "p2");
    CHECK(p3->user.get() == ben);
    REQUIRE(ben->posts.size() == 3);
    CHECK(ben->posts[0] == p2);
    CHECK(ben->posts[1] == p3);
    CHECK(ana->posts.size() == 1);
    p2->title = "again";
    session.commit();
    CHECK(oracle.rows("SELECT title, user_id FROM post WHERE id IN (2, 3)") == Names{"again|2", "p3|2"});
}

TEST_CASE_METHOD(BlogFixture, "what was first read in a savepoint follows its rollback, and the session's") {
    auto session = db.session();
    session.execute("UPDATE user SET email = 'outer' WHERE id = 1");
    auto savepoint = session.savepoint();
    session.execute("UPDATE user SET email = 'inner' WHERE id = 1");
    session.execute("INSERT INTO user (id, username, email) VALUES (9, 'gone', '')");
    const auto ana = session.get<User>(1);
    const auto gone = session.get<User>(9);
    REQUIRE(ana->email == "inner");
    savepoint.rollback();
    CHECK(ana->email == "outer");
    CHECK_THAT(error_of<tandem::ObjectDeleted>([&] { (void)gone->username; }), ContainsSubstring("User#9"));
    session.rollback();
    CHECK(ana->email == "ana@x.io");
}

TEST_CASE_METHOD(BlogFixture, "an object changed before and inside a savepoint shows the row after a full rollback") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "outer";
    auto savepoint = session.savepoint();
    ana->email = "inner";
    session.flush();
    savepoint.rollback();
    REQUIRE(ana->email == "outer");
    session.rollback();
    CHECK(ana->email == "ana@x.io");
}

TEST_CASE_METHOD(BlogFixture, "an object that was inserted before a savepoint and deleted inside comes back stored") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    auto savepoint = session.savepoint();
    session.remove(eva);
    session.flush();
    REQUIRE(state_of(eva) == ObjectState::deleted);
    savepoint.rollback();
    CHECK(state_of(eva) == ObjectState::persistent);
    CHECK(eva->username == "eva");
    SECTION("and is committed") {
        session.commit();
        CHECK(new_users(oracle) == Names{"eva"});
    }
    SECTION("and goes with the session's rollback") {
        session.rollback();
        CHECK(state_of(eva) == ObjectState::transient);
        CHECK(eva->id == 0);
        CHECK(new_users(oracle).empty());
    }
}

TEST_CASE_METHOD(
    BlogFixture, "an object that was deleted before an undone savepoint is watched again once it is back") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    REQUIRE(dee->username == "dee");
    session.remove(dee);
    auto savepoint = session.savepoint();
    savepoint.rollback();
    session.rollback();
    REQUIRE(dee->username == "dee");
    dee->email = "changed";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 4") == "changed");
}

TEST_CASE_METHOD(BlogFixture, "an object expunged inside a savepoint stays out, and one inserted there is transient") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    auto savepoint = session.savepoint();
    ana->email = "mine";
    const auto eva = session.add(User{.username = "eva"});
    session.flush();
    session.expunge(ana);
    session.expunge(eva);
    savepoint.rollback();
    CHECK(state_of(ana) == ObjectState::detached);
    CHECK(ana->email == "mine");
    CHECK(state_of(eva) == ObjectState::transient);
    CHECK_FALSE(session.get<User>(1) == ana);
}

TEST_CASE_METHOD(Fixture, "savepoints of a step's session leave what other sessions sealed") {
    tandem::orm::Transaction step{db, tandem::orm::Access::write};
    {
        auto first = step.session();
        first.add(User{.username = "sealed"});
        first.commit();
    }
    auto second = step.session();
    SECTION("rolled back") {
        second.add(User{.username = "second"});
        auto savepoint = second.savepoint();
        second.add(User{.username = "inner"});
        savepoint.rollback();
        second.commit();
        step.commit();
        CHECK(oracle.rows("SELECT username FROM user ORDER BY username") == Names{"sealed", "second"});
    }
    SECTION("open when the session is rolled back") {
        second.add(User{.username = "second"});
        auto outer = second.savepoint();
        second.add(User{.username = "inner"});
        auto inner = second.savepoint();
        second.rollback();
        CHECK_FALSE(outer.is_open());
        step.commit();
        CHECK(oracle.rows("SELECT username FROM user ORDER BY username") == Names{"sealed"});
    }
    SECTION("while another session wants to write") {
        auto savepoint = second.savepoint();
        auto third = step.session();
        third.add(User{.username = "third"});
        CHECK_THROWS_AS(third.flush(), tandem::SessionOverlap);
    }
}

TEST_CASE_METHOD(BlogFixture, "a hundred savepoints inside one another are undone by the first") {
    auto session = db.session();
    std::vector<tandem::Savepoint> savepoints;
    const auto ana = session.get<User>(1);
    for (int i = 0; i < 100; ++i) {
        savepoints.push_back(session.savepoint());
        ana->email = std::to_string(i);
    }
    savepoints[50].rollback();
    CHECK(ana->email == "49");
    savepoints[0].rollback();
    CHECK(ana->email == "ana@x.io");
}

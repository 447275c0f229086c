// begin(), transaction() and what is called when a session's work ends.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::ObjectState;
using tandem::state_of;

TEST_CASE_METHOD(BlogFixture, "S061 a scoped transaction keeps all, or nothing when an exception leaves it") {
    auto session = db.session();
    tandem::Ref<User> eva;
    CHECK_THROWS_AS(session.transaction([&] {
        eva = session.add(User{.username = "eva"});
        session.flush();
        throw std::domain_error("stop");
    }),
        std::domain_error);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    CHECK(state_of(eva) == ObjectState::transient);

    const auto id = session.transaction([&] {
        session.add(eva);
        session.flush();
        return eva->id;
    });
    CHECK(oracle.row("SELECT username FROM user WHERE id = " + std::to_string(id)) == "eva");
    CHECK_FALSE(session.in_transaction());
}

TEST_CASE_METHOD(BlogFixture, "a scoped transaction whose commit fails is rolled back, and the session goes on") {
    auto session = db.session();
    CHECK_THROWS_AS(session.transaction([&] { session.add(User{.username = "ana"}); }), tandem::IntegrityError);
    session.transaction([&] { session.add(User{.username = "eva"}); });
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE_METHOD(BlogFixture, "a scoped transaction cannot be ended from inside, nor begun in another") {
    auto session = db.session();
    session.transaction([&] {
        session.add(User{.username = "eva"});
        CHECK_THROWS_AS(session.commit(), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.rollback(), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.transaction([] {}), tandem::InvalidStateError);
        auto savepoint = session.savepoint();
        session.add(User{.username = "undone"});
        savepoint.rollback();
    });
    CHECK(oracle.rows("SELECT username FROM user WHERE id > 4") == std::vector<std::string>{"eva"});
    (void)session.get<User>(2);
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.transaction([] {}); }),
        ContainsSubstring("transaction_scope_test.cpp:") && ContainsSubstring("savepoint()"));
}

TEST_CASE_METHOD(BlogFixture, "S062 after a rollback an inserted object is transient, and the rest of it as it was") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva", .email = "eva@x.io"});
    session.flush();
    REQUIRE(eva->id == 5);
    session.rollback();
    CHECK(state_of(eva) == ObjectState::transient);
    CHECK_FALSE(session.contains(eva));
    CHECK(eva->id == 0);  // it was the database's to give
    CHECK(eva->username == "eva");
    CHECK(eva->email == "eva@x.io");
    CHECK_FALSE(session.get<User>(5));
}

TEST_CASE_METHOD(BlogFixture, "S070 begin() in a transaction is refused, whatever began it") {
    auto session = db.session();
    SECTION("a query") { (void)session.get<User>(1); }
    SECTION("an added object") { session.add(User{.username = "eva"}); }
    SECTION("begin() itself") { session.begin(); }
    SECTION("a changed object") {
        const auto ana = session.get<User>(1);
        session.commit();
        ana->email = "changed";
    }
    CHECK(session.in_transaction());
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.begin(); }),
        ContainsSubstring("transaction_scope_test.cpp:"));
    session.commit();
    CHECK_FALSE(session.in_transaction());
    CHECK_NOTHROW(session.begin());
}

TEST_CASE_METHOD(BlogFixture, "begin() of a session that writes takes the writer's lock at once") {
    auto session = db.session(tandem::write);
    CHECK_NOTHROW(oracle.run("UPDATE user SET email = 'before' WHERE id = 1"));
    session.begin();
    CHECK_THROWS(oracle.run("UPDATE user SET email = 'too late' WHERE id = 1"));
    CHECK(session.get<User>(1)->email == "before");
}

TEST_CASE_METHOD(BlogFixture, "callbacks run once, when the work they were given with is kept or undone") {
    auto session = db.session();
    std::string log;
    session.after_commit([&] { log += "c" + oracle.row("SELECT count(*) FROM user"); });
    session.after_rollback([&] { log += "r"; });
    SECTION("kept") {
        session.add(User{.username = "eva"});
        session.commit();
        CHECK(log == "c5");
        session.commit();
        session.rollback();
        CHECK(log == "c5");
    }
    SECTION("undone") {
        session.add(User{.username = "eva"});
        session.rollback();
        CHECK(log == "r");
        session.commit();
        session.rollback();
        CHECK(log == "r");
    }
    SECTION("undone by a failed flush") {
        session.add(User{.username = "ana"});
        CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
        CHECK(log.empty());
        session.rollback();
        CHECK(log == "r");
    }
}

TEST_CASE_METHOD(BlogFixture, "a session that ends without commit calls what waits for a rollback") {
    bool called = false;
    {
        auto session = db.session();
        session.after_rollback([&] { called = true; });
    }
    CHECK(called);
}

TEST_CASE_METHOD(BlogFixture, "what a callback after the commit throws is thrown by it, and the commit stands") {
    auto session = db.session();
    bool second = false;
    session.after_commit([] { throw std::domain_error("after"); });
    session.after_commit([&] { second = true; });
    session.add(User{.username = "eva"});
    CHECK_THROWS_AS(session.commit(), std::domain_error);
    CHECK(second);
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
    CHECK(session.get<User>(5)->username == "eva");
}

TEST_CASE_METHOD(BlogFixture, "in a step callbacks wait for the step's end") {
    std::string log;
    const auto work = [&](tandem::orm::Transaction& step) {
        auto session = step.session();
        session.after_commit([&] { log += "c"; });
        session.after_rollback([&] { log += "r"; });
        session.add(User{.username = "eva"});
        session.commit();
        CHECK(log.empty());
    };
    SECTION("committed") {
        tandem::orm::Transaction step{db, tandem::orm::Access::write};
        work(step);
        step.commit();
        CHECK(log == "c");
    }
    SECTION("rolled back") {
        {
            tandem::orm::Transaction step{db, tandem::orm::Access::write};
            work(step);
        }
        CHECK(log == "r");
    }
    SECTION("a callback throws") {
        tandem::orm::Transaction step{db, tandem::orm::Access::write};
        {
            auto session = step.session();
            session.after_commit([] { throw std::domain_error("after"); });
            session.commit();
        }
        CHECK_NOTHROW(step.commit());
        REQUIRE(step.hook_error());
        CHECK_THROWS_AS(std::rethrow_exception(step.hook_error()), std::domain_error);
    }
}

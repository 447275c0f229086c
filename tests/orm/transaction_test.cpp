// Rules 1 to 3 of a step: one transaction, independent sessions, everything lazy.
#include <optional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/transaction.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::orm::Access;
using tandem::orm::AmbientTransaction;
using tandem::orm::Transaction;

namespace {
std::string stored(Oracle& oracle) {
    std::string names;
    for (const auto& name : oracle.rows("SELECT username FROM user ORDER BY username")) names += name + " ";
    return names;
}
}  // namespace

TEST_CASE("a session that is kept longer than its transaction says so instead of crashing") {
    tandem::Database db{"sqlite://"};
    db.create_tables();
    std::optional<tandem::Session> kept;
    {
        tandem::orm::Transaction step{db, tandem::orm::Access::write};
        kept.emplace(step.session());
        kept->execute("DELETE FROM user");
    }
    CHECK_THROWS_AS(kept->execute("SELECT 1"), tandem::InvalidStateError);
    auto moved = std::move(*kept);
    CHECK_THROWS_AS(kept->flush(), tandem::InvalidStateError);
}

TEST_CASE_METHOD(Fixture, "what a session commits in a step is stored when the step commits") {
    Transaction step{db, Access::write};
    {
        auto session = step.session();
        session.add(User{.username = "ana"});
        session.commit();
    }
    CHECK(stored(oracle).empty());
    CHECK(step.has_writes());
    step.commit();
    CHECK(stored(oracle) == "ana ");
}

TEST_CASE_METHOD(Fixture, "a step that is not committed leaves nothing, sealed writes included") {
    {
        Transaction step{db, Access::write};
        auto session = step.session();
        session.add(User{.username = "ana"});
        session.commit();
    }
    CHECK(stored(oracle).empty());
    Transaction step{db, Access::write};
    {
        auto session = step.session();
        session.add(User{.username = "ben"});
        session.commit();
    }
    step.rollback();
    CHECK_FALSE(step.has_writes());
    step.commit();
    CHECK(stored(oracle).empty());
}

TEST_CASE_METHOD(Fixture, "sessions of a step end independently") {
    Transaction step{db, Access::write};
    SECTION("first committed, second rolled back") {
        auto first = step.session();
        first.add(User{.username = "first"});
        first.commit();
        auto second = step.session();
        second.add(User{.username = "second"});
        second.flush();
        second.rollback();
    }
    SECTION("first rolled back, second committed") {
        {
            auto second = step.session();
            second.add(User{.username = "second"});
            second.flush();
        }
        auto first = step.session();
        first.add(User{.username = "first"});
        first.commit();
    }
    SECTION("the first opened before the second wrote, and is closed after it without commit") {
        auto outer = step.session();
        CHECK_FALSE(outer.get<User>(1));
        {
            auto inner = step.session();
            inner.add(User{.username = "first"});
            inner.commit();
        }
        outer.rollback();
    }
    SECTION("committed, then rolled back for what came after") {
        auto session = step.session();
        session.add(User{.username = "first"});
        session.commit();
        session.add(User{.username = "second"});
        session.flush();
        session.rollback();
    }
    step.commit();
    CHECK(stored(oracle) == "first ");
}

TEST_CASE_METHOD(Fixture, "a session of a step sees what another one sealed") {
    Transaction step{db, Access::write};
    {
        auto session = step.session();
        session.add(User{.username = "ana"});
        session.commit();
    }
    auto session = step.session();
    CHECK(session.get<User>(1)->username == "ana");
}

TEST_CASE_METHOD(Fixture, "two sessions with unsealed writes throw SessionOverlap naming both places") {
    Transaction step{db, Access::write};
    const int first_line = __LINE__ + 1;
    auto first = step.session();
    auto second = step.session();
    first.add(User{.username = "first"});
    first.flush();
    second.add(User{.username = "second"});
    const auto message = error_of<tandem::SessionOverlap>([&] { second.flush(); });
    CHECK_THAT(message, ContainsSubstring("transaction_test.cpp:" + std::to_string(first_line)));
    CHECK_THAT(message, ContainsSubstring("transaction_test.cpp:" + std::to_string(first_line + 1)));
    first.commit();
    second.commit();
    step.commit();
    CHECK(stored(oracle) == "first second ");
}

TEST_CASE_METHOD(Fixture, "a step cannot commit while a session holds unsealed writes") {
    Transaction step{db, Access::write};
    {
        auto session = step.session();
        session.add(User{.username = "ana"});
        session.flush();
        CHECK_THAT(
            error_of<tandem::InvalidStateError>([&] { step.commit(); }), ContainsSubstring("transaction_test.cpp:"));
        session.commit();
    }
    step.commit();
    CHECK(stored(oracle) == "ana ");
}

TEST_CASE_METHOD(Fixture, "a rollback of a step's session makes its new objects transient") {
    Transaction step{db, Access::write};
    auto session = step.session();
    const auto ana = session.add(User{.username = "ana"});
    session.flush();
    CHECK(ana->id == 1);
    session.rollback();
    CHECK(ana->id == 0);
    CHECK(ana->username == "ana");
}

TEST_CASE_METHOD(BlogFixture, "read access refuses writes, and reads on") {
    Transaction step{db, Access::read};
    auto session = step.session();
    session.get<User>(1)->email = "changed";
    CHECK_THROWS_AS(session.flush(), tandem::ReadOnlyError);
    session.rollback();
    CHECK(session.get<User>(1)->email == "ana@x.io");
    CHECK_THROWS_AS(session.execute("DELETE FROM flag"), tandem::ReadOnlyError);
    CHECK(session.execute("SELECT count(*) FROM flag").scalar() == tandem::Value{std::int64_t{6}});
}

TEST_CASE_METHOD(BlogFixture, "upgrade access meets Conflict after a newer commit, naming the cure") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    oracle.run("UPDATE user SET email = 'newer' WHERE id = 1");
    ana->email = "mine";
    CHECK_THAT(error_of<tandem::Conflict>([&] { session.commit(); }), ContainsSubstring("session(tandem::write)"));
    session.rollback();
    CHECK(ana->email == "newer");
    ana->email = "mine";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "mine");
}

TEST_CASE_METHOD(BlogFixture, "a session that says it writes reads nothing stale") {
    auto session = db.session(tandem::write);
    const auto ana = session.get<User>(1);
    CHECK_THROWS(oracle.run("UPDATE user SET email = 'newer' WHERE id = 1"));
    ana->email = "mine";
    CHECK_NOTHROW(session.commit());
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "mine");
}

TEST_CASE_METHOD(BlogFixture, "nothing begins before the first statement") {
    Transaction step{db, Access::write};
    auto session = step.session();
    const auto eva = session.add(User{.username = "eva"});
    CHECK_NOTHROW(oracle.run("INSERT INTO user (username, email) VALUES ('between', '')"));
    session.commit();
    CHECK_THROWS(oracle.run("INSERT INTO user (username, email) VALUES ('too late', '')"));
    step.commit();
    CHECK(eva->id == 6);
}

TEST_CASE_METHOD(BlogFixture, "a session that only read leaves no snapshot after commit and rollback") {
    auto session = db.session();
    (void)session.get<User>(1);
    SECTION("commit") { session.commit(); }
    SECTION("rollback") { session.rollback(); }
    oracle.run("DELETE FROM flag");
    CHECK(oracle.row("PRAGMA wal_checkpoint(TRUNCATE)") == "0|0|0");
}

TEST_CASE_METHOD(Fixture, "no savepoint is made while there is nothing to keep") {
    Transaction step{db, Access::write};
    std::vector<std::string> seen;
    db.on_statement([&](std::string_view sql) { seen.emplace_back(sql.substr(0, sql.find(' '))); });
    {
        auto session = step.session();
        session.add(User{.username = "ana"});
        session.commit();
        session.add(User{.username = "ben"});
        session.commit();
    }
    step.commit();
    db.on_statement({});
    CHECK(seen == std::vector<std::string>{"BEGIN", "INSERT", "SAVEPOINT", "INSERT", "RELEASE", "COMMIT"});
}

TEST_CASE_METHOD(BlogFixture, "a transaction that the database ended by itself is over: it can only be rolled back") {
    Transaction step{db, Access::write};
    {
        auto first = step.session();
        first.add(User{.username = "sealed"});
        first.commit();
    }
    {
        auto second = step.session();
        CHECK_THROWS_AS(second.execute("INSERT OR ROLLBACK INTO user (username, email) VALUES ('ana', '')"),
            tandem::IntegrityError);
        CHECK_THROWS_AS(
            second.execute("INSERT INTO user (username, email) VALUES ('eva', '')"), tandem::InvalidStateError);
        CHECK_THROWS_AS(second.execute("SELECT 1"), tandem::InvalidStateError);
    }
    CHECK_THROWS_AS(step.commit(), tandem::InvalidStateError);
    CHECK(stored(oracle) == "ana ben cy dee ");
    auto third = step.session();
    CHECK(third.get<User>(1)->username == "ana");
}

TEST_CASE_METHOD(BlogFixture, "tandem::session joins the step of the thread, and no other") {
    {
        Transaction step{db, Access::write};
        {
            const AmbientTransaction ambient{&step};
            auto session = tandem::session();
            session.add(User{.username = "eva"});
            session.commit();
            {
                const AmbientTransaction none{nullptr};
                CHECK_THROWS_AS(tandem::session(), tandem::InvalidStateError);
            }
            CHECK(tandem::session().get<User>(5)->username == "eva");
        }
        CHECK_THROWS_AS(tandem::session(), tandem::InvalidStateError);
        step.commit();
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE_METHOD(BlogFixture, "objects of a rolled-back step show the database's values in its sessions") {
    Transaction step{db, Access::write};
    auto session = step.session();
    const auto ana = session.get<User>(1);
    ana->email = "changed";
    session.flush();
    step.rollback();
    session.rollback();
    CHECK(ana->email == "ana@x.io");
}

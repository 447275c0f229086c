// Reading objects again: refresh, expire and expire_on_commit, with what they cost.
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

TEST_CASE_METHOD(BlogFixture, "S046 a later query does not overwrite what an object holds; refresh does") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.execute("UPDATE user SET email = 'new@x.io' WHERE id = 1");
    CHECK(session.exec(User::select().where(User::c.id == 1)).one()->email == "ana@x.io");
    session.refresh(ana);
    CHECK(ana->email == "new@x.io");
}

TEST_CASE_METHOD(BlogFixture, "S047 refresh drops a change that was not flushed") {
    auto session = db.session({.autoflush = false});
    const auto ana = session.get<User>(1);
    const auto post = session.get<Post>(1);
    REQUIRE(post->user.get() == ana);
    ana->email = "dirty";
    post->user = session.get<User>(2);
    StatementLog log{db};
    session.refresh(ana);
    session.refresh(post);
    CHECK(log.count("UPDATE") == 0);
    CHECK(ana->email == "ana@x.io");
    CHECK_FALSE(tandem::is_modified(ana));
    CHECK(post->user.get() == ana);
    CHECK_FALSE(tandem::is_modified(post));
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
    CHECK(oracle.row("SELECT user_id FROM post WHERE id = 1") == "1");
}

TEST_CASE_METHOD(BlogFixture, "refresh writes first what was changed when autoflush is on") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "mine";
    session.refresh(ana);
    CHECK(ana->email == "mine");
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "mine");
}

TEST_CASE_METHOD(BlogFixture, "S049 expire on commit costs a SELECT per object that is used again, or one query") {
    auto session = db.session({.expire_on_commit = true});
    const auto users = session.exec(User::select().order_by(User::c.id)).all();
    StatementLog log{db};
    SECTION("two attributes of one object") {
        session.commit();
        CHECK(users[0]->username == "ana");
        CHECK(users[0]->email == "ana@x.io");
        CHECK(log.size() == 1);
        CHECK(log.count("SELECT") == 1);
    }
    SECTION("four objects one by one") {
        session.commit();
        for (const auto& user : users) CHECK(user->username.size() >= 2);
        CHECK(log.size() == 4);
        CHECK(log.count("SELECT") == 4);
    }
    SECTION("one query for all") {
        session.expire_all();
        CHECK(log.size() == 0);
        const auto again = session.exec(User::select().order_by(User::c.id)).all();
        CHECK(again == users);
        for (const auto& user : users) CHECK(user->username.size() >= 2);
        CHECK(log.size() == 1);
    }
}

TEST_CASE_METHOD(BlogFixture, "what another connection wrote is seen after a commit that expires") {
    auto session = db.session({.expire_on_commit = true});
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    session.commit();
    oracle.run("UPDATE user SET email = 'new@x.io' WHERE id = 1; UPDATE post SET user_id = 1 WHERE id = 2");
    CHECK(ana->email == "new@x.io");
    CHECK(ana->posts.size() == 2);
}

TEST_CASE_METHOD(BlogFixture, "S050 without expiry what was read stays readable after a commit without SQL") {
    auto session = db.session({.expire_on_commit = false});
    const auto users = session.exec(User::select().order_by(User::c.id)).all();
    session.commit();
    StatementLog log{db};
    CHECK(users[0]->username == "ana");
    CHECK(users[3]->email == "dee@y.io");
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "S052 only an expired attribute is loaded again") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    session.expire(ana, User::c.posts);
    StatementLog log{db};
    CHECK(ana->username == "ana");
    CHECK(log.size() == 0);
    CHECK(ana->posts.size() == 1);
    CHECK(log.size() == 1);
}

TEST_CASE_METHOD(BlogFixture, "S053 setting an attribute of an expired object needs no SQL, and the flush writes it") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    SECTION("an object that was used") { CHECK(ana->username == "ana"); }
    SECTION("an object that was only found") {}
    session.expire(ana);
    StatementLog log{db};
    tandem::set(ana, User::c.email, "set@x.io");
    CHECK(log.size() == 0);
    CHECK(tandem::modified_attributes(ana) == std::vector<std::string>{"email"});
    session.flush();
    CHECK(log.size() == 1);
    CHECK(log.statements().front() == "UPDATE \"user\" SET \"email\" = ? WHERE \"id\" = ?");
    CHECK(ana->email == "set@x.io");
    CHECK(ana->username == "ana");
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 1") == "ana|set@x.io");
}

TEST_CASE_METHOD(BlogFixture, "an expired attribute is written even when it is set to the value that was seen last") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    REQUIRE(ana->email == "ana@x.io");
    session.commit();
    oracle.run("UPDATE user SET email = 'theirs@x.io' WHERE id = 1");
    session.expire(ana);
    tandem::set(ana, User::c.email, "ana@x.io");
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
}

TEST_CASE_METHOD(
    BlogFixture, "reading an expired object keeps what was set meanwhile, and takes the rest from its row") {
    auto session = db.session({.autoflush = false});
    const auto ana = session.get<User>(1);
    session.execute("UPDATE user SET username = 'anna', email = 'theirs@x.io' WHERE id = 1");
    session.expire(ana);
    tandem::set(ana, User::c.email, "mine@x.io");
    SECTION("by using it") { CHECK(ana->username == "anna"); }
    SECTION("by a query") { CHECK(session.exec(User::select().where(User::c.id == 1)).one()->username == "anna"); }
    CHECK(ana->email == "mine@x.io");
    CHECK(tandem::modified_attributes(ana) == std::vector<std::string>{"email"});
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 1") == "anna|mine@x.io");
}

TEST_CASE_METHOD(
    BlogFixture, "assigning through the Ref reads an expired object first, and the flush writes the change") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.expire(ana);
    StatementLog log{db};
    ana->email = "plain@x.io";
    CHECK(log.size() == 1);
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "plain@x.io");
}

TEST_CASE_METHOD(BlogFixture, "S055 a relation follows a foreign key that was set by hand, at the flush") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    REQUIRE(post->user->username == "ana");
    post->user_id = 2;
    CHECK(post->user->username == "ana");
    session.flush();
    CHECK(post->user->username == "ben");
    session.commit();
    CHECK(post->user->username == "ben");
    CHECK(oracle.row("SELECT user_id FROM post WHERE id = 1") == "2");
}

TEST_CASE_METHOD(BlogFixture, "S056 the foreign key of a relation is written at the flush") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    post->user = session.get<User>(2);
    CHECK(post->user_id == 1);
    session.flush();
    CHECK(post->user_id == 2);
}

TEST_CASE_METHOD(BlogFixture, "expire loses what was changed and not flushed, relations too") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto post = session.get<Post>(1);
    REQUIRE(ana->posts.size() == 1);
    REQUIRE(ben->posts.size() == 3);
    post->title = "lost";
    post->user = ben;
    REQUIRE(ben->posts.size() == 4);
    session.expire(post);
    CHECK_FALSE(tandem::is_modified(post));
    CHECK(ben->posts.size() == 3);
    CHECK(ana->posts.size() == 1);
    CHECK(post->title == "p1");
    CHECK(post->user.get() == ana);
    session.commit();
    CHECK(oracle.row("SELECT title, user_id FROM post WHERE id = 1") == "p1|1");
}

TEST_CASE_METHOD(BlogFixture, "an expired column is read again, and changes of the others stay") {
    auto session = db.session({.autoflush = false});
    const auto ana = session.get<User>(1);
    ana->username = "mine";
    ana->email = "lost";
    session.execute("UPDATE user SET email = 'theirs@x.io' WHERE id = 1");
    session.expire(ana, User::c.email);
    CHECK(tandem::is_expired(ana));
    CHECK(tandem::modified_attributes(ana) == std::vector<std::string>{"username"});
    StatementLog log{db};
    CHECK(ana->email == "theirs@x.io");
    CHECK(ana->username == "mine");
    CHECK(log.size() == 1);
    CHECK(tandem::modified_attributes(ana) == std::vector<std::string>{"username"});
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 1") == "mine|theirs@x.io");
}

TEST_CASE_METHOD(BlogFixture, "named columns and relations are refreshed now, and only those") {
    auto session = db.session({.autoflush = false});
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    ana->username = "mine";
    session.execute("UPDATE user SET email = 'theirs@x.io' WHERE id = 1");
    session.execute("UPDATE post SET user_id = 1 WHERE id = 2");
    StatementLog log{db};
    session.refresh(ana, User::c.email, User::c.posts);
    CHECK(log.count("SELECT") == 2);
    CHECK(ana->email == "theirs@x.io");
    CHECK(ana->username == "mine");
    CHECK(ana->posts.size() == 2);
    CHECK(log.size() == 2);
}

TEST_CASE_METHOD(BlogFixture, "an expired object whose row is gone says so when it is used") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.commit();
    oracle.run("DELETE FROM user WHERE id = 4");
    session.expire(dee);
    CHECK_THAT(error_of<tandem::ObjectDeleted>([&] { (void)dee->username; }), ContainsSubstring("User#4"));
    CHECK_FALSE(session.get<User>(4));
    CHECK_THROWS_AS(session.refresh(dee), tandem::ObjectDeleted);
}

TEST_CASE_METHOD(BlogFixture, "an expired object can be deleted without reading it") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.expire(dee);
    session.remove(dee);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user WHERE id = 4") == "0");
}

TEST_CASE_METHOD(BlogFixture, "an expired object without a session says what to do, and reads again in a new one") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
        session.expire(ana);
    }
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)ana->username; }),
        ContainsSubstring("User#1") && ContainsSubstring("add it"));
    tandem::set(ana, User::c.email, "set without a session");
    auto session = db.session();
    session.add(ana);
    CHECK(ana->username == "ana");
    CHECK(ana->email == "set without a session");
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "set without a session");
}

TEST_CASE_METHOD(BlogFixture, "after a rollback an object that was set while expired shows its row") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.expire(ana);
    tandem::set(ana, User::c.email, "lost");
    SECTION("flushed") { session.flush(); }
    SECTION("not flushed") {}
    session.rollback();
    CHECK(ana->email == "ana@x.io");
    CHECK_FALSE(tandem::is_modified(ana));
}

TEST_CASE_METHOD(BlogFixture, "only persistent objects of the session can be expired; expire_all leaves pending ones") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    CHECK_THROWS_AS(session.expire(eva), tandem::InvalidStateError);
    CHECK_THROWS_AS(session.expire(tandem::Ref<User>{}), tandem::ArgumentError);
    auto other = db.session();
    const auto ana = other.get<User>(1);
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.expire(ana); }), ContainsSubstring("User#1"));
    session.expire_all();
    CHECK(eva->username == "eva");
    CHECK(state_of(eva) == ObjectState::pending);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

// The states of an object, and which of its values differ from its row.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/object_state.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::ObjectState;
using tandem::state_of;
using Names = std::vector<std::string>;

TEST_CASE_METHOD(Fixture, "a new object goes from transient to pending, persistent and detached") {
    const tandem::Ref<User> ana{User{.username = "ana"}};
    CHECK(state_of(ana) == ObjectState::transient);
    {
        auto session = db.session();
        CHECK_FALSE(session.contains(ana));
        session.add(ana);
        CHECK(state_of(ana) == ObjectState::pending);
        CHECK(session.contains(ana));
        session.flush();
        CHECK(state_of(ana) == ObjectState::persistent);
        session.commit();
        CHECK(state_of(ana) == ObjectState::persistent);
        CHECK(session.contains(ana));
        auto other = db.session();
        CHECK_FALSE(other.contains(ana));
    }
    CHECK(state_of(ana) == ObjectState::detached);
    auto session = db.session();
    session.add(ana);
    CHECK(state_of(ana) == ObjectState::persistent);
}

TEST_CASE_METHOD(BlogFixture, "a removed object is persistent until the flush, then deleted, also after the commit") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    CHECK(state_of(dee) == ObjectState::persistent);
    session.remove(dee);
    CHECK(state_of(dee) == ObjectState::persistent);
    CHECK(session.contains(dee));
    session.flush();
    CHECK(state_of(dee) == ObjectState::deleted);
    CHECK_FALSE(session.contains(dee));
    session.commit();
    CHECK(state_of(dee) == ObjectState::deleted);
}

TEST_CASE_METHOD(BlogFixture, "a rollback takes every object back to the state it had") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    const auto flushed = session.add(User{.username = "flushed"});
    session.remove(dee);
    session.flush();
    const auto pending = session.add(User{.username = "pending"});
    session.rollback();
    CHECK(state_of(dee) == ObjectState::persistent);
    CHECK(state_of(flushed) == ObjectState::transient);
    CHECK(state_of(pending) == ObjectState::transient);
    CHECK_FALSE(session.contains(flushed));
    CHECK_FALSE(session.contains(pending));
}

TEST_CASE_METHOD(BlogFixture, "S014 an object that is deleted and added again before the flush stays") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.remove(ana);
    session.add(ana);
    StatementLog log{db};
    session.flush();
    CHECK(log.size() == 0);
    CHECK(state_of(ana) == ObjectState::persistent);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "a pending object that is removed is transient") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.remove(eva);
    CHECK(state_of(eva) == ObjectState::transient);
    CHECK_FALSE(session.contains(eva));
}

TEST_CASE("the state of an empty Ref is an error") {
    CHECK_THROWS_AS(state_of(tandem::Ref<User>{}), tandem::InvalidStateError);
}

TEST_CASE_METHOD(BlogFixture, "changed attributes are known by name until they are flushed") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    const auto ben = session.get<User>(2);
    CHECK_FALSE(tandem::is_modified(post));
    CHECK(post->title == "p1");
    CHECK_FALSE(tandem::is_modified(post));
    post->body = "new";
    post->title = "other";
    post->user = ben;
    CHECK(tandem::modified_attributes(post) == Names{"title", "body", "user"});
    post->title = "p1";
    CHECK(tandem::modified_attributes(post) == Names{"body", "user"});
    StatementLog log{db};
    CHECK(tandem::is_modified(post));
    CHECK(log.size() == 0);
    session.flush();
    CHECK_FALSE(tandem::is_modified(post));
}

TEST_CASE_METHOD(BlogFixture, "new objects are modified, deleted ones are not, detached ones when they were changed") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
        const auto eva = session.add(User{.username = "eva"});
        CHECK(tandem::modified_attributes(eva) == Names{"id", "username", "email"});
        session.flush();
        CHECK_FALSE(tandem::is_modified(eva));
        session.remove(eva);
        session.commit();
        CHECK_FALSE(tandem::is_modified(eva));
    }
    CHECK_FALSE(tandem::is_modified(ana));
    ana->email = "later";
    CHECK(tandem::modified_attributes(ana) == Names{"email"});
}

TEST_CASE_METHOD(BlogFixture, "set() writes a column as an assignment does") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    tandem::set(ana, User::c.email, "set@x.io");
    CHECK(ana->email == "set@x.io");
    CHECK(tandem::modified_attributes(ana) == Names{"email"});
    tandem::set(ana, User::c.email, "ana@x.io");
    CHECK_FALSE(tandem::is_modified(ana));
    CHECK_THAT(
        error_of<tandem::InvalidStateError>([&] { tandem::set(ana, User::c.id, 9); }), ContainsSubstring("User.id"));
    const tandem::Ref<User> eva{User{.username = "eva"}};
    tandem::set(eva, User::c.id, 9);
    CHECK(eva->id == 9);
}

TEST_CASE_METHOD(BlogFixture, "a form sets the object that a Ref leads to, and what it sets is written") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->set({{"email", "form@x.io"}});
    CHECK(tandem::modified_attributes(ana) == Names{"email"});
    CHECK_THROWS_AS(ana->set({{"email", "x"}, {"id", 7}}), tandem::ValueError);
    CHECK(ana->email == "form@x.io");
    session.commit();
    CHECK(oracle.row("SELECT id, email FROM user WHERE username = 'ana'") == "1|form@x.io");
}

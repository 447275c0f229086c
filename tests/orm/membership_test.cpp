// What is in a session: adding, taking out, and conflicts between objects and sessions.
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

TEST_CASE_METHOD(BlogFixture, "S076 an object expunged before the flush is not stored, after the flush it is") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.expunge(eva);
    CHECK(state_of(eva) == ObjectState::transient);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");

    const auto fay = session.add(User{.username = "fay"});
    session.flush();
    session.expunge(fay);
    CHECK(state_of(fay) == ObjectState::detached);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user WHERE username = 'fay'") == "1");
    CHECK(fay->username == "fay");
}

TEST_CASE_METHOD(BlogFixture, "S077 an object of one session cannot be added to another") {
    auto first = db.session();
    const auto ana = first.get<User>(1);
    auto second = db.session();
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { second.add(ana); }),
        ContainsSubstring("User#1") && ContainsSubstring("membership_test.cpp:"));
    CHECK(state_of(ana) == ObjectState::persistent);
    CHECK(first.contains(ana));
}

TEST_CASE_METHOD(BlogFixture, "S077 an expunged object cannot be added where its row was loaded again") {
    auto session = db.session();
    const auto first = session.get<User>(1);
    session.expunge(first);
    const auto second = session.get<User>(1);
    CHECK_FALSE(first == second);
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.add(first); }),
        ContainsSubstring("User#1") && ContainsSubstring("already in this session"));
    CHECK(state_of(first) == ObjectState::detached);
    CHECK(state_of(second) == ObjectState::persistent);
}

TEST_CASE_METHOD(BlogFixture, "an expunged object keeps its changes, which are written once it is added again") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "changed";
    session.expunge(ana);
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
    CHECK(ana->email == "changed");
    session.add(ana);
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "changed");
}

TEST_CASE_METHOD(BlogFixture, "an expunged object can be added to another session once the first has ended") {
    tandem::Ref<User> ana;
    {
        auto first = db.session();
        ana = first.get<User>(1);
        first.expunge(ana);
        ana->email = "changed";
    }
    auto second = db.session();
    second.add(ana);
    CHECK(ana->posts.size() == 1);
    second.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "changed");
}

TEST_CASE_METHOD(BlogFixture, "an expunged object's unloaded relation names the cure") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.expunge(ana);
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)ana->posts.size(); }),
        ContainsSubstring("selectinload(User::c.posts)"));
}

TEST_CASE_METHOD(BlogFixture, "an expunged object that was to be deleted is not") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.remove(dee);
    session.expunge(dee);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    CHECK(state_of(dee) == ObjectState::detached);
}

TEST_CASE_METHOD(BlogFixture, "an expunged pending object leaves the collections of others and keeps its own side") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    const auto post = session.add(Post{.title = "p6", .user = ana});
    REQUIRE(ana->posts.size() == 2);
    session.expunge(post);
    CHECK(ana->posts.size() == 1);
    CHECK(post->user.get() == ana);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM post") == "5");
}

TEST_CASE_METHOD(BlogFixture, "a rollback makes an expunged object transient when its insert goes, and leaves others") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    const auto ana = session.get<User>(1);
    ana->email = "changed";
    session.flush();
    session.expunge(eva);
    session.expunge(ana);
    session.rollback();
    CHECK(state_of(eva) == ObjectState::transient);
    CHECK(eva->username == "eva");
    CHECK(eva->id == 0);
    CHECK(state_of(ana) == ObjectState::detached);
    CHECK_FALSE(session.contains(ana));
    CHECK_FALSE(session.get<User>(1) == ana);
    session.add(eva);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user WHERE username = 'eva'") == "1");
}

TEST_CASE_METHOD(BlogFixture, "an object that took an expunged one's place stays in the session after a rollback") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.flush();
    session.commit();
    const auto fay = session.add(User{.username = "fay"});
    session.flush();
    session.expunge(fay);
    const auto again = session.get<User>(fay->id);
    REQUIRE(again);
    session.rollback();
    CHECK_THROWS_AS(again->username, tandem::ObjectDeleted);
    CHECK(session.get<User>(eva->id) == eva);
}

TEST_CASE_METHOD(BlogFixture, "expunge_all empties the session") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto dee = session.get<User>(4);
    const auto eva = session.add(User{.username = "eva"});
    ana->email = "not written";
    session.remove(dee);
    session.expunge_all();
    CHECK(state_of(ana) == ObjectState::detached);
    CHECK(state_of(dee) == ObjectState::detached);
    CHECK(state_of(eva) == ObjectState::transient);
    StatementLog log{db};
    session.commit();
    CHECK(log.size() == 0);
    CHECK_FALSE(session.get<User>(1) == ana);
    CHECK(session.get<User>(1)->email == "ana@x.io");
}

TEST_CASE_METHOD(BlogFixture, "only what is in the session can be expunged") {
    auto session = db.session();
    const tandem::Ref<User> eva{User{.username = "eva"}};
    CHECK_THROWS_AS(session.expunge(eva), tandem::InvalidStateError);
    CHECK_THROWS_AS(session.expunge(tandem::Ref<User>{}), tandem::ArgumentError);
    const auto dee = session.get<User>(4);
    session.remove(dee);
    session.flush();
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.expunge(dee); }), ContainsSubstring("User#4"));
}

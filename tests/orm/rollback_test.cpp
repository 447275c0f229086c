// What a rollback leaves: objects and relations as the database has them, new ones transient.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;

TEST_CASE_METHOD(Fixture, "after a rollback new objects are transient again, with their values and without the key") {
    auto session = db.session();
    const auto ana = session.add(User{.username = "ana", .email = "ana@x.io"});
    session.flush();
    REQUIRE(ana->id == 1);
    session.rollback();
    CHECK(ana->id == 0);
    CHECK(ana->username == "ana");
    CHECK(ana->email == "ana@x.io");
    CHECK_THROWS_AS(session.refresh(ana), tandem::InvalidStateError);
    CHECK_FALSE(session.get<User>(1));
}

TEST_CASE_METHOD(Fixture, "a key that was given stays after a rollback") {
    auto session = db.session();
    User user{.username = "ana"};
    user.id = 5;
    const auto ana = session.add(user);
    session.flush();
    session.rollback();
    CHECK(ana->id == 5);
}

TEST_CASE_METHOD(Fixture, "an object whose insert was rolled back can be added again") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.add(User{.username = "ana"});
        session.flush();
    }
    ana->email = "ana@x.io";
    auto session = db.session();
    session.add(ana);
    session.commit();
    CHECK(oracle.row("SELECT id, username, email FROM user") == "1|ana|ana@x.io");
}

TEST_CASE_METHOD(BlogFixture, "after a rollback changed objects show the database's values") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    ana->email = "flushed";
    session.flush();
    ben->email = "not flushed";
    session.rollback();
    CHECK(ana->email == "ana@x.io");
    CHECK(ben->email == "ben@x.io");
}

TEST_CASE_METHOD(BlogFixture, "an object changed in a session that ended without commit shows the database's values") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
        ana->email = "lost";
    }
    CHECK(ana->email == "ana@x.io");
}

TEST_CASE_METHOD(BlogFixture, "after a rollback deleted objects are back") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.remove(dee);
    session.flush();
    CHECK_THROWS_AS(dee->username, tandem::ObjectDeleted);
    session.rollback();
    CHECK(dee->username == "dee");
    CHECK(session.get<User>(4) == dee);
    dee->email = "back@y.io";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 4") == "back@y.io");
}

TEST_CASE_METHOD(BlogFixture, "a removal that was not flushed is forgotten by a rollback") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.remove(dee);
    session.rollback();
    session.commit();
    CHECK(dee->username == "dee");
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "an object that was added and removed in one session is transient after a rollback") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.flush();
    session.remove(eva);
    session.flush();
    session.rollback();
    CHECK(eva->username == "eva");
    CHECK(eva->id == 0);
}

TEST_CASE_METHOD(BlogFixture, "after a rollback relations are as they were, in their order") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto p3 = session.get<Post>(3);
    const auto titles = [](const tandem::Ref<User>& user) {
        std::vector<std::string> found;
        for (const auto& post : user->posts) found.push_back(post->title);
        return found;
    };
    REQUIRE(titles(ana) == std::vector<std::string>{"p1"});
    REQUIRE(titles(ben) == std::vector<std::string>{"p2", "p3", "p4"});
    p3->user = ana;
    session.flush();
    p3->user = ben;
    p3->user = ana;
    REQUIRE(titles(ana) == std::vector<std::string>{"p1", "p3"});
    session.rollback();
    CHECK(titles(ana) == std::vector<std::string>{"p1"});
    CHECK(titles(ben) == std::vector<std::string>{"p2", "p3", "p4"});
    CHECK(p3->user.get() == ben);
    CHECK(p3->user_id == 2);
}

TEST_CASE_METHOD(BlogFixture, "after a rollback stored objects do not show new ones, which keep their side") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    const auto flushed = session.add(Post{.title = "flushed", .user = ana});
    session.flush();
    const auto pending = session.add(Post{.title = "pending", .user = ana});
    REQUIRE(ana->posts.size() == 3);
    session.rollback();
    CHECK(ana->posts.size() == 1);
    CHECK(flushed->user.get() == ana);
    CHECK(pending->user.get() == ana);
    session.add(flushed);
    CHECK(ana->posts.size() == 2);
    session.commit();
    CHECK(oracle.row("SELECT user_id FROM post WHERE title = 'flushed'") == "1");
}

TEST_CASE_METHOD(Fixture, "new objects keep their relations to each other after a rollback") {
    auto session = db.session();
    const auto ana = session.add(User{.username = "ana"});
    const auto post = session.add(Post{.title = "p", .user = ana});
    session.flush();
    session.rollback();
    CHECK(post->user.get() == ana);
    REQUIRE(ana->posts.size() == 1);
    CHECK(ana->posts[0] == post);
}

TEST_CASE_METHOD(BlogFixture, "a foreign key set by hand is undone with its relation") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto p1 = session.get<Post>(1);
    REQUIRE(ana->posts.size() == 1);
    REQUIRE(ben->posts.size() == 3);
    p1->user_id = 2;
    session.flush();
    CHECK(p1->user.get() == ben);
    CHECK(ana->posts.empty());
    CHECK(ben->posts.size() == 4);
    session.rollback();
    CHECK(p1->user_id == 1);
    CHECK(p1->user.get() == ana);
    CHECK(ana->posts.size() == 1);
    CHECK(ben->posts.size() == 3);
}

TEST_CASE_METHOD(BlogFixture, "after a rollback an object whose row went meanwhile says so when it is used") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.commit();
    oracle.run("DELETE FROM user WHERE id = 4");
    dee->email = "changed";
    session.rollback();
    CHECK_THROWS_AS(dee->email, tandem::ObjectDeleted);
}

TEST_CASE_METHOD(BlogFixture, "a rollback of nothing does nothing") {
    auto session = db.session();
    session.rollback();
    StatementLog log{db};
    session.rollback();
    CHECK(log.size() == 0);
    CHECK(session.get<User>(1)->username == "ana");
}

TEST_CASE_METHOD(
    BlogFixture, "a changed primary key of a stored object is refused, and a rollback brings the old one back") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    ana->id = 2;
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.flush(); }), ContainsSubstring("User.id"));
    session.rollback();
    CHECK(ana->id == 1);
    CHECK(ana->username == "ana");
    CHECK(session.get<User>(1) == ana);
    CHECK(session.get<User>(2) == ben);
}

TEST_CASE_METHOD(BlogFixture, "removing an object whose key was changed by hand deletes no other row") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    dee->id = 3;
    session.remove(dee);
    CHECK_THROWS_AS(session.commit(), tandem::InvalidStateError);
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(Fixture, "a new object whose key was changed by hand is not found after the rollback") {
    auto session = db.session();
    const auto ana = session.add(User{.username = "ana"});
    session.flush();
    ana->id = 99;
    session.rollback();
    CHECK_FALSE(session.get<User>(1));
    CHECK_FALSE(session.get<User>(99));
}

TEST_CASE_METHOD(BlogFixture, "an object whose key was changed by hand leaves the session as the row that it is") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->id = 99;
    session.expunge(ana);
    CHECK(ana->id == 1);
    const auto again = session.get<User>(1);
    REQUIRE(again);
    CHECK(again != ana);
    CHECK(again->username == "ana");
}

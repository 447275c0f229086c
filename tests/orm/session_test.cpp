#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/session.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;

TEST_CASE_METHOD(Fixture, "a session that is not committed leaves nothing behind") {
    {
        auto session = db.session();
        session.add(User{.username = "ana"});
        session.flush();
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "0");
}

TEST_CASE_METHOD(Fixture, "commit makes an object visible to other connections") {
    auto session = db.session();
    session.add(User{.username = "ana", .email = "ana@x.io"});
    session.flush();
    CHECK(oracle.row("SELECT count(*) FROM user") == "0");
    session.commit();
    CHECK(oracle.rows("SELECT username, email FROM user") == std::vector<std::string>{"ana|ana@x.io"});
}

TEST_CASE_METHOD(Fixture, "a session goes on after a commit, and rolls back only what came after") {
    {
        auto session = db.session();
        session.add(User{.username = "ana"});
        session.commit();
        session.add(User{.username = "ben"});
        session.flush();
    }
    CHECK(oracle.rows("SELECT username FROM user") == std::vector<std::string>{"ana"});
}

TEST_CASE_METHOD(Fixture, "an exception that leaves the session's scope undoes its work") {
    CHECK_THROWS_AS(([&] {
        auto session = db.session();
        session.add(User{.username = "ana"});
        session.flush();
        throw std::runtime_error("stop");
    }()),
        std::runtime_error);
    CHECK(oracle.row("SELECT count(*) FROM user") == "0");
}

TEST_CASE_METHOD(Fixture, "add puts the generated key into the object") {
    auto session = db.session();
    const auto ana = session.add(User{.username = "ana"});
    CHECK(ana->id == 0);
    session.flush();
    CHECK(ana->id == 1);
    const auto ben = session.add(User{.username = "ben"});
    session.commit();
    CHECK(ben->id == 2);
}

TEST_CASE_METHOD(Fixture, "a key that is given is kept") {
    auto session = db.session();
    User user{.username = "ana"};
    user.id = 77;
    session.add(user);
    session.commit();
    CHECK(oracle.row("SELECT id FROM user") == "77");
}

TEST_CASE_METHOD(Fixture, "adding an object twice stores it once") {
    auto session = db.session();
    const auto ana = session.add(User{.username = "ana"});
    session.add(ana);
    session.flush();
    session.add(ana);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "1");
}

TEST_CASE_METHOD(BlogFixture, "one row is one object in a session") {
    auto session = db.session();
    const auto first = session.exec(User::select().where(User::c.username == "ben")).one();
    const auto second = session.exec(User::select().where(User::c.id == 2)).one();
    const auto by_key = session.get<User>(2);
    const auto by_relation = session.get<Post>(2)->user.get();
    CHECK(first == second);
    CHECK(first == by_key);
    CHECK(first == by_relation);
    CHECK_FALSE(first == session.get<User>(1));
}

TEST_CASE_METHOD(BlogFixture, "get finds a known object without SQL") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    StatementLog log{db};
    CHECK(session.get<User>(1) == ana);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "get of a key that no row has is empty") {
    auto session = db.session();
    CHECK_FALSE(session.get<User>(99));
}

TEST_CASE_METHOD(BlogFixture, "get finds what was added but not flushed") {
    auto session = db.session();
    User user{.username = "eva"};
    user.id = 9;
    const auto eva = session.add(user);
    CHECK(session.get<User>(9) == eva);
}

TEST_CASE_METHOD(BlogFixture, "get of a removed object is empty, before and after the flush") {
    auto session = db.session();
    session.remove(session.get<User>(4));
    CHECK_FALSE(session.get<User>(4));
    session.flush();
    CHECK_FALSE(session.get<User>(4));
}

TEST_CASE_METHOD(BlogFixture, "a later query does not overwrite what an object holds; refresh does") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.commit();  // ends the snapshot
    oracle.run("UPDATE user SET email = 'new@x.io' WHERE id = 1");
    CHECK(session.exec(User::select().where(User::c.id == 1)).one()->email == "ana@x.io");
    session.refresh(ana);
    CHECK(ana->email == "new@x.io");
}

TEST_CASE_METHOD(BlogFixture, "refresh of an object whose row is gone throws ObjectDeleted") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.commit();
    oracle.run("DELETE FROM user WHERE id = 4");
    CHECK_THROWS_AS(session.refresh(dee), tandem::ObjectDeleted);
}

TEST_CASE_METHOD(BlogFixture, "refresh loads collections anew") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    CHECK(ana->posts.size() == 1);
    session.commit();
    oracle.run("INSERT INTO post (title, body, user_id) VALUES ('p6', '', 1)");
    CHECK(ana->posts.size() == 1);
    session.refresh(ana);
    CHECK(ana->posts.size() == 2);
}

TEST_CASE_METHOD(BlogFixture, "refresh follows a foreign key that changed in the database, on both sides") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto post = session.get<Post>(1);
    CHECK(ana->posts.size() == 1);
    CHECK(ben->posts.size() == 3);
    session.commit();
    oracle.run("UPDATE post SET user_id = 2 WHERE id = 1");
    session.refresh(post);
    CHECK(post->user.get() == ben);
    CHECK(ana->posts.empty());
    CHECK(ben->posts.size() == 4);
}

TEST_CASE_METHOD(BlogFixture, "queries see what was added, changed and removed before") {
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.get<User>(1)->username = "anna";
    session.remove(session.get<User>(4));
    std::vector<std::string> names;
    for (const auto& user : session.exec(User::select().order_by(User::c.id)).all()) names.push_back(user->username);
    CHECK(names == std::vector<std::string>{"anna", "ben", "cy", "eva"});
}

TEST_CASE_METHOD(BlogFixture, "raw SQL sees what was added before") {
    auto session = db.session();
    session.add(User{.username = "eva"});
    CHECK(session.execute("SELECT count(*) FROM user").scalar() == tandem::Value{std::int64_t{5}});
}

TEST_CASE_METHOD(BlogFixture, "values stay readable after the session has ended") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
        ana->email = "changed@x.io";
        session.commit();
    }
    CHECK(ana->username == "ana");
    CHECK(ana->email == "changed@x.io");
}

TEST_CASE_METHOD(BlogFixture, "a commit keeps loaded values without SQL") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "changed@x.io";
    CHECK(ana->posts.size() == 1);
    session.commit();
    StatementLog log{db};
    CHECK(ana->email == "changed@x.io");
    CHECK(ana->posts[0]->title == "p1");
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "an object changed without a session is stored when it is added to one") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
    }
    ana->email = "later@x.io";
    auto session = db.session();
    session.add(ana);
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "later@x.io");
}

TEST_CASE_METHOD(BlogFixture, "adding an object brings in no other object of the query that found it") {
    std::vector<tandem::Ref<User>> users;
    {
        auto session = db.session();
        users = session.exec(User::select().order_by(User::c.id)).all();
    }
    users[1]->email = "unwanted@x.io";
    auto session = db.session();
    session.add(users[0]);
    users[0]->email = "wanted@x.io";
    users[2]->email = "unwanted too";
    const auto ben = session.get<User>(2);
    CHECK(ben->email == "ben@x.io");
    session.commit();
    CHECK(oracle.rows("SELECT email FROM user ORDER BY id") ==
        std::vector<std::string>{"wanted@x.io", "ben@x.io", "", "dee@y.io"});
}

TEST_CASE_METHOD(
    BlogFixture, "an object of one session cannot be added to another, and the message names where that was opened") {
    auto first = db.session();
    const auto ana = first.get<User>(1);
    auto second = db.session();
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { second.add(ana); }),
        ContainsSubstring("User#1") && ContainsSubstring("session_test.cpp:"));
    first.commit();
    CHECK(ana->username == "ana");
}

TEST_CASE_METHOD(
    BlogFixture, "a second object for a row that the session knows is refused, and nothing of it is taken in") {
    tandem::Ref<Post> detached;
    {
        auto session = db.session();
        detached =
            session.exec(Post::select().where(Post::c.id == 1).options(tandem::selectinload(Post::c.user))).one();
    }
    auto session = db.session();
    const auto ana = session.get<User>(1);
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.add(detached); }), ContainsSubstring("User#1"));
    detached->title = "not taken in";
    session.commit();
    CHECK(oracle.row("SELECT title FROM post WHERE id = 1") == "p1");
    CHECK_FALSE(session.get<Post>(1) == detached);
}

TEST_CASE_METHOD(BlogFixture, "an empty Ref is refused by add, remove and refresh") {
    auto session = db.session();
    CHECK_THROWS_AS(session.add(tandem::Ref<User>{}), tandem::ArgumentError);
    CHECK_THROWS_AS(session.remove(tandem::Ref<User>{}), tandem::ArgumentError);
    CHECK_THROWS_AS(session.refresh(tandem::Ref<User>{}), tandem::ArgumentError);
}

TEST_CASE_METHOD(BlogFixture, "a new object cannot be refreshed or removed before it is added") {
    auto session = db.session();
    const tandem::Ref<User> eva{User{.username = "eva"}};
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.refresh(eva); }), ContainsSubstring("User (new)"));
    CHECK_THROWS_AS(session.remove(eva), tandem::InvalidStateError);
}

TEST_CASE_METHOD(Fixture, "tandem::session() outside of a step says what to use") {
    CHECK_THAT(
        error_of<tandem::InvalidStateError>([] { (void)tandem::session(); }), ContainsSubstring("Database::session()"));
}

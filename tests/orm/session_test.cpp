#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/session.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
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

// --- rollback -------------------------------------------------------------------------------------------------------

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

// --- raw SQL --------------------------------------------------------------------------------------------------------

TEST_CASE_METHOD(BlogFixture, "named parameters of raw SQL are bound by name, not by place") {
    auto session = db.session();
    session.execute(
        "INSERT INTO user (email, username) VALUES (:email, :username)", {{"username", "eva"}, {"email", "eva@x.io"}});
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 5") == "eva|eva@x.io");
}

TEST_CASE_METHOD(
    BlogFixture, "S074 raw SQL is kept by a commit only, binds all of its parameters, and reads no others") {
    {
        auto session = db.session();
        session.execute("INSERT INTO user (username, email) VALUES (:username, '')", {{"username", "eva"}});
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    auto session = db.session();
    session.execute("INSERT INTO user (username, email) VALUES (:username, '')", {{"username", "eva"}});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");

    StatementLog log{db};
    CHECK_THROWS_AS(session.execute("INSERT INTO user (username, email) VALUES (:username, '')"), tandem::BindError);
    CHECK(log.size() == 0);
    const auto row = session.execute("SELECT ':username', 'a:b', :n", {{"n", 1}}).first();
    REQUIRE(row);
    CHECK(*row == tandem::Row{std::string{":username"}, std::string{"a:b"}, std::int64_t{1}});
}

TEST_CASE_METHOD(BlogFixture, "a parameter may be used several times") {
    auto session = db.session();
    const auto rows = session.execute("SELECT :n, :n + 1", {{"n", 3}}).all();
    CHECK(rows == std::vector<tandem::Row>{{std::int64_t{3}, std::int64_t{4}}});
}

TEST_CASE_METHOD(BlogFixture, "parameters that do not fit throw BindError before anything runs") {
    auto session = db.session();
    (void)session.get<User>(1);
    StatementLog log{db};
    const auto sql = "INSERT INTO user (username, email) VALUES (:username, :email)";
    SECTION("missing") {
        CHECK_THAT(error_of<tandem::BindError>([&] {
            session.execute(tandem::unchecked_sql(sql), {{"username", "x"}});
        }),
            ContainsSubstring(":email"));
    }
    SECTION("extra") {
        const auto call = [&] {
            session.execute(tandem::unchecked_sql(sql), {{"username", "x"}, {"email", "y"}, {"age", 3}});
        };
        CHECK_THAT(error_of<tandem::BindError>(call), ContainsSubstring(":age"));
    }
    SECTION("wrong name") {
        const auto call = [&] { session.execute(tandem::unchecked_sql(sql), {{"username", "x"}, {"mail", "y"}}); };
        CHECK_THAT(error_of<tandem::BindError>(call), ContainsSubstring(":mail"));
    }
    SECTION("the same twice instead of another") {
        const auto call = [&] { session.execute(tandem::unchecked_sql(sql), {{"username", "x"}, {"username", "y"}}); };
        CHECK_THAT(error_of<tandem::BindError>(call), ContainsSubstring(":username"));
    }
    SECTION("without a name") {
        CHECK_THAT(error_of<tandem::BindError>([&] { session.execute("SELECT ?"); }), ContainsSubstring(":name"));
    }
    CHECK(log.size() == 0);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "colons inside quotes and comments are no parameters") {
    auto session = db.session();
    const auto row =
        session.execute("SELECT 'a:b', \":c\" /* :d */ FROM (SELECT :e AS \":c\") -- :f", {{"e", "x:y"}}).first();
    REQUIRE(row);
    CHECK(*row == tandem::Row{std::string{"a:b"}, std::string{"x:y"}});
}

TEST_CASE_METHOD(BlogFixture, "a bound value is never part of the SQL") {
    auto session = db.session();
    const auto found = session.execute("SELECT * FROM user WHERE username = :name", {{"name", "x' OR '1'='1"}}).all();
    CHECK(found.empty());
}

TEST_CASE_METHOD(Fixture, "rows of raw SQL carry null, blobs, 64-bit extremes, reals and emoji") {
    auto session = db.session();
    const tandem::Blob blob{{std::byte{0}, std::byte{255}, std::byte{0}}};
    const auto row = session
                         .execute("SELECT :null, :empty, :low, :high, :real, :text, :blob, :yes, :none",
                             {{"null", nullptr}, {"empty", ""}, {"low", INT64_MIN}, {"high", INT64_MAX}, {"real", 0.1},
                                 {"text", "żółć 😀"}, {"blob", blob}, {"yes", true}, {"none", std::optional<int>{}}})
                         .first();
    REQUIRE(row);
    CHECK(*row ==
        tandem::Row{std::monostate{}, std::string{}, INT64_MIN, INT64_MAX, 0.1, std::string{"żółć 😀"}, blob,
            std::int64_t{1}, std::monostate{}});
}

TEST_CASE_METHOD(Fixture, "an empty blob is not null") {
    auto session = db.session();
    CHECK(session.execute("SELECT :blob", {{"blob", tandem::Blob{}}}).scalar() == tandem::Value{tandem::Blob{}});
}

TEST_CASE_METHOD(Fixture, "text keeps an embedded NUL") {
    auto session = db.session();
    const std::string text{"a\0b", 3};
    CHECK(session.execute("SELECT :text", {{"text", text}}).scalar() == tandem::Value{text});
}

TEST_CASE_METHOD(BlogFixture, "raw SQL tells its columns and how many rows it changed") {
    auto session = db.session();
    CHECK(session.execute("SELECT id, username AS name FROM user").columns() == std::vector<std::string>{"id", "name"});
    CHECK(session.execute("UPDATE user SET email = 'x' WHERE id > 2").changed() == 2);
    CHECK(session.execute("SELECT 1").changed() == 0);
}

TEST_CASE_METHOD(BlogFixture, "raw SQL without commit leaves nothing behind") {
    {
        auto session = db.session();
        session.execute("DELETE FROM flag");
    }
    CHECK(oracle.row("SELECT count(*) FROM flag") == "6");
}

TEST_CASE_METHOD(Fixture, "transaction control built at run time is refused, also behind comments") {
    auto session = db.session();
    session.add(User{.username = "ana"});
    session.flush();
    for (const auto* sql : {"COMMIT", "  begin", "End;", "ROLLBACK", "savepoint a", "RELEASE a", "-- c\nCOMMIT",
             "/* c */ /* d */\n;COMMIT", "/**/commit", "ATTACH 'x' AS y", "DETACH y"}) {
        INFO(sql);
        CHECK_THROWS_AS(session.execute(tandem::unchecked_sql(sql)), tandem::ArgumentError);
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "0");
}

TEST_CASE_METHOD(Fixture, "several statements in one text, and none, are refused") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute("SELECT 1; SELECT 2"), tandem::ArgumentError);
    CHECK_THROWS_AS(session.execute(""), tandem::ArgumentError);
    CHECK_THROWS_AS(session.execute("-- nothing"), tandem::ArgumentError);
    CHECK_NOTHROW(session.execute("SELECT 1;  "));
}

TEST_CASE_METHOD(Fixture, "an error of raw SQL names the statement") {
    auto session = db.session();
    CHECK_THAT(error_of<tandem::SqlError>([&] { session.execute("SELECT * FROM nowhere"); }),
        ContainsSubstring("nowhere") && ContainsSubstring("SELECT *"));
}

TEST_CASE_METHOD(BlogFixture, "scalar() of no row and of several rows throws") {
    auto session = db.session();
    CHECK_THROWS_AS((void)session.execute("SELECT id FROM user WHERE id = 99").scalar(), tandem::NoResult);
    CHECK_THROWS_AS((void)session.execute("SELECT id FROM user").scalar(), tandem::MultipleResults);
}

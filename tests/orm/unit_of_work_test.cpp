// What a flush writes: order, changed columns only, nothing when nothing changed.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;

TEST_CASE_METHOD(BlogFixture, "an update writes changed columns only, so what others changed beside it survives") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.commit();
    oracle.run("UPDATE user SET email = 'theirs@x.io' WHERE id = 1");
    ana->username = "anna";
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 1") == "anna|theirs@x.io");
}

TEST_CASE_METHOD(BlogFixture, "without a net change there is no UPDATE") {
    oracle.run("CREATE TABLE log (what TEXT); CREATE TRIGGER t AFTER UPDATE ON user BEGIN INSERT INTO log VALUES "
               "(new.id); END");
    auto session = db.session();
    const auto ana = session.get<User>(1);
    SECTION("set to the same value") { ana->email = "ana@x.io"; }
    SECTION("changed and changed back") {
        ana->email = "other";
        ana->email = "ana@x.io";
    }
    SECTION("only read") { CHECK(ana->email == "ana@x.io"); }
    StatementLog log{db};
    session.commit();
    CHECK(log.size() == 0);
    CHECK(oracle.row("SELECT count(*) FROM log") == "0");
}

TEST_CASE_METHOD(BlogFixture, "a change back after a flush is written again") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "other";
    session.flush();
    ana->email = "ana@x.io";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
}

TEST_CASE_METHOD(Fixture, "adding the last object of a chain inserts all in the order of their keys") {
    auto session = db.session();
    const auto flag = session.add(
        Flag{.message = "f", .post = Post{.title = "p", .user = User{.username = "u"}}, .user = User{.username = "v"}});
    session.commit();
    CHECK(oracle.row("SELECT user.username, post.title, flag.message, f.username FROM flag JOIN post ON post.id = "
                     "post_id JOIN user ON user.id = post.user_id"
                     " JOIN user f ON f.id = flag.user_id") == "u|p|f|v");
    CHECK(flag->post_id == flag->post->id);
    CHECK(flag->post->user_id == flag->post->user->id);
}

TEST_CASE_METHOD(Fixture, "adding a user brings the posts in its collection") {
    auto session = db.session();
    const tandem::Ref<User> ana{User{.username = "ana"}};
    ana->posts.push_back(Post{.title = "p1"});
    ana->posts.push_back(Post{.title = "p2"});
    session.add(ana);
    session.commit();
    CHECK(oracle.rows("SELECT title, user_id FROM post ORDER BY title") == std::vector<std::string>{"p1|1", "p2|1"});
}

TEST_CASE_METHOD(BlogFixture, "what is appended to a stored object's collection is stored with it") {
    auto session = db.session();
    session.get<User>(4)->posts.push_back(Post{.title = "first of dee"});
    session.commit();
    CHECK(oracle.row("SELECT user_id FROM post WHERE title = 'first of dee'") == "4");
}

TEST_CASE_METHOD(BlogFixture, "a relation set on a stored object moves its foreign key at flush") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    post->user = session.get<User>(2);
    CHECK(post->user_id == 1);
    session.flush();
    CHECK(post->user_id == 2);
    session.commit();
    CHECK(oracle.row("SELECT user_id FROM post WHERE id = 1") == "2");
}

TEST_CASE_METHOD(BlogFixture, "a new object referred to by a stored one is inserted first") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    post->user = User{.username = "eva"};
    session.commit();
    CHECK(oracle.row("SELECT username FROM user JOIN post ON user.id = user_id WHERE post.id = 1") == "eva");
}

TEST_CASE_METHOD(BlogFixture, "a child may give the foreign key instead of the relation") {
    auto session = db.session();
    const auto post = session.add(Post{.title = "by key", .user_id = 3});
    session.commit();
    CHECK(post->user->username == "cy");
    CHECK(oracle.row("SELECT user_id FROM post WHERE title = 'by key'") == "3");
}

TEST_CASE_METHOD(BlogFixture, "a foreign key set by hand is followed by its relation after the flush") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    REQUIRE(post->user->username == "ana");
    post->user_id = 2;
    session.flush();
    CHECK(post->user->username == "ben");
    post->user_id = 4;  // not in memory yet
    session.flush();
    CHECK(post->user->username == "dee");
}

TEST_CASE_METHOD(BlogFixture, "an empty relation is refused where the foreign key cannot be null, naming both") {
    auto session = db.session();
    session.get<Post>(1)->user = nullptr;
    CHECK_THAT(error_of<tandem::IntegrityError>([&] { session.flush(); }),
        ContainsSubstring("Post.user") && ContainsSubstring("user_id"));
}

TEST_CASE_METHOD(Fixture, "an empty relation sets an optional foreign key to null") {
    auto session = db.session();
    const auto root = session.add(types::Place{.label = "root"});
    const auto leaf = session.add(types::Place{.label = "leaf", .parent = root});
    session.commit();
    CHECK(oracle.row("SELECT parent_id FROM place WHERE label = 'leaf'") == "1");
    leaf->parent = nullptr;
    session.commit();
    CHECK(oracle.row("SELECT parent_id FROM place WHERE label = 'leaf'") == "null");
    CHECK_FALSE(leaf->parent_id);
}

TEST_CASE_METHOD(BlogFixture, "removed objects of several classes go before what they refer to") {
    auto session = db.session();
    const auto flags = session.exec(Flag::select().where(Flag::c.user_id == 3 || Flag::c.post_id == 5)).all();
    const auto p5 = session.get<Post>(5);
    session.remove(session.get<User>(3));
    session.remove(p5);
    for (const auto& flag : flags) session.remove(flag);
    session.commit();
    CHECK(oracle.row("SELECT (SELECT count(*) FROM user), (SELECT count(*) FROM post), (SELECT count(*) FROM flag)") ==
        "3|4|2");
}

TEST_CASE_METHOD(Fixture, "a tree is deleted from its leaves, in whatever order it is removed") {
    auto session = db.session();
    const auto root = session.add(types::Place{.label = "root"});
    const auto middle = session.add(types::Place{.label = "middle", .parent = root});
    const auto leaf = session.add(types::Place{.label = "leaf", .parent = middle});
    session.commit();
    session.remove(root);
    session.remove(leaf);
    session.remove(middle);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM place") == "0");
}

TEST_CASE_METHOD(BlogFixture, "a pending object that is removed is never inserted") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.remove(eva);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    CHECK(eva->username == "eva");
}

TEST_CASE_METHOD(BlogFixture, "an object that is removed and added again stays") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.remove(dee);
    session.add(dee);
    StatementLog log{db};
    session.commit();
    CHECK(log.size() == 0);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "a deleted object cannot be added or used, and the message names it") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.remove(dee);
    session.commit();
    CHECK_THAT(error_of<tandem::ObjectDeleted>([&] { (void)dee->username; }), ContainsSubstring("User#4"));
    CHECK_THROWS_AS(session.add(dee), tandem::InvalidStateError);
}

TEST_CASE_METHOD(
    BlogFixture, "a deleted object leaves the loaded collections, and a rollback brings it back in its place") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    REQUIRE(ben->posts.size() == 3);
    const auto p2 = session.get<Post>(2);
    session.remove(p2);
    session.flush();
    REQUIRE(ben->posts.size() == 2);
    CHECK(ben->posts[0]->title == "p3");
    session.rollback();
    REQUIRE(ben->posts.size() == 3);
    CHECK(ben->posts[0] == p2);
    CHECK(p2->user.get() == ben);
}

TEST_CASE_METHOD(BlogFixture, "an update of a row that was deleted meanwhile throws StaleData") {
    auto session = db.session();
    const auto dee = session.get<User>(4);
    session.commit();
    oracle.run("DELETE FROM user WHERE id = 4");
    dee->email = "x";
    CHECK_THAT(error_of<tandem::StaleData>([&] { session.flush(); }), ContainsSubstring("User#4"));
}

TEST_CASE_METHOD(Fixture, "an unset optional takes the server default, a given one is kept") {
    auto session = db.session();
    const auto unset = session.add(types::Account{.name = "a"});
    const auto given = session.add(types::Account{.name = "b", .level = 3});
    session.commit();
    CHECK(unset->level == 7);
    CHECK(given->level == 3);
    CHECK(oracle.rows("SELECT level FROM account ORDER BY name") == std::vector<std::string>{"7", "3"});
}

TEST_CASE_METHOD(Fixture, "an unset optional without default is null") {
    auto session = db.session();
    session.add(types::Account{.name = "a"});
    session.commit();
    CHECK(oracle.row("SELECT note FROM account") == "null");
}

TEST_CASE_METHOD(BlogFixture, "the server's current time is read back into the new object") {
    const auto before = std::chrono::floor<std::chrono::milliseconds>(tandem::now()) - std::chrono::milliseconds{1};
    auto session = db.session();
    const auto post = session.add(Post{.title = "now", .user_id = 1});
    session.commit();
    REQUIRE(post->update_ts);
    CHECK(*post->update_ts >= before);
    CHECK(*post->update_ts <= tandem::now() + std::chrono::milliseconds{1});
}

TEST_CASE_METHOD(Fixture, "new objects that refer to each other in a circle are refused, naming one") {
    auto session = db.session();
    const tandem::Ref<types::Place> a{types::Place{.label = "a"}};
    const tandem::Ref<types::Place> b{types::Place{.label = "b"}};
    a->parent = b;
    b->parent = a;
    session.add(a);
    CHECK_THAT(error_of<tandem::CircularDependency>([&] { session.flush(); }), ContainsSubstring("Place (new)"));
}

TEST_CASE_METHOD(
    BlogFixture, "a statement that the database refuses has no effect, and the session can go on after a rollback") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    const auto twin = session.add(User{.username = "ana"});
    CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    session.rollback();
    CHECK(eva->id == 0);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    session.add(eva);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
    CHECK(twin->id == 0);
}

TEST_CASE_METHOD(BlogFixture, "equal statements are prepared once and bound anew") {
    auto session = db.session();
    for (int i = 0; i < 600; ++i) session.add(User{.username = "user" + std::to_string(i)});
    session.commit();
    CHECK(oracle.row("SELECT count(*), count(DISTINCT username) FROM user") == "604|604");
}

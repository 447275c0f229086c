#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/relation.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::Ref;

TEST_CASE("setting a One shows the object in the Many of the other side") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<Post> post{Post{.title = "p"}};
    post->user = ana;
    REQUIRE(ana->posts.size() == 1);
    CHECK(ana->posts[0] == post);
}

TEST_CASE("appending to a Many sets the One of the other side") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<Post> post{Post{.title = "p"}};
    ana->posts.push_back(post);
    CHECK(post->user.get() == ana);
}

TEST_CASE("moving an object takes it out of its former collection") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<User> ben{User{.username = "ben"}};
    const Ref<Post> post{Post{.title = "p", .user = ana}};
    SECTION("by its One") { post->user = ben; }
    SECTION("by the other collection") { ben->posts.push_back(post); }
    CHECK(ana->posts.empty());
    REQUIRE(ben->posts.size() == 1);
    CHECK(post->user.get() == ben);
}

TEST_CASE("emptying one side empties the other") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<Post> post{Post{.title = "p", .user = ana}};
    SECTION("by its One") { post->user = nullptr; }
    SECTION("by the collection") { ana->posts.remove(post); }
    CHECK(ana->posts.empty());
    CHECK_FALSE(post->user);
}

TEST_CASE("appending twice keeps one") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<Post> post{Post{.title = "p"}};
    ana->posts.push_back(post);
    ana->posts.push_back(post);
    CHECK(ana->posts.size() == 1);
}

TEST_CASE("removing what is not in the collection changes nothing") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<User> ben{User{.username = "ben"}};
    const Ref<Post> post{Post{.title = "p", .user = ben}};
    ana->posts.remove(post);
    ana->posts.remove(Ref<Post>{});
    CHECK(post->user.get() == ben);
}

TEST_CASE("relations of a new object read as empty") {
    const Ref<Post> post{Post{.title = "p"}};
    CHECK_FALSE(post->user);
    CHECK(post->flags.empty());
    CHECK(post->flags.begin() == post->flags.end());
}

TEST_CASE("an index beyond the end and an empty Ref are refused by a collection") {
    const Ref<User> ana{User{.username = "ana"}};
    CHECK_THROWS_AS(ana->posts[0], tandem::ArgumentError);
    CHECK_THROWS_AS(ana->posts.push_back(Ref<Post>{}), tandem::ArgumentError);
}

TEST_CASE("a collection of a plain object takes nothing, and says what to do") {
    User ana{.username = "ana"};
    CHECK_THAT(error_of<tandem::InvalidStateError>([&] { ana.posts.push_back(Post{.title = "p"}); }),
        ContainsSubstring("make a Ref"));
}

TEST_CASE_METHOD(BlogFixture, "both sides of stored objects are kept in step without SQL") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto p1 = session.get<Post>(1);
    REQUIRE(ana->posts.size() == 1);
    REQUIRE(ben->posts.size() == 3);
    StatementLog log{db};
    p1->user = ben;
    CHECK(ana->posts.empty());
    CHECK(ben->posts.size() == 4);
    ana->posts.push_back(p1);
    CHECK(ana->posts.size() == 1);
    CHECK(ben->posts.size() == 3);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(
    BlogFixture, "setting a One whose partner is not loaded runs no SQL; reading that shows rows and the new one") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    StatementLog log{db};
    const auto post = session.add(Post{.title = "new", .user = ana});
    CHECK(log.size() == 0);
    REQUIRE(ana->posts.size() == 2);
    CHECK(ana->posts[0]->title == "p1");
    CHECK(ana->posts[1] == post);
}

TEST_CASE_METHOD(BlogFixture, "a relation is read from the database on first access, once") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    StatementLog log{db};
    CHECK_FALSE(ben->posts.is_loaded());
    CHECK(ben->posts.size() == 3);
    CHECK(ben->posts.is_loaded());
    CHECK(ben->posts[2]->title == "p4");
    CHECK(ben->posts[0]->user.get() == ben);
    CHECK(log.count("SELECT") == 1);
}

TEST_CASE_METHOD(BlogFixture, "a One that leads to a known object is read without SQL") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto p1 = session.get<Post>(1);
    StatementLog log{db};
    CHECK(p1->user.get() == ana);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(Fixture, "an empty foreign key is an empty relation, without SQL") {
    auto session = db.session();
    session.add(types::Place{.label = "root"});
    session.commit();
    auto other = db.session();
    const auto root = other.get<types::Place>(1);
    StatementLog log{db};
    CHECK_FALSE(root->parent);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(
    BlogFixture, "an unloaded relation of a detached object throws DetachedError naming class, attribute and cure") {
    Ref<User> ana;
    Ref<Post> p1;
    {
        auto session = db.session();
        ana = session.get<User>(1);
        p1 = session.get<Post>(1);
    }
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)ana->posts.size(); }),
        ContainsSubstring("User.posts") && ContainsSubstring("User#1") &&
            ContainsSubstring("selectinload(User::c.posts)"));
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)p1->user->username; }),
        ContainsSubstring("Post.user") && ContainsSubstring("selectinload(Post::c.user)"));
    CHECK_FALSE(ana->posts.is_loaded());
}

TEST_CASE_METHOD(BlogFixture, "a detached object's relation can be read once a session holds it again") {
    Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
    }
    auto session = db.session();
    session.add(ana);
    CHECK(ana->posts.size() == 1);
}

TEST_CASE_METHOD(BlogFixture, "objects of two sessions cannot be related, and nothing changes") {
    auto first = db.session();
    auto second = db.session();
    const auto post = first.get<Post>(1);
    const auto ben = second.get<User>(2);
    CHECK_THROWS_AS(post->user = ben, tandem::InvalidStateError);
    CHECK(post->user->username == "ana");
    CHECK_THROWS_AS(ben->posts.push_back(post), tandem::InvalidStateError);
    CHECK(ben->posts.size() == 3);
}

TEST_CASE_METHOD(BlogFixture, "a detached object can be given to an object of a session") {
    Ref<User> ben;
    {
        auto session = db.session();
        ben = session.get<User>(2);
    }
    auto session = db.session();
    session.get<Post>(1)->user = ben;
    session.commit();
    CHECK(oracle.row("SELECT user_id FROM post WHERE id = 1") == "2");
}

TEST_CASE_METHOD(Fixture, "a One without a partner works alone") {
    auto session = db.session();
    types::Country poland{.name = "Poland"};
    poland.id = "pl";
    types::Product product{.code = "x1", .label = "thing"};
    product.country = tandem::Ref<types::Country>{poland};
    session.add(product);
    session.commit();
    CHECK(oracle.row("SELECT code, title, country_id FROM product") == "x1|thing|pl");
    auto other = db.session();
    CHECK(other.get<types::Product>("x1")->country->name == "Poland");
}

TEST_CASE_METHOD(Fixture, "a class can have relations with itself") {
    auto session = db.session();
    const auto root = session.add(types::Place{.label = "root"});
    root->children.push_back(types::Place{.label = "left"});
    root->children.push_back(types::Place{.label = "right"});
    session.commit();
    auto other = db.session();
    const auto again = other.exec(types::Place::select().where(types::Place::c.parent_id == std::nullopt)).one();
    REQUIRE(again->children.size() == 2);
    CHECK(again->children[0]->label == "left");
    CHECK(again->children[1]->parent.get() == again);
}

TEST_CASE_METHOD(BlogFixture, "a loaded collection is walked by range-for and standard algorithms") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    std::string titles;
    for (const auto& post : ben->posts) titles += post->title;
    CHECK(titles == "p2p3p4");
    CHECK(std::distance(ben->posts.begin(), ben->posts.end()) == 3);
}

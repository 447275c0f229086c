// Conditions on relations.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/predicate.hpp>

#include "query_models.hpp"

using Catch::Matchers::ContainsSubstring;
using queries::Flag;
using queries::Node;
using queries::Post;
using queries::Tag;
using queries::User;

TEST_CASE_METHOD(QueryFixture, "S116 relationship predicates", "[query]") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    const auto t3 = session.get<Tag>(3);
    CHECK(where<User>(db, User::c.posts.any(Post::c.title == "p3")) == Ids{2});
    CHECK(where<User>(db, !User::c.posts.any()) == Ids{4});
    CHECK(where<Post>(db, Post::c.user.has(User::c.username == "ben")) == Ids{2, 3, 4});
    CHECK(where<Post>(db, Post::c.tags.contains(t3)) == Ids{3, 5});
    CHECK(where<Post>(db, Post::c.user == ben) == Ids{2, 3, 4});
    CHECK(where<Post>(db, Post::c.user == nullptr).empty());
}

TEST_CASE_METHOD(QueryFixture, "any and has go through link tables, and can be negated", "[query]") {
    auto session = db.session();
    const auto t1 = session.get<Tag>(1);
    CHECK(where<Post>(db, Post::c.tags.any(Tag::c.label == "t2")) == Ids{1, 2, 3});
    CHECK(where<Post>(db, !Post::c.tags.any(Tag::c.label == "t2")) == Ids{4, 5});
    CHECK(where<Post>(db, !Post::c.tags.any()) == Ids{4});
    CHECK(where<Post>(db, !Post::c.tags.contains(t1)) == Ids{2, 4, 5});
    CHECK(where<Tag>(db, Tag::c.posts.any(Post::c.user.has(User::c.username == "cy"))) == Ids{3});
    CHECK(where<User>(db, !User::c.posts.any(Post::c.title != "p1")) == Ids{1, 4});
}

TEST_CASE_METHOD(QueryFixture, "in any and has the related model's columns mean the related rows", "[query]") {
    CHECK(where<Node>(db, Node::c.children.any(Node::c.label == "n6")) == Ids{3});
    CHECK(where<Node>(db, Node::c.parent.has(Node::c.label == "n3")) == Ids{5, 6, 7});
    CHECK(where<Node>(db, Node::c.parent.has(Node::c.parent.has(Node::c.label == "n1"))) == Ids{5, 6, 7});
    CHECK(where<Node>(db, Node::c.children.any(Node::c.children.any()) && Node::c.id < 9) == Ids{1});
    // A flag by the post's own author: the other columns are those of the query around.
    oracle.run("INSERT INTO flag (id, post_id, user_id, message) VALUES (7, 4, 2, 'own')");
    CHECK(where<Post>(db, Post::c.flags.any(Flag::c.user_id == Post::c.user_id)) == Ids{4});
    // User inside has() is the related one, although the query is over users.
    CHECK(where<User>(db, User::c.posts.any(Post::c.user.has(User::c.id == 2) && Post::c.id > 3)) == Ids{2});
}

TEST_CASE_METHOD(QueryFixture, "an alias's relations have predicates, too", "[query]") {
    constexpr auto writer = tandem::alias<User, "writer">;
    auto session = db.session();
    CHECK(ids(session, tandem::select(writer).where(writer.posts.any(Post::c.title == "p5"))) == Ids{3});
    CHECK(ids(session, Post::select().join(Post::c.user, writer).where(!writer.flags.any()).order_by(Post::c.id))
              .empty());
    CHECK(ids(session,
              User::select()
                  .where(User::c.posts.any(Post::c.flags.any(Flag::c.user.has(User::c.id == 2))))
                  .order_by(User::c.id)) == Ids{1, 3});
}

TEST_CASE_METHOD(
    QueryFixture, "a relation is compared with objects, with none, and with what may be empty", "[query]") {
    oracle.run("INSERT INTO post (id, title, user_id) VALUES (6, 'p6', NULL)");
    auto session = db.session();
    const auto ben = session.get<User>(2);
    const tandem::Ref<User> nobody;
    CHECK(where<Post>(db, Post::c.user != ben) == Ids{1, 5, 6});
    CHECK(where<Post>(db, Post::c.user == nullptr) == Ids{6});
    CHECK(where<Post>(db, Post::c.user != nullptr) == Ids{1, 2, 3, 4, 5});
    CHECK(where<Post>(db, Post::c.user == nobody) == Ids{6});
    CHECK(where<Post>(db, Post::c.user != nobody) == Ids{1, 2, 3, 4, 5});
    CHECK(where<Post>(db, !Post::c.user.has()) == Ids{6});
    CHECK(where<Tag>(db, Tag::c.posts == nullptr) == Ids{4});
}

TEST_CASE_METHOD(QueryFixture, "an object without a row cannot be compared with", "[query]") {
    const tandem::Ref<User> fresh = User{.username = "new"};
    StatementLog log{db};
    CHECK_THAT(error_of<tandem::ArgumentError>([&] { (void)(Post::c.user == fresh); }),
        ContainsSubstring("Post.user") && ContainsSubstring("User (new)") && ContainsSubstring("flush()"));
    CHECK_THROWS_AS(User::c.posts.contains(tandem::Ref<Post>{}), tandem::ArgumentError);
    CHECK(log.size() == 0);
}

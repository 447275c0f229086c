// What is stored, released and deleted with an object: cascades.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "graph_models.hpp"

using graphs::Branch;
using queries::Flag;
using queries::Post;
using queries::User;
using tandem::Ref;

TEST_CASE_METHOD(QueryFixture, "S020 what a new object leads to is stored with it") {
    auto session = db.session();
    const auto flag = session.add(Flag{.message = "m", .post = Post{.title = "np"}});
    StatementLog log{db};
    session.flush();
    CHECK(words(log) == Texts{"INSERT post", "INSERT flag"});
    session.commit();
    CHECK(oracle.row("SELECT title FROM post JOIN flag ON post.id = post_id WHERE message = 'm'") == "np");
}

TEST_CASE_METHOD(QueryFixture, "S022 an object taken out of a delete_orphan collection is deleted") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    const auto first = post->flags[0];
    post->flags.remove(first);
    session.flush();
    CHECK(tandem::state_of(first) == tandem::ObjectState::deleted);
    CHECK_THROWS_AS(first->message, tandem::ObjectDeleted);
    session.commit();
    CHECK(stored(oracle, "flag") == Texts{"2", "3", "4", "5", "6"});
}

TEST_CASE_METHOD(
    QueryFixture, "S023 an object whose parent is taken away is an orphan, whether its siblings are loaded or not") {
    auto session = db.session();
    const bool loaded = GENERATE(true, false);
    const auto post = session.get<Post>(1);
    if (loaded) CHECK(post->flags.size() == 2);
    session.get<Flag>(1)->post = nullptr;
    session.commit();
    CHECK(stored(oracle, "flag") == Texts{"2", "3", "4", "5", "6"});
    REQUIRE(post->flags.size() == 1);
    CHECK(post->flags[0]->id == 2);
}

TEST_CASE_METHOD(QueryFixture, "an object that is given to another parent is no orphan") {
    auto session = db.session();
    const auto flag = session.get<Post>(1)->flags[0];
    session.get<Post>(2)->flags.push_back(flag);
    session.commit();
    CHECK(oracle.row("SELECT post_id FROM flag WHERE id = 1") == "2");
}

TEST_CASE_METHOD(QueryFixture, "S025 a new child that is taken out before the flush is not stored") {
    const Ref<Flag> flag{Flag{.message = "never"}};
    {
        auto session = db.session();
        const auto post = session.get<Post>(1);
        post->flags.push_back(flag);
        post->flags.remove(flag);
        StatementLog log{db};
        session.flush();
        CHECK(log.count("INSERT") == 0);
        CHECK_FALSE(session.contains(flag));
        session.commit();
    }
    CHECK(stored(oracle, "flag").size() == 6);
    // It is nobody's: another session takes it.
    auto other = db.session();
    flag->post_id = 2;
    other.add(flag);
    other.commit();
    CHECK(oracle.row("SELECT post_id FROM flag WHERE message = 'never'") == "2");
}

TEST_CASE_METHOD(QueryFixture, "S026 a child needs its foreign key, not its relation") {
    auto session = db.session();
    session.add(Flag{.post_id = 2, .user_id = 1, .message = "alone"});
    session.commit();
    CHECK(oracle.row("SELECT post_id, user_id FROM flag WHERE message = 'alone'") == "2|1");
    session.add(Flag{.message = "nowhere"});
    CHECK_THROWS_AS(session.commit(), tandem::IntegrityError);
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM flag") == "7");
}

TEST_CASE_METHOD(QueryFixture, "S028 a collection is replaced: who is left out loses its parent") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    const Ref<Post> added{Post{{91}, "p91"}};
    ben->posts = {session.get<Post>(4), added};
    session.flush();
    REQUIRE(ben->posts.size() == 2);
    CHECK(ben->posts[0]->id == 4);
    CHECK(ben->posts[1]->id == 91);
    session.commit();
    CHECK(stored(oracle, "post", "id, user_id") == Texts{"1|1", "2|null", "3|null", "4|2", "5|3", "91|2"});
}

TEST_CASE_METHOD(QueryFixture, "S029 a delete_orphan collection is replaced: who is left out is deleted") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    post->flags = {session.get<Flag>(2)};
    session.commit();
    CHECK(oracle.rows("SELECT id FROM flag WHERE post_id = 1") == Texts{"2"});
    CHECK(stored(oracle, "flag").size() == 5);
}

TEST_CASE_METHOD(QueryFixture, "what is taken out and put back before the flush is no change") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    const auto flag = post->flags[0];
    const auto tag = post->tags[0];
    const auto flags = post->flags.all();
    StatementLog log{db};
    post->flags.remove(flag);
    post->flags.push_back(flag);
    post->tags.remove(tag);
    post->tags.push_back(tag);
    post->flags = flags;
    post->flags = {flags[0], flags[1], flags[0]};
    session.flush();
    CHECK(log.size() == 0);
    CHECK(post->flags.size() == 2);
}

TEST_CASE_METHOD(QueryFixture, "an orphan and its former parent are deleted together") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    post->flags.remove(post->flags[0]);
    session.remove(post);
    session.commit();
    CHECK(stored(oracle, "flag") == Texts{"3", "4", "5", "6"});
}

TEST_CASE_METHOD(
    QueryFixture, "a foreign key set by hand moves an object between loaded collections, and makes no orphan") {
    auto session = db.session();
    const auto p1 = session.get<Post>(1);
    const auto p2 = session.get<Post>(2);
    CHECK(p1->flags.size() + p2->flags.size() == 2);
    session.get<Flag>(1)->post_id = 2;
    session.flush();
    CHECK(p1->flags.size() == 1);
    CHECK(p2->flags.size() == 1);
    session.commit();
    CHECK(oracle.row("SELECT post_id FROM flag WHERE id = 1") == "2");
}

TEST_CASE_METHOD(QueryFixture, "S031 with passive_deletes the database deletes children that are not loaded") {
    oracle.run("INSERT INTO branch (id, name) VALUES (1, 'b'); INSERT INTO leaf (branch_id) VALUES (1), (1), (1)");
    auto session = db.session();
    const auto branch = session.get<Branch>(1);
    SECTION("not loaded") {
        session.remove(branch);
        StatementLog log{db};
        session.commit();
        CHECK(words(log) == Texts{"DELETE branch"});
    }
    SECTION("loaded") {
        CHECK(branch->leaves.size() == 3);
        session.remove(branch);
        StatementLog log{db};
        session.commit();
        CHECK(words(log) == Texts{"DELETE leaf", "DELETE leaf", "DELETE leaf", "DELETE branch"});
        CHECK(log.statements()[0] == log.statements()[2]);
    }
    CHECK(stored(oracle, "leaf").empty());
    CHECK(stored(oracle, "branch").empty());
}

TEST_CASE_METHOD(QueryFixture, "a deleted post takes its flags and its links along, not its tags") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    const bool loaded = GENERATE(true, false);
    if (loaded) CHECK(post->flags.size() + post->tags.size() == 4);
    session.remove(post);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM flag WHERE post_id = 1") == "0");
    CHECK(oracle.row("SELECT count(*) FROM post_tag WHERE post_id = 1") == "0");
    CHECK(stored(oracle, "tag").size() == 4);
}

TEST_CASE_METHOD(QueryFixture, "S085 raise does not stand in the way of a cascade") {
    {
        auto session = db.session();
        const auto post =
            session
                .exec(Post::select()
                          .where(Post::c.id == 1)
                          .options(raiseload(Post::c.user), raiseload(Post::c.flags), raiseload(Post::c.tags)))
                .one();
        CHECK_THROWS_AS(post->flags.size(), tandem::LazyLoadForbidden);
        session.remove(post);
        session.commit();
    }
    CHECK(stored(oracle, "flag") == Texts{"3", "4", "5", "6"});
    CHECK(stored(oracle, "post_tag", "post_id, tag_id") == Texts{"2|2", "3|1", "3|2", "3|3", "5|3"});
    CHECK(stored(oracle, "post") == Texts{"2", "3", "4", "5"});
}

TEST_CASE_METHOD(QueryFixture, "a rolled back cascade brings children and links back, and the objects with them") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    const auto flag = post->flags[0];
    const auto tag = post->tags[1];
    CHECK(tag->posts.size() == 3);
    session.remove(post);
    session.flush();
    CHECK_THROWS_AS(flag->message, tandem::ObjectDeleted);
    CHECK(tag->posts.size() == 2);
    session.rollback();
    CHECK(flag->message == "f1");
    CHECK(post->flags.size() == 2);
    CHECK(tag->posts.size() == 3);
    CHECK(oracle.row("SELECT count(*) FROM post_tag WHERE post_id = 1") == "2");
    post->title = "again";
    session.commit();
    CHECK(oracle.row("SELECT title FROM post WHERE id = 1") == "again");
}

// Both sides of a relation in step: one to many, one to one, many to many, keys of several columns.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "graph_models.hpp"

using Catch::Matchers::ContainsSubstring;
using graphs::Branch;
using graphs::Group;
using graphs::Leaf;
using graphs::Letter;
using graphs::Member;
using graphs::Person;
using queries::Post;
using queries::Tag;
using queries::User;
using tandem::Ref;

namespace {
template <class T>
Ids ids_of(const tandem::Many<T>& many) {
    Ids found;
    for (const auto& item : many) found.push_back(item->id);
    return found;
}
}  // namespace

TEST_CASE_METHOD(QueryFixture, "S037 one to many and many to one follow each other in memory") {
    StatementLog log{db};
    const Ref<User> u{User{.username = "u"}};
    const Ref<User> u2{User{.username = "u2"}};
    const Ref<Post> p{Post{.title = "p"}};
    u->posts.push_back(p);
    CHECK(p->user == u);
    p->user = nullptr;
    CHECK(u->posts.empty());
    p->user = u;
    p->user = u2;
    CHECK(u->posts.empty());
    REQUIRE(u2->posts.size() == 1);
    CHECK(u2->posts[0] == p);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "S038 both sides of many to many follow each other in memory") {
    const Ref<Post> p{Post{.title = "p"}};
    const Ref<Tag> t{Tag{.label = "t"}};
    p->tags.push_back(t);
    REQUIRE(t->posts.size() == 1);
    CHECK(t->posts[0] == p);
    t->posts.remove(p);
    CHECK(p->tags.empty());
    // What was taken back leaves no link behind.
    auto session = db.session();
    session.add(p);
    session.add(t);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM post_tag WHERE post_id = " + std::to_string(p->id)) == "0");
}

TEST_CASE_METHOD(
    QueryFixture, "S040 setting a parent asks nothing; its collection then shows the rows and the new child") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto post = session.add(Post{.title = "new"});
    StatementLog log{db};
    post->user = ana;
    CHECK(log.size() == 0);
    CHECK(ids_of(ana->posts) == Ids{1, 6});
}

TEST_CASE_METHOD(QueryFixture, "S041 a collection keeps the order in which it was changed until it is loaded again") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    CHECK(ids_of(ben->posts) == Ids{2, 3, 4});
    ben->posts.insert(0, Post{{90}, "p90"});
    session.flush();
    CHECK(ids_of(ben->posts) == Ids{90, 2, 3, 4});
    session.expire(ben);
    CHECK(ids_of(ben->posts) == Ids{2, 3, 4, 90});
}

TEST_CASE_METHOD(QueryFixture, "S041 the order of a relation is that of its load, descending too") {
    oracle.run("INSERT INTO person (id, name) VALUES (1, 'p');"
               "INSERT INTO letter (id, subject, sender_id) VALUES (1, 'a', 1), (2, 'c', 1), (3, 'b', 1)");
    auto session = db.session();
    const auto person = session.get<Person>(1);
    CHECK(ids_of(person->sent) == Ids{2, 3, 1});  // by subject, descending
    person->sent.insert(0, Letter{{90}, "0"});
    session.flush();
    CHECK(ids_of(person->sent) == Ids{90, 2, 3, 1});
    session.refresh(person);
    CHECK(ids_of(person->sent) == Ids{2, 3, 1, 90});
}

TEST_CASE_METHOD(QueryFixture, "S043 what is in a collection already can be appended again") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->posts.push_back(ana->posts[0]);
    session.flush();
    session.expire(ana);
    CHECK(ids_of(ana->posts) == Ids{1});
    session.commit();
    CHECK(stored(oracle, "post", "id, user_id") == Texts{"1|1", "2|2", "3|2", "4|2", "5|3"});
}

TEST_CASE_METHOD(QueryFixture, "links are added and taken out by either side, once each") {
    auto session = db.session();
    const auto p1 = session.get<Post>(1);
    const auto t4 = session.get<Tag>(4);
    const auto t1 = session.get<Tag>(1);
    CHECK(p1->tags.size() + t1->posts.size() + t4->posts.size() == 4);
    StatementLog log{db};
    SECTION("from the post") {
        p1->tags.push_back(t4);
        p1->tags.remove(t1);
    }
    SECTION("from the tags") {
        t4->posts.push_back(p1);
        t1->posts.remove(p1);
    }
    SECTION("from both, with detours") {
        p1->tags.push_back(t4);
        t4->posts.remove(p1);
        t4->posts.push_back(p1);
        p1->tags.push_back(t4);
        t1->posts.remove(p1);
        p1->tags.push_back(t1);
        p1->tags.remove(t1);
    }
    session.commit();
    CHECK(log.count("INSERT") == 1);
    CHECK(log.count("DELETE") == 1);
    CHECK(oracle.rows("SELECT tag_id FROM post_tag WHERE post_id = 1 ORDER BY tag_id") == Texts{"2", "4"});
    session.refresh(p1);
    CHECK(ids_of(p1->tags) == Ids{2, 4});
}

TEST_CASE_METHOD(QueryFixture, "a link is one row, though both sides were told of it, or it was there unseen") {
    auto session = db.session();
    const auto p4 = session.get<Post>(4);
    const auto t4 = session.get<Tag>(4);
    p4->tags.push_back(t4);
    t4->posts.push_back(p4);
    const auto p1 = session.get<Post>(1);
    p1->tags.push_back(session.get<Tag>(1));  // which it has, but has not loaded
    session.commit();
    CHECK(oracle.rows("SELECT post_id, tag_id FROM post_tag WHERE post_id IN (1, 4) ORDER BY 1, 2") ==
        Texts{"1|1", "1|2", "4|4"});
    CHECK(ids_of(p1->tags) == Ids{1, 2});
}

TEST_CASE_METHOD(QueryFixture, "where a foreign key and its relation are set, the relation counts") {
    auto session = db.session();
    const auto post = session.get<Post>(1);
    post->user_id = 3;
    post->user = session.get<User>(2);
    session.commit();
    CHECK(oracle.row("SELECT user_id FROM post WHERE id = 1") == "2");
    post->user_id = std::nullopt;
    session.flush();
    CHECK_FALSE(post->user);
}

TEST_CASE_METHOD(QueryFixture, "an object moves between collections that are not loaded") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto p2 = session.get<Post>(2);
    ana->posts.push_back(p2);
    CHECK(p2->user == ana);
    CHECK(ids_of(ben->posts) == Ids{3, 4});
    CHECK(ids_of(ana->posts) == Ids{1, 2});
    session.commit();
    CHECK(oracle.row("SELECT user_id FROM post WHERE id = 2") == "1");
}

TEST_CASE_METHOD(QueryFixture, "a deleted object leaves the collections of others, whether it knows them or not") {
    auto session = db.session();
    const auto post = session.get<Post>(3);
    const auto tag = session.get<Tag>(2);
    CHECK(ids_of(post->tags) == Ids{1, 2, 3});
    if (GENERATE(true, false)) CHECK(tag->posts.size() == 3);
    session.remove(tag);
    session.flush();
    CHECK(ids_of(post->tags) == Ids{1, 3});
    session.rollback();
    CHECK(ids_of(post->tags) == Ids{1, 2, 3});
    session.remove(tag);
    session.commit();
    CHECK(ids_of(post->tags) == Ids{1, 3});
    CHECK(oracle.row("SELECT count(*) FROM post_tag") == "4");
}

TEST_CASE_METHOD(
    QueryFixture, "several deleted objects leave a collection, and a rollback puts each back in its place") {
    const bool by_statement = GENERATE(true, false);
    auto session = db.session();
    const auto post = session.get<Post>(3);
    post->tags.push_back(session.get<Tag>(4));
    session.commit();
    CHECK(ids_of(post->tags) == Ids{1, 2, 3, 4});
    const auto remove = [&](std::int64_t first, std::int64_t second) {
        if (by_statement) {
            session.execute(tandem::delete_from<Tag>().where(Tag::c.id.in({first, second})));
        } else {
            session.remove(session.get<Tag>(first));
            session.remove(session.get<Tag>(second));
            session.flush();
        }
    };
    remove(4, 2);
    CHECK(ids_of(post->tags) == Ids{1, 3});
    {
        auto savepoint = session.savepoint();
        remove(3, 1);
        CHECK(post->tags.empty());
        savepoint.rollback();
    }
    CHECK(ids_of(post->tags) == Ids{1, 3});
    session.rollback();
    CHECK(ids_of(post->tags) == Ids{1, 2, 3, 4});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM post_tag WHERE post_id = 3") == "4");
}

TEST_CASE_METHOD(QueryFixture, "a deleted object leaves collections that have no partner, and their rows go with it") {
    oracle.run("INSERT INTO mixtape (id, name) VALUES (1, 'a'), (2, 'b');"
               "INSERT INTO tune (id, name) VALUES (1, 'x'), (2, 'y'), (3, 'z');"
               "INSERT INTO mixtape_tune (mixtape_id, tune_id) VALUES (1, 1), (1, 2), (1, 3), (2, 2)");
    auto session = db.session();
    const auto a = session.get<graphs::Mixtape>(1);
    const auto b = session.get<graphs::Mixtape>(2);
    CHECK(a->tunes.size() == 3);
    CHECK(b->tunes.size() == 1);
    const auto y = session.get<graphs::Tune>(2);
    session.remove(y);
    session.flush();
    CHECK(ids_of(a->tunes) == Ids{1, 3});
    CHECK(b->tunes.empty());
    session.rollback();
    CHECK(ids_of(a->tunes) == Ids{1, 2, 3});
    CHECK(ids_of(b->tunes) == Ids{2});
    session.remove(y);
    session.commit();
    CHECK(stored(oracle, "mixtape_tune", "mixtape_id, tune_id") == Texts{"1|1", "1|3"});
    // Nothing is left to write of what went.
    a->tunes.push_back(graphs::Tune{.name = "new"});
    session.commit();
    CHECK(ids_of(a->tunes).size() == 3);
}

TEST_CASE_METHOD(QueryFixture, "20,000 objects that go together leave the collection that showed them all") {
    oracle.run("WITH RECURSIVE n (i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 40009) "
               "INSERT INTO tag (id, label) SELECT i, '' FROM n;"
               "INSERT INTO post_tag (post_id, tag_id) SELECT 4, id FROM tag WHERE id >= 10");
    auto session = db.session();
    const auto post = session.get<Post>(4);
    const auto tags = session.exec(Tag::select().where(Tag::c.id >= 10)).all();
    const bool known = GENERATE(true, false);
    CHECK(post->tags.size() == 40'000);
    if (known) (void)session.exec(Tag::select().options(tandem::selectinload(Tag::c.posts))).all();
    for (std::size_t i = 0; i < tags.size(); i += 2) session.remove(tags[i]);
    session.commit();
    CHECK(post->tags.size() == 20'000);
}

TEST_CASE_METHOD(QueryFixture, "40,000 objects come into one collection, one by one or as a graph, each once") {
    constexpr std::size_t count = 40'000;
    auto session = db.session();
    tandem::Ref<Branch> branch{Branch{.name = "b"}};
    SECTION("by the child, one by one") {
        session.add(branch);
        session.flush();
        for (std::size_t i = 0; i < count; ++i) session.add(Leaf{.branch = branch});
    }
    SECTION("by the parent, one by one") {
        session.add(branch);
        session.flush();
        for (std::size_t i = 0; i < count; ++i) branch->leaves.push_back(Leaf{});
    }
    SECTION("as a graph") {
        for (std::size_t i = 0; i < count; ++i) branch->leaves.push_back(Leaf{});
        session.add(branch);
    }
    session.commit();
    CHECK(branch->leaves.size() == count);
    CHECK(stored(oracle, "leaf", "count(*)") == Texts{std::to_string(count)});
}

TEST_CASE_METHOD(QueryFixture, "links of a detached object are stored when it is added again") {
    Ref<Post> post;
    Ref<Tag> tag;
    {
        auto session = db.session();
        post = session.get<Post>(4);
        CHECK(post->tags.empty());
        session.commit();
    }
    post->tags.push_back(Tag{.label = "later"});
    auto session = db.session();
    session.add(post);
    session.commit();
    CHECK(oracle.row("SELECT label FROM tag JOIN post_tag ON tag_id = id WHERE post_id = 4") == "later");
}

TEST_CASE_METHOD(QueryFixture, "what was taken out of a detached object is stored when that is added again") {
    Ref<User> ben;
    Ref<Post> kept;
    {
        auto session = db.session();
        ben = session.get<User>(2);
        CHECK(ben->posts.size() == 3);
        kept = ben->posts[1];
    }
    const auto take_out = GENERATE(0, 1, 2);
    if (take_out == 0) ben->posts.remove(kept);
    else if (take_out == 1) kept->user = nullptr;
    else ben->posts = {ben->posts[0], ben->posts[2]};
    kept = {};  // only its old owner knows of it
    const auto stored = [this] {
        return oracle.rows("SELECT id, user_id FROM post WHERE id IN (2, 3, 4) ORDER BY id");
    };
    {
        auto session = db.session();
        session.add(ben);
        CHECK(ben->posts.size() == 2);
        if (GENERATE(false, true)) session.flush();
    }
    // Rolled back: it is there again.
    CHECK(ben->posts.size() == 3);
    CHECK(stored() == Texts{"2|2", "3|2", "4|2"});
    const auto id = ben->posts[0]->id;
    ben->posts.remove(ben->posts[0]);
    {
        auto session = db.session();
        session.add(ben);
        session.commit();
    }
    CHECK(id == 2);
    CHECK(stored() == Texts{"2|null", "3|2", "4|2"});
    // Once it is stored, it does not come along any more: another object for its row is no conflict.
    auto session = db.session();
    const auto second = session.get<Post>(id);
    session.add(ben);
    CHECK(session.get<Post>(id) == second);
    CHECK(ben->posts.size() == 2);
}

TEST_CASE_METHOD(QueryFixture, "an orphan of a detached object is deleted when that is added again") {
    Ref<Post> post;
    {
        auto session = db.session();
        post = session.get<Post>(3);
        CHECK(post->flags.size() == 2);
    }
    post->flags.remove(post->flags[0]);
    auto session = db.session();
    session.add(post);
    session.commit();
    CHECK(oracle.rows("SELECT id FROM flag WHERE post_id = 3") == Texts{"4"});
    CHECK(oracle.row("SELECT count(*) FROM flag WHERE id = 3") == "0");
}

TEST_CASE_METHOD(QueryFixture, "thousands are taken out of a detached object at a cost of their own") {
    constexpr std::size_t count = 4'000;
    oracle.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
               " INSERT INTO post (title, user_id) SELECT 'more', 4 FROM n");
    Ref<User> dee;
    {
        auto session = db.session();
        dee = session.get<User>(4);
        CHECK(dee->posts.size() == count);
    }
    dee->posts = {};
    auto session = db.session();
    session.add(dee);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM post WHERE user_id = 4") == "0");
}

TEST_CASE_METHOD(QueryFixture, "a rolled back link is gone from both sides, and a later save writes nothing of it") {
    auto session = db.session();
    const auto post = session.get<Post>(4);
    const auto tag = session.get<Tag>(4);
    CHECK(tag->posts.empty());
    post->tags.push_back(tag);
    if (GENERATE(true, false)) session.flush();
    session.rollback();
    CHECK(post->tags.empty());
    CHECK(tag->posts.empty());
    post->title = "x";
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM post_tag WHERE post_id = 4") == "0");
}

TEST_CASE_METHOD(QueryFixture, "one to one is read and set from both sides") {
    auto session = db.session();
    const auto car = session.add(graphs::Car{.name = "c"});
    const auto engine = session.add(graphs::Engine{});
    engine->car = car;
    CHECK(car->engine == engine);
    session.commit();
    CHECK(oracle.row("SELECT car_id FROM engine") == "1");
    auto other = db.session();
    const auto loaded = other.get<graphs::Car>(1);
    CHECK(loaded->engine->id == engine->id);
    CHECK(loaded->engine->car == loaded);
    loaded->engine = nullptr;
    other.commit();
    CHECK(oracle.row("SELECT car_id FROM engine") == "null");
}

TEST_CASE_METHOD(QueryFixture, "S104 keys of two columns: get, relation, and loading in two statements") {
    oracle.run(
        "INSERT INTO \"group\" (a, b) VALUES (1, 'x'), (1, 'y'), (2, 'x');"
        "INSERT INTO member (id, group_a, group_b) VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 1, 'y'), (4, NULL, 'y')");
    auto session = db.session();
    StatementLog log{db};
    const auto groups =
        session.exec(Group::select().order_by(Group::c.a, Group::c.b).options(selectinload(Group::c.members))).all();
    REQUIRE(groups.size() == 3);
    CHECK(ids_of(groups[0]->members) == Ids{1, 2});
    CHECK(ids_of(groups[1]->members) == Ids{3});
    CHECK(ids_of(groups[2]->members).empty());
    CHECK(log.count("SELECT") == 2);
    CHECK(session.get<Group>(1, "y") == groups[1]);
    CHECK_FALSE(session.get<Group>(2, "y"));
    CHECK_THAT(error_of<tandem::ArgumentError>([&] { (void)session.get<Group>(1); }), ContainsSubstring("Group"));
    log.clear();
    CHECK_FALSE(session.get<Member>(4)->group);
    CHECK(log.count("SELECT") == 1);  // the member; a key with a NULL leads nowhere
    CHECK(session.get<Member>(3)->group == groups[1]);
}

TEST_CASE_METHOD(QueryFixture, "objects with keys of two columns are stored, moved and deleted") {
    auto session = db.session();
    const auto group = session.add(Group{.a = 7, .b = "żółw"});
    const auto member = session.add(Member{.group = group});
    session.commit();
    CHECK(oracle.row("SELECT group_a, group_b FROM member") == "7|żółw");
    group->members.remove(member);
    session.commit();
    CHECK(oracle.row("SELECT group_a, group_b FROM member") == "null|null");
    group->members.push_back(member);
    session.remove(group);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM \"group\"") == "0");
    CHECK(oracle.row("SELECT group_a, group_b FROM member") == "null|null");
}

TEST_CASE_METHOD(QueryFixture, "of several foreign keys to one table a relation takes the one it names") {
    auto session = db.session();
    const auto ann = session.add(Person{.name = "ann"});
    const auto bob = session.add(Person{.name = "bob"});
    ann->sent.push_back(Letter{.subject = "hello"});
    bob->received.push_back(ann->sent[0]);
    session.commit();
    CHECK(oracle.row("SELECT sender_id, receiver_id FROM letter") == "1|2");
    auto other = db.session();
    CHECK(other.get<Person>(1)->sent.size() == 1);
    CHECK(other.get<Person>(1)->received.empty());
    CHECK(other.get<Letter>(1)->receiver->name == "bob");
}

// In which order a flush writes, and how little.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "graph_models.hpp"

using Catch::Matchers::ContainsSubstring;
using graphs::Worker;
using queries::Flag;
using queries::Node;
using queries::Post;
using queries::Tag;
using queries::User;
using tandem::ObjectState;
using tandem::Ref;
using tandem::state_of;

TEST_CASE_METHOD(QueryFixture, "S001 adding the last of a chain inserts user, post and flag in that order") {
    auto session = db.session();
    const Ref<User> user{User{.username = "new"}};
    const Ref<Post> post{Post{.title = "np", .user = user}};
    const Ref<Flag> flag{Flag{.message = "nf", .post = post, .user = user}};
    StatementLog log{db};
    session.add(flag);
    session.commit();
    CHECK(words(log) == Texts{"INSERT user", "INSERT post", "INSERT flag"});
    CHECK(user->id == 5);
    CHECK(post->id == 6);
    CHECK(flag->id == 7);
    CHECK(oracle.row("SELECT post.user_id, flag.post_id, flag.user_id FROM post JOIN flag ON flag.post_id = post.id "
                     "WHERE flag.id = 7") == "5|6|5");
}

TEST_CASE_METHOD(QueryFixture, "S002 link rows come last, and what is stored already is not inserted again") {
    auto session = db.session();
    const Ref<User> user{User{.username = "new"}};
    const Ref<Post> post{Post{.title = "np", .user = user}};
    post->tags.push_back(Tag{.label = "nt"});
    post->tags.push_back(session.get<Tag>(1));
    StatementLog log{db};
    session.add(user);  // which leads to all of the others
    session.flush();
    auto ran = words(log);
    REQUIRE(ran.size() == 5);
    CHECK(Texts(ran.end() - 2, ran.end()) == Texts{"INSERT post_tag", "INSERT post_tag"});
    const auto position = [&](const char* what) { return std::ranges::find(ran, what) - ran.begin(); };
    CHECK(position("INSERT user") < position("INSERT post"));
    CHECK(position("INSERT tag") < position("INSERT post"));
    CHECK(std::ranges::count(ran, "INSERT tag") == 1);
    session.commit();
    CHECK(oracle.rows("SELECT label FROM tag JOIN post_tag ON tag_id = id WHERE post_id = 6 ORDER BY tag_id") ==
        Texts{"t1", "nt"});
    CHECK(oracle.row("SELECT count(*) FROM tag") == "5");
}

TEST_CASE_METHOD(QueryFixture, "S004 without a cascade the children of a deleted row lose it first") {
    auto session = db.session();
    session.remove(session.get<User>(2));
    StatementLog log{db};
    session.flush();
    const auto ran = words(log);
    CHECK(std::ranges::count(ran, "UPDATE post") == 3);
    CHECK(std::ranges::count(ran, "UPDATE flag") == 2);
    REQUIRE(!ran.empty());
    CHECK(ran.back() == "DELETE user");
    CHECK(log.count("DELETE") == 1);
    session.commit();
    CHECK(stored(oracle, "post", "id, user_id") == Texts{"1|1", "2|null", "3|null", "4|null", "5|3"});
    CHECK(stored(oracle, "flag", "id, user_id") == Texts{"1|null", "2|3", "3|1", "4|3", "5|1", "6|null"});
}

TEST_CASE_METHOD(
    QueryFixture, "a child that goes to another parent, or goes itself, is not touched by its parent's delete") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    const auto p2 = session.get<Post>(2);
    const auto p4 = session.get<Post>(4);
    if (GENERATE(true, false)) CHECK(ben->posts.size() == 3);
    p2->user = session.get<User>(1);
    session.remove(ben);
    session.remove(p4);
    session.commit();
    CHECK(stored(oracle, "post", "id, user_id") == Texts{"1|1", "2|1", "3|null", "5|3"});
}

TEST_CASE_METHOD(QueryFixture, "S005 a child that cannot lose its parent refuses the delete, and nothing changes") {
    oracle.run("INSERT INTO parent (id, name) VALUES (1, 'p'); INSERT INTO child (id, parent_id) VALUES (1, 1)");
    auto session = db.session();
    const auto parent = session.get<graphs::Parent>(1);
    const auto child = session.get<graphs::Child>(1);
    session.remove(parent);
    CHECK_THROWS_AS(session.flush(), tandem::IntegrityError);
    session.rollback();
    CHECK(stored(oracle, "child", "id, parent_id") == Texts{"1|1"});
    CHECK(oracle.row("SELECT name FROM parent") == "p");
    CHECK(state_of(parent) == ObjectState::persistent);
    CHECK(state_of(child) == ObjectState::persistent);
    // Both are still objects of the session that can be changed.
    parent->name = "q";
    session.commit();
    CHECK(oracle.row("SELECT name FROM parent") == "q");
    CHECK(child->parent == parent);
}

TEST_CASE_METHOD(QueryFixture, "S007 a whole tree is deleted from its leaves") {
    // The database itself writes down in which order rows went.
    oracle.run("CREATE TABLE gone (id INTEGER);"
               "CREATE TRIGGER goes AFTER DELETE ON node BEGIN INSERT INTO gone VALUES (old.id); END");
    auto session = db.session();
    for (const auto& node : session.exec(Node::select()).all()) session.remove(node);
    StatementLog log{db};
    session.commit();
    CHECK(log.count("DELETE") == 7);
    CHECK(log.count("UPDATE") == 0);
    CHECK(stored(oracle, "node").empty());
    Texts order = oracle.rows("SELECT id FROM gone ORDER BY rowid");
    REQUIRE(order.size() == 7);
    CHECK(order[5] == "3");
    CHECK(order[6] == "1");
    std::sort(order.begin(), order.begin() + 5);
    CHECK(Texts(order.begin(), order.begin() + 5) == Texts{"2", "4", "5", "6", "7"});
}

TEST_CASE_METHOD(QueryFixture, "rows that refer to each other by several keys of one table are deleted from the ends") {
    auto session = db.session();
    std::vector<Ref<Worker>> chain;
    for (int i = 0; i < 200; ++i) {
        const Ref<Worker> next{Worker{.name = std::to_string(i)}};
        if (i > 0) (i % 2 == 1 ? next->boss : next->mentor) = chain.back();
        chain.push_back(next);
    }
    session.add(chain.back());
    session.commit();
    for (const auto& worker : chain) session.remove(worker);
    session.commit();
    CHECK(stored(oracle, "worker").empty());
}

TEST_CASE_METHOD(QueryFixture, "a row that refers to itself is deleted, alone and among others") {
    auto session = db.session();
    const auto self = session.add(Node{.label = "self"});
    session.flush();
    self->parent = self;
    const auto child = session.add(Node{.label = "child", .parent = self});
    session.commit();
    session.remove(self);
    if (GENERATE(true, false)) session.remove(child);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM node WHERE label = 'self'") == "0");
    CHECK(oracle.row("SELECT count(*) FROM node WHERE label = 'child' AND parent_id IS NOT NULL") == "0");
}

TEST_CASE_METHOD(
    QueryFixture, "what rows refer to in the database says which is deleted first, not what was assigned") {
    oracle.run("INSERT INTO worker (id, name, boss_id, mentor_id) VALUES (1, 'a', NULL, NULL), (2, 'b', 1, NULL), "
               "(3, 'c', NULL, 2)");
    auto session = db.session();
    const auto a = session.get<Worker>(1);
    const auto b = session.get<Worker>(2);
    const auto c = session.get<Worker>(3);
    SECTION("the keys were taken away") {
        b->boss_id.reset();
        c->mentor_id.reset();
    }
    SECTION("the keys lead the other way") {
        a->boss_id = 2;
        b->boss_id.reset();
        b->mentor_id = 3;
    }
    SECTION("the relations lead the other way") {
        a->boss = b;
        b->boss = c;
    }
    for (const auto& worker : {a, b, c}) session.remove(worker);
    session.commit();
    CHECK(stored(oracle, "worker").empty());
}

TEST_CASE_METHOD(QueryFixture, "rows that refer to each other by a key of two columns are deleted from the ends") {
    oracle.run("INSERT INTO town VALUES ('x', 'a', 'x', 'a'), ('x', 'b', 'x', 'a'), ('y', 'a', 'x', 'b'), "
               "('y', 'b', 'y', 'a')");
    auto session = db.session();
    for (const auto& town : session.exec(graphs::Town::select()).all()) session.remove(town);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM town") == "0");
}

TEST_CASE_METHOD(QueryFixture, "100,000 rows in one chain by two keys are deleted") {
    oracle.run("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
               "INSERT INTO worker (id, name, boss_id, mentor_id) "
               "SELECT i, '', iif(i > 1 AND i % 2, i - 1, NULL), iif(i > 1 AND i % 2 = 0, i - 1, NULL) FROM n");
    auto session = db.session();
    for (const auto& worker : session.exec(Worker::select().order_by(Worker::c.id)).all()) session.remove(worker);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM worker") == "0");
}

TEST_CASE_METHOD(QueryFixture, "a new object may refer to itself, also after a rollback") {
    auto session = db.session();
    const auto worker = session.add(Worker{.name = "own boss"});
    worker->boss = worker;
    StatementLog log{db};
    session.flush();
    CHECK(words(log) == Texts{"INSERT worker", "UPDATE worker"});
    CHECK(worker->boss_id == worker->id);
    if (GENERATE(true, false)) {
        session.rollback();
        CHECK(state_of(worker) == ObjectState::transient);
        session.add(worker);
    }
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM worker WHERE boss_id = id AND mentor_id IS NULL") == "1");
    CHECK(worker->boss == worker);
    log.clear();
    session.commit();
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "a new object whose key is known refers to itself from the start") {
    auto session = db.session();
    const auto town = session.add(graphs::Town{.land = "x", .name = "a"});
    town->capital = town;
    const auto unit = session.add(graphs::Unit{});
    unit->id = 4;
    unit->leader = unit;
    StatementLog log{db};
    session.commit();
    CHECK(log.count("INSERT") == 2);
    CHECK(log.count("UPDATE") == 0);
    CHECK(oracle.row("SELECT * FROM town") == "x|a|x|a");
    CHECK(oracle.row("SELECT id, leader_id FROM unit") == "4|4");
}

TEST_CASE_METHOD(QueryFixture, "a new object cannot refer to itself by a key that is not there and cannot be NULL") {
    auto session = db.session();
    const auto unit = session.add(graphs::Unit{});
    unit->leader = unit;
    CHECK_THAT(error_of<tandem::IntegrityError>([&] { session.flush(); }),
        ContainsSubstring("Unit.leader") && ContainsSubstring("leader_id") && ContainsSubstring("a key first"));
}

TEST_CASE_METHOD(QueryFixture, "S008 the children of a deleted node stay, without a parent") {
    auto session = db.session();
    const Ref<Node> a{Node{.label = "a"}};
    a->children.push_back(Node{.label = "b"});
    a->children.push_back(Node{.label = "c"});
    session.add(a);
    session.commit();
    session.remove(a);
    StatementLog log{db};
    session.commit();
    CHECK(words(log) == Texts{"UPDATE node", "UPDATE node", "DELETE node"});
    CHECK(log.statements()[0] == log.statements()[1]);  // one statement, run for two rows
    CHECK(oracle.rows("SELECT label FROM node WHERE id > 7 AND parent_id IS NULL ORDER BY label") == Texts{"b", "c"});
}

TEST_CASE_METHOD(QueryFixture, "a node and its parent are deleted together, and only their other children stay") {
    auto session = db.session();
    const auto n3 = session.get<Node>(3);
    const auto n1 = session.get<Node>(1);
    if (GENERATE(true, false)) CHECK(n1->children.size() + n3->children.size() == 6);
    session.remove(n1);
    session.remove(n3);
    session.commit();
    CHECK(stored(oracle, "node", "id, parent_id") == Texts{"2|null", "4|null", "5|null", "6|null", "7|null"});
}

TEST_CASE_METHOD(QueryFixture, "parents that are exchanged follow each other in memory and in the table") {
    auto session = db.session();
    const auto n1 = session.get<Node>(1);
    const auto n3 = session.get<Node>(3);
    n1->parent = n3;
    n3->parent = nullptr;
    session.commit();
    CHECK(oracle.row("SELECT parent_id FROM node WHERE id = 1") == "3");
    CHECK(oracle.row("SELECT parent_id FROM node WHERE id = 3") == "null");
    CHECK(n3->children.size() == 4);
}

TEST_CASE_METHOD(QueryFixture, "S011 no net change, no statement") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    StatementLog log{db};
    ana->email = "ana@x.io";
    session.flush();
    ana->email = "other";
    ana->email = "ana@x.io";
    session.flush();
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "S014 an object that is deleted and added again before the flush stays") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.remove(ana);
    session.add(ana);
    StatementLog log{db};
    session.flush();
    CHECK(log.size() == 0);
    CHECK(state_of(ana) == ObjectState::persistent);
    ana->email = "still@x.io";
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "still@x.io");
}

TEST_CASE_METHOD(QueryFixture, "S016 deleting a row that somebody else has deleted succeeds with a warning") {
    std::vector<std::string> warnings;
    db.on_warning([&warnings](std::string_view text) { warnings.emplace_back(text); });
    auto session = db.session();
    const auto dee = session.get<User>(4);
    const bool by_itself = GENERATE(true, false);
    if (by_itself) {
        session.execute("DELETE FROM user WHERE id = 4");
    } else {
        session.commit();
        oracle.run("DELETE FROM user WHERE id = 4");
    }
    session.remove(dee);
    session.commit();
    CHECK(state_of(dee) == ObjectState::deleted);
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings.front(), ContainsSubstring("User#4"));
    CHECK(oracle.row("SELECT count(*) FROM user") == "3");
}

TEST_CASE_METHOD(QueryFixture, "S019 a one-to-one partner makes room before the new one comes in") {
    oracle.run("INSERT INTO car (id, name) VALUES (1, 'c'); INSERT INTO engine (id, car_id) VALUES (1, 1)");
    auto session = db.session();
    const auto car = session.get<graphs::Car>(1);
    const bool loaded_before = GENERATE(true, false);
    if (loaded_before) CHECK(car->engine->id == 1);
    const Ref<graphs::Engine> second{graphs::Engine{}};
    car->engine = second;
    StatementLog log{db};
    session.commit();
    CHECK(words(log) == Texts{"UPDATE engine", "INSERT engine"});
    CHECK(stored(oracle, "engine", "id, car_id") == Texts{"1|null", "2|1"});
    CHECK(second->car == car);
}

TEST_CASE_METHOD(QueryFixture, "of many changed objects whose row is gone for one, none is written") {
    auto session = db.session();
    const auto tags = session.exec(Tag::select().order_by(Tag::c.id)).all();
    session.commit();
    oracle.run("DELETE FROM tag WHERE id = 4");
    for (const auto& tag : tags) tag->label = "changed";
    CHECK_THAT(error_of<tandem::StaleData>([&] { session.commit(); }), ContainsSubstring("Tag#4"));
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM tag WHERE label = 'changed'") == "0");
    CHECK(tags[0]->label == "t1");
}

TEST_CASE_METHOD(QueryFixture, "a one-to-one partner makes room for one that is stored already, too") {
    oracle.run("INSERT INTO car (id, name) VALUES (1, 'a'), (2, 'b');"
               "INSERT INTO engine (id, car_id) VALUES (1, 1), (2, 2)");
    auto session = db.session();
    const auto a = session.get<graphs::Car>(1);
    const auto b = session.get<graphs::Car>(2);
    // Which of the two engines was used first makes no difference.
    const std::int64_t first = GENERATE(1, 2);
    (void)session.get<graphs::Engine>(first)->car_id;
    const auto second = session.get<graphs::Engine>(2);
    CHECK(b->engine == second);
    a->engine = second;
    CHECK_FALSE(b->engine);
    session.commit();
    CHECK(stored(oracle, "engine", "id, car_id") == Texts{"1|null", "2|1"});
}

TEST_CASE_METHOD(QueryFixture, "a chain of 20,000 new objects is stored, each after the one it refers to") {
    auto session = db.session();
    Ref<Node> last{Node{.label = "0"}};
    for (int i = 1; i < 20'000; ++i) {
        const Ref<Node> next{Node{.label = std::to_string(i)}};
        next->parent = last;
        last = next;
    }
    session.add(last);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM node WHERE id > 7 AND parent_id IS NULL") == "1");
    CHECK(oracle.row(
              "SELECT count(*) FROM node child JOIN node parent ON child.parent_id = parent.id "
              "WHERE child.id > 7 AND CAST(child.label AS INTEGER) = CAST(parent.label AS INTEGER) + 1") == "19999");
}

TEST_CASE_METHOD(QueryFixture, "S139 a version column counts changes and finds what somebody else changed") {
    oracle.run("INSERT INTO document (id, revision, text) VALUES (1, 2, 'd')");
    auto a = db.session();
    const auto of_a = a.get<graphs::Document>(1);
    a.commit();
    {
        auto b = db.session();
        const auto of_b = b.get<graphs::Document>(1);
        of_b->text = "b";
        b.commit();
        CHECK(of_b->revision == 3);
        StatementLog log{db};
        b.commit();
        CHECK(log.size() == 0);  // nothing changed, nothing counted
    }
    of_a->text = "a";
    StatementLog log{db};
    CHECK_THAT(error_of<tandem::StaleData>([&] { a.flush(); }), ContainsSubstring("Document#1"));
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.statements().back() ==
        R"(UPDATE "document" SET "text" = ?, "revision" = ? WHERE "id" = ? AND "revision" = ?)");
    a.rollback();
    CHECK(oracle.row("SELECT revision, text FROM document") == "3|b");
    CHECK(of_a->text == "b");
    of_a->text = "a";
    a.commit();
    CHECK(oracle.row("SELECT revision, text FROM document") == "4|a");
}

TEST_CASE_METHOD(QueryFixture, "a delete of a row whose version moved on is refused") {
    oracle.run("INSERT INTO document (id, revision, text) VALUES (1, 2, 'd')");
    auto session = db.session();
    const auto document = session.get<graphs::Document>(1);
    session.commit();
    oracle.run("UPDATE document SET revision = 3, text = 'theirs'");
    session.remove(document);
    CHECK_THROWS_AS(session.flush(), tandem::StaleData);
    session.rollback();
    CHECK(oracle.row("SELECT text FROM document") == "theirs");
}

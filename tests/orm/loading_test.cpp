#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <tandem/orm/loader.hpp>

#include "loading_models.hpp"

using namespace reading;
using tandem::immediateload;
using tandem::joinedload;
using tandem::Loading;
using tandem::Ref;
using tandem::selectinload;
using tandem::subqueryload;

namespace {

/// A strategy and what it costs: SELECTs when the query has returned, and after every relation was read.
struct Cost {
    Loading loading;
    std::size_t at_once;
    std::size_t in_all;
};

}  // namespace

TEST_CASE_METHOD(ReadingFixture, "S088 one to many, four users, with each strategy", "[loading]") {
    const Cost cost = GENERATE(Cost{Loading::select, 1, 5}, Cost{Loading::joined, 1, 1}, Cost{Loading::subquery, 2, 2},
        Cost{Loading::selectin, 2, 2}, Cost{Loading::immediate, 5, 5});
    auto session = db.session();
    StatementLog log{db};
    const auto users =
        session.exec(User::select().order_by(User::c.id).options(tandem::orm::loader(User::c.posts, cost.loading)))
            .all();
    CHECK(log.count("SELECT") == cost.at_once);
    CHECK(log.size() == cost.at_once);
    CHECK(ids_of(users) == Ids{1, 2, 3, 4});
    CHECK(lists_of(users, &User::posts) == std::vector<Ids>{{1}, {2, 3, 4}, {5}, {}});
    CHECK(log.size() == cost.in_all);
    for (const auto& user : users)
        for (const auto& post : user->posts) CHECK(post->user.get() == user);
    CHECK(log.size() == cost.in_all);
}

TEST_CASE_METHOD(
    ReadingFixture, "S089 one to many with a limit: the limit counts users, their lists are whole", "[loading]") {
    const Cost cost = GENERATE(Cost{Loading::select, 1, 3}, Cost{Loading::joined, 1, 1}, Cost{Loading::subquery, 2, 2},
        Cost{Loading::selectin, 2, 2}, Cost{Loading::immediate, 3, 3});
    const bool by_offset = GENERATE(false, true);
    auto session = db.session();
    StatementLog log{db};
    const auto query =
        User::select().order_by(User::c.id).limit(2).options(tandem::orm::loader(User::c.posts, cost.loading));
    const auto users = session.exec(by_offset ? query.offset(1) : query).all();
    CHECK(log.size() == cost.at_once);
    CHECK(ids_of(users) == (by_offset ? Ids{2, 3} : Ids{1, 2}));
    CHECK(lists_of(users, &User::posts) ==
        (by_offset ? std::vector<Ids>{{2, 3, 4}, {5}} : std::vector<Ids>{{1}, {2, 3, 4}}));
    CHECK(log.size() == cost.in_all);
}

TEST_CASE_METHOD(ReadingFixture, "a joined collection leaves the query's own order alone", "[loading]") {
    auto session = db.session();
    const auto down =
        session.exec(User::select().order_by(User::c.username.desc()).options(joinedload(User::c.posts))).all();
    CHECK(ids_of(down) == Ids{4, 3, 2, 1});
}

TEST_CASE_METHOD(
    ReadingFixture, "S091 the reference's chained load in four SELECTs and none after the session", "[loading]") {
    std::vector<Ref<Post>> posts;
    StatementLog log{db};
    {
        auto session = db.session();
        posts = session
                    .exec(Post::select()
                              .options(selectinload(Post::c.user),
                                  selectinload(Post::c.flags).options(selectinload(Flag::c.user)))
                              .limit(15))
                    .all();
        // Posts, users, flags: the users of the flags are users that have posts, so they are there. Four at most.
        CHECK(log.size() == 3);
        CHECK(log.count("SELECT") == 3);
    }
    log.clear();
    std::vector<std::string> lines;
    for (const auto& post : posts) {
        std::string line = post->title + " " + post->user->username;
        for (const auto& flag : post->flags) line += " " + flag->message + "/" + flag->user->username;
        lines.push_back(line);
    }
    CHECK(lines ==
        std::vector<std::string>{
            "p1 ana f1/ben f2/cy", "p2 ben", "p3 ben f3/ana f4/cy", "p4 ben", "p5 cy f5/ana f6/ben"});
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(ReadingFixture, "S092 many to one, five posts to three users", "[loading]") {
    const Cost cost = GENERATE(Cost{Loading::select, 1, 4}, Cost{Loading::joined, 1, 1}, Cost{Loading::subquery, 2, 2},
        Cost{Loading::selectin, 2, 2}, Cost{Loading::immediate, 4, 4});
    auto session = db.session();
    StatementLog log{db};
    const auto posts =
        session.exec(Post::select().order_by(Post::c.id).options(tandem::orm::loader(Post::c.user, cost.loading)))
            .all();
    CHECK(log.size() == cost.at_once);
    Ids users;
    for (const auto& post : posts) users.push_back(post->user->id);
    CHECK(users == Ids{1, 2, 2, 2, 3});
    CHECK(posts[1]->user.get() == posts[3]->user.get());
    CHECK(log.size() == cost.in_all);
}

TEST_CASE_METHOD(ReadingFixture, "S092 users that the session has cost nothing", "[loading]") {
    const Loading loading = GENERATE(Loading::select, Loading::selectin, Loading::subquery, Loading::immediate);
    auto session = db.session();
    const auto users = session.exec(User::select()).all();
    StatementLog log{db};
    const auto posts = session.exec(Post::select().options(tandem::orm::loader(Post::c.user, loading))).all();
    for (const auto& post : posts) CHECK_FALSE(post->user->username.empty());
    CHECK(log.size() == 1);
}

TEST_CASE_METHOD(ReadingFixture, "S094 a null foreign key is no object and no SELECT", "[loading]") {
    const Loading loading =
        GENERATE(Loading::select, Loading::joined, Loading::subquery, Loading::selectin, Loading::immediate);
    oracle.run("INSERT INTO r_post (id, title) VALUES (51, 'lone')");
    auto session = db.session();
    const auto post =
        session.exec(Post::select().where(Post::c.id == 51).options(tandem::orm::loader(Post::c.user, loading))).one();
    StatementLog log{db};
    CHECK_FALSE(post->user);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(Fixture, "S095 more keys than one SELECT takes", "[loading]") {
    const int parents = GENERATE(1201, 25'000);
    oracle.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(parents) +
        ") INSERT INTO r_user (username) SELECT 'u' || i FROM n;"
        "INSERT INTO r_post (title, user_id) SELECT 'p' || id, id FROM r_user");
    const Loading loading = GENERATE(Loading::selectin, Loading::subquery, Loading::joined);
    auto session = db.session();
    StatementLog log{db};
    const auto users = session.exec(User::select().options(tandem::orm::loader(User::c.posts, loading))).all();
    REQUIRE(users.size() == static_cast<std::size_t>(parents));
    std::size_t whole = 0;
    for (const auto& user : users)
        whole += user->posts.size() == 1 && user->posts[0]->title == "p" + std::to_string(user->id) ? 1U : 0U;
    CHECK(whole == users.size());
    CHECK(log.size() == (loading == Loading::joined ? 1 : loading == Loading::subquery || parents == 1201 ? 2 : 4));
}

TEST_CASE_METHOD(ReadingFixture, "S097 two sibling collections repeat nothing", "[loading]") {
    const auto [loading, statements] =
        GENERATE(table<Loading, std::size_t>({{Loading::joined, 1}, {Loading::selectin, 3}, {Loading::subquery, 3}}));
    auto session = db.session();
    StatementLog log{db};
    const auto users = session
                           .exec(User::select()
                                     .order_by(User::c.id)
                                     .options(tandem::orm::loader(User::c.posts, loading),
                                         tandem::orm::loader(User::c.flags, loading)))
                           .all();
    CHECK(log.size() == statements);
    CHECK(lists_of(users, &User::posts) == std::vector<Ids>{{1}, {2, 3, 4}, {5}, {}});
    CHECK(lists_of(users, &User::flags) == std::vector<Ids>{{3, 5}, {1, 6}, {2, 4}, {}});
    CHECK(log.size() == statements);
}

TEST_CASE_METHOD(ReadingFixture, "S098 an empty result loads nothing more", "[loading]") {
    const Loading loading = GENERATE(Loading::selectin, Loading::subquery, Loading::joined, Loading::immediate);
    auto session = db.session();
    StatementLog log{db};
    CHECK(session
              .exec(User::select()
                        .where(User::c.id < 0)
                        .options(tandem::orm::loader(User::c.posts, loading)
                                     .options(tandem::orm::loader(Post::c.flags, loading))))
              .all()
              .empty());
    CHECK(log.size() == 1);
}

TEST_CASE_METHOD(ReadingFixture, "S103 inner joined loads leave out what has no partner; others keep it", "[loading]") {
    oracle.run("INSERT INTO r_post (id, title) VALUES (6, 'p6')");
    auto session = db.session();
    StatementLog log{db};
    const auto flags =
        session
            .exec(Flag::select()
                      .order_by(Flag::c.id)
                      .options(joinedload(Flag::c.post).inner().options(joinedload(Post::c.user).inner()),
                          joinedload(Flag::c.user).inner()))
            .all();
    CHECK(log.size() == 1);
    CHECK(ids_of(flags) == Ids{1, 2, 3, 4, 5, 6});
    CHECK(flags[2]->post->user->username == "ben");
    CHECK(flags[2]->user->username == "ana");
    CHECK(log.size() == 1);
    CHECK(ids_of(session.exec(Post::select().order_by(Post::c.id).options(joinedload(Post::c.user))).all()) ==
        Ids{1, 2, 3, 4, 5, 6});
    CHECK(ids_of(session.exec(Post::select().order_by(Post::c.id).options(joinedload(Post::c.user).inner())).all()) ==
        Ids{1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(Fixture, "S104 keys of two columns", "[loading]") {
    oracle.run("INSERT INTO r_group (a, b) VALUES (1, 'x'), (1, 'y'), (2, 'x');"
               "INSERT INTO r_member (id, ga, gb) VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 1, 'y'), (4, NULL, 'x')");
    const auto [loading, statements] = GENERATE(table<Loading, std::size_t>(
        {{Loading::joined, 1}, {Loading::selectin, 2}, {Loading::subquery, 2}, {Loading::immediate, 4}}));
    auto session = db.session();
    StatementLog log{db};
    const auto groups = session
                            .exec(Group::select()
                                      .order_by(Group::c.a, Group::c.b)
                                      .options(tandem::orm::loader(Group::c.members, loading)))
                            .all();
    CHECK(lists_of(groups, &Group::members) == std::vector<Ids>{{1, 2}, {3}, {}});
    CHECK(log.size() == statements);
    CHECK(session.get<Group>(1, "y") == groups[1]);
    CHECK_THROWS_AS(session.get<Group>(1), tandem::ArgumentError);
    log.clear();
    const auto lone = session.get<Member>(4);
    CHECK_FALSE(lone->group);
    CHECK(log.size() == 1);
    const auto members =
        session.exec(Member::select().where(Member::c.id < 4).options(tandem::orm::loader(Member::c.group, loading)))
            .all();
    for (const auto& member : members) CHECK(member->group->b == *member->gb);
}

TEST_CASE_METHOD(ReadingFixture, "many to many with each strategy, from both sides", "[loading]") {
    const Cost cost = GENERATE(Cost{Loading::select, 1, 6}, Cost{Loading::joined, 1, 1}, Cost{Loading::subquery, 2, 2},
        Cost{Loading::selectin, 2, 2}, Cost{Loading::immediate, 6, 6});
    auto session = db.session();
    StatementLog log{db};
    const auto posts =
        session.exec(Post::select().order_by(Post::c.id).options(tandem::orm::loader(Post::c.tags, cost.loading)))
            .all();
    CHECK(log.size() == cost.at_once);
    CHECK(lists_of(posts, &Post::tags) == std::vector<Ids>{{1, 2}, {2}, {1, 2, 3}, {}, {3}});
    CHECK(log.size() == cost.in_all);
    const auto tags =
        session.exec(Tag::select().order_by(Tag::c.id).options(tandem::orm::loader(Tag::c.posts, cost.loading))).all();
    CHECK(lists_of(tags, &Tag::posts) == std::vector<Ids>{{1, 3}, {1, 2, 3}, {3, 5}, {}});
}

TEST_CASE_METHOD(ReadingFixture, "a tree with each strategy, in the relation's order", "[loading]") {
    const auto [loading, statements] =
        GENERATE(table<Loading, std::size_t>({{Loading::joined, 1}, {Loading::selectin, 3}, {Loading::subquery, 3}}));
    auto session = db.session();
    StatementLog log{db};
    const auto root = session
                          .exec(Branch::select()
                                    .where(Branch::c.parent_id == std::nullopt)
                                    .options(tandem::orm::loader(Branch::c.children, loading)
                                                 .options(tandem::orm::loader(Branch::c.children, loading))))
                          .one();
    CHECK(log.size() == statements);
    CHECK(ids_of(root->children) == Ids{4, 3, 2});
    CHECK(lists_of(root->children, &Branch::children) == std::vector<Ids>{{}, {7, 6, 5}, {}});
    CHECK(root->children[1]->children[0]->parent.get() == root->children[1]);
    CHECK(log.size() == statements);
}

TEST_CASE_METHOD(Fixture, "one to one with each strategy, from the side without the foreign key", "[loading]") {
    oracle.run("INSERT INTO r_person (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c');"
               "INSERT INTO r_passport (id, number, person_id) VALUES (1, 'x', 2), (2, 'y', 3), (3, 'z', NULL)");
    const Cost cost = GENERATE(Cost{Loading::select, 1, 4}, Cost{Loading::joined, 1, 1}, Cost{Loading::subquery, 2, 2},
        Cost{Loading::selectin, 2, 2}, Cost{Loading::immediate, 4, 4});
    auto session = db.session();
    StatementLog log{db};
    const auto people =
        session
            .exec(
                Person::select().order_by(Person::c.id).options(tandem::orm::loader(Person::c.passport, cost.loading)))
            .all();
    CHECK(log.size() == cost.at_once);
    CHECK_FALSE(people[0]->passport);
    CHECK(people[1]->passport->number == "x");
    CHECK(people[2]->passport->number == "y");
    CHECK(people[2]->passport->person.get() == people[2]);
    CHECK(log.size() == cost.in_all);
}

TEST_CASE_METHOD(Fixture, "two foreign keys to one table lead each to its own object", "[loading]") {
    oracle.run("INSERT INTO r_person (id, name) VALUES (1, 'a'), (2, 'b');"
               "INSERT INTO r_letter (id, sender_id, receiver_id) VALUES (1, 1, 2), (2, 2, 1), (3, 1, 1)");
    const Loading loading =
        GENERATE(Loading::select, Loading::joined, Loading::subquery, Loading::selectin, Loading::immediate);
    auto session = db.session();
    std::vector<std::string> routes;
    for (const auto& letter : session
                                  .exec(Letter::select()
                                            .order_by(Letter::c.id)
                                            .options(tandem::orm::loader(Letter::c.sender, loading),
                                                tandem::orm::loader(Letter::c.receiver, loading)))
                                  .all())
        routes.push_back(letter->sender->name + letter->receiver->name);
    CHECK(routes == std::vector<std::string>{"ab", "ba", "aa"});
}

TEST_CASE_METHOD(ReadingFixture, "strategies are mixed to any depth", "[loading]") {
    auto session = db.session();
    StatementLog log{db};
    std::vector<std::string> lines;
    const auto users =
        session
            .exec(User::select()
                      .order_by(User::c.id)
                      .options(selectinload(User::c.posts)
                                   .options(joinedload(Post::c.flags)
                                                .options(joinedload(Flag::c.user).options(subqueryload(User::c.flags))),
                                       subqueryload(Post::c.tags)),
                          joinedload(User::c.flags)
                              .options(immediateload(Flag::c.post).options(selectinload(Post::c.tags)))))
            .all();
    log.clear();
    for (const auto& user : users) {
        std::string line = user->username + ":";
        for (const auto& post : user->posts) {
            line += " " + post->title;
            for (const auto& flag : post->flags)
                line += "/" + flag->user->username + std::to_string(flag->user->flags.size());
            for (const auto& tag : post->tags) line += "#" + tag->label;
        }
        for (const auto& flag : user->flags) line += " " + flag->post->title + std::to_string(flag->post->tags.size());
        lines.push_back(line);
    }
    CHECK(log.size() == 0);
    CHECK(lines ==
        std::vector<std::string>{"ana: p1/ben2/cy2#t1#t2 p33 p51", "ben: p2#t2 p3/ana2/cy2#t1#t2#t3 p4 p12 p51",
            "cy: p5/ana2/ben2#t3 p12 p33", "dee:"});
}

TEST_CASE_METHOD(ReadingFixture, "a subquery load below a subquery load says the query again", "[loading]") {
    const auto [limited, tagged] = GENERATE(table<bool, bool>({{false, false}, {false, true}, {true, false}}));
    auto session = db.session();
    StatementLog log{db};
    auto query =
        User::select()
            .where(User::c.username != "ana")
            .order_by(User::c.id)
            .options(subqueryload(User::c.posts).options(subqueryload(Post::c.flags), subqueryload(Post::c.tags)));
    const auto users = session.exec(limited ? query.limit(1) : query.limit(-1)).all();
    CHECK(log.size() == 4);
    log.clear();
    CHECK(lists_of(users, &User::posts) ==
        (limited ? std::vector<Ids>{{2, 3, 4}} : std::vector<Ids>{{2, 3, 4}, {5}, {}}));
    if (tagged) CHECK(lists_of(users[0]->posts, &Post::tags) == std::vector<Ids>{{2}, {1, 2, 3}, {}});
    CHECK(lists_of(users[0]->posts, &Post::flags) == std::vector<Ids>{{}, {3, 4}, {}});
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(Fixture, "relations that load themselves and lead back to each other come to an end", "[loading]") {
    oracle.run("INSERT INTO r_disc (id, name, notes) VALUES (1, 'd1', 'long'), (2, 'd2', '');"
               "INSERT INTO r_song (id, name, disc_id) VALUES (1, 's1', 1), (2, 's2', 1), (3, 's3', NULL);"
               "INSERT INTO r_verse (id, text, song_id) VALUES (1, 'v1', 1), (2, 'v2', 1), (3, 'v3', 2)");
    auto session = db.session();
    StatementLog log{db};
    const auto discs = session.exec(Disc::select().order_by(Disc::c.id)).all();
    CHECK(log.size() == 2);  // discs with songs, and verses
    CHECK(lists_of(discs, &Disc::songs) == std::vector<Ids>{{1, 2}, {}});
    CHECK(lists_of(discs[0]->songs, &Song::verses) == std::vector<Ids>{{1, 2}, {3}});
    CHECK(discs[0]->songs[1]->disc.get() == discs[0]);
    CHECK(discs[0]->songs[1]->verses[0]->song.get() == discs[0]->songs[1]);

    auto other = db.session();
    log.clear();
    const auto verse = other.get<Verse>(3);
    CHECK(verse->song->disc->name == "d1");
    CHECK(other.get<Song>(3)->disc.get() == nullptr);
}

TEST_CASE_METHOD(ReadingFixture, "S040 an unloaded list shows an object that was pointed at its owner", "[loading]") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto post = session.add(Post{.title = "p91"});
    StatementLog log{db};
    post->user = ana;
    CHECK(log.size() == 0);
    const Ids shown = ids_of(ana->posts);
    CHECK(shown == Ids{1, post->id});
    CHECK(log.count("SELECT") == 1);
}

TEST_CASE_METHOD(ReadingFixture, "S113 forty thousand parents with all their children", "[loading]") {
    oracle.run("WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 40999) INSERT INTO r_user "
               "(id, username) SELECT i, 'u' || i FROM n;"
               "INSERT INTO r_post (title, user_id) SELECT 'a', id FROM r_user WHERE id >= 1000;"
               "INSERT INTO r_post (title, user_id) SELECT 'b', id FROM r_user WHERE id >= 1000");
    auto session = db.session();
    const Loading loading = GENERATE(Loading::selectin, Loading::joined);
    const auto users =
        session.exec(User::select().where(User::c.id >= 1000).options(tandem::orm::loader(User::c.posts, loading)))
            .all();
    REQUIRE(users.size() == 40'000);
    std::size_t whole = 0;
    for (const auto& user : users)
        whole += user->posts.size() == 2 && user->posts[0]->title == "a" && user->posts[1]->title == "b" ? 1U : 0U;
    CHECK(whole == 40'000);
}

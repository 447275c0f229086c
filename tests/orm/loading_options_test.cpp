#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/attributes.hpp>

#include "loading_models.hpp"

using namespace reading;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using tandem::defer;
using tandem::joinedload;
using tandem::load_only;
using tandem::Loading;
using tandem::noload;
using tandem::populate_existing;
using tandem::raiseload;
using tandem::Ref;
using tandem::selectinload;
using tandem::undefer;
using tandem::value_of;
using tandem::with_criteria;

TEST_CASE_METHOD(ReadingFixture, "S046 a later query leaves objects alone, populate_existing does not", "[loading]") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.commit();
    oracle.run("UPDATE r_user SET email = 'new@x.io' WHERE id = 1");
    CHECK(session.exec(User::select().where(User::c.id == 1)).one() == ana);
    CHECK(ana->email == "ana@x.io");
    (void)session.exec(User::select().where(User::c.id == 1).options(populate_existing())).all();
    CHECK(ana->email == "new@x.io");
    session.commit();
    CHECK(oracle.row("SELECT email FROM r_user WHERE id = 1") == "new@x.io");
}

TEST_CASE_METHOD(ReadingFixture, "populate_existing writes what was changed first, and keeps it", "[loading]") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "mine@x.io";
    (void)session.exec(User::select().options(populate_existing())).all();
    CHECK(ana->email == "mine@x.io");
    session.commit();
    CHECK(oracle.row("SELECT email FROM r_user WHERE id = 1") == "mine@x.io");
}

TEST_CASE_METHOD(ReadingFixture, "S101 a loaded list stays until a query populates it anew", "[loading]") {
    const Loading loading = GENERATE(Loading::selectin, Loading::subquery, Loading::joined, Loading::immediate);
    auto session = db.session();
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    session.commit();
    oracle.run("INSERT INTO r_post (id, title, user_id) VALUES (91, 'p91', 1)");
    const auto query = User::select().where(User::c.id == 1).options(tandem::orm::loader(User::c.posts, loading));
    (void)session.exec(query).all();
    CHECK(ana->posts.size() == 1);
    (void)session.exec(query.options(populate_existing())).all();
    CHECK(ids_of(ana->posts) == Ids{1, 91});
}

TEST_CASE_METHOD(Fixture, "populate_existing ends where relations load each other", "[loading]") {
    oracle.run("INSERT INTO r_disc (id, name, notes) VALUES (1, 'd1', '');"
               "INSERT INTO r_song (id, name, disc_id) VALUES (1, 's1', 1);"
               "INSERT INTO r_verse (id, text, song_id) VALUES (1, 'v1', 1)");
    auto session = db.session();
    for (int i = 0; i < 2; ++i) {
        const auto disc = session.exec(Disc::select().options(populate_existing())).one();
        CHECK(disc->songs[0]->verses[0]->song.get() == disc->songs[0]);
    }
}

TEST_CASE_METHOD(ReadingFixture, "S100 a loader with a condition", "[loading]") {
    const auto [loading, statements] = GENERATE(table<Loading, std::size_t>({{Loading::selectin, 2},
        {Loading::subquery, 2}, {Loading::joined, 1}, {Loading::immediate, 5}, {Loading::select, 5}}));
    auto session = db.session();
    StatementLog log{db};
    const auto users = session
                           .exec(User::select()
                                     .order_by(User::c.id)
                                     .options(tandem::orm::loader(User::c.posts, loading).where(Post::c.id > 2)))
                           .all();
    CHECK(lists_of(users, &User::posts) == std::vector<Ids>{{}, {3, 4}, {5}, {}});
    CHECK(log.size() == statements);
    CHECK(users[1]->posts.is_filtered());
}

TEST_CASE_METHOD(ReadingFixture, "S100 a condition on a model in a whole query", "[loading]") {
    const auto [loading, statements] =
        GENERATE(table<Loading, std::size_t>({{Loading::select, 5}, {Loading::selectin, 2}, {Loading::joined, 1}}));
    const bool in_session = GENERATE(false, true);
    auto session = db.session();
    StatementLog log{db};
    const auto query = User::select().order_by(User::c.id).options(tandem::orm::loader(User::c.posts, loading));
    if (in_session) session.with_criteria(Post::c.id > 2);
    const auto users = session.exec(in_session ? query : query.options(with_criteria(Post::c.id > 2))).all();
    CHECK(lists_of(users, &User::posts) == std::vector<Ids>{{}, {3, 4}, {5}, {}});
    CHECK(log.size() == statements);
}

TEST_CASE_METHOD(
    ReadingFixture, "a condition on a model holds for the query's own objects, and below a limit", "[loading]") {
    auto session = db.session();
    session.with_criteria(Post::c.id > 2 || Post::c.title == "p1");
    CHECK(ids_of(session.exec(Post::select().order_by(Post::c.id)).all()) == Ids{1, 3, 4, 5});
    CHECK(ids_of(session.exec(Post::select().where(Post::c.user_id == 2).order_by(Post::c.id.desc()).limit(1).offset(1))
                     .all()) == Ids{3});
    CHECK(ids_of(session.exec(Post::select().order_by(Post::c.id).limit(2).options(joinedload(Post::c.flags))).all()) ==
        Ids{1, 3});
    CHECK(session.get<Post>(2)->title == "p2");
    const auto flag = session.get<Flag>(3);
    CHECK(flag->post->id == 3);
}

TEST_CASE_METHOD(
    ReadingFixture, "a condition that leaves out the one object reads as none and writes nothing", "[loading]") {
    const Loading loading = GENERATE(Loading::selectin, Loading::joined, Loading::select);
    {
        auto session = db.session();
        const auto posts =
            session
                .exec(Post::select()
                          .order_by(Post::c.id)
                          .options(tandem::orm::loader(Post::c.user, loading).where(User::c.username == "ben")))
                .all();
        CHECK_FALSE(posts[0]->user);
        CHECK(posts[1]->user->username == "ben");
        posts[0]->title = "changed";
        session.commit();
    }
    CHECK(oracle.row("SELECT title, user_id FROM r_post WHERE id = 1") == "changed|1");
}

TEST_CASE_METHOD(ReadingFixture, "a list that shows a part does not hide the rest from a delete", "[loading]") {
    auto session = db.session();
    const auto ben =
        session.exec(User::select().where(User::c.id == 2).options(selectinload(User::c.posts).where(Post::c.id > 3)))
            .one();
    REQUIRE(ids_of(ben->posts) == Ids{4});
    session.remove(ben);
    session.commit();
    CHECK(oracle.row("SELECT group_concat(id) FROM r_post WHERE user_id IS NULL") == "2,3,4");
}

TEST_CASE_METHOD(ReadingFixture, "what a list does not show stays when the list is changed", "[loading]") {
    auto session = db.session();
    const auto ben =
        session.exec(User::select().where(User::c.id == 2).options(selectinload(User::c.posts).where(Post::c.id > 3)))
            .one();
    const auto p4 = ben->posts[0];
    ben->posts.remove(p4);
    ben->posts.push_back(session.get<Post>(1));
    session.commit();
    CHECK(oracle.rows("SELECT id, user_id FROM r_post ORDER BY id") ==
        std::vector<std::string>{"1|2", "2|2", "3|2", "4|null", "5|3"});
}

TEST_CASE_METHOD(
    ReadingFixture, "S106 deferred columns: one SELECT, a second one for all objects of the result", "[loading]") {
    const bool only = GENERATE(false, true);
    auto session = db.session();
    StatementLog log{db};
    const auto query = User::select().order_by(User::c.id);
    const auto users =
        session.exec(only ? query.options(load_only(User::c.username)) : query.options(defer(User::c.email))).all();
    REQUIRE(users.size() == 4);
    CHECK(log.size() == 1);
    CHECK(log.statements()[0].find("email") == std::string::npos);
    CHECK(value_of(users[0], User::c.username) == "ana");
    CHECK(value_of(users[0], User::c.id) == 1);
    CHECK_FALSE(is_loaded(users[0], User::c.email));
    CHECK(is_loaded(users[0], User::c.username));
    CHECK(log.size() == 1);
    CHECK(users[0]->email == "ana@x.io");
    CHECK(log.size() == 2);
    CHECK(users[1]->email == "ben@x.io");
    CHECK(users[2]->email == std::nullopt);
    CHECK(is_loaded(users[3], User::c.email));
    CHECK(log.size() == 2);
}

TEST_CASE_METHOD(
    ReadingFixture, "value_of a deferred column reads it; a later whole query brings it along", "[loading]") {
    auto session = db.session();
    const auto ana = session.exec(User::select().where(User::c.id == 1).options(defer(User::c.email))).one();
    const auto ben = session.exec(User::select().where(User::c.id == 2).options(defer(User::c.email))).one();
    StatementLog log{db};
    CHECK(value_of(ana, User::c.email) == "ana@x.io");
    CHECK(log.size() == 1);
    CHECK_FALSE(is_loaded(ben, User::c.email));
    (void)session.exec(User::select()).all();
    CHECK(is_loaded(ben, User::c.email));
    CHECK(ben->email == "ben@x.io");
    CHECK(log.size() == 2);
}

TEST_CASE_METHOD(ReadingFixture, "deferred columns are not written unless they are set", "[loading]") {
    {
        auto session = db.session();
        const auto users = session.exec(User::select().order_by(User::c.id).options(defer(User::c.email))).all();
        StatementLog log{db};
        session.commit();
        CHECK(log.size() == 0);
        users[0]->username = "anna";
        session.commit();
        CHECK(log.count("UPDATE") == 1);
        CHECK(log.statements().back().find("email") == std::string::npos);
    }
    CHECK(oracle.row("SELECT username, email FROM r_user WHERE id = 1") == "anna|ana@x.io");
    auto session = db.session();
    const auto ben = session.exec(User::select().where(User::c.id == 2).options(defer(User::c.email))).one();
    ben->email = "b@x.io";
    session.commit();
    CHECK(oracle.row("SELECT username, email FROM r_user WHERE id = 2") == "ben|b@x.io");
}

TEST_CASE_METHOD(ReadingFixture, "a deferred column of a detached object says what it is and what to do", "[loading]") {
    Ref<User> ana;
    {
        auto session = db.session();
        ana = session.exec(User::select().where(User::c.id == 1).options(defer(User::c.email))).one();
    }
    CHECK(value_of(ana, User::c.username) == "ana");
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)ana->username; }),
        ContainsSubstring("User.email") && ContainsSubstring("undefer(User::c.email)"));
    CHECK_THROWS_AS(value_of(ana, User::c.email), tandem::DetachedError);
    CHECK_FALSE(is_loaded(ana, User::c.email));
}

TEST_CASE_METHOD(ReadingFixture, "deferred columns below a loader, joined or not", "[loading]") {
    const Loading loading = GENERATE(Loading::selectin, Loading::joined);
    auto session = db.session();
    const auto posts = session
                           .exec(Post::select()
                                     .order_by(Post::c.id)
                                     .options(tandem::orm::loader(Post::c.user, loading).options(defer(User::c.email))))
                           .all();
    StatementLog log{db};
    const Ref<User> ana = posts[0]->user;
    CHECK_FALSE(is_loaded(ana, User::c.email));
    CHECK(value_of(ana, User::c.username) == "ana");
    CHECK(log.size() == 0);
    CHECK(ana->email == "ana@x.io");
    CHECK(posts[1]->user->email == "ben@x.io");
    CHECK(log.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a column that the model defers", "[loading]") {
    oracle.run("INSERT INTO r_disc (id, name, notes) VALUES (1, 'd1', 'long'), (2, 'd2', 'longer')");
    auto session = db.session();
    StatementLog log{db};
    const auto disc = session.get<Disc>(1);
    CHECK(log.statements()[0].find("notes") == std::string::npos);
    CHECK(value_of(disc, Disc::c.name) == "d1");
    CHECK(disc->notes == "long");
    log.clear();
    const auto other = session.exec(Disc::select().where(Disc::c.id == 2).options(undefer(Disc::c.notes))).one();
    CHECK(other->notes == "longer");
    CHECK(log.size() == 1);
    const auto made = session.add(Disc{.name = "d3", .notes = "mine"});
    session.commit();
    CHECK(made->notes == "mine");
    CHECK(oracle.row("SELECT notes FROM r_disc WHERE id = 3") == "mine");
}

TEST_CASE_METHOD(
    ReadingFixture, "an object whose row vanished says so when its deferred columns are read", "[loading]") {
    auto session = db.session();
    const auto dee = session.exec(User::select().where(User::c.id == 4).options(defer(User::c.email))).one();
    session.commit();
    oracle.run("DELETE FROM r_user WHERE id = 4");
    CHECK_THROWS_AS((void)dee->email, tandem::ObjectDeleted);
}

TEST_CASE_METHOD(ReadingFixture, "dict_of never runs SQL and leaves out what is not there", "[loading]") {
    std::vector<Ref<Post>> posts;
    StatementLog log{db};
    const auto check = [&] {
        log.clear();
        const auto json = dict_of(posts[0]);
        CHECK(json ==
            tandem::Json{{"id", 1}, {"title", "p1"}, {"user_id", 1}, {"user", {{"id", 1}, {"username", "ana"}}}});
        CHECK(log.size() == 0);
    };
    {
        auto session = db.session();
        posts = session
                    .exec(Post::select()
                              .order_by(Post::c.id)
                              .options(selectinload(Post::c.user).options(defer(User::c.email))))
                    .all();
        check();
    }
    check();
}

TEST_CASE_METHOD(ReadingFixture, "lazy loads in a loop are noticed once, with the line to write", "[loading]") {
    std::vector<std::string> warnings;
    db.on_warning([&](std::string_view text) { warnings.emplace_back(text); });
    for (int round = 0; round < 2; ++round) {
        auto session = db.session();
        for (const auto& user : session.exec(User::select()).all()) (void)user->posts.size();
    }
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0],
        ContainsSubstring("User.posts") && ContainsSubstring("loading_options_test.cpp:") &&
            EndsWith(".options(selectinload(User::c.posts))"));
}

TEST_CASE_METHOD(ReadingFixture, "a lazy loop below a loader names the whole way", "[loading]") {
    std::vector<std::string> warnings;
    db.on_warning([&](std::string_view text) { warnings.emplace_back(text); });
    const bool joined = GENERATE(false, true);
    auto session = db.session();
    const auto query = User::select().options(joined ? joinedload(User::c.posts) : selectinload(User::c.posts));
    for (const auto& user : session.exec(query).all())
        for (const auto& post : user->posts) (void)post->flags.size();
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], EndsWith(".options(selectinload(User::c.posts).options(selectinload(Post::c.flags)))"));
}

TEST_CASE_METHOD(ReadingFixture, "lazy loads that are no loop, or cost nothing, are left alone", "[loading]") {
    db.on_lazy_loop(tandem::LazyLoops::fail);
    auto session = db.session();
    const auto users = session.exec(User::select().order_by(User::c.id)).all();
    CHECK(users[0]->posts.size() == 1);
    CHECK(users[1]->posts.size() == 3);
    CHECK(users[0]->flags.size() == 2);
    CHECK(users[1]->flags.size() == 2);
    for (const auto& post : session.exec(Post::select()).all()) CHECK(post->user);  // the session has the users
    auto other = db.session();
    for (std::int64_t id = 1; id <= 5; ++id) CHECK(other.get<Post>(id)->tags.size() < 4);  // of no one result
}

TEST_CASE_METHOD(ReadingFixture, "lazy loops can be made an error", "[loading]") {
    db.on_lazy_loop(tandem::LazyLoops::fail, 2);
    auto session = db.session();
    const auto users = session.exec(User::select().order_by(User::c.id)).all();
    CHECK(users[0]->posts.size() == 1);
    CHECK_THAT(error_of<tandem::LazyLoadForbidden>([&] { (void)users[1]->posts.size(); }),
        ContainsSubstring("User.posts") && ContainsSubstring("selectinload(User::c.posts)"));
    db.on_lazy_loop(tandem::LazyLoops::ignore);
    CHECK(users[1]->posts.size() == 3);
}

TEST_CASE_METHOD(ReadingFixture, "S082 what a detached object has stays readable, what it lacks says so", "[loading]") {
    Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
    }
    CHECK(ana->username == "ana");
    ana->username = "anna";
    CHECK(ana->username == "anna");
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)ana->posts.size(); }),
        ContainsSubstring("User.posts") && ContainsSubstring("selectinload(User::c.posts)"));
    CHECK_FALSE(is_loaded(ana, User::c.posts));
}

TEST_CASE_METHOD(ReadingFixture, "S083 a new object reads as empty without SQL", "[loading]") {
    StatementLog log{db};
    const Ref<User> user = User{};
    CHECK(user->id == 0);
    CHECK(user->email == std::nullopt);
    CHECK(user->posts.empty());
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(ReadingFixture, "S085 raise does not stand in the way of a delete", "[loading]") {
    {
        auto session = db.session();
        // The flags' foreign key cannot be NULL, so they go first.
        for (const auto& flag : session.exec(Flag::select().where(Flag::c.post_id == 1)).all()) session.remove(flag);
        const auto post =
            session
                .exec(Post::select()
                          .where(Post::c.id == 1)
                          .options(raiseload(Post::c.user), raiseload(Post::c.flags), raiseload(Post::c.tags)))
                .one();
        session.remove(post);
        const auto ben =
            session
                .exec(User::select().where(User::c.id == 2).options(raiseload(User::c.posts), raiseload(User::c.flags)))
                .one();
        session.remove(ben);
        session.commit();
    }
    CHECK(oracle.row("SELECT count(*) FROM r_post_tag WHERE r_post_id = 1") == "0");
    CHECK(oracle.row("SELECT group_concat(id) FROM r_post WHERE user_id IS NULL") == "2,3,4");
    CHECK(oracle.row("SELECT user_id FROM r_flag WHERE id = 6") == "null");
}

TEST_CASE_METHOD(
    ReadingFixture, "S086 noload reads as empty, stores what is added, and is told apart from empty", "[loading]") {
    {
        auto session = db.session();
        StatementLog log{db};
        const auto users = session.exec(User::select().options(noload(User::c.posts))).all();
        for (const auto& user : users) {
            CHECK(user->posts.empty());
            CHECK_FALSE(is_loaded(user, User::c.posts));
        }
        CHECK(log.size() == 1);
        const auto dee = session.exec(User::select().where(User::c.id == 4).options(selectinload(User::c.posts))).one();
        CHECK(dee->posts.empty());
        CHECK(is_loaded(dee, User::c.posts));
        const auto post = session.exec(Post::select().where(Post::c.id == 1).options(noload(Post::c.flags))).one();
        Flag flag{.user_id = 1, .message = "f85"};
        flag.id = 85;
        post->flags.push_back(flag);
        session.commit();
    }
    CHECK(oracle.row("SELECT post_id, message FROM r_flag WHERE id = 85") == "1|f85");
}

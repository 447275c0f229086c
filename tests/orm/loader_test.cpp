#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/loader.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::lazyload;
using tandem::noload;
using tandem::raiseload;
using tandem::Ref;
using tandem::selectinload;

TEST_CASE_METHOD(BlogFixture, "the reference's chained load takes four SELECTs and none after the session") {
    std::vector<Ref<Post>> posts;
    StatementLog log{db};
    {
        auto session = db.session();
        posts = session
                    .exec(Post::select()
                              .options(selectinload(Post::c.user),
                                  selectinload(Post::c.flags).options(selectinload(Flag::c.user)))
                              .order_by(Post::c.id)
                              .limit(15))
                    .all();
    }
    CHECK(log.count("SELECT") <= 4);
    log.clear();
    std::vector<std::string> lines;
    for (const auto& post : posts) {
        std::string line = post->title + " by " + post->user->username + ":";
        for (const auto& flag : post->flags) line += " " + flag->message + "/" + flag->user->username;
        lines.push_back(line);
    }
    CHECK(lines ==
        std::vector<std::string>{"p1 by ana: f1/ben f2/cy", "p2 by ben:", "p3 by ben: f3/ana f4/cy",
            "p4 by ben:", "p5 by cy: f5/ana f6/ben"});
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(Fixture, "selectinload takes two SELECTs for one parent and for a thousand below the chunk of keys") {
    const int parents = GENERATE(1, 400);
    oracle.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(parents) +
        ") INSERT INTO user (username, email) SELECT 'u' || i, '' FROM n; INSERT INTO post (title, body, user_id) "
        "SELECT 'p' || id, '', id FROM user");
    auto session = db.session();
    StatementLog log{db};
    const auto users = session.exec(User::select().options(selectinload(User::c.posts))).all();
    for (const auto& user : users) CHECK(user->posts.size() == 1);
    CHECK(log.count("SELECT") == 2);
}

TEST_CASE_METHOD(Fixture, "1201 parents are loaded in four SELECTs, complete") {
    oracle.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201) INSERT INTO user "
               "(username, email) SELECT 'u' || i, '' FROM n;"
               "INSERT INTO post (title, body, user_id) SELECT 'p' || id, '', id FROM user");
    auto session = db.session();
    StatementLog log{db};
    const auto users = session.exec(User::select().options(selectinload(User::c.posts))).all();
    REQUIRE(users.size() == 1201);
    std::size_t complete = 0;
    for (const auto& user : users)
        complete += user->posts.size() == 1 && user->posts[0]->title == "p" + std::to_string(user->id) ? 1U : 0U;
    CHECK(complete == 1201);
    CHECK(log.count("SELECT") <= 4);
}

TEST_CASE_METHOD(BlogFixture, "a limit cuts the parents, not their collections") {
    auto session = db.session();
    StatementLog log{db};
    const auto users =
        session.exec(User::select().order_by(User::c.id).limit(2).offset(1).options(selectinload(User::c.posts))).all();
    REQUIRE(users.size() == 2);
    CHECK(users[0]->posts.size() == 3);
    CHECK(users[1]->posts.size() == 1);
    CHECK(log.count("SELECT") == 2);
}

TEST_CASE_METHOD(BlogFixture, "lazy access takes one SELECT per parent") {
    auto session = db.session();
    StatementLog log{db};
    for (const auto& user : session.exec(User::select()).all()) (void)user->posts.size();
    CHECK(log.count("SELECT") == 5);
}

TEST_CASE_METHOD(BlogFixture, "many objects that lead to few are loaded with two SELECTs") {
    auto session = db.session();
    StatementLog log{db};
    const auto posts = session.exec(Post::select().order_by(Post::c.id).options(selectinload(Post::c.user))).all();
    CHECK(posts[1]->user.get() == posts[2]->user.get());
    CHECK(posts[4]->user->username == "cy");
    CHECK(log.count("SELECT") == 2);
}

TEST_CASE_METHOD(BlogFixture, "two collections side by side take three SELECTs and repeat nothing") {
    auto session = db.session();
    StatementLog log{db};
    const auto users =
        session
            .exec(User::select().order_by(User::c.id).options(selectinload(User::c.posts), selectinload(User::c.flags)))
            .all();
    std::vector<std::pair<std::size_t, std::size_t>> sizes;
    sizes.reserve(users.size());
    for (const auto& user : users) sizes.emplace_back(user->posts.size(), user->flags.size());
    CHECK(sizes == std::vector<std::pair<std::size_t, std::size_t>>{{1, 2}, {3, 2}, {1, 2}, {0, 0}});
    CHECK(log.count("SELECT") == 3);
}

TEST_CASE_METHOD(BlogFixture, "an empty result loads nothing more") {
    auto session = db.session();
    StatementLog log{db};
    CHECK(session
              .exec(User::select()
                        .where(User::c.id < 0)
                        .options(selectinload(User::c.posts).options(selectinload(Post::c.flags))))
              .all()
              .empty());
    CHECK(log.count("SELECT") == 1);
}

TEST_CASE_METHOD(BlogFixture, "the same relation named twice joins what hangs below it") {
    auto session = db.session();
    const auto query = Post::select().options(selectinload(Post::c.flags).options(selectinload(Flag::c.user)),
        selectinload(Post::c.flags).options(selectinload(Flag::c.post)));
    const auto posts = session.exec(query).all();
    StatementLog log{db};
    for (const auto& post : posts)
        for (const auto& flag : post->flags) CHECK(flag->user->id == flag->user_id);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "a collection that is loaded already is not replaced by a later query") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    REQUIRE(ana->posts.size() == 1);
    session.commit();
    oracle.run("INSERT INTO post (title, body, user_id) VALUES ('p6', '', 1)");
    (void)session.exec(User::select().options(selectinload(User::c.posts))).all();
    CHECK(ana->posts.size() == 1);
}

TEST_CASE_METHOD(BlogFixture, "a collection loaded after moves in memory shows them") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    session.get<Post>(2)->user = ana;
    const auto users = session.exec(User::select().order_by(User::c.id).options(selectinload(User::c.posts))).all();
    CHECK(users[0]->posts.size() == 2);
    CHECK(users[1]->posts.size() == 2);
}

TEST_CASE_METHOD(BlogFixture, "raiseload makes access an error that names class, attribute and cure") {
    auto session = db.session();
    const auto user = session.exec(User::select().where(User::c.id == 1).options(raiseload(User::c.posts))).one();
    StatementLog log{db};
    CHECK_THAT(error_of<tandem::LazyLoadForbidden>([&] { (void)user->posts.size(); }),
        ContainsSubstring("User.posts") && ContainsSubstring("selectinload(User::c.posts)"));
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "noload reads as empty without SQL, and says that it is not loaded") {
    std::vector<Ref<User>> users;
    {
        auto session = db.session();
        StatementLog log{db};
        users = session.exec(User::select().options(noload(User::c.posts))).all();
        for (const auto& user : users) CHECK(user->posts.empty());
        CHECK(log.count("SELECT") == 1);
    }
    for (const auto& user : users) {
        CHECK(user->posts.empty());
        CHECK_FALSE(user->posts.is_loaded());
    }
}

TEST_CASE_METHOD(BlogFixture, "what is appended to a collection with noload is stored") {
    auto session = db.session();
    const auto post = session.exec(Post::select().where(Post::c.id == 1).options(noload(Post::c.flags))).one();
    post->flags.push_back(Flag{.user_id = 1, .message = "f7"});
    session.commit();
    CHECK(oracle.row("SELECT post_id FROM flag WHERE message = 'f7'") == "1");
}

TEST_CASE_METHOD(Fixture, "lazy(selectin) in the model loads with every query") {
    oracle.run("INSERT INTO album (id, name) VALUES (1, 'a'), (2, 'b'); INSERT INTO track (name, album_id) VALUES "
               "('x', 1), ('y', 2), ('z', 2)");
    std::vector<Ref<types::Album>> albums;
    StatementLog log{db};
    {
        auto session = db.session();
        albums = session.exec(types::Album::select().order_by(types::Album::c.id)).all();
        CHECK(session.get<types::Album>(1) == albums[0]);
    }
    CHECK(log.count("SELECT") == 2);
    CHECK(albums[0]->tracks.size() == 1);
    CHECK(albums[1]->tracks.size() == 2);
}

TEST_CASE_METHOD(Fixture, "lazy(raise) and lazy(noload) in the model hold until a query says otherwise") {
    oracle.run("INSERT INTO album (id, name) VALUES (1, 'a'); INSERT INTO studio (id, name) VALUES (1, 's');"
               "INSERT INTO track (id, name, album_id, studio_id) VALUES (1, 'x', 1, 1)");
    {
        auto session = db.session();
        const auto track = session.get<types::Track>(1);
        CHECK_THROWS_AS(track->album.get(), tandem::LazyLoadForbidden);
        CHECK(session.get<types::Studio>(1)->tracks.empty());
    }
    {
        auto session = db.session();
        const auto track = session.exec(types::Track::select().options(lazyload(types::Track::c.album))).one();
        CHECK(track->album->name == "a");
    }
    {
        auto session = db.session();
        CHECK(
            session.exec(types::Studio::select().options(selectinload(types::Studio::c.tracks))).one()->tracks.size() ==
            1);
    }
}

TEST_CASE_METHOD(BlogFixture, "raise does not stand in the way of writing") {
    auto session = db.session();
    const auto post =
        session.exec(Post::select().where(Post::c.id == 2).options(raiseload(Post::c.user), raiseload(Post::c.flags)))
            .one();
    post->user = session.get<User>(1);
    session.flush();
    session.remove(post);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM post WHERE id = 2") == "0");
}

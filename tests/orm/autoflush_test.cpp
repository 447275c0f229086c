// When a query writes first, and how to stop it.
#include <catch2/catch_test_macros.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Titles = std::vector<std::string>;

namespace {
Titles titles_of_ana(tandem::Session& session) {
    Titles found;
    for (const auto& post : session.exec(Post::select().where(Post::c.user_id == 1).order_by(Post::c.id)).all())
        found.push_back(post->title);
    return found;
}
}  // namespace

TEST_CASE_METHOD(BlogFixture, "S071 a query flushes first, and not while a guard lives") {
    auto session = db.session();
    session.add(Post{.title = "auto", .user_id = 1});
    {
        const auto guard = session.no_autoflush();
        StatementLog log{db};
        CHECK(titles_of_ana(session) == Titles{"p1"});
        CHECK(log.count("INSERT") == 0);
    }
    StatementLog log{db};
    CHECK(titles_of_ana(session) == Titles{"p1", "auto"});
    REQUIRE(log.size() == 2);
    CHECK(log.statements()[0].starts_with("INSERT"));
    CHECK(log.statements()[1].starts_with("SELECT"));
}

TEST_CASE_METHOD(BlogFixture, "S071 raw statements flush too, and not while a guard lives") {
    auto session = db.session();
    session.add(User{.username = "eva"});
    const auto count = [&] { return session.execute("SELECT count(*) FROM user").scalar(); };
    {
        const auto guard = session.no_autoflush();
        const auto inner = session.no_autoflush();
        CHECK(count() == tandem::Value{std::int64_t{4}});
    }
    CHECK(count() == tandem::Value{std::int64_t{5}});
}

TEST_CASE_METHOD(BlogFixture, "guards nest") {
    auto session = db.session();
    session.add(Post{.title = "auto", .user_id = 1});
    auto outer = std::make_optional(session.no_autoflush());
    { const auto inner = session.no_autoflush(); }
    CHECK(titles_of_ana(session) == Titles{"p1"});
    outer.reset();
    CHECK(titles_of_ana(session) == Titles{"p1", "auto"});
}

TEST_CASE_METHOD(BlogFixture, "a session without autoflush writes at flush and commit only") {
    auto session = db.session({.autoflush = false});
    session.add(Post{.title = "auto", .user_id = 1});
    session.get<User>(2)->email = "changed";
    CHECK(titles_of_ana(session) == Titles{"p1"});
    CHECK(session.get<Post>(1)->user->posts.size() == 1);
    session.flush();
    CHECK(titles_of_ana(session) == Titles{"p1", "auto"});
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 2") == "changed");
}

TEST_CASE_METHOD(BlogFixture, "a guard that outlives its session does no harm") {
    std::optional<tandem::NoAutoflush> guard;
    {
        auto session = db.session();
        guard.emplace(session.no_autoflush());
    }
    guard.reset();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

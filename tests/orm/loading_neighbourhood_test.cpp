// Loading in company: with joins, aliases and pages, beside changes that are not stored, and again in other sessions.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "loading_models.hpp"

using namespace reading;
using tandem::alias;
using tandem::joinedload;
using tandem::Loading;
using tandem::noload;
using tandem::raiseload;
using tandem::Ref;
using tandem::select;
using tandem::selectinload;
using tandem::orm::loader;

namespace {
/// Each strategy that loads with the query.
Loading each_loading() { return GENERATE(Loading::selectin, Loading::subquery, Loading::joined, Loading::immediate); }
}  // namespace

TEST_CASE_METHOD(ReadingFixture, "what one query does not load, a later one does", "[loading]") {
    const Loading loading = each_loading();
    auto session = db.session();
    const auto ben =
        session.exec(User::select().where(User::c.id == 2).options(noload(User::c.posts), raiseload(User::c.flags)))
            .one();
    CHECK(ben->posts.empty());
    CHECK_THROWS_AS(ben->flags.size(), tandem::LazyLoadForbidden);
    (void)session.exec(User::select().options(loader(User::c.posts, loading), loader(User::c.flags, loading))).all();
    CHECK(ben->posts.size() == 3);
    CHECK(ben->flags.size() == 2);
}

TEST_CASE_METHOD(ReadingFixture, "a new child that is not stored yet is in its loaded collection once", "[loading]") {
    const Loading loading = each_loading();
    const bool flushed = GENERATE(true, false);
    auto session = db.session({.autoflush = flushed});
    const auto ana = session.get<User>(1);
    ana->posts.push_back(Post{.title = "new"});
    (void)session.exec(User::select().options(loader(User::c.posts, loading))).all();
    CHECK(ana->posts.size() == 2);
    session.commit();
    CHECK(ana->posts.size() == 2);
    CHECK(oracle.row("SELECT count(*) FROM r_post WHERE user_id = 1") == "2");
}

TEST_CASE_METHOD(ReadingFixture, "objects that a join repeats have their whole collections", "[loading]") {
    const Loading loading = each_loading();
    auto session = db.session();
    const auto users = session
                           .exec(User::select()
                                     .join(User::c.posts)
                                     .order_by(User::c.id, Post::c.id)
                                     .options(loader(User::c.posts, loading)))
                           .all();
    CHECK(ids_of(users) == Ids{1, 2, 2, 2, 3});
    CHECK(users[3]->posts.size() == 3);
    const auto page = session
                          .exec(User::select()
                                    .join(User::c.posts)
                                    .order_by(Post::c.title.desc())
                                    .limit(2)
                                    .options(loader(User::c.flags, loading)))
                          .all();
    CHECK(ids_of(page) == Ids{3, 2});
    CHECK(page[0]->flags.size() == 2);
}

TEST_CASE_METHOD(ReadingFixture, "a page in the order of a related column brings whole collections", "[loading]") {
    const Loading loading = each_loading();
    auto session = db.session();
    const auto posts = session
                           .exec(Post::select()
                                     .join(Post::c.user)
                                     .order_by(User::c.username.desc(), Post::c.id)
                                     .limit(3)
                                     .offset(1)
                                     .options(loader(Post::c.tags, loading), loader(Post::c.user, loading)))
                           .all();
    CHECK(ids_of(posts) == Ids{2, 3, 4});
    CHECK(posts[1]->tags.size() == 3);
    CHECK(posts[0]->user->username == "ben");
}

TEST_CASE_METHOD(ReadingFixture, "a query for an alias loads relations as one for its model", "[loading]") {
    constexpr auto writer = alias<User, "writer">;
    const Loading loading = each_loading();
    auto session = db.session();
    const auto users = session
                           .exec(select(writer)
                                     .where(writer.id > 1)
                                     .order_by(writer.id)
                                     .limit(2)
                                     .options(loader(User::c.posts, loading)))
                           .all();
    CHECK(lists_of(users, &User::posts) == std::vector<Ids>{{2, 3, 4}, {5}});
}

TEST_CASE_METHOD(ReadingFixture, "one() and first() count objects, not the rows of a joined collection", "[loading]") {
    auto session = db.session();
    const auto query = User::select().options(joinedload(User::c.posts).options(joinedload(Post::c.tags)));
    const auto ben = session.exec(query.where(User::c.id == 2)).one();
    CHECK(ben->posts.size() == 3);
    CHECK(ben->posts[1]->tags.size() == 3);
    CHECK_THROWS_AS(session.exec(query).one(), tandem::MultipleResults);
    CHECK(session.exec(query.order_by(User::c.id.desc())).first()->id == 4);
}

TEST_CASE_METHOD(ReadingFixture, "a collection that shows a part is whole after a refresh", "[loading]") {
    auto session = db.session();
    const auto ben =
        session.exec(User::select().where(User::c.id == 2).options(selectinload(User::c.posts).where(Post::c.id > 3)))
            .one();
    CHECK(ben->posts.size() == 1);
    session.refresh(ben, User::c.posts);
    CHECK(ids_of(ben->posts) == Ids{2, 3, 4});
    CHECK_FALSE(ben->posts.is_filtered());
}

TEST_CASE_METHOD(Fixture, "twenty thousand objects with keys of two columns, from both sides", "[loading]") {
    oracle.run("WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 20009)"
               "INSERT INTO r_group (a, b) SELECT i, 'ż😀' || i FROM n;"
               "INSERT INTO r_member (ga, gb) SELECT a, b FROM r_group");
    const Loading loading = GENERATE(Loading::selectin, Loading::subquery, Loading::joined);
    auto session = db.session();
    const auto members = session.exec(Member::select().options(loader(Member::c.group, loading))).all();
    REQUIRE(members.size() == 20'000);
    CHECK(std::ranges::all_of(members, [](const auto& member) { return member->group->b == *member->gb; }));
    const auto groups = session.exec(Group::select().options(loader(Group::c.members, loading))).all();
    CHECK(std::ranges::all_of(groups, [](const auto& group) { return group->members.size() == 1; }));
}

TEST_CASE_METHOD(
    ReadingFixture, "a graph that was loaded goes from session to session, each writing its part", "[loading]") {
    Ref<User> ana;
    {
        auto session = db.session();
        ana = session.exec(User::select().where(User::c.id == 1).options(selectinload(User::c.posts))).one();
    }
    {
        auto session = db.session();
        session.add(ana);
        ana->email = "one";
        session.commit();
    }
    {
        auto session = db.session();
        session.add(ana);
        ana->posts[0]->title = "two";
        session.commit();
    }
    CHECK(oracle.row("SELECT email FROM r_user WHERE id = 1") == "one");
    CHECK(oracle.row("SELECT title FROM r_post WHERE id = 1") == "two");
}

TEST_CASE_METHOD(ReadingFixture, "an exception in a loop over a result undoes it all, and what was loaded stays usable",
    "[loading]") {
    Ref<User> last;
    const auto work = [&] {
        auto session = db.session(tandem::write);
        for (const auto& user : session.exec(User::select().order_by(User::c.id)).all()) {
            last = user;
            user->email = "changed";
            if (user->id == 2) throw std::domain_error("stop");
            session.flush();
        }
    };
    CHECK_THROWS_AS(work(), std::domain_error);
    CHECK(oracle.row("SELECT count(*) FROM r_user WHERE email = 'changed'") == "0");
    CHECK(last->email == "ben@x.io");
    auto session = db.session();
    session.add(last);
    CHECK(last->posts.size() == 3);
}

TEST_CASE_METHOD(ReadingFixture, "a detached object can be removed, and one whose row is gone says so", "[loading]") {
    Ref<User> dee;
    Ref<User> ana;
    {
        auto session = db.session();
        dee = session.get<User>(4);
        ana = session.get<User>(1);
    }
    auto session = db.session();
    session.remove(dee);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM r_user") == "3");
    oracle.run("UPDATE r_post SET user_id = NULL; UPDATE r_flag SET user_id = NULL; DELETE FROM r_user WHERE id = 1");
    ana->email = "late";
    session.add(ana);
    CHECK_THROWS_AS(session.commit(), tandem::StaleData);
    session.rollback();
    CHECK_THROWS_AS(session.refresh(ana), tandem::ObjectDeleted);
}

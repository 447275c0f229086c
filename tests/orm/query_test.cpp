#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/query.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;

namespace {

template <class Q>
std::vector<std::int64_t> ids(tandem::Session& session, const Q& query) {
    std::vector<std::int64_t> found;
    for (const auto& object : session.exec(query).all()) found.push_back(object->id);
    return found;
}
using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE_METHOD(BlogFixture, "select without conditions finds every row") {
    auto session = db.session();
    CHECK(ids(session, User::select().order_by(User::c.id)) == Ids{1, 2, 3, 4});
}

TEST_CASE_METHOD(BlogFixture, "several where are joined by and") {
    auto session = db.session();
    CHECK(ids(session, Post::select().where(Post::c.user_id == 2).where(Post::c.title != "p3").order_by(Post::c.id)) ==
        Ids{2, 4});
}

TEST_CASE_METHOD(BlogFixture, "values are bound in the order of the text, whatever the order of the calls") {
    auto session = db.session();
    const auto query = User::select()
                           .order_by(User::c.username == "cy")
                           .limit(3)
                           .where(User::c.id > 1)
                           .where(User::c.username != "ben");
    CHECK(ids(session, query.order_by(User::c.id.desc())) == Ids{4, 3});
}

TEST_CASE_METHOD(BlogFixture, "a query is a value: what is built from it leaves it as it was") {
    auto session = db.session();
    const auto all = User::select().order_by(User::c.id);
    const auto some = all.where(User::c.id <= 2).limit(1);
    CHECK(ids(session, some) == Ids{1});
    CHECK(ids(session, all) == Ids{1, 2, 3, 4});
}

TEST_CASE_METHOD(BlogFixture, "a query can run again, with other values for the same text") {
    auto session = db.session();
    const auto by_name = [](const std::string& name) { return User::select().where(User::c.username == name); };
    CHECK(ids(session, by_name("ana")) == Ids{1});
    CHECK(ids(session, by_name("ben")) == Ids{2});
    CHECK(session.sql_of(by_name("ana")) == session.sql_of(by_name("ben")));
}

TEST_CASE_METHOD(BlogFixture, "order_by sorts by several columns, each in its direction") {
    auto session = db.session();
    CHECK(ids(session, Post::select().order_by(Post::c.user_id.desc(), Post::c.title.asc())) == Ids{5, 2, 3, 4, 1});
    CHECK(ids(session, Post::select().order_by(Post::c.user_id.desc()).order_by(Post::c.title.desc())) ==
        Ids{5, 4, 3, 2, 1});
}

TEST_CASE_METHOD(BlogFixture, "limit and offset cut the result at every edge") {
    auto session = db.session();
    const auto posts = Post::select().order_by(Post::c.id);
    CHECK(ids(session, posts.limit(2).offset(2)) == Ids{3, 4});
    CHECK(ids(session, posts.offset(4)) == Ids{5});
    CHECK(ids(session, posts.limit(0)).empty());
    CHECK(ids(session, posts.offset(100)).empty());
    CHECK(ids(session, posts.limit(-1)) == Ids{1, 2, 3, 4, 5});
    CHECK(ids(session, posts.limit(INT64_MAX)) == Ids{1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(BlogFixture, "first is the first object or empty") {
    auto session = db.session();
    CHECK(session.exec(User::select().order_by(User::c.id.desc())).first()->username == "dee");
    CHECK_FALSE(session.exec(User::select().where(User::c.id == 99)).first());
}

TEST_CASE_METHOD(BlogFixture, "one throws for no object and for several, saying which") {
    auto session = db.session();
    CHECK(session.exec(User::select().where(User::c.id == 1)).one()->username == "ana");
    CHECK_THROWS_AS(session.exec(User::select().where(User::c.id == 99)).one(), tandem::NoResult);
    CHECK_THAT(error_of<tandem::MultipleResults>([&] { (void)session.exec(User::select()).one(); }),
        ContainsSubstring("one() found more than one row"));
    CHECK_THAT(error_of<tandem::MultipleResults>([&] { (void)session.exec(User::select()).one_or_none(); }),
        ContainsSubstring("one_or_none() found more than one row"));
    CHECK_THAT(error_of<tandem::NoResult>(
                   [&] { (void)session.exec(tandem::select(User::c.id).where(User::c.id == 99)).scalar(); }),
        ContainsSubstring("scalar() found no row"));
    CHECK_THAT(error_of<tandem::NoResult>([&] { (void)session.execute("SELECT 1 WHERE 0").scalar(); }),
        ContainsSubstring("scalar() found no row"));
}

TEST_CASE_METHOD(BlogFixture, "one_or_none is empty for no object and throws for several") {
    auto session = db.session();
    CHECK(session.exec(User::select().where(User::c.id == 1)).one_or_none()->username == "ana");
    CHECK_FALSE(session.exec(User::select().where(User::c.id == 99)).one_or_none());
    CHECK_THROWS_AS(session.exec(User::select()).one_or_none(), tandem::MultipleResults);
}

TEST_CASE_METHOD(BlogFixture, "columns are selected as tuples of their types") {
    auto session = db.session();
    const std::vector<std::tuple<std::int64_t, std::string>> rows =
        session.exec(tandem::select(User::c.id, User::c.username).where(User::c.id < 3).order_by(User::c.id)).all();
    CHECK(rows == std::vector<std::tuple<std::int64_t, std::string>>{{1, "ana"}, {2, "ben"}});
    CHECK_FALSE(session.exec(tandem::select(User::c.id).where(User::c.id == 99)).first());
}

TEST_CASE_METHOD(BlogFixture, "count counts in the database") {
    auto session = db.session();
    CHECK(session.exec(tandem::select(tandem::count(Post::c.id)).where(Post::c.user_id == 2)).scalar() == 3);
}

TEST_CASE_METHOD(BlogFixture, "a null of a selected column that cannot be null is an error that names it") {
    oracle.run("CREATE TABLE t (x); PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, "
               "'\"email\" TEXT NOT NULL', '\"email\" TEXT') WHERE "
               "name = 'user'; PRAGMA writable_schema = RESET; UPDATE user SET email = NULL WHERE id = 1");
    tandem::Database again{db.url()};
    auto session = again.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.get<User>(1); }), ContainsSubstring("User.email"));
    CHECK_THAT(
        error_of<tandem::ValueError>([&] { (void)session.exec(tandem::select(User::c.id, User::c.email)).all(); }),
        ContainsSubstring("email"));
}

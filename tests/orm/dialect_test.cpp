// Typed queries are written in the words of the session's own database: the same query type on SQLite and on a driver
// that shares no word with it.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"
#include "support/recording_driver.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;

namespace {

class TwoDatabases : public BlogFixture {
public:
    std::shared_ptr<Recording> recording = std::make_shared<Recording>();
    tandem::Database other{make_recording_driver(recording), {}};

    /// The text of the query that the other database was asked last.
    std::string asked() {
        const auto lines = recording->take();
        return lines.empty() ? "" : lines.back();
    }
};

}  // namespace

TEST_CASE_METHOD(TwoDatabases, "one query type has a text for each dialect", "[dialect]") {
    const auto query = User::select().where(User::c.id.in(std::vector{1, 2}) && User::c.username.ilike("A%"));
    auto here = db.session();
    auto there = other.session();
    for (int round = 0; round < 2; ++round) {
        CHECK(here.exec(query).all().size() == 1);
        (void)there.exec(query).all();
        CHECK_THAT(asked(),
            ContainsSubstring("\"id\" AMONG (?)") && ContainsSubstring(" ILIKE ") &&
                ContainsSubstring("[(1, 2), 'A%']"));
    }
    CHECK_THAT(here.sql_of(query), ContainsSubstring("json_each(?)") && !ContainsSubstring("ILIKE"));
    CHECK_THAT(there.sql_of(query), ContainsSubstring("AMONG") && !ContainsSubstring("json_each"));
    CHECK(&here.sql_of(query) == &here.sql_of(query));
}

TEST_CASE_METHOD(TwoDatabases, "functions, casts, relations and subqueries are written in it, too", "[dialect]") {
    auto there = other.session();
    (void)there.exec(tandem::select(tandem::current_timestamp(), tandem::cast<std::int64_t>(User::c.username))).all();
    CHECK_THAT(asked(), ContainsSubstring("now()") && ContainsSubstring("AS NUMBER)"));
    (void)there.exec(Post::select().where(Post::c.user == tandem::Ref<User>{})).all();
    CHECK_THAT(asked(), ContainsSubstring("IS NOT DISTINCT FROM ?"));
    (void)there
        .exec(User::select().where(User::c.id.in(tandem::select(Flag::c.user_id).where(Flag::c.id.in(std::vector{7})))))
        .all();
    CHECK_THAT(asked(), ContainsSubstring("\"flag\".\"id\" AMONG (?)"));
}

TEST_CASE_METHOD(TwoDatabases, "statements that write rows are written in it, too", "[dialect]") {
    auto there = other.session();
    there.execute(tandem::update<User>().set(User::c.email, "x").where(User::c.id.in(std::vector{1})));
    CHECK_THAT(asked(), ContainsSubstring("\"id\" AMONG (?)"));
    there.execute(tandem::delete_from<User>().where(User::c.email.is_distinct_from("x")));
    CHECK_THAT(asked(), ContainsSubstring("IS DISTINCT FROM ?"));
}

TEST_CASE_METHOD(
    TwoDatabases, "loader options, pages, rows of objects and streams are written in it, too", "[dialect]") {
    auto there = other.session();
    const auto some = User::select().where(User::c.id.in(std::vector{1}));
    (void)there.exec(some.options(tandem::defer(User::c.email))).all();
    CHECK_THAT(asked(), ContainsSubstring("AMONG"));
    recording->answer("count(*)", {{tandem::Value{std::int64_t{7}}}});
    CHECK(there.exec(some).count() == 7);
    CHECK_THAT(asked(), ContainsSubstring("AMONG"));
    (void)there.exec(tandem::select(User::c, Post::c).join(User::c.posts).where(User::c.id.in(std::vector{1}))).all();
    CHECK_THAT(asked(), ContainsSubstring("AMONG"));
    for ([[maybe_unused]] const auto& user : there.stream(some)) FAIL("the other database has no rows");
    CHECK_THAT(asked(), ContainsSubstring("AMONG"));
    (void)there.exec(User::select().where(tandem::row(User::c.id, User::c.username).in({{1, "x"}}))).all();
    CHECK_THAT(asked(), ContainsSubstring("(\"user\".\"id\", \"user\".\"username\") AMONG 2 (?)"));
}

TEST_CASE_METHOD(TwoDatabases, "S131 row locks are asked for where the database has them", "[dialect]") {
    auto here = db.session(tandem::write);
    auto there = other.session();
    const auto query = User::select().where(User::c.id == 1).limit(1);
    (void)there.exec(query.for_update()).all();
    CHECK_THAT(asked(), ContainsSubstring(" LIMIT ? OFFSET ? FOR UPDATE ["));
    (void)there.exec(query.for_update(tandem::nowait)).all();
    CHECK_THAT(asked(), ContainsSubstring(" FOR UPDATE NOWAIT ["));
    (void)there.exec(query.for_update(tandem::skip_locked)).all();
    CHECK_THAT(asked(), ContainsSubstring(" FOR UPDATE SKIP LOCKED ["));
    (void)there.exec(tandem::select(User::c.username).for_update()).all();
    CHECK_THAT(asked(), EndsWith(" FOR UPDATE"));
    for ([[maybe_unused]] const auto& user : there.stream(query.for_update())) FAIL("the other database has no rows");
    CHECK_THAT(asked(), ContainsSubstring(" FOR UPDATE ["));

    // SQLite, where one transaction writes at a time, takes the query as it is.
    CHECK(here.exec(query.for_update()).one()->username == "ana");
    CHECK(here.exec(query.for_update(tandem::nowait)).one()->username == "ana");
    CHECK(here.exec(query.for_update(tandem::skip_locked)).one()->username == "ana");
    CHECK(here.sql_of(query.for_update()) == here.sql_of(query));
}

TEST_CASE_METHOD(TwoDatabases, "a lock does not get lost in a statement that numbers its rows", "[dialect]") {
    auto there = other.session();
    const auto query = User::select().options(tandem::joinedload(User::c.posts)).for_update();
    CHECK_THAT(error_of<tandem::ArgumentError>([&] { (void)there.exec(query).all(); }),
        ContainsSubstring("for_update()") && ContainsSubstring("selectinload()"));
    CHECK(db.session().exec(query).all().size() == 4);
}

TEST_CASE_METHOD(BlogFixture, "a LIKE pattern that the database would refuse is refused before", "[dialect]") {
    auto session = db.session();
    CHECK_THROWS_AS(session.exec(User::select().where(User::c.username.contains(std::string(60'000, 'x')))).all(),
        tandem::ArgumentError);
}

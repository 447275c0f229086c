// Aggregates, groups, functions, case and cast.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/function.hpp>

#include "query_models.hpp"

using Catch::Matchers::ContainsSubstring;
using queries::Flag;
using queries::Post;
using queries::User;
using namespace tandem;

namespace {

struct PostRow {
    std::int64_t id = 0;
    std::string title;
    std::optional<std::int64_t> user_id;
    TANDEM_STRUCT(PostRow, id, title, user_id)
};
struct Narrow {
    std::int8_t value = 0;
    TANDEM_STRUCT(Narrow, value)
};

}  // namespace

TEST_CASE_METHOD(QueryFixture, "aggregates over all rows, typed", "[query]") {
    auto session = db.session();
    const std::tuple<std::int64_t, std::int64_t, std::int64_t, std::optional<std::int64_t>, std::optional<double>,
        std::optional<std::string>, std::optional<std::string>>
        found = session
                    .exec(select(count(), count(User::c.email), count_distinct(length(User::c.username)),
                        sum(User::c.id), avg(User::c.id), min(User::c.username), max(User::c.email))
                              .from<User>())
                    .one();
    CHECK(found ==
        std::tuple{4, 3, 2, std::optional{10}, std::optional{2.5}, std::optional<std::string>{"ana"},
            std::optional<std::string>{"dee@y.io"}});
}

TEST_CASE_METHOD(QueryFixture, "aggregates over no rows: count is 0, the others are empty", "[query]") {
    auto session = db.session();
    const auto found = session
                           .exec(select(count(), sum(User::c.id), avg(User::c.id), min(User::c.id), max(User::c.id))
                                     .where(User::c.id < 0))
                           .one();
    CHECK(std::get<0>(found) == 0);
    CHECK_FALSE(std::get<1>(found));
    CHECK_FALSE(std::get<2>(found));
    CHECK_FALSE(std::get<3>(found));
    CHECK_FALSE(std::get<4>(found));
}

TEST_CASE_METHOD(QueryFixture, "group_by and having", "[query]") {
    auto session = db.session();
    const auto grouped = select(Post::c.user_id, count(), max(Post::c.title)).group_by(Post::c.user_id);
    CHECK(session.exec(grouped.order_by(Post::c.user_id)).all() ==
        std::vector<std::tuple<std::optional<std::int64_t>, std::int64_t, std::optional<std::string>>>{
            {1, 1, "p1"}, {2, 3, "p4"}, {3, 1, "p5"}});
    CHECK(session.exec(grouped.having(count() > 1)).one() ==
        std::tuple<std::optional<std::int64_t>, std::int64_t, std::optional<std::string>>{2, 3, "p4"});
    CHECK(session.exec(grouped.having(count() > 1).where(Post::c.id != 3).having(max(Post::c.id) > 9)).all().empty());
}

TEST_CASE_METHOD(QueryFixture, "rows may be ordered by an aggregate or an expression", "[query]") {
    auto session = db.session();
    CHECK(
        session.exec(select(Post::c.user_id).group_by(Post::c.user_id).order_by(count().desc(), Post::c.user_id.desc()))
            .scalars() == std::vector<std::optional<std::int64_t>>{2, 3, 1});
    CHECK(ids(session, User::select().order_by((User::c.id % 2).desc(), -User::c.id)) == Ids{3, 1, 4, 2});
}

TEST_CASE_METHOD(QueryFixture, "distinct leaves out repeated rows", "[query]") {
    auto session = db.session();
    const auto users = select(Flag::c.user_id).order_by(Flag::c.user_id);
    CHECK(session.exec(users).scalars().size() == 6);
    CHECK(session.exec(users.distinct().distinct()).scalars() == std::vector<std::optional<std::int64_t>>{1, 2, 3});
}

TEST_CASE_METHOD(QueryFixture, "text and number functions", "[query]") {
    auto session = db.session();
    const auto found = session
                           .exec(select(upper(User::c.username), lower(User::c.username + "X"), length(User::c.email),
                               trim("  " + User::c.username + " "), abs(User::c.id - 10),
                               function<"substr", std::string>(User::c.username, 2, 1))
                                     .where(User::c.id == 1))
                           .one();
    CHECK(found ==
        std::tuple{std::string{"ANA"}, std::string{"anax"}, std::optional<std::int64_t>{8}, std::string{"ana"},
            std::int64_t{9}, std::string{"n"}});
}

TEST_CASE_METHOD(QueryFixture, "coalesce is nullable only when all its values are", "[query]") {
    auto session = db.session();
    const std::vector<std::string> texts =
        session.exec(select(coalesce(User::c.email, "none")).order_by(User::c.id)).scalars();
    CHECK(texts == std::vector<std::string>{"ana@x.io", "ben@x.io", "none", "dee@y.io"});
    const std::vector<std::optional<std::string>> maybe =
        session.exec(select(coalesce(User::c.email, User::c.email)).where(User::c.id == 3)).scalars();
    CHECK(maybe == std::vector<std::optional<std::string>>{std::nullopt});
}

TEST_CASE_METHOD(QueryFixture, "case_ classifies rows", "[query]") {
    auto session = db.session();
    const std::vector<std::string> kinds =
        session
            .exec(select(case_(when(User::c.email == std::nullopt, "none"), when(User::c.email.ends_with("x.io"), "x"))
                             .otherwise("other"))
                      .order_by(User::c.id))
            .scalars();
    CHECK(kinds == std::vector<std::string>{"x", "x", "none", "other"});
    const std::vector<std::optional<std::int64_t>> maybe =
        session.exec(select(case_(when(User::c.id > 3, User::c.id * 10))).order_by(User::c.id)).scalars();
    CHECK(maybe == std::vector<std::optional<std::int64_t>>{{}, {}, {}, 40});
    CHECK(session.exec(select(sum(case_(when(User::c.id > 2, 1)).otherwise(0)))).scalar() == 2);
}

TEST_CASE_METHOD(QueryFixture, "cast gives the type asked for", "[query]") {
    auto session = db.session();
    const auto found = session
                           .exec(select(cast<std::string>(User::c.id), cast<double>(User::c.id) / 2,
                               cast<std::int64_t>("1" + cast<std::string>(User::c.id)))
                                     .where(User::c.id == 3))
                           .one();
    CHECK(found == std::tuple{std::string{"3"}, std::optional<double>{1.5}, std::int64_t{13}});
}

TEST_CASE_METHOD(QueryFixture, "current_timestamp is the database's clock", "[query]") {
    auto session = db.session();
    const Timestamp now = session.exec(select(current_timestamp()).from<User>().limit(1)).scalar();
    const auto difference = std::chrono::system_clock::now() - now;
    CHECK(difference < std::chrono::seconds{5});
    CHECK(difference > std::chrono::seconds{-5});
}

TEST_CASE_METHOD(QueryFixture, "rows are read into structs, in the order of their members", "[query]") {
    auto session = db.session();
    const std::vector<PostRow> rows =
        session.exec(select(Post::c.id, Post::c.title, Post::c.user_id).order_by(Post::c.id).into<PostRow>()).all();
    REQUIRE(rows.size() == 5);
    CHECK(rows[2].id == 3);
    CHECK(rows[2].title == "p3");
    CHECK(rows[2].user_id == 2);
    CHECK(session.exec(select(Post::c.id, Post::c.title, Post::c.user_id).into<PostRow>().where(Post::c.id == 4))
              .first()
              ->title == "p4");
}

TEST_CASE_METHOD(
    QueryFixture, "a number too large for the struct's member is an error that names the column", "[query]") {
    auto session = db.session();
    CHECK(session.exec(select(User::c.id).where(User::c.id == 4).into<Narrow>()).one().value == 4);
    CHECK_THAT(error_of<ValueError>([&] { (void)session.exec(select(User::c.id + 1000).into<Narrow>()).all(); }),
        ContainsSubstring("column") && ContainsSubstring("1001"));
}

TEST_CASE_METHOD(QueryFixture, "a label names the result's column, and can be ordered by", "[query]") {
    const auto posts = count().label<"posts">();
    const auto query = select(Post::c.user_id, posts).group_by(Post::c.user_id).order_by(posts.desc());
    auto session = db.session();
    CHECK_THAT(session.sql_of(query), ContainsSubstring("count(*) AS \"posts\""));
    CHECK(session.exec(query).first() == std::tuple<std::optional<std::int64_t>, std::int64_t>{2, 3});
}

TEST_CASE_METHOD(
    QueryFixture, "values are bound in the order of the text, whatever the order of the calls", "[query]") {
    auto session = db.session();
    const auto query = select(Post::c.user_id, count() + 100)
                           .having(count() >= 1)
                           .order_by((Post::c.user_id == 3).desc(), Post::c.user_id)
                           .limit(2)
                           .where(Post::c.id > 1)
                           .group_by(Post::c.user_id)
                           .where(Post::c.title != "p9");
    CHECK(session.exec(query).all() ==
        std::vector<std::tuple<std::optional<std::int64_t>, std::int64_t>>{{3, 101}, {2, 103}});
}

// Conditions and arithmetic: what each finds, NULL, long lists, and patterns.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/expression.hpp>

#include "query_models.hpp"

using Catch::Matchers::ContainsSubstring;
using queries::Number;
using queries::Post;
using queries::Tag;
using queries::User;

TEST_CASE_METHOD(QueryFixture, "S110 NULL rules of comparisons", "[query]") {
    const std::optional<std::string> nothing;
    CHECK(where<User>(db, User::c.email == std::nullopt) == Ids{3});
    CHECK(where<User>(db, User::c.email != std::nullopt) == Ids{1, 2, 4});
    CHECK(where<User>(db, User::c.email != "ana@x.io") == Ids{2, 4});
    CHECK(where<User>(db, User::c.email == nothing) == Ids{3});
    CHECK(where<User>(db, User::c.email != nothing) == Ids{1, 2, 4});
    CHECK(where<User>(db, User::c.email.not_in({"ana@x.io"})) == Ids{2, 4});
    CHECK(where<User>(db, User::c.email.in(std::vector<std::optional<std::string>>{{}, "ana@x.io"})) == Ids{1});
    CHECK(where<User>(db, User::c.email.is_distinct_from("ana@x.io")) == Ids{2, 3, 4});
    // "< null" does not compile: tests/compile_fail/order_of_null.cpp.
}

TEST_CASE_METHOD(QueryFixture, "NULL counts as a value for is_distinct_from and is_not_distinct_from", "[query]") {
    const std::optional<std::string> nothing;
    const std::optional<std::string> ana = "ana@x.io";
    CHECK(where<User>(db, User::c.email.is_distinct_from(nothing)) == Ids{1, 2, 4});
    CHECK(where<User>(db, User::c.email.is_not_distinct_from(nothing)) == Ids{3});
    CHECK(where<User>(db, User::c.email.is_not_distinct_from(ana)) == Ids{1});
    CHECK(where<User>(db, User::c.email == ana) == Ids{1});
    CHECK(where<User>(db, User::c.email != ana) == Ids{2, 4});
    CHECK(where<User>(db, User::c.email.is_distinct_from(User::c.email)).empty());
}

TEST_CASE_METHOD(QueryFixture, "not_in of a list with a null finds nothing, as SQL has it", "[query]") {
    CHECK(where<User>(db, User::c.email.not_in(std::vector<std::optional<std::string>>{{}, "ana@x.io"})).empty());
}

TEST_CASE_METHOD(QueryFixture, "S112 in() of an empty list finds nothing, not_in() finds all", "[query]") {
    CHECK(where<User>(db, User::c.id.in(std::vector<std::int64_t>{})).empty());
    CHECK(where<User>(db, User::c.id.not_in(std::vector<std::int64_t>{})) == Ids{1, 2, 3, 4});
    CHECK(where<User>(db, User::c.email.not_in(std::vector<std::string>{})) == Ids{1, 2, 3, 4});
}

TEST_CASE_METHOD(QueryFixture, "S113 in() takes any number of values in one statement", "[query]") {
    for (const std::int64_t n : {1000, 32766, 32767, 40000, 300000}) {
        std::vector<std::int64_t> values;
        for (std::int64_t i = 1; i <= n; ++i) values.push_back(i);
        StatementLog log{db};
        CHECK(where<User>(db, User::c.id.in(values)) == Ids{1, 2, 3, 4});
        CHECK(log.count("SELECT") == 1);
    }
}

TEST_CASE_METHOD(Fixture, "in() compares numbers as they are, never cut to the column's type", "[query]") {
    auto session = db.session();
    session.add(Number{.small = 44, .big = INT64_MAX, .real = 1.5});
    session.commit();
    CHECK(where<Number>(db, Number::c.small.in({300})).empty());  // 300 is 44 in eight bits
    CHECK(where<Number>(db, Number::c.small.in({44.5})).empty());
    CHECK(where<Number>(db, Number::c.small.in({44.0})) == Ids{1});
    CHECK(where<Number>(db, Number::c.small.in({std::int64_t{44} + (std::int64_t{1} << 32)})).empty());
    CHECK(where<Number>(db, Number::c.big.in({INT64_MAX})) == Ids{1});
    CHECK(where<Number>(db, Number::c.big.in({INT64_MAX - 1})).empty());
    CHECK(where<Number>(db, Number::c.real.in({1.5})) == Ids{1});
    CHECK_THROWS_AS(where<Number>(db, Number::c.real.in({0.0 / 0.0 * -1})), tandem::ValueError);
    CHECK_THROWS_AS(where<Number>(db, Number::c.big.in({UINT64_MAX})), tandem::ValueError);
}

TEST_CASE_METHOD(QueryFixture, "in() takes initialiser lists and any range", "[query]") {
    CHECK(where<User>(db, User::c.id.in({1, 4, 99})) == Ids{1, 4});
    CHECK(where<User>(db, User::c.username.in({"ben", "x"})) == Ids{2});
    CHECK(where<Post>(db, Post::c.user_id.in({2})) == Ids{2, 3, 4});
    CHECK(where<Post>(db, Post::c.user_id.not_in({2})) == Ids{1, 5});
}

TEST_CASE_METHOD(Fixture, "in() refuses a text with a NUL character, which a list would cut; == finds it", "[query]") {
    const std::string nul("a\0b", 3);
    auto session = db.session();
    session.add(Tag{.label = "a"});
    session.add(Tag{.label = nul});
    session.commit();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)where<Tag>(db, Tag::c.label.in({nul})); }),
        ContainsSubstring("NUL") && ContainsSubstring("=="));
    CHECK(where<Tag>(db, Tag::c.label == nul) == Ids{2});
}

TEST_CASE_METHOD(QueryFixture, "S130 a value is bound, never part of the SQL", "[query]") {
    StatementLog log{db};
    CHECK(where<User>(db, User::c.username == "x' or '1'='1").empty());
    CHECK(where<User>(db, User::c.username.in({"x' or '1'='1", "\"", "\\", "]"})).empty());
    CHECK(where<User>(db, User::c.username.between("' OR 1=1 --", "' OR 1=1 --")).empty());
    for (const auto& statement : log.statements()) CHECK_THAT(statement, !ContainsSubstring("1=1"));
}

TEST_CASE_METHOD(QueryFixture, "between includes both bounds; the value may stand on the left", "[query]") {
    CHECK(where<User>(db, User::c.id.between(2, 3)) == Ids{2, 3});
    CHECK(where<User>(db, User::c.id.between(3, 2)).empty());
    CHECK(where<User>(db, User::c.username.between("b", "cz")) == Ids{2, 3});
    CHECK(where<User>(db, 2 < User::c.id) == Ids{3, 4});
    CHECK(where<User>(db, 2 >= User::c.id) == Ids{1, 2});
    CHECK(where<User>(db, 2 == User::c.id) == Ids{2});
    CHECK(where<User>(db, "ben" != User::c.username) == Ids{1, 3, 4});
}

TEST_CASE_METHOD(Fixture, "S115 case folding: ASCII letters fold, others do not", "[query]") {
    oracle.run("INSERT INTO tag (id, label) VALUES (60, 'ŻÓŁW'), (61, 'ABC')");
    CHECK(where<Tag>(db, Tag::c.label.ilike("żółw")).empty());
    CHECK(where<Tag>(db, Tag::c.label.ilike("abc")) == Ids{61});
    CHECK(where<Tag>(db, Tag::c.label.ilike("ŻÓŁW")) == Ids{60});
    CHECK(where<Tag>(db, tandem::lower(Tag::c.label) == "abc") == Ids{61});
    CHECK(where<Tag>(db, tandem::lower(Tag::c.label).contains("b")) == Ids{61});
}

TEST_CASE_METHOD(Fixture, "contains takes %, _ and \\ as they are; like() takes them as a pattern", "[query]") {
    oracle.run("INSERT INTO tag (id, label) VALUES (1, '100% sure'), (2, '100 sure'), (3, 'a_b'), (4, 'axb'),"
               " (5, 'c\\d'), (6, 'smile 😀!')");
    CHECK(where<Tag>(db, Tag::c.label.contains("0%")) == Ids{1});
    CHECK(where<Tag>(db, Tag::c.label.contains("a_b")) == Ids{3});
    CHECK(where<Tag>(db, Tag::c.label.like("a_b")) == Ids{3, 4});
    CHECK(where<Tag>(db, Tag::c.label.starts_with("100")) == Ids{1, 2});
    CHECK(where<Tag>(db, Tag::c.label.ends_with("\\d")) == Ids{5});
    CHECK(where<Tag>(db, !Tag::c.label.contains("e")) == Ids{3, 4, 5});
    CHECK(where<Tag>(db, Tag::c.label.contains("😀")) == Ids{6});
}

TEST_CASE_METHOD(Fixture, "a pattern too long for the database is an error before SQL", "[query]") {
    auto session = db.session();
    session.add(Tag{.label = std::string(60'000, 'x')});
    session.commit();
    CHECK(where<Tag>(db, Tag::c.label.starts_with(std::string(49'000, 'x'))) == Ids{1});
    StatementLog log{db};
    const auto text =
        error_of<tandem::ArgumentError>([&] { (void)where<Tag>(db, Tag::c.label.contains(std::string(50'000, 'x'))); });
    CHECK_THAT(text, ContainsSubstring("50002 bytes") && ContainsSubstring("50000"));
    CHECK(log.size() == 0);
    CHECK(
        where<Tag>(db, tandem::function<"instr", std::int64_t>(Tag::c.label, std::string(50'000, 'x')) > 0) == Ids{1});
}

TEST_CASE_METHOD(Fixture, "arithmetic of numbers, in order of the parentheses", "[query]") {
    oracle.run("INSERT INTO number (id, small, big, real, maybe, flag, text)"
               " VALUES (1, 7, 9000000000, 2.5, NULL, 0, 'ab'), (2, -7, 2, 0.5, 3, 1, 'c')");
    auto session = db.session();
    const auto row = [&](std::int64_t id, auto... fields) {
        return session.exec(tandem::select(fields...).where(Number::c.id == id)).one();
    };
    const auto& n = Number::c;
    CHECK(row(1, n.small + n.big, n.small - 1, 2 * n.small) ==
        std::tuple<std::int64_t, std::int64_t, std::int64_t>{9000000007, 6, 14});
    CHECK(row(1, (n.small + 1) * 2, n.small + 1 * 2, -n.small) ==
        std::tuple<std::int64_t, std::int64_t, std::int64_t>{16, 9, -7});
    CHECK(row(1, n.small * n.real, n.small + 0.25) == std::tuple<double, double>{17.5, 7.25});
    CHECK(
        row(1, n.small / 2, n.small % 4) == std::tuple<std::optional<std::int64_t>, std::optional<std::int64_t>>{3, 3});
    CHECK(row(2, n.small / 2, n.small % 4) ==
        std::tuple<std::optional<std::int64_t>, std::optional<std::int64_t>>{-3, -3});
    CHECK(row(1, n.small / 0, n.small / 2.0) ==
        std::tuple<std::optional<std::int64_t>, std::optional<double>>{std::nullopt, 3.5});
    CHECK(row(1, n.maybe + 1) == std::tuple<std::optional<std::int64_t>>{std::nullopt});
    CHECK(row(2, n.maybe + 1) == std::tuple<std::optional<std::int64_t>>{4});
    CHECK(row(1, n.text + "!", "<" + n.text + ">", n.text + n.text) ==
        std::tuple<std::string, std::string, std::string>{"ab!", "<ab>", "abab"});
    CHECK(where<Number>(db, n.small + n.maybe == -4) == Ids{2});
}

TEST_CASE_METHOD(Fixture, "a sum beyond 64 bits is an error, never a wrong number", "[query]") {
    auto session = db.session();
    session.add(Number{.big = INT64_MAX});
    CHECK_THROWS_AS(session.exec(tandem::select(Number::c.big + 1)).all(), tandem::ValueError);
    session.add(Number{.big = INT64_MAX});
    CHECK_THROWS_AS(session.exec(tandem::select(tandem::sum(Number::c.big))).all(), tandem::Error);
}

TEST_CASE_METHOD(QueryFixture, "S121 paging edges", "[query]") {
    auto session = db.session();
    const auto posts = Post::select().order_by(Post::c.id);
    CHECK(ids(session, posts.limit(2).offset(2)) == Ids{3, 4});
    CHECK(ids(session, posts.offset(4)) == Ids{5});
    CHECK(ids(session, posts.limit(0)).empty());
    CHECK(ids(session, posts.offset(100)).empty());
    CHECK(ids(session, posts.limit(-1)) == Ids{1, 2, 3, 4, 5});
    CHECK(ids(session, posts.limit(2).limit(-1).offset(-3)) == Ids{1, 2, 3, 4, 5});
    CHECK(ids(session, posts.limit(INT64_MAX).offset(1)) == Ids{2, 3, 4, 5});
}

TEST_CASE_METHOD(QueryFixture, "S122 where NULL is sorted", "[query]") {
    auto session = db.session();
    const auto sorted = [&](auto key) { return ids(session, User::select().order_by(key, User::c.id)); };
    CHECK(sorted(User::c.email) == Ids{3, 1, 2, 4});
    CHECK(sorted(User::c.email.nulls_last()) == Ids{1, 2, 4, 3});
    CHECK(sorted(User::c.email.asc().nulls_last()) == Ids{1, 2, 4, 3});
    CHECK(sorted(User::c.email.desc()) == Ids{4, 2, 1, 3});
    CHECK(sorted(User::c.email.desc().nulls_first()) == Ids{3, 4, 2, 1});
    CHECK(sorted(User::c.email.nulls_first()) == Ids{3, 1, 2, 4});
}

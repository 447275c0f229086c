#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/expression.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using types::Everything;
using types::Place;

namespace {

/// Names of the users that a condition finds.
template <class E>
std::string names(tandem::Database& db, const E& condition) {
    auto session = db.session();
    std::string found;
    for (const auto& user : session.exec(User::select().where(condition).order_by(User::c.id)).all())
        found += (found.empty() ? "" : " ") + user->username;
    return found;
}

class Texts : public Fixture {
public:
    void store(std::initializer_list<const char*> texts) {
        auto session = db.session();
        for (const auto* text : texts) session.add(User{.username = text});
        session.commit();
    }
};

}  // namespace

TEST_CASE_METHOD(BlogFixture, "comparisons find what they say") {
    CHECK(names(db, User::c.id == 2) == "ben");
    CHECK(names(db, User::c.id != 2) == "ana cy dee");
    CHECK(names(db, User::c.id < 2) == "ana");
    CHECK(names(db, User::c.id <= 2) == "ana ben");
    CHECK(names(db, User::c.id > 3) == "dee");
    CHECK(names(db, User::c.id >= 3) == "cy dee");
    CHECK(names(db, User::c.username == std::string{"cy"}) == "cy");
    CHECK(names(db, User::c.username == std::string_view{"cy"}) == "cy");
    CHECK(names(db, User::c.username > "b") == "ben cy dee");
}

TEST_CASE_METHOD(BlogFixture, "conditions are joined by and, or and not, with parentheses of their own") {
    CHECK(names(db, User::c.id == 1 || (User::c.id == 2 && User::c.username == "x")) == "ana");
    CHECK(names(db, (User::c.id == 1 || User::c.id == 2) && User::c.username == "ben") == "ben");
    CHECK(names(db, !(User::c.id == 1 || User::c.id == 2)) == "cy dee");
    CHECK(names(db, !User::c.username.contains("e") && User::c.id > 1) == "cy");
}

TEST_CASE_METHOD(BlogFixture, "two columns of one type can be compared") {
    oracle.run("UPDATE user SET email = username WHERE id = 3");
    CHECK(names(db, User::c.username == User::c.email) == "cy");
}

TEST_CASE_METHOD(BlogFixture, "a value is bound, never spliced into the SQL") {
    CHECK(names(db, User::c.username == "x' OR '1'='1").empty());
    CHECK(names(db, User::c.username.contains("' OR 1=1 --")).empty());
}

TEST_CASE_METHOD(Texts, "contains takes percent, underscore and backslash as plain characters") {
    store({"50% off", "50 off", "a_b", "axb", "c\\d", "c\\\\d", "cd"});
    CHECK(names(db, User::c.username.contains("0% ")) == "50% off");
    CHECK(names(db, User::c.username.contains("a_b")) == "a_b");
    CHECK(names(db, User::c.username.contains("c\\d")) == "c\\d");
    CHECK(names(db, User::c.username.contains("\\\\")) == "c\\\\d");
    CHECK(names(db, User::c.username.contains("%")) == "50% off");
}

TEST_CASE_METHOD(Texts, "contains finds unicode text, and folds ASCII letters only") {
    store({"żółw", "ŻÓŁW", "abc", "ABC", "漢字", "smile 😀"});
    CHECK(names(db, User::c.username.contains("ółw")) == "żółw");
    CHECK(names(db, User::c.username.contains("B")) == "abc ABC");
    CHECK(names(db, User::c.username.contains("字")) == "漢字");
    CHECK(names(db, User::c.username.contains("😀")) == "smile 😀");
}

TEST_CASE_METHOD(
    Texts, "contains of nothing finds all; starts_with and ends_with keep to their end; like takes patterns") {
    store({"abcd", "bcda", "%abc"});
    CHECK(names(db, User::c.username.contains("")) == "abcd bcda %abc");
    CHECK(names(db, User::c.username.starts_with("ab")) == "abcd");
    CHECK(names(db, User::c.username.starts_with("%")) == "%abc");
    CHECK(names(db, User::c.username.ends_with("da")) == "bcda");
    CHECK(names(db, User::c.username.like("_b%")) == "abcd");
    CHECK(names(db, User::c.username.like("\\%%")) == "%abc");
}

TEST_CASE_METHOD(BlogFixture, "in finds the values of any range, none and many") {
    CHECK(names(db, User::c.id.in(std::vector{1, 4, 99})) == "ana dee");
    CHECK(names(db, User::c.id.in(std::vector<std::int64_t>{})).empty());
    CHECK(names(db, !User::c.id.in(std::vector<std::int64_t>{})) == "ana ben cy dee");
    CHECK(names(db, User::c.username.in(std::vector<std::string>{"ben", "x'", "\"", "dee"})) == "ben dee");
    std::vector<std::int64_t> many;
    for (std::int64_t i = 3; i < 2003; ++i) many.push_back(i);
    CHECK(names(db, User::c.id.in(many)) == "cy dee");
}

TEST_CASE_METHOD(BlogFixture, "in has one text for any number of values") {
    const auto one = User::select().where(User::c.id.in(std::vector{1}));
    const auto three = User::select().where(User::c.id.in(std::vector{1, 2, 3}));
    auto session = db.session();
    CHECK(session.sql_of(one) == session.sql_of(three));
}

TEST_CASE_METHOD(Fixture, "in finds extremes, times, booleans, texts with quotes and emoji, and reals") {
    const auto noon = *tandem::parse_timestamp("2026-11-22T12:00:00Z");
    const auto exact = *tandem::parse_timestamp("2026-11-22T12:00:00.000001Z");
    auto session = db.session();
    session.add(Everything{
        .flag = true, .i64 = INT64_MIN, .real = 0.1, .text = "a\"b'c\\ 😀", .time = noon, .maybe_number = 7});
    session.add(Everything{.i64 = INT64_MAX, .real = -2.5, .text = "", .time = exact});
    session.flush();
    const auto count = [&](const auto& condition) {
        return session.exec(Everything::select().where(condition)).all().size();
    };
    CHECK(count(Everything::c.i64.in(std::vector{INT64_MIN})) == 1);
    CHECK(count(Everything::c.i64.in(std::vector{INT64_MAX, INT64_MIN})) == 2);
    CHECK(count(Everything::c.time.in(std::vector{noon})) == 1);
    CHECK(count(Everything::c.time.in(std::vector{noon, exact})) == 2);
    CHECK(count(Everything::c.flag.in(std::vector<bool>{true})) == 1);
    CHECK(count(Everything::c.text.in(std::vector<std::string>{"a\"b'c\\ 😀"})) == 1);
    CHECK(count(Everything::c.text.in(std::vector<std::string>{""})) == 1);
    CHECK(count(Everything::c.real.in(std::vector{0.1, 9.0})) == 1);
    CHECK(count(Everything::c.maybe_number.in(std::vector{7, 8})) == 1);
}

TEST_CASE_METHOD(Fixture, "in refuses texts that are no UTF-8 with an error of Tandem's own") {
    auto session = db.session();
    CHECK_THROWS_AS(session.exec(User::select().where(User::c.username.in(std::vector<std::string>{"\xff"}))).all(),
        tandem::ValueError);
}

TEST_CASE_METHOD(Fixture, "null is found by nullopt, is_null and an empty optional") {
    auto session = db.session();
    const auto root = session.add(Place{.label = "root"});
    session.add(Place{.label = "leaf", .parent = root});
    session.flush();
    const auto labels = [&](const auto& condition) {
        std::string found;
        for (const auto& place : session.exec(Place::select().where(condition).order_by(Place::c.id)).all())
            found += place->label + " ";
        return found;
    };
    CHECK(labels(Place::c.parent_id == std::nullopt) == "root ");
    CHECK(labels(Place::c.parent_id.is_null()) == "root ");
    CHECK(labels(Place::c.parent_id != std::nullopt) == "leaf ");
    CHECK(labels(Place::c.parent_id.is_not_null()) == "leaf ");
    CHECK(labels(Place::c.parent_id == std::optional<std::int64_t>{}) == "root ");
    CHECK(labels(Place::c.parent_id != std::optional<std::int64_t>{}) == "leaf ");
    CHECK(labels(Place::c.parent_id == std::optional<std::int64_t>{1}) == "leaf ");
    CHECK(labels(Place::c.parent_id != std::optional<std::int64_t>{2}) == "leaf ");
    CHECK(labels(Place::c.parent_id != 2) == "leaf ");
}

TEST_CASE_METHOD(Fixture, "numbers compare with numbers of other widths") {
    auto session = db.session();
    session.add(Everything{.i8 = -5, .u32 = 4'000'000'000U, .real = 2.0});
    session.flush();
    const auto found = [&](const auto& condition) {
        return session.exec(Everything::select().where(condition)).all().size() == 1;
    };
    CHECK(found(Everything::c.i8 == -5L));
    CHECK(found(Everything::c.i8 > -1000));
    CHECK(found(Everything::c.u32 == 4'000'000'000LL));
    CHECK(found(Everything::c.real == 2));
    CHECK(found(Everything::c.i8 < 0.5));
}

TEST_CASE_METHOD(Fixture, "bools, times, enums and types with a codec of their own are compared as what they are") {
    const auto noon = *tandem::parse_timestamp("2026-11-22T12:00:00Z");
    auto session = db.session();
    session.add(Everything{.flag = true, .time = noon, .colour = types::Colour::blue, .money = {250}});
    session.flush();
    const auto found = [&](const auto& condition) {
        return session.exec(Everything::select().where(condition)).all().size() == 1;
    };
    CHECK(found(Everything::c.flag == true));
    CHECK(found(Everything::c.flag));
    CHECK(found(Everything::c.time == noon));
    CHECK(found(Everything::c.time < noon + std::chrono::microseconds{1}));
    CHECK(found(Everything::c.colour == types::Colour::blue));
    CHECK(found(Everything::c.money == types::Money{250}));
}

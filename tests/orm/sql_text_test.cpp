#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/sql_text.hpp>

using tandem::Parameter;
using tandem::Value;
using tandem::orm::controls_transactions;

// Checked by the compiler, as literals are.
static_assert(controls_transactions("COMMIT"));
static_assert(controls_transactions("\n\t ;Rollback to a"));
static_assert(controls_transactions("-- comment\nBEGIN"));
static_assert(controls_transactions("/* a *//* b */ END"));
static_assert(!controls_transactions("SELECT 'COMMIT'"));
static_assert(!controls_transactions("committed"));
static_assert(!controls_transactions("-- COMMIT"));
static_assert(!controls_transactions("/* COMMIT"));
static_assert(!controls_transactions("/*/ COMMIT"));
static_assert(!controls_transactions(""));
static_assert(!controls_transactions("- 1"));

TEST_CASE("SQL text is the literal, all of it") {
    constexpr tandem::SqlText text{"SELECT 'ü'"};
    CHECK(text.text() == "SELECT 'ü'");
}

TEST_CASE("a parameter takes any value a column can hold") {
    CHECK(Parameter("p", nullptr).value() == Value{});
    CHECK(Parameter("p", std::nullopt).value() == Value{});
    CHECK(Parameter("p", 3).value() == Value{std::int64_t{3}});
    CHECK(Parameter("p", true).value() == Value{std::int64_t{1}});
    CHECK(Parameter("p", std::uint32_t{4'000'000'000U}).value() == Value{std::int64_t{4'000'000'000}});
    CHECK(Parameter("p", 0.5).value() == Value{0.5});
    CHECK(Parameter("p", "text").value() == Value{std::string{"text"}});
    CHECK(Parameter("p", std::string_view{"text"}).value() == Value{std::string{"text"}});
    CHECK(Parameter("p", std::optional<std::string>{"x"}).value() == Value{std::string{"x"}});
    CHECK(Parameter("p", std::optional<int>{}).value() == Value{});
    CHECK(Parameter("p", Value{2.5}).value() == Value{2.5});
}

TEST_CASE("a time is bound as columns store it") {
    CHECK(Parameter("p", *tandem::parse_timestamp("2026-11-22T10:30:00Z")).value() ==
        Value{std::string{"2026-11-22 10:30:00.000000"}});
    CHECK(Parameter("p", *tandem::parse_timestamp("2026-11-22T10:30:00.5Z")).value() ==
        Value{std::string{"2026-11-22 10:30:00.500000"}});
}

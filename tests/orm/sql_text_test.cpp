#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/database.hpp>
#include <tandem/orm/sql_text.hpp>

using tandem::Parameter;
using tandem::Value;
using tandem::orm::controls_transactions;

// Checked by the compiler, as literals are.
static_assert(controls_transactions("COMMIT"));
static_assert(controls_transactions("\n\t ;Rollback to a"));
static_assert(controls_transactions("-- comment\nBEGIN"));
static_assert(controls_transactions("/* a *//* b */ END"));
static_assert(controls_transactions(" \v\f\r COMMIT"));
static_assert(controls_transactions("\xEF\xBB\xBF"
                                    "COMMIT"));
static_assert(!controls_transactions("\xEF\xBB"
                                     "COMMIT"));
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
    CHECK(tandem::orm::to_value(Parameter("p", nullptr).view()) == Value{});
    CHECK(tandem::orm::to_value(Parameter("p", std::nullopt).view()) == Value{});
    CHECK(tandem::orm::to_value(Parameter("p", 3).view()) == Value{std::int64_t{3}});
    CHECK(tandem::orm::to_value(Parameter("p", true).view()) == Value{std::int64_t{1}});
    CHECK(tandem::orm::to_value(Parameter("p", std::uint32_t{4'000'000'000U}).view()) ==
        Value{std::int64_t{4'000'000'000}});
    CHECK(tandem::orm::to_value(Parameter("p", 0.5).view()) == Value{0.5});
    CHECK(tandem::orm::to_value(Parameter("p", "text").view()) == Value{std::string{"text"}});
    CHECK(tandem::orm::to_value(Parameter("p", std::string_view{"text"}).view()) == Value{std::string{"text"}});
    CHECK(tandem::orm::to_value(Parameter("p", std::optional<std::string>{"x"}).view()) == Value{std::string{"x"}});
    CHECK(tandem::orm::to_value(Parameter("p", std::optional<int>{}).view()) == Value{});
    CHECK(tandem::orm::to_value(Parameter("p", Value{2.5}).view()) == Value{2.5});
}

TEST_CASE("a time is bound as columns store it") {
    tandem::Database db{"sqlite:///:memory:"};
    auto session = db.session();
    const auto stored = [&session](const char* iso) {
        return session.execute("SELECT :t", {{"t", *tandem::parse_timestamp(iso)}}).scalar();
    };
    CHECK(stored("2026-11-22T10:30:00Z") == Value{std::string{"2026-11-22 10:30:00.000000"}});
    CHECK(stored("2026-11-22T10:30:00.5Z") == Value{std::string{"2026-11-22 10:30:00.500000"}});
}

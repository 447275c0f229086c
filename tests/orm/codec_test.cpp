#include <limits>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/codec.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using Catch::Matchers::ContainsSubstring;
using tandem::Codec;
using types::Everything;

namespace {
/// Stores a row and reads it in another session.
Everything round_trip(tandem::Database& db, const Everything& value) {
    std::int64_t id = 0;
    {
        auto session = db.session();
        const auto stored = session.add(value);
        session.commit();
        id = stored->id;
    }
    auto session = db.session();
    return *session.get<Everything>(id);
}
}  // namespace

TEMPLATE_TEST_CASE("an integer of any width takes its extremes and refuses what lies beyond", "", std::int8_t,
    std::int16_t, std::int32_t, std::uint8_t, std::uint16_t, std::uint32_t) {
    using Limits = std::numeric_limits<TestType>;
    CHECK(Codec<TestType>::load(Limits::min()) == Limits::min());
    CHECK(Codec<TestType>::load(Limits::max()) == Limits::max());
    CHECK_THROWS_AS(Codec<TestType>::load(std::int64_t{Limits::min()} - 1), tandem::ValueError);
    CHECK_THROWS_AS(Codec<TestType>::load(std::int64_t{Limits::max()} + 1), tandem::ValueError);
}

TEST_CASE("an unsigned 64-bit value that the database cannot hold is refused") {
    CHECK(Codec<std::uint64_t>::store(9223372036854775807U) == INT64_MAX);
    CHECK_THAT(error_of<tandem::ValueError>([] { (void)Codec<std::uint64_t>::store(9223372036854775808U); }),
        ContainsSubstring("9223372036854775808"));
    CHECK_THROWS_AS(Codec<std::uint64_t>::load(-1), tandem::ValueError);
}

TEST_CASE_METHOD(Fixture, "the extremes of every type survive the database") {
    Everything value{.flag = true,
        .i8 = INT8_MIN,
        .i16 = INT16_MIN,
        .i32 = INT32_MIN,
        .i64 = INT64_MIN,
        .u8 = UINT8_MAX,
        .u16 = UINT16_MAX,
        .u32 = UINT32_MAX,
        .u64 = INT64_MAX,
        .single = std::numeric_limits<float>::denorm_min(),
        .real = std::numeric_limits<double>::max(),
        .text = std::string("a\0b", 3) + "żółć 漢字 😀",
        .time = *tandem::parse_timestamp("9999-12-31T23:59:59.999999Z"),
        .blob = {{std::byte{0}, std::byte{255}}},
        .colour = types::Colour::blue,
        .money = {INT64_MAX}};
    const Everything read = round_trip(db, value);
    CHECK(read.flag);
    CHECK(read.i8 == value.i8);
    CHECK(read.i16 == value.i16);
    CHECK(read.i32 == value.i32);
    CHECK(read.i64 == value.i64);
    CHECK(read.u8 == value.u8);
    CHECK(read.u16 == value.u16);
    CHECK(read.u32 == value.u32);
    CHECK(read.u64 == value.u64);
    CHECK(read.single == value.single);
    CHECK(read.real == value.real);
    CHECK(read.text == value.text);
    CHECK(read.time == value.time);
    CHECK(read.blob == value.blob);
    CHECK(read.colour == value.colour);
    CHECK(read.money == value.money);
}

TEST_CASE_METHOD(Fixture, "doubles survive bit by bit") {
    for (const double real :
        {0.1, -2.5, 5e-324, 1.7976931348623157e308, std::numeric_limits<double>::infinity(), 1.0 / 3.0}) {
        CHECK(round_trip(db, Everything{.real = real}).real == real);
    }
}

TEST_CASE_METHOD(Fixture, "NaN is refused instead of becoming NULL") {
    auto session = db.session();
    session.add(Everything{.real = std::numeric_limits<double>::quiet_NaN()});
    CHECK_THAT(error_of<tandem::ValueError>([&] { session.flush(); }), ContainsSubstring("NaN"));
}

TEST_CASE_METHOD(Fixture, "a time beyond what text can hold is refused") {
    auto session = db.session();
    session.add(Everything{.time = tandem::Timestamp::max()});
    CHECK_THROWS_AS(session.flush(), tandem::ValueError);
}

TEST_CASE_METHOD(Fixture, "a number that is whole stays a real in a real column") {
    (void)round_trip(db, Everything{.real = 3.0});
    CHECK(oracle.row("SELECT typeof(real) FROM everything") == "real");
}

TEST_CASE_METHOD(Fixture, "empty and given optionals survive") {
    const Everything none = round_trip(db, Everything{});
    CHECK_FALSE(none.maybe_flag);
    CHECK_FALSE(none.maybe_number);
    CHECK_FALSE(none.maybe_real);
    CHECK_FALSE(none.maybe_text);
    CHECK_FALSE(none.maybe_time);
    CHECK_FALSE(none.maybe_blob);
    CHECK(oracle.row("SELECT maybe_flag, maybe_text FROM everything") == "null|null");
    const auto time = *tandem::parse_timestamp("1969-07-20T20:17:40.5Z");
    const Everything some = round_trip(db,
        Everything{.maybe_flag = false,
            .maybe_number = 0,
            .maybe_real = 0.0,
            .maybe_text = "",
            .maybe_time = time,
            .maybe_blob = tandem::Blob{}});
    CHECK(some.maybe_flag == false);
    CHECK(some.maybe_number == 0);
    CHECK(some.maybe_real == 0.0);
    CHECK(some.maybe_text == "");
    CHECK(some.maybe_time == time);
    CHECK(some.maybe_blob == tandem::Blob{});
}

TEST_CASE_METHOD(Fixture, "a long text survives") {
    const std::string text(5'000'000, 'x');
    CHECK(round_trip(db, Everything{.text = text}).text == text);
}

TEST_CASE_METHOD(Fixture, "a time is stored in the text form that SQLite's functions and SQLAlchemy read") {
    (void)round_trip(db, Everything{.time = *tandem::parse_timestamp("2026-11-22T10:30:00.25Z")});
    CHECK(oracle.row("SELECT time, strftime('%H', time) FROM everything") == "2026-11-22 10:30:00.250000|10");
}

TEST_CASE_METHOD(Fixture, "a stored value that does not fit is a read error that names class, member and table") {
    (void)round_trip(db, Everything{});
    const auto error = [&](const char* change) {
        oracle.run(std::string{"UPDATE everything SET "} + change);
        auto session = db.session();
        auto message = error_of<tandem::ValueError>([&] { (void)session.get<Everything>(1); });
        oracle.run("DELETE FROM everything");
        (void)round_trip(db, Everything{});
        oracle.run("UPDATE everything SET id = 1");
        return message;
    };
    CHECK_THAT(error("i8 = 128"),
        ContainsSubstring("Everything.i8") && ContainsSubstring("128") && ContainsSubstring("\"everything\""));
    CHECK_THAT(error("u8 = -1"), ContainsSubstring("Everything.u8") && ContainsSubstring("unsigned 8-bit"));
    CHECK_THAT(error("u64 = -1"), ContainsSubstring("Everything.u64"));
    CHECK_THAT(error("flag = 5"), ContainsSubstring("Everything.flag") && ContainsSubstring("true or false"));
    CHECK_THAT(error("i32 = 'abc'"), ContainsSubstring("Everything.i32") && ContainsSubstring("abc"));
    CHECK_THAT(error("i32 = 1.5"), ContainsSubstring("Everything.i32"));
    CHECK_THAT(error("time = 'yesterday'"), ContainsSubstring("Everything.time") && ContainsSubstring("yesterday"));
    CHECK_THAT(error("maybe_number = 3000000000"), ContainsSubstring("Everything.maybe_number"));
    CHECK_THAT(error("money = -1"), ContainsSubstring("Everything.money") && ContainsSubstring("negative amount"));
}

TEST_CASE_METHOD(Fixture, "a value out of range in a tuple is an error that names its column") {
    (void)round_trip(db, Everything{});
    oracle.run("UPDATE everything SET i8 = 128");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>(
                   [&] { (void)session.exec(tandem::select(Everything::c.id, Everything::c.i8)).all(); }),
        ContainsSubstring("\"i8\""));
}

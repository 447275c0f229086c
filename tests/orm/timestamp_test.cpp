#include <random>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/error.hpp>
#include <tandem/orm/timestamp.hpp>

using tandem::isoformat;
using tandem::parse_timestamp;
using tandem::Timestamp;
using namespace std::chrono;

namespace {
constexpr Timestamp at(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0, std::int64_t us = 0) {
    return sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)} + hours{h} + minutes{min} + seconds{s} +
        microseconds{us};
}
}  // namespace

TEST_CASE("a time is written as ISO 8601 in UTC, with six digits when there are microseconds") {
    CHECK(isoformat(at(2026, 11, 22, 10, 30)) == "2026-11-22T10:30:00Z");
    CHECK(isoformat(at(2026, 11, 22, 10, 30, 0, 250000)) == "2026-11-22T10:30:00.250000Z");
    CHECK(isoformat(at(2026, 11, 22, 10, 30, 0, 1)) == "2026-11-22T10:30:00.000001Z");
    CHECK(isoformat(at(1969, 12, 31, 23, 59, 59, 999999)) == "1969-12-31T23:59:59.999999Z");
    CHECK(isoformat(at(0, 1, 1)) == "0000-01-01T00:00:00Z");
    CHECK(isoformat(at(9999, 12, 31, 23, 59, 59)) == "9999-12-31T23:59:59Z");
}

TEST_CASE("a year that four digits cannot write is refused") {
    CHECK_THROWS_AS(isoformat(at(-1, 12, 31)), tandem::ValueError);
    CHECK_THROWS_AS(isoformat(at(10000, 1, 1)), tandem::ValueError);
    CHECK_THROWS_AS(isoformat(Timestamp::max()), tandem::ValueError);
    CHECK_THROWS_AS(isoformat(Timestamp::min()), tandem::ValueError);
}

TEST_CASE("every form of ISO 8601 that is documented is read") {
    CHECK(parse_timestamp("2026-11-22") == at(2026, 11, 22));
    CHECK(parse_timestamp("2026-11-22T10:30") == at(2026, 11, 22, 10, 30));
    CHECK(parse_timestamp("2026-11-22 10:30:15") == at(2026, 11, 22, 10, 30, 15));
    CHECK(parse_timestamp("2026-11-22T10:30:15Z") == at(2026, 11, 22, 10, 30, 15));
    CHECK(parse_timestamp("2026-11-22T10:30:15+00:00") == at(2026, 11, 22, 10, 30, 15));
}

TEST_CASE("an offset is taken off to get UTC") {
    CHECK(parse_timestamp("2026-11-22T10:30:00+05:30") == at(2026, 11, 22, 5));
    CHECK(parse_timestamp("2026-11-22T10:30:00-0200") == at(2026, 11, 22, 12, 30));
    CHECK(parse_timestamp("2026-01-01T00:30:00+01:00") == at(2025, 12, 31, 23, 30));
}

TEST_CASE("a fraction has one to nine digits and is cut to microseconds") {
    CHECK(parse_timestamp("2026-11-22T10:30:00.5") == at(2026, 11, 22, 10, 30, 0, 500000));
    CHECK(parse_timestamp("2026-11-22T10:30:00.000001") == at(2026, 11, 22, 10, 30, 0, 1));
    CHECK(parse_timestamp("2026-11-22T10:30:00.123456789Z") == at(2026, 11, 22, 10, 30, 0, 123456));
    CHECK_FALSE(parse_timestamp("2026-11-22T10:30:00."));
    CHECK_FALSE(parse_timestamp("2026-11-22T10:30:00.1234567890"));
}

TEST_CASE("dates that do not exist are refused, leap days that do are read") {
    CHECK(parse_timestamp("2024-02-29") == at(2024, 2, 29));
    CHECK(parse_timestamp("2000-02-29") == at(2000, 2, 29));
    for (const auto* text :
        {"2026-02-29", "1900-02-29", "2026-04-31", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32"}) {
        INFO(text);
        CHECK_FALSE(parse_timestamp(text));
    }
}

TEST_CASE("text that is no time is refused") {
    for (const auto* text : {"", "now", "-001-01-01", "-2026-01-01", "+2026-01-01", "26-01-01", "12026-01-01",
             "2026-1-1", "2026-01-01T", "2026-01-01T10", "2026-01-01T24:00", "2026-01-01T10:60", "2026-01-01T10:00:60",
             "2026-01-01T10:00:00ZZ", "2026-01-01T10:00:00+", "2026-01-01T10:00:00+5", "2026-01-01T10:00:00+24:00",
             "2026-01-01T10:00:00+05:60", "2026-01-01 ", " 2026-01-01", "2026-01-01X10:00", "2026/01/01"}) {
        INFO(text);
        CHECK_FALSE(parse_timestamp(text));
    }
}

TEST_CASE("what is written is read back as the same time") {
    std::mt19937_64 random{11};
    const auto first = at(0, 1, 1).time_since_epoch().count();
    const auto latest = at(9999, 12, 31, 23, 59, 59, 999999).time_since_epoch().count();
    std::uniform_int_distribution<std::int64_t> any{first, latest};
    for (int i = 0; i < 2000; ++i) {
        const Timestamp time{microseconds{any(random)}};
        INFO(isoformat(time));
        CHECK(parse_timestamp(isoformat(time)) == time);
    }
}

TEST_CASE("now is the system clock's time") {
    const auto before = floor<microseconds>(system_clock::now());
    const auto time = tandem::now();
    CHECK(time >= before);
    CHECK(time <= system_clock::now());
}

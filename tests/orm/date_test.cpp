#include <limits>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/date.hpp>
#include <tandem/orm/error.hpp>

using namespace std::chrono_literals;
using std::chrono::microseconds;
using tandem::Date;
using tandem::isoformat;
using tandem::parse_date;
using tandem::parse_duration;
using tandem::parse_time_of_day;
using tandem::TimeOfDay;

TEST_CASE("a date is written and read as ISO 8601") {
    CHECK(isoformat(Date{2026y / 11 / 22}) == "2026-11-22");
    CHECK(isoformat(Date{0y / 1 / 1}) == "0000-01-01");
    CHECK(parse_date("2026-11-22") == Date{2026y / 11 / 22});
    CHECK(parse_date("2024-02-29") == Date{2024y / 2 / 29});
    CHECK(parse_date("9999-12-31") == Date{9999y / 12 / 31});
}

TEST_CASE("what is no date is not read") {
    for (const char* text :
        {"", "2026", "2026-11", "2026-11-2", "2026-13-01", "2026-00-01", "2026-11-31", "2023-02-29", "2026-11-22 ",
            " 2026-11-22", "2026/11/22", "22.11.2026", "2026-11-22T00:00:00", "+2026-11-22", "１-1-1"}) {
        INFO(text);
        CHECK_FALSE(parse_date(text));
    }
}

TEST_CASE("a date that the calendar does not have cannot be written") {
    CHECK_THROWS_AS(isoformat(Date{}), tandem::ValueError);
    CHECK_THROWS_AS(isoformat(Date{2026y / 2 / 30}), tandem::ValueError);
    CHECK_THROWS_AS(isoformat(Date{10000y / 1 / 1}), tandem::ValueError);
    CHECK_THROWS_AS(isoformat(Date{-1y / 1 / 1}), tandem::ValueError);
}

TEST_CASE("a time of day is written and read as ISO 8601") {
    CHECK(isoformat(TimeOfDay{}) == "00:00:00");
    CHECK(isoformat(TimeOfDay{9h + 30min}) == "09:30:00");
    CHECK(isoformat(TimeOfDay{23h + 59min + 59s + 999999us}) == "23:59:59.999999");
    CHECK(isoformat(TimeOfDay{1us}) == "00:00:00.000001");
    CHECK(parse_time_of_day("09:30") == TimeOfDay{9h + 30min});
    CHECK(parse_time_of_day("09:30:15") == TimeOfDay{9h + 30min + 15s});
    CHECK(parse_time_of_day("00:00:00.000001") == TimeOfDay{1us});
    CHECK(parse_time_of_day("12:00:00.5") == TimeOfDay{12h + 500ms});
    CHECK(parse_time_of_day("12:00:00.123456789") == TimeOfDay{12h + 123456us});
}

TEST_CASE("what is no time of day is not read, and cannot be made") {
    for (const char* text : {"", "9:30", "24:00:00", "12:60", "12:00:60", "12:00:00.", "12:00:00Z",
             "12:00:00.1234567890", "noon", "-01:00:00"}) {
        INFO(text);
        CHECK_FALSE(parse_time_of_day(text));
    }
    CHECK_THROWS_AS(TimeOfDay{24h}, tandem::ValueError);
    CHECK_THROWS_AS(TimeOfDay{-1us}, tandem::ValueError);
}

TEST_CASE("a duration is written as ISO 8601 in its shortest form") {
    CHECK(isoformat(microseconds{0}) == "PT0S");
    CHECK(isoformat(24h + 7us) == "P1DT0.000007S");
    CHECK(isoformat(microseconds{90min}) == "PT1H30M");
    CHECK(isoformat(-microseconds{36h}) == "-P1DT12H");
    CHECK(isoformat(microseconds{1500ms}) == "PT1.5S");
    CHECK(isoformat(microseconds{61s}) == "PT1M1S");
}

TEST_CASE("every duration survives its text") {
    for (const auto duration : {microseconds{0}, microseconds{1}, microseconds{-1}, microseconds{24h + 7us},
             microseconds{59s + 999999us}, microseconds::max(), microseconds::min()}) {
        INFO(duration.count());
        CHECK(parse_duration(isoformat(duration)) == duration);
    }
}

TEST_CASE("durations of weeks, days, hours, minutes and seconds are read") {
    CHECK(parse_duration("P2W") == 14 * 24h);
    CHECK(parse_duration("P1DT12H30M5.25S") == 36h + 30min + 5250ms);
    CHECK(parse_duration("+PT10M") == 10min);
    CHECK(parse_duration("-PT0.5S") == -500ms);
    CHECK(parse_duration("PT90M") == 90min);
}

TEST_CASE("what is no duration of a fixed length is not read") {
    for (const char* text : {"", "P", "PT", "-P", "P1DT", "1D", "P1Y", "P1M", "PT1S1M", "PT1M1M", "P1.5D", "PT1.S",
             "PT.5S", "PT1S ", "PT99999999999999999999S", "P106751992D", "PT5"}) {
        INFO(text);
        CHECK_FALSE(parse_duration(text));
    }
}

/// Dates, times of day and durations, and their ISO 8601 texts.
///
/// `Date` is `std::chrono::year_month_day`, a duration is `std::chrono::microseconds` (or any coarser std::chrono
/// duration of whole numbers), both as they are in the standard. Pitfalls: `Date{}` is no date of the calendar and
/// cannot be stored; only the years 0000 to 9999 can be written as text.
///
///     using namespace std::chrono_literals;
///     tandem::Date due = 2026y / 11 / 22;
///     tandem::TimeOfDay opens = 9h + 30min;
///     tandem::isoformat(due);                          // "2026-11-22"
///     tandem::isoformat(opens);                        // "09:30:00"
///     tandem::isoformat(std::chrono::hours{36});       // "P1DT12H"
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace tandem {

using Date = std::chrono::year_month_day;

namespace orm {
[[noreturn]] void throw_no_time_of_day(std::chrono::microseconds since_midnight);
}

/// A time of day without date and zone, in microseconds.
class TimeOfDay {
public:
    constexpr TimeOfDay() = default;
    /// The time since midnight; throws ValueError when it is negative or a day and more.
    constexpr TimeOfDay(std::chrono::microseconds since_midnight)  // NOLINT(google-explicit-constructor): 9h + 30min
        : since_midnight_(since_midnight) {
        using namespace std::chrono_literals;
        if (since_midnight < 0us || since_midnight >= 24h) orm::throw_no_time_of_day(since_midnight);
    }
    template <class Rep, class Period>
        requires(!std::same_as<std::chrono::duration<Rep, Period>, std::chrono::microseconds> &&
            std::convertible_to<std::chrono::duration<Rep, Period>, std::chrono::microseconds>)
    constexpr TimeOfDay(std::chrono::duration<Rep, Period> since_midnight)  // NOLINT(google-explicit-constructor)
        : TimeOfDay(std::chrono::microseconds{since_midnight}) {}

    [[nodiscard]] constexpr std::chrono::microseconds since_midnight() const { return since_midnight_; }
    /// Hour, minute, second and microseconds, apart.
    [[nodiscard]] constexpr std::chrono::hh_mm_ss<std::chrono::microseconds> parts() const {
        return std::chrono::hh_mm_ss{since_midnight_};
    }
    auto operator<=>(const TimeOfDay&) const = default;

private:
    std::chrono::microseconds since_midnight_{};
};

/// `2026-11-22`. Throws ValueError for what is no date, or a year outside 0000 to 9999.
[[nodiscard]] std::string isoformat(Date date);
/// `09:30:00`, with `.` and 6 digits when there are microseconds.
[[nodiscard]] std::string isoformat(TimeOfDay time);
/// `P1DT2H3M4.000005S`; `PT0S` for none, `-P1D` below zero.
[[nodiscard]] std::string isoformat(std::chrono::microseconds duration);

/// Reads `2026-11-22`. Empty when the text is anything else, or no such date exists.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
/// Reads `09:30`, `09:30:00` or `09:30:00.25` (up to 9 digits, cut to microseconds). Empty for anything else.
[[nodiscard]] std::optional<TimeOfDay> parse_time_of_day(std::string_view text);
/// Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds, a sign before it or not. Empty for anything
/// else: years and months have no fixed length.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

}  // namespace tandem

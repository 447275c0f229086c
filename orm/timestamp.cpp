#include <array>
#include <cstdio>

#include <tandem/orm/error.hpp>
#include <tandem/orm/timestamp.hpp>

#include "digit_reader.hpp"

namespace tandem {

Timestamp now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::string isoformat(Timestamp time) {
    using namespace std::chrono_literals;
    if (time < std::chrono::sys_days{0y / 1 / 1} || time >= std::chrono::sys_days{10000y / 1 / 1})
        throw ValueError("a time of " + std::to_string(time.time_since_epoch().count()) +
            " us since 1970 cannot be written as text; its year is not 0000 to 9999");
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 40> text{};
    int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    std::string result{text.data(), static_cast<std::size_t>(length)};
    if (const auto micros = clock.subseconds().count(); micros != 0) {
        length = std::snprintf(text.data(), text.size(), ".%06d", static_cast<int>(micros));
        result.append(text.data(), static_cast<std::size_t>(length));
    }
    return result + 'Z';
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    using namespace std::chrono;
    orm::DigitReader in{text};
    const auto year_part = in.digits(4);
    const auto month_part = year_part ? in.part('-') : std::nullopt;
    const auto day_part = month_part ? in.part('-') : std::nullopt;
    if (!day_part) return std::nullopt;
    const year_month_day date{
        year{*year_part}, month{static_cast<unsigned>(*month_part)}, day{static_cast<unsigned>(*day_part)}};
    if (!date.ok()) return std::nullopt;
    Timestamp time = sys_days{date};
    if (in.at_end()) return time;

    if (!in.skip('T') && !in.skip(' ')) return std::nullopt;
    const auto hour = in.digits(2);
    const auto minute = hour ? in.part(':') : std::nullopt;
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    int second = 0;
    if (in.skip(':')) {
        const auto read = in.digits(2);
        if (!read || *read > 59) return std::nullopt;
        second = *read;
        if (in.skip('.')) {
            const auto fraction = in.fraction();
            if (!fraction) return std::nullopt;
            time += microseconds{*fraction};
        }
    }
    time += hours{*hour} + minutes{*minute} + seconds{second};
    if (in.at_end() || (in.skip('Z') && in.at_end())) return time;

    const bool east = in.skip('+');
    if (!east && !in.skip('-')) return std::nullopt;
    const auto zone_hours = in.digits(2);
    in.skip(':');
    const auto zone_minutes = zone_hours ? in.digits(2) : std::nullopt;
    if (!zone_minutes || *zone_hours > 23 || *zone_minutes > 59 || !in.at_end()) return std::nullopt;
    const auto offset = hours{*zone_hours} + minutes{*zone_minutes};
    return east ? time - offset : time + offset;
}

}  // namespace tandem

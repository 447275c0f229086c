#include <array>
#include <cstdio>
#include <limits>

#include <tandem/orm/date.hpp>
#include <tandem/orm/error.hpp>

#include "digit_reader.hpp"

namespace tandem {
namespace {

using std::chrono::microseconds;

template <class... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), format, values...);
    return {text.data(), static_cast<std::size_t>(length)};
}

// How long a unit of a duration is. In unsigned numbers, so that the longest negative duration has a length too.
using Length = std::uint64_t;
constexpr Length us_per_second = 1'000'000;
constexpr Length us_per_minute = 60 * us_per_second;
constexpr Length us_per_hour = 60 * us_per_minute;
constexpr Length us_per_day = 24 * us_per_hour;
constexpr Length us_per_week = 7 * us_per_day;

/// "4" or "4.000005", without trailing zeros.
std::string seconds_text(Length length) {
    std::string text = std::to_string(length / us_per_second);
    if (const auto fraction = length % us_per_second; fraction != 0) {
        text += formatted(".%06u", static_cast<unsigned>(fraction));
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text;
}

/// Adds up the parts of a duration, each larger than the next.
class DurationParser {
public:
    explicit DurationParser(std::string_view text) : rest_(text) {}

    std::optional<microseconds> parse() {
        const bool negative = skip('-');
        if (!negative) skip('+');
        if (!skip('P')) return std::nullopt;
        if (!part('W', us_per_week) || !part('D', us_per_day)) return std::nullopt;
        if (skip('T')) {
            const auto before = parts_;
            if (!part('H', us_per_hour) || !part('M', us_per_minute) || !part('S', us_per_second)) return std::nullopt;
            if (parts_ == before) return std::nullopt;
        }
        if (!rest_.empty() || parts_ == 0) return std::nullopt;
        constexpr auto longest = static_cast<Length>(std::numeric_limits<microseconds::rep>::max());
        if (total_ > longest + (negative ? 1U : 0U)) return std::nullopt;
        return microseconds{static_cast<microseconds::rep>(negative ? Length{0} - total_ : total_)};
    }

private:
    bool skip(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Reads `12D` if it stands here; false when that is too long. Only seconds have a fraction.
    bool part(char unit, Length length) {
        std::size_t end = 0;
        Length count = 0;
        for (; end < rest_.size() && rest_[end] >= '0' && rest_[end] <= '9'; ++end)
            if (__builtin_mul_overflow(count, Length{10}, &count) ||
                __builtin_add_overflow(count, static_cast<Length>(rest_[end] - '0'), &count))
                return false;
        if (end == 0) return true;
        std::string_view after = rest_.substr(end);
        Length fraction = 0;
        if (unit == 'S' && after.starts_with('.')) {
            Length digit = us_per_second / 10;
            std::size_t i = 1;
            for (; i < after.size() && after[i] >= '0' && after[i] <= '9'; ++i, digit /= 10)
                fraction += digit * static_cast<Length>(after[i] - '0');
            if (i == 1 || i > 10) return false;
            after.remove_prefix(i);
        }
        if (!after.starts_with(unit)) return true;  // another unit's number
        rest_ = after.substr(1);
        ++parts_;
        return !__builtin_mul_overflow(count, length, &count) && !__builtin_add_overflow(total_, count, &total_) &&
            !__builtin_add_overflow(total_, fraction, &total_);
    }

    std::string_view rest_;
    Length total_ = 0;
    int parts_ = 0;
};

}  // namespace

void orm::throw_no_time_of_day(microseconds since_midnight) {
    throw ValueError("is no time of day: " + isoformat(since_midnight) +
        " after midnight; it must be from 00:00 to 23:59:59.999999");
}

std::string isoformat(Date date) {
    using namespace std::chrono_literals;
    if (!date.ok())
        throw ValueError("is no date of the calendar (year " + std::to_string(static_cast<int>(date.year())) +
            ", month " + std::to_string(static_cast<unsigned>(date.month())) + ", day " +
            std::to_string(static_cast<unsigned>(date.day())) + "); set it, or make the member optional");
    if (date.year() < 0y || date.year() > 9999y)
        throw ValueError("a date of the year " + std::to_string(static_cast<int>(date.year())) +
            " cannot be written as text; its year is not 0000 to 9999");
    return formatted("%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()));
}

std::string isoformat(TimeOfDay time) {
    const auto parts = time.parts();
    std::string text = formatted("%02d:%02d:%02d", static_cast<int>(parts.hours().count()),
        static_cast<int>(parts.minutes().count()), static_cast<int>(parts.seconds().count()));
    if (const auto micros = parts.subseconds().count(); micros != 0)
        text += formatted(".%06d", static_cast<int>(micros));
    return text;
}

std::string isoformat(microseconds duration) {
    const auto count = static_cast<Length>(duration.count());
    Length length = duration.count() < 0 ? Length{0} - count : count;
    if (length == 0) return "PT0S";
    std::string text = duration.count() < 0 ? "-P" : "P";
    if (length >= us_per_day) text += std::to_string(length / us_per_day) + 'D';
    length %= us_per_day;
    if (length == 0) return text;
    text += 'T';
    if (length >= us_per_hour) text += std::to_string(length / us_per_hour) + 'H';
    length %= us_per_hour;
    if (length >= us_per_minute) text += std::to_string(length / us_per_minute) + 'M';
    length %= us_per_minute;
    if (length > 0) text += seconds_text(length) + 'S';
    return text;
}

std::optional<Date> parse_date(std::string_view text) {
    using namespace std::chrono;
    orm::DigitReader in{text};
    const auto year_part = in.digits(4);
    const auto month_part = year_part ? in.part('-') : std::nullopt;
    const auto day_part = month_part ? in.part('-') : std::nullopt;
    if (!day_part || !in.at_end()) return std::nullopt;
    const Date date{year{*year_part}, month{static_cast<unsigned>(*month_part)}, day{static_cast<unsigned>(*day_part)}};
    return date.ok() ? std::optional{date} : std::nullopt;
}

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
    using namespace std::chrono;
    orm::DigitReader in{text};
    const auto hour = in.digits(2);
    const auto minute = hour ? in.part(':') : std::nullopt;
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    microseconds time = hours{*hour} + minutes{*minute};
    if (in.at_end()) return TimeOfDay{time};
    const auto second = in.part(':');
    if (!second || *second > 59) return std::nullopt;
    time += seconds{*second};
    if (in.skip('.')) {
        const auto fraction = in.fraction();
        if (!fraction) return std::nullopt;
        time += microseconds{*fraction};
    }
    return in.at_end() ? std::optional{TimeOfDay{time}} : std::nullopt;
}

std::optional<microseconds> parse_duration(std::string_view text) { return DurationParser{text}.parse(); }

}  // namespace tandem

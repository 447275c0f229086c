#include "driver/stored_time.hpp"

#include <cstdint>
#include <cstring>

namespace tandem::orm {
namespace {

constexpr char pattern[] = "0000-00-00 00:00:00.000000";

void write_digits(char* at, unsigned value, int count) {
    for (int i = count; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

/// The number that `count` characters make; `bad` is set when one of them is no digit.
unsigned read_digits(const char* at, int count, unsigned& bad) {
    unsigned value = 0;
    for (int i = 0; i < count; ++i) {
        const unsigned digit = static_cast<unsigned char>(at[i]) - unsigned{'0'};
        bad |= digit > 9 ? 1U : 0U;
        value = value * 10 + digit;
    }
    return value;
}

}  // namespace

StoredTime to_stored(Timestamp time) {
    using namespace std::chrono;
    using namespace std::chrono_literals;
    if (time < sys_days{0y / 1 / 1} || time >= sys_days{10000y / 1 / 1}) (void)isoformat(time);  // throws
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const auto micros = static_cast<std::uint64_t>((time - day).count());
    const auto seconds = static_cast<unsigned>(micros / 1'000'000);
    StoredTime stored;
    std::memcpy(stored.text, pattern, StoredTime::length);
    write_digits(stored.text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    write_digits(stored.text + 5, static_cast<unsigned>(date.month()), 2);
    write_digits(stored.text + 8, static_cast<unsigned>(date.day()), 2);
    write_digits(stored.text + 11, seconds / 3600, 2);
    write_digits(stored.text + 14, seconds / 60 % 60, 2);
    write_digits(stored.text + 17, seconds % 60, 2);
    write_digits(stored.text + 20, static_cast<unsigned>(micros % 1'000'000), 6);
    return stored;
}

std::optional<Timestamp> from_stored(std::string_view text) {
    using namespace std::chrono;
    if (text.size() != StoredTime::length) return parse_timestamp(text);
    const char* at = text.data();
    unsigned bad = 0;
    const unsigned year_part = read_digits(at, 4, bad);
    const unsigned month_part = read_digits(at + 5, 2, bad);
    const unsigned day_part = read_digits(at + 8, 2, bad);
    const unsigned hour_part = read_digits(at + 11, 2, bad);
    const unsigned minute_part = read_digits(at + 14, 2, bad);
    const unsigned second_part = read_digits(at + 17, 2, bad);
    const unsigned micros = read_digits(at + 20, 6, bad);
    const bool form = at[4] == '-' && at[7] == '-' && (at[10] == ' ' || at[10] == 'T') && at[13] == ':' &&
        at[16] == ':' && at[19] == '.';
    const year_month_day date{year{static_cast<int>(year_part)}, month{month_part}, day{day_part}};
    if (bad != 0 || !form || hour_part > 23 || minute_part > 59 || second_part > 59 || !date.ok())
        return parse_timestamp(text);
    return sys_days{date} + hours{hour_part} + minutes{minute_part} + seconds{second_part} + microseconds{micros};
}

}  // namespace tandem::orm

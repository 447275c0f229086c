/// Points in time: microseconds since 1970, UTC.
///
/// A `Timestamp` column stores UTC; what has no zone is read as UTC. Pitfall: only the years 0000 to 9999 can be
/// written as text.
///
///     auto text = tandem::isoformat(tandem::now());   // "2026-11-22T10:30:00.250000Z"
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tandem {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// The current time of the system clock.
[[nodiscard]] Timestamp now();

/// ISO 8601 in UTC: `2026-11-22T10:30:00Z`, with `.` and 6 digits when there are microseconds. Throws ValueError for a
/// year outside 0000 to 9999.
[[nodiscard]] std::string isoformat(Timestamp time);

/// Reads ISO 8601 (`T` or a blank between date and time, fraction of up to 9 digits cut to microseconds, `Z`, `±hh:mm`
/// or nothing for UTC; a date alone is midnight). Empty when the text is anything else, or no such date exists.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace tandem

// Times as SQLite stores them: text in SQLAlchemy's form, so that either reads what the other wrote and SQLite's date
// functions work.
#pragma once

#include <optional>
#include <string_view>

#include <tandem/orm/timestamp.hpp>

namespace tandem::orm {

/// `2026-01-31 23:59:59.000001`, always with six digits after the point.
struct StoredTime {
    static constexpr std::size_t length = 26;
    char text[length];
    [[nodiscard]] std::string_view view() const { return {text, length}; }
};

/// Throws ValueError for a year outside 0000 to 9999.
[[nodiscard]] StoredTime to_stored(Timestamp time);
/// Reads that form quickly, and any other that parse_timestamp() knows.
[[nodiscard]] std::optional<Timestamp> from_stored(std::string_view text);

}  // namespace tandem::orm

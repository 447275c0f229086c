/// A decimal number of any scale: what `Decimal` columns are to drivers and JSON. Use `tandem::Decimal` yourself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::orm {

/// `units / 10^scale`: 12345 and 2 are 123.45.
struct Fixed {
    /// The units are the column's own, as a driver that keeps whole units read them.
    static constexpr std::uint8_t column_scale = 255;
    static constexpr std::uint8_t largest_scale = 18;

    std::int64_t units = 0;
    std::uint8_t scale = 0;
    bool operator==(const Fixed&) const = default;
};

/// `123.45`, `-0.05`; always `scale` digits after the point.
[[nodiscard]] std::string to_string(const Fixed& number);
/// Reads `123.45`, `-7`, `+.5`. Empty for anything else, exponents included. A number that no Decimal can hold becomes
/// one that fits none; digits behind the 18th are rounded.
[[nodiscard]] std::optional<Fixed> parse_fixed(std::string_view text);
/// The shortest decimal number that reads as this double; empty for NaN and infinities.
[[nodiscard]] std::optional<Fixed> to_fixed(double value);
/// The units at another scale; half a unit is rounded away from zero. Throws ValueError when the number has more than
/// `precision` digits then.
[[nodiscard]] std::int64_t rescale(const Fixed& number, int precision, int scale);

[[noreturn]] void throw_decimal_text(std::string_view text);
[[noreturn]] void throw_decimal_overflow(int precision, int scale);
[[noreturn]] void throw_division_by_zero();

}  // namespace tandem::orm

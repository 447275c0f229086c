#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <tandem/orm/error.hpp>
#include <tandem/orm/fixed.hpp>

namespace tandem::orm {
namespace {

__extension__ using Wide = __int128;

constexpr Wide power_of_ten(int exponent) {
    Wide result = 1;
    for (int i = 0; i < exponent; ++i) result *= 10;
    return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string to_string(const Fixed& number) {
    // Unsigned, as the smallest integer has no positive one.
    const auto bits = static_cast<std::uint64_t>(number.units);
    std::string text = std::to_string(number.units < 0 ? std::uint64_t{0} - bits : bits);
    if (number.scale > 0) {
        if (text.size() <= number.scale) text.insert(0, number.scale + 1U - text.size(), '0');
        text.insert(text.size() - number.scale, ".");
    }
    return number.units < 0 ? "-" + text : text;
}

std::optional<Fixed> parse_fixed(std::string_view text) {
    constexpr auto full = static_cast<std::int64_t>(power_of_ten(17));  // one more digit makes 18
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    Fixed number;
    bool any = false;
    bool after_point = false;
    bool too_large = false;
    bool rest = false;  // a digit other than 0 was left out
    for (const char c : text) {
        if (c == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (!is_digit(c)) return std::nullopt;
        any = true;
        if (number.units >= full || number.scale == Fixed::largest_scale) {
            too_large = too_large || !after_point;
            rest = rest || c != '0';
            continue;
        }
        number.units = number.units * 10 + (c - '0');
        if (after_point) ++number.scale;
    }
    if (!any) return std::nullopt;
    if (too_large) number = {std::numeric_limits<std::int64_t>::max(), 0};  // fits no Decimal
    // What is more than a half stays so.
    else if (rest && number.units % 5 == 0) ++number.units;
    if (negative) number.units = -number.units;
    return number;
}

std::optional<Fixed> to_fixed(double value) {
    if (!std::isfinite(value)) return std::nullopt;
    std::array<char, 1100> text{};  // the longest double has 1 + 309 + 1 + 1074 digits, its shortest text far fewer
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (end.ec != std::errc{}) return std::nullopt;
    return parse_fixed({text.data(), static_cast<std::size_t>(end.ptr - text.data())});
}

std::int64_t rescale(const Fixed& number, int precision, int scale) {
    Wide units = number.units;
    if (scale >= number.scale) {
        units *= power_of_ten(scale - number.scale);
    } else {
        const Wide divisor = power_of_ten(number.scale - scale);
        const Wide rest = units % divisor;
        units /= divisor;
        if (rest >= divisor / 2) ++units;
        else if (rest <= -(divisor / 2)) --units;
    }
    const Wide limit = power_of_ten(precision);
    if (units >= limit || units <= -limit) throw_decimal_overflow(precision, scale);
    return static_cast<std::int64_t>(units);
}

void throw_decimal_text(std::string_view text) {
    throw ValueError("must be a decimal number such as 123.45, not \"" + std::string{text.substr(0, 64)} + "\"");
}
void throw_decimal_overflow(int precision, int scale) {
    const int whole = precision - scale;
    throw ValueError("must have at most " + std::to_string(whole) + (whole == 1 ? " digit" : " digits") +
        (scale > 0 ? " before the decimal point" : ""));
}
void throw_division_by_zero() { throw ValueError("a decimal number cannot be divided by 0"); }

}  // namespace tandem::orm

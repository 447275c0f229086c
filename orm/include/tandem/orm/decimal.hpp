/// `Decimal<precision, scale>`: exact decimal numbers such as money, of up to 18 digits.
///
/// Contract: `Decimal<10, 2>` has at most 10 digits, 2 of them after the point; sums are exact, and what has more
/// digits than fit throws ValueError. What has more digits after the point (text, products, quotients, a change of
/// scale) is rounded to the nearest, half away from zero (1.005 becomes 1.01, -1.005 becomes -1.01), as SQL databases
/// round NUMERIC. Pitfall: a double is no decimal number; say `Decimal<10, 2>::from_double(x)` when you mean it.
///
///     using Price = tandem::Decimal<10, 2>;
///     Price total = Price{"19.99"} * 3 + Price{"0.01"};
///     total.to_string();                                        // "59.98"
///     session.exec(Item::select().where(Item::c.price >= Price{"9.50"}))
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/fixed.hpp>

namespace tandem {

template <int Precision, int Scale>
class Decimal {
    static_assert(Precision >= 1 && Precision <= 18, "tandem: a Decimal has 1 to 18 digits");
    static_assert(Scale >= 0 && Scale <= Precision, "tandem: a Decimal's scale is between 0 and its precision");

public:
    static constexpr int precision = Precision;
    static constexpr int scale = Scale;

    constexpr Decimal() = default;
    /// A whole number.
    constexpr Decimal(std::integral auto whole) {  // NOLINT(google-explicit-constructor): as between built-in numbers
        static_assert(!std::same_as<decltype(whole), bool> && !std::same_as<decltype(whole), char>,
            "tandem: a Decimal is made of a number");
        // Beyond int64 nothing fits; what is inside is checked by the multiplication.
        if (!std::in_range<std::int64_t>(whole)) orm::throw_decimal_overflow(Precision, Scale);
        units_ = checked(Wide{static_cast<std::int64_t>(whole)} * unit);
    }
    /// Reads `123.45`; throws ValueError for what is no number or does not fit.
    explicit Decimal(std::string_view text) : Decimal(read(text)) {}
    explicit Decimal(const char* text) : Decimal(std::string_view{text}) {}
    /// The same number at another precision; throws ValueError when it does not fit.
    template <int P, int S>
    explicit Decimal(const Decimal<P, S>& other) : Decimal(other.fixed()) {}
    explicit Decimal(const orm::Fixed& number) : units_(orm::rescale(number, Precision, Scale)) {}
    Decimal(std::floating_point auto) = delete;  // use from_double()

    /// Reads `123.45`. Empty for what is no number or does not fit.
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text) {
        try {
            return Decimal{text};
        } catch (const ValueError&) { return std::nullopt; }
    }
    /// The shortest decimal number that reads as this double, rounded. Throws ValueError for NaN, infinities and what
    /// does not fit.
    [[nodiscard]] static Decimal from_double(double value) {
        const auto number = orm::to_fixed(value);
        if (!number) orm::throw_decimal_overflow(Precision, Scale);
        return Decimal{*number};
    }
    /// Of whole units of the last digit: 12345 is 123.45 at scale 2.
    [[nodiscard]] static constexpr Decimal from_units(std::int64_t units) {
        Decimal result;
        result.units_ = checked(units);
        return result;
    }

    [[nodiscard]] constexpr std::int64_t units() const { return units_; }
    [[nodiscard]] constexpr orm::Fixed fixed() const { return {units_, static_cast<std::uint8_t>(Scale)}; }
    /// `123.45`, with all its digits after the point.
    [[nodiscard]] std::string to_string() const { return orm::to_string(fixed()); }
    [[nodiscard]] double to_double() const { return static_cast<double>(units_) / static_cast<double>(unit); }

    auto operator<=>(const Decimal&) const = default;

    constexpr Decimal operator-() const { return from_units(-units_); }
    constexpr Decimal& operator+=(Decimal other) { return *this = from_wide(Wide{units_} + other.units_); }
    constexpr Decimal& operator-=(Decimal other) { return *this = from_wide(Wide{units_} - other.units_); }
    /// The product, rounded to this type's scale.
    template <int P, int S>
    constexpr Decimal& operator*=(Decimal<P, S> other) {
        return *this = from_wide(divide(Wide{units_} * other.units(), Decimal<P, S>::unit));
    }
    constexpr Decimal& operator*=(std::integral auto count) { return *this = from_wide(Wide{units_} * Wide{count}); }
    /// The quotient, rounded. Throws ValueError for a divisor of 0.
    template <int P, int S>
    constexpr Decimal& operator/=(Decimal<P, S> other) {
        return *this = from_wide(divide(Wide{units_} * Decimal<P, S>::unit, other.units()));
    }
    constexpr Decimal& operator/=(std::integral auto count) {
        return *this = from_wide(divide(Wide{units_}, Wide{count}));
    }

    friend constexpr Decimal operator+(Decimal a, Decimal b) { return a += b; }
    friend constexpr Decimal operator-(Decimal a, Decimal b) { return a -= b; }
    template <class Factor>
        requires requires(Decimal d, Factor f) { d *= f; }
    friend constexpr Decimal operator*(Decimal a, Factor b) {
        return a *= b;
    }
    friend constexpr Decimal operator*(std::integral auto a, Decimal b) { return b *= a; }
    template <class Divisor>
        requires requires(Decimal d, Divisor f) { d /= f; }
    friend constexpr Decimal operator/(Decimal a, Divisor b) {
        return a /= b;
    }
    friend std::ostream& operator<<(std::ostream& out, const Decimal& value) { return out << value.to_string(); }

private:
    template <int, int>
    friend class Decimal;
    __extension__ using Wide = __int128;

    static constexpr std::int64_t power_of_ten(int exponent) {
        std::int64_t result = 1;
        for (int i = 0; i < exponent; ++i) result *= 10;
        return result;
    }
    static constexpr std::int64_t unit = power_of_ten(Scale);
    static constexpr std::int64_t limit = power_of_ten(Precision);

    static constexpr std::int64_t checked(Wide units) {
        if (units >= limit || units <= -limit) orm::throw_decimal_overflow(Precision, Scale);
        return static_cast<std::int64_t>(units);
    }
    static constexpr Decimal from_wide(Wide units) {
        Decimal result;
        result.units_ = checked(units);
        return result;
    }
    /// Half is rounded away from zero.
    static constexpr Wide divide(Wide dividend, Wide divisor) {
        if (divisor == 0) orm::throw_division_by_zero();
        if (divisor < 0) {
            dividend = -dividend;
            divisor = -divisor;
        }
        const Wide half = divisor / 2;
        const Wide rest = dividend % divisor;
        Wide result = dividend / divisor;
        // An odd divisor has no exact half: beyond half/2 is more than half.
        const bool up = divisor % 2 == 0 ? rest >= half : rest > half;
        const bool down = divisor % 2 == 0 ? rest <= -half : rest < -half;
        if (up) ++result;
        else if (down) --result;
        return result;
    }
    static orm::Fixed read(std::string_view text) {
        const auto number = orm::parse_fixed(text);
        if (!number) orm::throw_decimal_text(text);
        return *number;
    }

    std::int64_t units_ = 0;
};

template <int Precision, int Scale>
struct Codec<Decimal<Precision, Scale>> {
    using stored = orm::Fixed;
    using summed = Decimal<18, Scale>;  ///< of sum()
    static constexpr orm::SqlType sql_type{.name = orm::SqlType::Name::decimal, .precision = Precision, .scale = Scale};
    static orm::Fixed store(const Decimal<Precision, Scale>& value) { return value.fixed(); }
    static Decimal<Precision, Scale> load(const orm::Fixed& value) {
        return Decimal<Precision, Scale>{
            value.scale == orm::Fixed::column_scale ? orm::Fixed{value.units, Scale} : value};
    }
};

}  // namespace tandem

template <int Precision, int Scale>
struct std::hash<tandem::Decimal<Precision, Scale>> {
    std::size_t operator()(const tandem::Decimal<Precision, Scale>& value) const noexcept {
        return std::hash<std::int64_t>{}(value.units());
    }
};

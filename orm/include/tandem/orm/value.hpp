/// Values as databases and the wire know them: a few kinds, owned (`Value`) or borrowed (`ValueView`).
///
/// Every column type is converted to and from one of these kinds (see codec.hpp), so that everything behind the headers
/// (drivers, unit of work, images, JSON) handles kinds, not types. Pitfall: a `ValueView` of text or blob borrows
/// memory; use it before its owner changes.
///
///     for (const tandem::Row& row : session.execute("SELECT * FROM user").all()) …
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tandem/orm/date.hpp>
#include <tandem/orm/fixed.hpp>
#include <tandem/orm/timestamp.hpp>

namespace tandem {

/// Bytes.
struct Blob {
    std::vector<std::byte> bytes{};
    auto operator<=>(const Blob&) const = default;
};

/// A value of raw SQL: null, integer, real, text or blob.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
/// A row of raw SQL, in the order of its columns.
using Row = std::vector<Value>;

namespace orm {

/// The kinds of values. From `date` on, and `time`, a database may have a type of its own or keep text or an integer;
/// drivers convert.
enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    real,
    text,
    time,
    blob,
    date,
    time_of_day,
    duration,
    decimal,
    json,
};

/// The name of a kind for messages: "an integer", "text" …
[[nodiscard]] std::string_view describe(Kind kind);

/// A borrowed value: a kind and what belongs to it.
class ValueView {
public:
    constexpr ValueView() = default;
    constexpr static ValueView of(std::same_as<bool> auto value) { return {Kind::boolean, value ? 1 : 0}; }
    constexpr static ValueView of(std::int64_t value) { return {Kind::integer, value}; }
    constexpr static ValueView of(double value) { return ValueView{value}; }
    constexpr static ValueView of(std::string_view value) { return {Kind::text, value.data(), value.size()}; }
    constexpr static ValueView of(Timestamp value) { return {Kind::time, value.time_since_epoch().count()}; }
    constexpr static ValueView of(Date value) {
        return {Kind::date, std::chrono::sys_days{value}.time_since_epoch().count()};
    }
    constexpr static ValueView of(TimeOfDay value) { return {Kind::time_of_day, value.since_midnight().count()}; }
    constexpr static ValueView of(std::chrono::microseconds value) { return {Kind::duration, value.count()}; }
    constexpr static ValueView of(Fixed value) {
        ValueView view{Kind::decimal, value.units};
        view.size_ = value.scale;
        return view;
    }
    /// JSON as its text.
    constexpr static ValueView json(std::string_view text) { return {Kind::json, text.data(), text.size()}; }
    static ValueView of(const Blob& value) {
        return {Kind::blob, reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
    }
    static ValueView blob(std::span<const std::byte> bytes) {
        return {Kind::blob, reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    /// The view of a raw SQL value.
    static ValueView from(const Value& value);

    [[nodiscard]] constexpr Kind kind() const { return kind_; }
    [[nodiscard]] constexpr bool is_null() const { return kind_ == Kind::null; }
    // Each of these is for its own kind only; text() also for JSON.
    [[nodiscard]] constexpr bool boolean() const { return integer_ != 0; }
    [[nodiscard]] constexpr std::int64_t integer() const { return integer_; }
    [[nodiscard]] constexpr double real() const { return real_; }
    [[nodiscard]] constexpr std::string_view text() const { return {data_, size_}; }
    [[nodiscard]] constexpr Timestamp time() const { return Timestamp{std::chrono::microseconds{integer_}}; }
    [[nodiscard]] constexpr Date date() const {
        return std::chrono::sys_days{std::chrono::days{static_cast<std::chrono::days::rep>(integer_)}};
    }
    [[nodiscard]] constexpr TimeOfDay time_of_day() const { return std::chrono::microseconds{integer_}; }
    [[nodiscard]] constexpr std::chrono::microseconds duration() const { return std::chrono::microseconds{integer_}; }
    [[nodiscard]] constexpr Fixed decimal() const { return {integer_, static_cast<std::uint8_t>(size_)}; }
    [[nodiscard]] std::span<const std::byte> bytes() const {
        return {reinterpret_cast<const std::byte*>(data_), size_};
    }

private:
    constexpr ValueView(Kind kind, std::int64_t value) : kind_(kind), integer_(value) {}
    constexpr explicit ValueView(double value) : kind_(Kind::real), real_(value) {}
    constexpr ValueView(Kind kind, const char* data, std::size_t size) : kind_(kind), data_(data), size_(size) {}

    Kind kind_ = Kind::null;
    union {
        std::int64_t integer_ = 0;
        double real_;
        const char* data_;
    };
    std::size_t size_ = 0;
};

/// An owned copy; a boolean becomes 0 or 1; times, dates, durations and decimals become their text (ISO 8601,
/// `123.45`).
[[nodiscard]] Value to_value(const ValueView& view);
/// The text that JSON and pages carry for a time, date, duration or decimal.
[[nodiscard]] std::string to_text(const ValueView& view);

/// A seeded 64-bit hash over kind and content; equal values hash equal, reals by their bits.
[[nodiscard]] std::uint64_t hash(const ValueView& view);

}  // namespace orm
}  // namespace tandem

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/value.hpp>

#include "value_hash.hpp"

namespace tandem::orm {

std::string_view describe(Kind kind) {
    switch (kind) {
        case Kind::null: return "null";
        case Kind::boolean: return "true or false";
        case Kind::integer: return "an integer";
        case Kind::real: return "a number";
        case Kind::text: return "text";
        case Kind::time: return "a time";
        case Kind::blob: return "bytes";
        case Kind::date: return "a date such as 2026-11-22";
        case Kind::time_of_day: return "a time of day such as 09:30:00";
        case Kind::duration: return "a duration such as PT1H30M";
        case Kind::decimal: return "a decimal number such as 123.45";
        case Kind::json: return "JSON";
    }
    return "a value";
}

ValueView ValueView::from(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return of(*integer);
    if (const auto* real = std::get_if<double>(&value)) return of(*real);
    if (const auto* text = std::get_if<std::string>(&value)) return of(std::string_view{*text});
    if (const auto* blob = std::get_if<Blob>(&value)) return of(*blob);
    return {};
}

Value to_value(const ValueView& view) {
    switch (view.kind()) {
        case Kind::null: return {};
        case Kind::boolean:
        case Kind::integer: return view.integer();
        case Kind::real: return view.real();
        case Kind::text: return std::string{view.text()};
        case Kind::json: return std::string{view.text()};
        case Kind::blob: return Blob{{view.bytes().begin(), view.bytes().end()}};
        default: return to_text(view);
    }
}

std::string to_text(const ValueView& view) {
    switch (view.kind()) {
        case Kind::time: return isoformat(view.time());
        case Kind::date: return isoformat(view.date());
        case Kind::time_of_day: return isoformat(view.time_of_day());
        case Kind::duration: return isoformat(view.duration());
        case Kind::decimal: return to_string(view.decimal());
        default: return std::string{view.text()};
    }
}

std::uint64_t hash_seed() {
    static const std::uint64_t seed = [] {
        std::random_device device;
        return (std::uint64_t{device()} << 32) | device();
    }();
    return seed;
}

std::uint64_t hash(const ValueView& view) {
    const std::uint64_t seed = hash_seed();
    switch (view.kind()) {
        case Kind::null: return hash_null(seed);
        case Kind::text:
        case Kind::json: return hash_text(seed, view.kind(), view.text());
        case Kind::blob:
            return hash_text(
                seed, Kind::blob, {reinterpret_cast<const char*>(view.bytes().data()), view.bytes().size()});
        case Kind::real: return hash_real(seed, view.real());
        default: return hash_number(seed, view.kind(), view.integer());
    }
}

void throw_out_of_range(std::int64_t value, bool is_unsigned, int bits) {
    throw ValueError(std::to_string(value) + " does not fit into " + (is_unsigned ? "an unsigned " : "a ") +
        std::to_string(bits) + "-bit integer");
}
void throw_out_of_range(std::uint64_t value) {
    throw ValueError(std::to_string(value) + " is beyond what a database integer holds (at most 9223372036854775807)");
}

void throw_inexact_duration(std::chrono::microseconds value) {
    throw ValueError("holds " + isoformat(value) + ", which is not a whole number of its unit");
}
void require_date(Date date) { (void)isoformat(date); }

void throw_wrong_kind(Kind wanted, const ValueView& got) {
    if (got.is_null()) throw ValueError("is required");
    throw ValueError("must be " + std::string{describe(wanted)} + ", not " + std::string{describe(got.kind())});
}

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

ValueView coerce_text(const ValueView& view, Kind wanted) {
    const std::string_view text = view.text();
    switch (wanted) {
        case Kind::integer:
            if (const auto number = parse_number<std::int64_t>(text)) return ValueView::of(*number);
            break;
        case Kind::real:
            if (const auto number = parse_number<double>(text); number && std::isfinite(*number))
                return ValueView::of(*number);
            break;
        case Kind::boolean:
            // "on" is what an HTML checkbox sends.
            if (text == "true" || text == "on" || text == "1") return ValueView::of(true);
            if (text == "false" || text == "off" || text == "0") return ValueView::of(false);
            break;
        case Kind::time:
            if (const auto time = parse_timestamp(text)) return ValueView::of(*time);
            break;
        case Kind::date:
            if (const auto date = parse_date(text)) return ValueView::of(*date);
            break;
        case Kind::time_of_day:
            if (const auto time = parse_time_of_day(text)) return ValueView::of(*time);
            break;
        case Kind::duration:
            if (const auto duration = parse_duration(text)) return ValueView::of(*duration);
            break;
        case Kind::decimal:
            if (const auto number = parse_fixed(text)) return ValueView::of(*number);
            break;
        default: throw_wrong_kind(wanted, view);
    }
    throw ValueError("must be " + std::string{describe(wanted)} + ", not \"" + std::string{text.substr(0, 64)} + "\"");
}

}  // namespace

ValueView coerce(const ValueView& view, Kind wanted) {
    constexpr double int64_limit = 9223372036854775808.0;
    if (view.kind() == Kind::text) return coerce_text(view, wanted);
    if (wanted == Kind::real && view.kind() == Kind::integer) return ValueView::of(static_cast<double>(view.integer()));
    if (wanted == Kind::integer && view.kind() == Kind::real && std::trunc(view.real()) == view.real() &&
        view.real() >= -int64_limit && view.real() < int64_limit)
        return ValueView::of(static_cast<std::int64_t>(view.real()));
    if (wanted == Kind::boolean && view.kind() == Kind::integer && (view.integer() == 0 || view.integer() == 1))
        return ValueView::of(view.integer() == 1);
    if (wanted == Kind::decimal && view.kind() == Kind::integer) return ValueView::of(Fixed{view.integer(), 0});
    if (wanted == Kind::decimal && view.kind() == Kind::real)
        if (const auto number = to_fixed(view.real())) return ValueView::of(*number);
    throw_wrong_kind(wanted, view);
}

}  // namespace tandem::orm

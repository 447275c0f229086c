/// Validation rules that stand beside a member, in models and in plain structs: `min max min_length max_length pattern
/// email one_of check`.
///
/// Contract: an empty std::optional keeps every rule. A broken rule is a text that a person understands ("must have at
/// most 30 characters"); all of an object are thrown together, by field, as one ValidationError: by `set()`, by a
/// handler's arguments, and by flush() for new objects and changed columns, before any SQL. Lengths count characters
/// (Unicode code points), not bytes. Pitfall: a rule says nothing of rows that are in the database already.
///
///     TANDEM_MODEL(User, (username, min_length(3), max_length(30), pattern("[a-z0-9_]+", "must be a-z, 0-9 or _")),
///         (email, email), (age, min(18)), (plan, one_of("free", "pro")), (code, check(is_luhn, "has a typing error")))
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tandem {

namespace orm {

template <class X>
struct MinRule {
    using tandem_rule = void;
    X bound;
};
template <class X>
struct MaxRule {
    using tandem_rule = void;
    X bound;
};
struct MinLengthRule {
    using tandem_rule = void;
    std::uint32_t characters;
};
struct MaxLengthRule {
    using tandem_rule = void;
    std::uint32_t characters;
};
struct PatternRule {
    using tandem_rule = void;
    const char* pattern;
    const char* problem;
};
struct EmailRule {
    using tandem_rule = void;
};
template <class X, std::size_t N>
struct OneOfRule {
    using tandem_rule = void;
    std::array<X, N> values;
};
template <class F>
struct CheckRule {
    using tandem_rule = void;
    F check;
    const char* problem;
};

template <class R>
concept RuleOption = requires { typename R::tandem_rule; };

}  // namespace orm

namespace options {

/// The value is at least this: of numbers, decimals, dates, times and durations.
template <class X>
constexpr orm::MinRule<X> min(X bound) {
    return {bound};
}
/// The value is at most this.
template <class X>
constexpr orm::MaxRule<X> max(X bound) {
    return {bound};
}
/// The text has at least so many characters.
constexpr orm::MinLengthRule min_length(std::uint32_t characters) { return {characters}; }
/// The text has at most so many characters; a column is declared with that length.
constexpr orm::MaxLengthRule max_length(std::uint32_t characters) { return {characters}; }
/// The whole text matches a regular expression (RE2's syntax, which is that of HTML's `pattern` as far as both go; no
/// text makes it slow). `problem` is what to say when it does not.
constexpr orm::PatternRule pattern(const char* regular_expression, const char* problem = nullptr) {
    return {regular_expression, problem};
}
/// The text is an e-mail address, as `<input type=email>` takes it.
[[maybe_unused]] inline constexpr orm::EmailRule email{};
/// The value is one of these.
template <class First, class... More>
constexpr orm::OneOfRule<First, 1 + sizeof...(More)> one_of(First first, More... more) {
    return {{first, static_cast<First>(more)...}};
}
/// A function of the value that returns whether it is right; or, without `problem`, one that returns what is wrong with
/// it as text, empty when nothing is.
template <class F>
constexpr orm::CheckRule<F> check(F function, const char* problem = nullptr) {
    return {function, problem};
}

}  // namespace options
}  // namespace tandem

/// Rules at work: checking values, and the same rules as attributes of HTML inputs.
///
///     for (const auto& [name, value] : tandem::html_attributes(User::c.username)) …   // required, maxlength="30" …
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/rules.hpp>

namespace tandem {

/// An attribute of an HTML input; an empty value stands for one without (`required`).
struct HtmlAttribute {
    std::string name;
    std::string value{};
    bool operator==(const HtmlAttribute&) const = default;
};

namespace orm {

struct Column;
struct Node;
struct Table;

/// A rule behind a pointer.
struct Rule {
    /// What is wrong with a member; empty when nothing is.
    std::function<std::string(const void* member)> problem{};
    std::vector<HtmlAttribute> attributes{};
    /// What is wrong with the rule itself; reported at start.
    std::string mistake{};
};

/// A compiled regular expression.
class Pattern {
public:
    explicit Pattern(std::string_view expression);
    /// The whole text matches. False for a text that is not UTF-8.
    [[nodiscard]] bool matches(std::string_view text) const;
    /// What is wrong with the expression; empty when nothing is.
    [[nodiscard]] std::string mistake() const;

private:
    std::shared_ptr<const void> expression_;
};

/// How many Unicode characters a text has.
[[nodiscard]] std::size_t count_characters(std::string_view text);
[[nodiscard]] bool is_email(std::string_view text);
[[nodiscard]] std::string length_problem(std::string_view text, std::size_t least, std::size_t most);
[[nodiscard]] std::string list_problem(const std::vector<std::string>& values);

/// A rule of a member of type V, made of `problem(value)`, which is asked for values only.
template <class V, class F>
Rule rule_of(F problem, std::vector<HtmlAttribute> attributes = {}) {
    return {[problem = std::move(problem)](const void* member) -> std::string {
                const V& value = *static_cast<const V*>(member);
                if constexpr (is_optional<V>) return value ? problem(*value) : std::string{};
                else return problem(value);
            },
        std::move(attributes)};
}

template <class V>
inline constexpr bool is_text_member = false;
template <Columnable V>
inline constexpr bool is_text_member<V> = kind_of<V> == Kind::text && sql_type_of<V>.name == SqlType::Name::text;

/// The text of a member that is stored as text.
template <class V>
std::string_view text_of(const V& value, Scratch& scratch) {
    return view_of(value, scratch).text();
}

template <class X>
std::string bound_text(const X& bound) {
    if constexpr (std::is_arithmetic_v<X>) {
        std::array<char, 32> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), bound);
        return {text.data(), end.ptr};
    } else {
        Scratch scratch;
        return to_text(view_of(bound, scratch));
    }
}
template <class A, class B>
bool is_less(const A& a, const B& b) {
    if constexpr (std::integral<A> && std::integral<B>) return std::cmp_less(a, b);
    else if constexpr (std::is_arithmetic_v<A>) return static_cast<double>(a) < static_cast<double>(b);
    else return a < b;
}

/// A bound as a value of the member's type, where the member is no built-in number.
template <class Plain, class X>
auto to_bound(const X& bound) {
    constexpr bool numbers = std::is_arithmetic_v<Plain> && std::is_arithmetic_v<X> && !std::same_as<Plain, bool>;
    constexpr bool fits = numbers || (!std::is_arithmetic_v<Plain> && std::constructible_from<Plain, const X&>);
    static_assert(fits, "tandem: min() and max() take a value that the member can be compared with");
    if constexpr (numbers) return bound;
    else if constexpr (fits) return Plain(bound);
    else return Plain{};
}

template <class V, class X>
Rule make_rule(const MinRule<X>& rule) {
    const auto bound = to_bound<unwrap_optional_t<V>>(rule.bound);
    std::string text = bound_text(bound);
    return rule_of<V>(
        [bound, text](const auto& value) { return is_less(value, bound) ? "must be at least " + text : std::string{}; },
        {{"min", text}});
}
template <class V, class X>
Rule make_rule(const MaxRule<X>& rule) {
    const auto bound = to_bound<unwrap_optional_t<V>>(rule.bound);
    std::string text = bound_text(bound);
    return rule_of<V>(
        [bound, text](const auto& value) { return is_less(bound, value) ? "must be at most " + text : std::string{}; },
        {{"max", text}});
}

template <class V, class F>
Rule text_rule(F problem, std::vector<HtmlAttribute> attributes) {
    constexpr bool text = is_text_member<V>;
    static_assert(text, "tandem: min_length(), max_length(), pattern() and email are for texts");
    if constexpr (!text) return {};
    else
        return rule_of<V>(
            [problem = std::move(problem)](const auto& value) -> std::string {
                Scratch scratch;
                return problem(text_of(value, scratch));
            },
            std::move(attributes));
}
template <class V>
Rule make_rule(const MinLengthRule& rule) {
    return text_rule<V>(
        [least = rule.characters](
            std::string_view text) { return length_problem(text, least, static_cast<std::size_t>(-1)); },
        {{"minlength", std::to_string(rule.characters)}});
}
template <class V>
Rule make_rule(const MaxLengthRule& rule) {
    return text_rule<V>([most = rule.characters](std::string_view text) { return length_problem(text, 0, most); },
        {{"maxlength", std::to_string(rule.characters)}});
}
template <class V>
Rule make_rule(const EmailRule&) {
    return text_rule<V>(
        [](std::string_view text) { return std::string{is_email(text) ? "" : "must be an e-mail address"}; },
        {{"type", "email"}});
}
template <class V>
Rule make_rule(const PatternRule& rule) {
    Pattern pattern{rule.pattern};
    std::string problem = rule.problem ? std::string{rule.problem} : std::string{"must match "} + rule.pattern;
    Rule result = text_rule<V>(
        [pattern, problem](std::string_view text) { return pattern.matches(text) ? std::string{} : problem; },
        {{"pattern", rule.pattern}});
    result.mistake = pattern.mistake();
    return result;
}
template <class V, class X, std::size_t N>
Rule make_rule(const OneOfRule<X, N>& rule) {
    using Plain = unwrap_optional_t<V>;
    constexpr bool fits = std::constructible_from<Plain, const X&>;
    static_assert(fits, "tandem: one_of() takes values of the member's type");
    if constexpr (!fits) return {};
    else {
        std::vector<Plain> values;
        std::vector<std::string> texts;
        for (const X& value : rule.values) {
            values.push_back(static_cast<Plain>(value));
            if constexpr (std::is_arithmetic_v<Plain>) {
                texts.push_back(bound_text(values.back()));
            } else {
                Scratch scratch;
                texts.push_back(to_text(view_of(values.back(), scratch)));
            }
        }
        return rule_of<V>([values, problem = list_problem(texts)](const auto& value) {
            for (const Plain& allowed : values)
                if (value == allowed) return std::string{};
            return problem;
        });
    }
}
template <class V, class F>
Rule make_rule(const CheckRule<F>& rule) {
    using Plain = unwrap_optional_t<V>;
    constexpr bool fits = std::is_invocable_v<const F&, const Plain&>;
    static_assert(fits, "tandem: check() takes a function of the member's value");
    if constexpr (!fits) {
        return {};
    } else if constexpr (std::same_as<std::invoke_result_t<const F&, const Plain&>, bool>) {
        return rule_of<V>([check = rule.check, problem = std::string{rule.problem ? rule.problem : "is not valid"}](
                              const auto& value) { return check(value) ? std::string{} : problem; });
    } else {
        return rule_of<V>([check = rule.check](const auto& value) { return std::string{check(value)}; });
    }
}

/// What is wrong with a member, by all its rules; empty when nothing is.
[[nodiscard]] std::string problems_of(const std::vector<Rule>& rules, const void* member);
/// Throws ValidationError for the rules that new objects, and changed columns of stored ones, break.
void check_rules(const std::vector<Node*>& added, const std::vector<Node*>& touched);
[[nodiscard]] std::vector<HtmlAttribute> html_attributes(const Column& column);

}  // namespace orm
}  // namespace tandem

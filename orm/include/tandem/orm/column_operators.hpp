/// The members of expressions: `User::c.name.contains("an")`, `is_null()`, `in(…)`, `desc()` …
///
/// Contract: what they give is only named here, so use them by way of <tandem/orm/expression.hpp>, which has all of it.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tandem/orm/describe.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/ordering.hpp>

namespace tandem::orm {

template <FixedString Pattern, class What, class... E>
struct Op;
template <Columnable V>
struct Literal;
template <class E, FixedString Pattern>
struct Like;
template <class E>
struct In;
template <class E>
struct InQuery;
template <class E, FixedString Name>
struct Labelled;

template <class Left, class V>
constexpr auto operand(V&& value);
template <class Left, class V>
using operand_t = decltype(operand<Left>(std::declval<V>()));

/// A LIKE pattern.
class LikePattern {
public:
    /// What escapes `%`, `_` and `\` in `text`, and adds `%` where asked.
    LikePattern(std::string_view text, bool any_before, bool any_after);
    explicit LikePattern(std::string_view pattern);
    LikePattern(const LikePattern& other);
    LikePattern(LikePattern&& other) noexcept;
    LikePattern& operator=(const LikePattern& other);
    LikePattern& operator=(LikePattern&& other) noexcept;
    ~LikePattern();

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// What text expressions add.
template <class Self>
struct TextOperators {
    /// The text has `part` somewhere; `%` and `_` are plain characters. Which letters count as equal: see
    /// expression.hpp.
    [[nodiscard]] auto contains(std::string_view part) const {
        return Like<Self, "@like">{self(), LikePattern{part, true, true}};
    }
    [[nodiscard]] auto starts_with(std::string_view part) const {
        return Like<Self, "@like">{self(), LikePattern{part, false, true}};
    }
    [[nodiscard]] auto ends_with(std::string_view part) const {
        return Like<Self, "@like">{self(), LikePattern{part, true, false}};
    }
    /// A pattern of your own, with `%` and `_`, and `\` to take either as it is.
    [[nodiscard]] auto like(std::string_view pattern) const {
        return Like<Self, "@like">{self(), LikePattern{pattern}};
    }
    /// The same with letters of either case taken as equal, as far as the database knows letters (SQLite: ASCII).
    [[nodiscard]] auto ilike(std::string_view pattern) const {
        return Like<Self, "@ilike">{self(), LikePattern{pattern}};
    }

private:
    const Self& self() const { return static_cast<const Self&>(*this); }
};
struct NoTextOperators {};

/// What every expression has.
template <class Self>
struct ColumnOperators {
    [[nodiscard]] constexpr auto is_null() const {
        return Op<"({} IS NULL)", Gives<bool, NullRule::never>, Self>{{{self()}}};
    }
    [[nodiscard]] auto is_not_null() const {
        return Op<"({} IS NOT NULL)", Gives<bool, NullRule::never>, Self>{{{self()}}};
    }
    /// Different, where NULL counts as a value: it is distinct from any other value, and not from NULL.
    template <class V>
    [[nodiscard]] auto is_distinct_from(V&& value) const {
        return null_safe<"@is_distinct_from">(std::forward<V>(value));
    }
    template <class V>
    [[nodiscard]] auto is_not_distinct_from(V&& value) const {
        return null_safe<"@is_not_distinct_from">(std::forward<V>(value));
    }
    /// Within both bounds, which are included.
    template <class Low, class High>
    [[nodiscard]] auto between(Low&& low, High&& high) const {
        using L = operand_t<Self, Low>;
        using H = operand_t<Self, High>;
        return Op<"({} BETWEEN {} AND {})", Gives<bool>, Self, L, H>{
            {{self()}, {operand<Self>(std::forward<Low>(low))}, {operand<Self>(std::forward<High>(high))}}};
    }
    [[nodiscard]] auto asc() const { return Ordering<"{} ASC", Self>{self()}; }
    [[nodiscard]] auto desc() const { return Ordering<"{} DESC", Self>{self()}; }
    /// Where rows with NULL go. Without it SQLite takes NULL as the smallest value, PostgreSQL as the largest.
    [[nodiscard]] auto nulls_first() const { return Ordering<"{} NULLS FIRST", Self>{self()}; }
    [[nodiscard]] auto nulls_last() const { return Ordering<"{} NULLS LAST", Self>{self()}; }
    /// The value is one of a range's, or of the rows of a query for one column. Any number of values: none finds
    /// nothing.
    template <class Values>
    [[nodiscard]] auto in(const Values& values) const {
        if constexpr (Selection<Values>) return InQuery<Self>::of(self(), values);
        else return In<Self>::of(self(), values);
    }
    template <class V>
    [[nodiscard]] auto in(std::initializer_list<V> values) const {
        return In<Self>::of(self(), values);
    }
    /// The value is none of them; rows with NULL are left out.
    template <class Values>
    [[nodiscard]] auto not_in(const Values& values) const {
        return !in(values);
    }
    template <class V>
    [[nodiscard]] auto not_in(std::initializer_list<V> values) const {
        return !in(values);
    }
    /// Names the expression in the result.
    template <FixedString Name>
    [[nodiscard]] auto label() const {
        return Labelled<Self, Name>{{self()}};
    }

private:
    const Self& self() const { return static_cast<const Self&>(*this); }
    template <FixedString Pattern, class V>
    auto null_safe(V&& value) const {
        using R = operand_t<Self, V>;
        return Op<Pattern, Gives<bool, NullRule::never>, Self, R>{{{self()}, {operand<Self>(std::forward<V>(value))}}};
    }
};
template <class Self, class V>
struct FullOperators
    : ColumnOperators<Self>,
      std::conditional_t<std::same_as<unwrap_optional_t<V>, std::string>, TextOperators<Self>, NoTextOperators> {};
template <class Self, class V>
struct Operators : FullOperators<Self, V> {};
// Conditions are seldom more than conditions.
template <class Self>
struct Operators<Self, bool> {
    [[nodiscard]] auto asc() const { return Ordering<"{} ASC", Self>{static_cast<const Self&>(*this)}; }
    [[nodiscard]] auto desc() const { return Ordering<"{} DESC", Self>{static_cast<const Self&>(*this)}; }
    template <FixedString Name>
    [[nodiscard]] auto label() const {
        return Labelled<Self, Name>{{static_cast<const Self&>(*this)}};
    }
};

}  // namespace tandem::orm

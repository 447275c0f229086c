/// Conditions and orderings: `User::c.id == 3 && User::c.username.contains("an")`.
///
/// Contract: an expression's SQL text depends on its type alone (built once per query type); values are always bound,
/// never spliced in. Comparing with `std::nullopt`, or with an empty std::optional, is IS NULL. A value of a wrong type
/// does not compile, and the message says so. Pitfall: `and`/`or` of expressions build SQL; C++'s short circuit does
/// not apply.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/describe.hpp>

namespace tandem::orm {

struct Table;
class Parameters;

/// SQL text under construction.
struct SqlWriter {
    std::string text{};
};

/// Binds one value; copies what the view borrows only if the driver has to.
void bind_value(Parameters& parameters, const ValueView& value);
/// Appends ` IN (…)` over one parameter that carries any number of values.
void write_in_list(SqlWriter& out);
/// Binds the values of that parameter, all of one kind.
void bind_list(Parameters& parameters, const std::vector<Value>& values, Kind kind);

template <class E>
concept Expression = requires { typename std::remove_cvref_t<E>::tandem_value; };

template <class C>
using plain_value_t = unwrap_optional_t<typename std::remove_cvref_t<C>::tandem_value>;

/// Whether a C++ value of type V can stand beside a column of type C: numbers with numbers, otherwise what converts to
/// C.
template <class V, class C>
concept ComparableWith = (std::is_arithmetic_v<std::remove_cvref_t<V>> && std::is_arithmetic_v<C> &&
                             std::same_as<std::remove_cvref_t<V>, bool> == std::same_as<C, bool>) ||
    (!std::is_arithmetic_v<C> && std::convertible_to<V, C> && !std::same_as<std::remove_cvref_t<V>, std::nullptr_t>) ||
    (std::same_as<C, std::string> && std::convertible_to<V, std::string_view> &&
        !std::same_as<std::remove_cvref_t<V>, std::nullptr_t>) ||
    (is_optional<std::remove_cvref_t<V>> && std::convertible_to<V, std::optional<C>>);

/// A bound value.
template <Columnable V>
struct Literal {
    using tandem_value = V;
    V value;
    template <class...>
    static constexpr bool uses_only = true;
    static void sql(SqlWriter& out) { out.text += '?'; }
    void bind(Parameters& parameters) const {
        Scratch scratch;
        bind_value(parameters, view_of(value, scratch));
    }
};

template <class Left, class V>
constexpr auto operand(V&& value) {
    using Wanted = plain_value_t<Left>;
    if constexpr (Expression<V>) {
        static_assert(std::same_as<plain_value_t<V>, Wanted>, "tandem: comparing two columns of different types");
        return std::remove_cvref_t<V>(std::forward<V>(value));
    } else {
        constexpr bool comparable = ComparableWith<V, Wanted>;
        static_assert(comparable, "tandem: this column cannot be compared with a value of that type");
        if constexpr (!comparable) return Literal<Wanted>{};  // the message above is enough
        else if constexpr (std::is_arithmetic_v<Wanted> && !is_optional<std::remove_cvref_t<V>>)
            return Literal<std::remove_cvref_t<V>>{value};
        else if constexpr (is_optional<std::remove_cvref_t<V>>)
            return Literal<std::optional<Wanted>>{std::forward<V>(value)};
        else return Literal<Wanted>{Wanted(std::forward<V>(value))};
    }
}

template <FixedString Operator, class L, class R>
struct Binary {
    using tandem_value = bool;
    L left;
    R right;
    template <class... Models>
    static constexpr bool uses_only = L::template uses_only<Models...> && R::template uses_only<Models...>;
    static void sql(SqlWriter& out) {
        out.text += '(';
        L::sql(out);
        out.text += Operator.text;
        R::sql(out);
        out.text += ')';
    }
    void bind(Parameters& parameters) const {
        left.bind(parameters);
        right.bind(parameters);
    }
};

template <FixedString Before, FixedString After, class E, class V = bool>
struct Unary {
    using tandem_value = V;
    E inner;
    template <class... Models>
    static constexpr bool uses_only = E::template uses_only<Models...>;
    static void sql(SqlWriter& out) {
        out.text += Before.text;
        E::sql(out);
        out.text += After.text;
    }
    void bind(Parameters& parameters) const { inner.bind(parameters); }
};

/// `column LIKE pattern`, with `\` as escape character.
template <class E>
struct Like {
    using tandem_value = bool;
    E inner;
    std::string pattern;
    template <class... Models>
    static constexpr bool uses_only = E::template uses_only<Models...>;
    static void sql(SqlWriter& out) {
        E::sql(out);
        out.text += " LIKE ? ESCAPE '\\'";
    }
    void bind(Parameters& parameters) const {
        inner.bind(parameters);
        bind_value(parameters, ValueView::of(std::string_view{pattern}));
    }
};

/// `column IN (…)` of constant text for any number of values, none included.
template <class E>
struct In {
    using tandem_value = bool;
    E inner;
    std::vector<Value> values;
    template <class... Models>
    static constexpr bool uses_only = E::template uses_only<Models...>;
    static void sql(SqlWriter& out) {
        E::sql(out);
        write_in_list(out);
    }
    void bind(Parameters& parameters) const {
        inner.bind(parameters);
        bind_list(parameters, values, kind_of<plain_value_t<E>>);
    }
};

/// Escapes `%`, `_` and `\` and adds `%` where asked.
[[nodiscard]] std::string like_pattern(std::string_view text, bool any_before, bool any_after);

/// What text columns add.
template <class Self>
struct TextOperators {
    /// The text has `part` somewhere; ASCII letters match in either case (SQLite's LIKE). `%` and `_` are plain
    /// characters.
    [[nodiscard]] auto contains(std::string_view part) const {
        return Like<Self>{self(), like_pattern(part, true, true)};
    }
    [[nodiscard]] auto starts_with(std::string_view part) const {
        return Like<Self>{self(), like_pattern(part, false, true)};
    }
    [[nodiscard]] auto ends_with(std::string_view part) const {
        return Like<Self>{self(), like_pattern(part, true, false)};
    }
    /// A pattern of your own, with `%` and `_`.
    [[nodiscard]] auto like(std::string_view pattern) const { return Like<Self>{self(), std::string{pattern}}; }

private:
    const Self& self() const { return static_cast<const Self&>(*this); }
};
struct NoTextOperators {};

/// What every column has.
template <class Self>
struct ColumnOperators {
    [[nodiscard]] auto is_null() const { return Unary<"(", " IS NULL)", Self>{self()}; }
    [[nodiscard]] auto is_not_null() const { return Unary<"(", " IS NOT NULL)", Self>{self()}; }
    [[nodiscard]] auto asc() const { return Unary<"", " ASC", Self>{self()}; }
    [[nodiscard]] auto desc() const { return Unary<"", " DESC", Self>{self()}; }
    /// The value is one of a range's.
    template <class Range>
    [[nodiscard]] auto in(const Range& values) const {
        using Wanted = plain_value_t<Self>;
        In<Self> result{self(), {}};
        for (const auto& value : values) {
            constexpr bool comparable = ComparableWith<decltype(value), Wanted>;
            static_assert(comparable, "tandem: this column cannot be compared with a value of that type");
            if constexpr (comparable) {
                Scratch scratch;
                result.values.push_back(to_value(view_of<Wanted>(Wanted(value), scratch)));
            }
        }
        return result;
    }

private:
    const Self& self() const { return static_cast<const Self&>(*this); }
};

// Comparisons. `operator op(column, value)`; the value is a C++ value or another column of the same type.
#define TANDEM_COMPARISON(op, sql_text)                                                                                \
    template <Expression C, class V>                                                                                   \
    constexpr auto operator op(const C& column, V&& value) {                                                           \
        auto right = operand<C>(std::forward<V>(value));                                                               \
        return Binary<sql_text, C, decltype(right)>{column, std::move(right)};                                         \
    }
TANDEM_COMPARISON(==, " = ")
TANDEM_COMPARISON(!=, " <> ")
TANDEM_COMPARISON(<, " < ")
TANDEM_COMPARISON(<=, " <= ")
TANDEM_COMPARISON(>, " > ")
TANDEM_COMPARISON(>=, " >= ")
#undef TANDEM_COMPARISON
// A std::optional that may be empty: one text for either case. Empty equals NULL; what has a value differs from it, but
// NULL differs from nothing.
template <Expression C, class V>
    requires is_optional<std::remove_cvref_t<V>>
constexpr auto operator==(const C& column, V&& value) {
    auto right = operand<C>(std::forward<V>(value));
    return Binary<" IS ", C, decltype(right)>{column, std::move(right)};
}
template <Expression C, class V>
    requires is_optional<std::remove_cvref_t<V>>
constexpr auto operator!=(const C& column, V&& value) {
    auto right = operand<C>(std::forward<V>(value));
    using NotNull = Unary<"(", " IS NOT NULL)", C>;
    using Differs = Binary<" IS NOT ", C, decltype(right)>;
    return Binary<" AND ", Differs, NotNull>{{column, std::move(right)}, {column}};
}
template <Expression C>
constexpr auto operator==(const C& column, std::nullopt_t) {
    return Unary<"(", " IS NULL)", C>{column};
}
template <Expression C>
constexpr auto operator!=(const C& column, std::nullopt_t) {
    return Unary<"(", " IS NOT NULL)", C>{column};
}
template <Expression L, Expression R>
constexpr auto operator&&(L left, R right) {
    return Binary<" AND ", L, R>{std::move(left), std::move(right)};
}
template <Expression L, Expression R>
constexpr auto operator||(L left, R right) {
    return Binary<" OR ", L, R>{std::move(left), std::move(right)};
}
template <Expression E>
constexpr auto operator!(E inner) {
    return Unary<"(NOT ", ")", E>{std::move(inner)};
}

/// `count(column)`: rows in which the column is not NULL.
template <Expression C>
auto count(C column) {
    return Unary<"count(", ")", C, std::int64_t>{column};
}

}  // namespace tandem::orm

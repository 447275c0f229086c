/// `==`, `<` and the like between expressions and values; `&&`, `||` and `!` of conditions.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <tandem/orm/describe.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/literal.hpp>
#include <tandem/orm/operation.hpp>

namespace tandem::orm {

// Comparisons. `operator op(column, value)`; the value is a C++ value or another expression of the same type.
template <FixedString Pattern, class C, class V>
constexpr auto compare(const C& column, V&& value) {
    return Op<Pattern, Gives<bool>, C, decltype(operand<C>(std::forward<V>(value)))>{
        {{column}, {operand<C>(std::forward<V>(value))}}};
}
#define TANDEM_COMPARISON(op, pattern, mirrored)                                                                       \
    template <Expression L, Expression R>                                                                              \
    constexpr auto operator op(const L& left, const R& right) {                                                        \
        return compare<pattern>(left, right);                                                                          \
    }                                                                                                                  \
    template <Expression C, PlainValue V>                                                                              \
    constexpr auto operator op(const C& column, V&& value) {                                                           \
        return compare<pattern>(column, std::forward<V>(value));                                                       \
    }                                                                                                                  \
    template <PlainValue V, Expression C>                                                                              \
    constexpr auto operator op(V&& value, const C& column) {                                                           \
        return compare<mirrored>(column, std::forward<V>(value));                                                      \
    }
TANDEM_COMPARISON(==, "({} = {})", "({} = {})")
TANDEM_COMPARISON(!=, "({} <> {})", "({} <> {})")
TANDEM_COMPARISON(<, "({} < {})", "({} > {})")
TANDEM_COMPARISON(<=, "({} <= {})", "({} >= {})")
TANDEM_COMPARISON(>, "({} > {})", "({} < {})")
TANDEM_COMPARISON(>=, "({} >= {})", "({} <= {})")
#undef TANDEM_COMPARISON
// A std::optional that may be empty: one text for either case. Empty equals NULL; what has a value differs from it, but
// NULL differs from nothing.
template <Expression C, class V>
    requires is_optional<std::remove_cvref_t<V>>
constexpr auto operator==(const C& column, V&& value) {
    return column.is_not_distinct_from(std::forward<V>(value));
}
template <Expression C, class V>
    requires is_optional<std::remove_cvref_t<V>>
constexpr auto operator!=(const C& column, V&& value) {
    return column.is_distinct_from(std::forward<V>(value)) && column.is_not_null();
}
template <Expression C>
constexpr auto operator==(const C& column, std::nullopt_t) {
    return column.is_null();
}
template <Expression C>
constexpr auto operator!=(const C& column, std::nullopt_t) {
    return column.is_not_null();
}
#define TANDEM_NO_ORDER(op)                                                                                            \
    template <Expression C, MaybeNull V>                                                                               \
    constexpr auto operator op(const C& column, V&&) {                                                                 \
        static_assert(                                                                                                 \
            !Expression<C>, "tandem: NULL has no order: compare with a value (*optional), or ask for is_null()");      \
        return column.is_null();                                                                                       \
    }
TANDEM_NO_ORDER(<)
TANDEM_NO_ORDER(<=)
TANDEM_NO_ORDER(>)
TANDEM_NO_ORDER(>=)
#undef TANDEM_NO_ORDER

template <class... E>
constexpr void need_conditions() {
    static_assert(
        (is_condition<E> && ...), "tandem: && || ! need conditions, e.g. User::c.id == 3 && User::c.age > 17");
}
template <Expression L, Expression R>
constexpr auto operator&&(L left, R right) {
    need_conditions<L, R>();
    return Op<"({} AND {})", Gives<bool>, L, R>{{{std::move(left)}, {std::move(right)}}};
}
template <Expression L, Expression R>
constexpr auto operator||(L left, R right) {
    need_conditions<L, R>();
    return Op<"({} OR {})", Gives<bool>, L, R>{{{std::move(left)}, {std::move(right)}}};
}
template <Expression E>
constexpr auto operator!(E inner) {
    need_conditions<E>();
    return Op<"(NOT {})", Gives<bool>, E>{{{std::move(inner)}}};
}

}  // namespace tandem::orm

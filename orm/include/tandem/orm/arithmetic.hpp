/// `+ - * / %` of numbers, and `+` of texts.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <tandem/orm/describe.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/literal.hpp>
#include <tandem/orm/operation.hpp>

namespace tandem::orm {

template <class L, class R>
using sum_t =
    std::conditional_t<std::is_floating_point_v<plain_value_t<L>> || std::is_floating_point_v<plain_value_t<R>>, double,
        std::int64_t>;
/// What becomes of `left op right` of numbers. `Partial`: NULL is possible whatever the operands.
template <FixedString Pattern, bool Partial, class L, class R>
constexpr auto calculate(L left, R right) {
    constexpr bool numbers = Number<plain_value_t<L>> && Number<plain_value_t<R>>;
    static_assert(numbers, "tandem: arithmetic needs numbers (texts are joined by +)");
    if constexpr (numbers) {
        using V = sum_t<L, R>;
        using What = Gives<std::conditional_t<Partial, std::optional<V>, V>>;
        return make_op<Pattern, What>(std::move(left), std::move(right));
    } else {
        return left;  // the message above is enough
    }
}
template <class L, class R>
constexpr auto add(L left, R right) {
    if constexpr (std::same_as<plain_value_t<L>, std::string> && std::same_as<plain_value_t<R>, std::string>)
        return make_op<"({} || {})", Gives<std::string>>(std::move(left), std::move(right));
    else return calculate<"({} + {})", false>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto subtract(L left, R right) {
    return calculate<"({} - {})", false>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto multiply(L left, R right) {
    return calculate<"({} * {})", false>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto divide(L left, R right) {
    return calculate<"({} / {})", true>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto remainder(L left, R right) {
    return calculate<"({} % {})", true>(std::move(left), std::move(right));
}
#define TANDEM_ARITHMETIC(op, function)                                                                                \
    template <Expression C, class V>                                                                                   \
    constexpr auto operator op(const C& column, V&& value) {                                                           \
        return function(column, operand<C>(std::forward<V>(value)));                                                   \
    }                                                                                                                  \
    template <PlainValue V, Expression C>                                                                              \
    constexpr auto operator op(V&& value, const C& column) {                                                           \
        return function(operand<C>(std::forward<V>(value)), column);                                                   \
    }
TANDEM_ARITHMETIC(+, add)
TANDEM_ARITHMETIC(-, subtract)
TANDEM_ARITHMETIC(*, multiply)
TANDEM_ARITHMETIC(/, divide)
TANDEM_ARITHMETIC(%, remainder)
#undef TANDEM_ARITHMETIC
template <Expression C>
    requires Number<plain_value_t<C>>
constexpr auto operator-(const C& column) {
    return make_op<"(-{})", Gives<sum_t<C, C>>>(column);
}

}  // namespace tandem::orm

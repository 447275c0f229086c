/// What can be asked of the types of expressions: whether one is an expression, of what value, what may stand beside
/// it.
///
/// Contract: an expression is a type with `tandem_value`, the type of its value; `std::optional` of it if that may be
/// NULL.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <tandem/orm/codec.hpp>

namespace tandem::orm {

template <class E>
concept Expression = requires { typename std::remove_cvref_t<E>::tandem_value; };

template <class C>
using plain_value_t = unwrap_optional_t<typename std::remove_cvref_t<C>::tandem_value>;

template <class V>
concept Number = std::is_arithmetic_v<V> && !std::same_as<V, bool>;

/// Whether a C++ value of type V can stand beside a column of type C: numbers with numbers, otherwise what converts to
/// C.
template <class V, class C>
concept ComparableWith = (std::is_arithmetic_v<std::remove_cvref_t<V>> && std::is_arithmetic_v<C> &&
                             std::same_as<std::remove_cvref_t<V>, bool> == std::same_as<C, bool>) ||
    (!std::is_arithmetic_v<C> && std::convertible_to<V, C> && !std::same_as<std::remove_cvref_t<V>, std::nullptr_t>) ||
    (std::same_as<C, std::string> && std::convertible_to<V, std::string_view> &&
        !std::same_as<std::remove_cvref_t<V>, std::nullptr_t>) ||
    (is_optional<std::remove_cvref_t<V>> && std::convertible_to<V, std::optional<C>>);

/// Whether an expression is true or false.
template <class E>
inline constexpr bool is_condition = false;
template <Expression E>
inline constexpr bool is_condition<E> = std::same_as<plain_value_t<E>, bool>;

/// When the value of an operation may be NULL.
enum class NullRule : std::uint8_t { with_any_operand, with_all_operands, never };

/// What an operation gives.
template <class V, NullRule Rule = NullRule::with_any_operand>
struct Gives {
    using value = V;
    static constexpr NullRule rule = Rule;
    static constexpr bool aggregate = false;
};
/// The same for one that makes one value of many rows.
template <class V, NullRule Rule = NullRule::with_any_operand>
struct Aggregates : Gives<V, Rule> {
    static constexpr bool aggregate = true;
};

template <class Q>
concept Selection = requires { typename Q::tandem_result; };
template <class C>
concept RelationProxy = requires { typename C::tandem_target; };

template <class E>
concept HasLabel = requires { typename E::tandem_label; };

template <class V>
concept MaybeNull = std::same_as<std::remove_cvref_t<V>, std::nullopt_t> || is_optional<std::remove_cvref_t<V>>;
template <class V>
concept PlainValue = !Expression<V> && !MaybeNull<V>;

}  // namespace tandem::orm

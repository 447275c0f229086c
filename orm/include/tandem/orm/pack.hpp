/// `Pack<E...>`: a few values of different types side by side; std::tuple with a tenth of its compile time.
///
/// Contract: a value type; empty elements take no room. For the query language's own use.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace tandem::orm {

class Parameters;
struct SqlWriter;

/// Writes one part of an SQL text.
using WriteFunction = void (*)(SqlWriter& out);

// Packs and their slots have constructors because clang 16 writes past an empty aggregate that a braced list in another
// one's initialises.
template <std::size_t I, class E>
struct Slot {
    [[no_unique_address]] E value;
    constexpr explicit Slot(E of) : value(std::move(of)) {}
};
template <class E>
struct TypeOf {
    using type = E;
};
template <std::size_t I, class E>
TypeOf<E> slot_at(const Slot<I, E>*);

template <class... E>
struct FirstOf {
    using type = void;
};
template <class First, class... More>
struct FirstOf<First, More...> {
    using type = First;
};

template <class Indices, class... E>
struct PackOf;
template <class... E>
using Pack = PackOf<std::index_sequence_for<E...>, E...>;

template <std::size_t... I, class... E>
struct PackOf<std::index_sequence<I...>, E...> : Slot<I, E>... {
    static constexpr std::size_t size = sizeof...(E);
    using first = typename FirstOf<E...>::type;

    PackOf() = default;
    constexpr PackOf(E... values)  // NOLINT(google-explicit-constructor): a list of values is one
        requires(sizeof...(E) > 0)
        : Slot<I, E>(std::move(values))... {}

    /// Calls f with each value in turn.
    template <class F>
    constexpr void each(F&& f) const {
        (f(static_cast<const Slot<I, E>&>(*this).value), ...);
    }
    /// Binds the values of each element, which are expressions, in turn.
    void bind([[maybe_unused]] Parameters& parameters) const {
        (static_cast<const Slot<I, E>&>(*this).value.bind(parameters), ...);
    }
    /// Where the values are.
    void addresses([[maybe_unused]] const void** out) const {
        ((*out++ = &static_cast<const Slot<I, E>&>(*this).value), ...);
    }
    /// The same and one more.
    template <class Last>
    [[nodiscard]] constexpr Pack<E..., Last> with(Last&& last) const {
        return {static_cast<const Slot<I, E>&>(*this).value..., std::forward<Last>(last)};
    }
    template <class... Last>
    [[nodiscard]] constexpr Pack<E..., Last...> with_all(Last... last) const {
        return {static_cast<const Slot<I, E>&>(*this).value..., std::move(last)...};
    }
    template <std::size_t K>
    using type_at = typename decltype(slot_at<K>(static_cast<const PackOf*>(nullptr)))::type;
};

/// How each of some expressions writes itself.
template <class... E>
inline constexpr WriteFunction writers_of[sizeof...(E) + 1] = {&E::sql..., nullptr};

}  // namespace tandem::orm

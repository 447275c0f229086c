/// `Op`: an operation, its text a pattern with a place for each operand, e.g. `({} = {})`.
///
/// Contract: the text depends on the type alone. For the query language's own use.
#pragma once

#include <concepts>
#include <utility>

#include <tandem/orm/column_operators.hpp>
#include <tandem/orm/describe.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/pack.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

template <class First, class... More>
constexpr auto first_root_of() {
    if constexpr (!std::same_as<decltype(First::root()), void*>) return First::root();
    else if constexpr (sizeof...(More) > 0) return first_root_of<More...>();
    else return static_cast<void*>(nullptr);
}
/// The first source that one of some expressions comes from, as a null pointer to it; `void*` if none does.
template <class... E>
constexpr auto first_root() {
    if constexpr (sizeof...(E) > 0) return first_root_of<E...>();
    else return static_cast<void*>(nullptr);
}

/// An operation: a pattern with operands.
template <FixedString Pattern, class What, class... E>
struct Op : Operators<Op<Pattern, What, E...>, typename What::value> {
    using tandem_value = typename What::value;
    [[no_unique_address]] Pack<E...> operands;

    constexpr Op(Pack<E...>&& of) : operands(std::move(of)) {}  // NOLINT(google-explicit-constructor)

    template <class... S>
    static constexpr bool uses_only = (E::template uses_only<S...> && ...);
    template <class... S>
    static constexpr bool nullable_in = is_optional<tandem_value> ||
        (What::rule == NullRule::with_any_operand           ? (E::template nullable_in<S...> || ...)
                : What::rule == NullRule::with_all_operands ? (E::template nullable_in<S...> && ...)
                                                            : false);
    template <class... G>
    static constexpr bool grouped_by =
        What::aggregate || (std::same_as<Op, G> || ...) || (E::template grouped_by<G...> && ...);
    static constexpr bool has_aggregate = What::aggregate || (E::has_aggregate || ...);
    static constexpr auto root() { return first_root<E...>(); }
    static void sql(SqlWriter& out) { write_pattern(out, Pattern.text, writers_of<E...>); }
    void bind(Parameters& parameters) const { operands.bind(parameters); }
};
/// Makes an operation of a pattern, what it gives, and its operands.
template <FixedString Pattern, class What, class... E>
constexpr auto make_op(E... operands) {
    return Op<Pattern, What, E...>(Pack<E...>(std::move(operands)...));
}

}  // namespace tandem::orm

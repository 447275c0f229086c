/// `column LIKE pattern`, which `like`, `contains` and their kin make.
#pragma once

#include <utility>

#include <tandem/orm/column_operators.hpp>
#include <tandem/orm/describe.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/pack.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// Binds a LIKE pattern. Throws ArgumentError for one that the database would refuse as too long.
void bind_pattern(Parameters& parameters, const LikePattern& like);
/// `column LIKE pattern`, with `\` as escape character.
template <class E, FixedString Pattern>
struct Like : Operators<Like<E, Pattern>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] E inner;
    LikePattern pattern;

    Like(const E& text, LikePattern&& like) : inner(text), pattern(std::move(like)) {}
    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...>;
    template <class... S>
    static constexpr bool nullable_in = E::template nullable_in<S...>;
    template <class... G>
    static constexpr bool grouped_by = E::template grouped_by<G...>;
    static constexpr bool has_aggregate = E::has_aggregate;
    static constexpr auto root() { return E::root(); }
    static void sql(SqlWriter& out) { write_pattern(out, Pattern.text, writers_of<E>); }
    void bind(Parameters& parameters) const {
        inner.bind(parameters);
        bind_pattern(parameters, pattern);
    }
};

}  // namespace tandem::orm

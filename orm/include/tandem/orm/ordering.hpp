/// Sort keys: `Post::c.title.desc().nulls_last()`.
#pragma once

#include <tandem/orm/describe.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/pack.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// A sort key: an expression with its direction.
template <FixedString Pattern, class E>
struct Ordering {
    using tandem_ordering = E;
    [[no_unique_address]] E inner;

    [[nodiscard]] auto nulls_first() const { return Ordering<"{} NULLS FIRST", Ordering>{*this}; }
    [[nodiscard]] auto nulls_last() const { return Ordering<"{} NULLS LAST", Ordering>{*this}; }

    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...>;
    static void sql(SqlWriter& out) { write_pattern(out, Pattern.text, writers_of<E>); }
    void bind(Parameters& parameters) const { inner.bind(parameters); }
};
template <class E>
concept Orderable = Expression<E> || requires { typename E::tandem_ordering; };

}  // namespace tandem::orm

/// Sources: what a query selects from, by model and alias, and the scope that its expressions may use.
///
/// Contract: `Scope<Source<User>, Maybe<Source<Post>>>` is a type-level list; a `Maybe` stands for a source that an
/// outer join brings, whose columns may all be NULL. Nothing here exists at run time. For the query language's own use.
#pragma once

#include <concepts>

#include <tandem/orm/describe.hpp>

namespace tandem::orm {

struct SqlWriter;
struct Table;

/// A model under its own name, or under an alias; for derived tables, `T` is what stands in FROM.
template <class T, FixedString Alias = "">
struct Source {
    using model = T;
    static constexpr const char* alias = Alias.text;
};
/// A source whose row may be missing.
template <class S>
struct Maybe {};

/// What a query has in FROM, in order.
template <class... S>
struct Scope {};

template <class S, class... In>
inline constexpr bool in_scope = ((std::same_as<S, In> || std::same_as<Maybe<S>, In>) || ...);
template <class S, class... In>
inline constexpr bool may_be_missing = (std::same_as<Maybe<S>, In> || ...);

/// Appends `"table"` or `"table" AS "alias"`.
void write_table(SqlWriter& out, const Table& table, const char* alias);

}  // namespace tandem::orm

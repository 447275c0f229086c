/// Sources: what a query selects from, by model and alias, and the scope that its expressions may use.
///
/// Contract: `Scope<Source<User>, Maybe<Source<Post>>>` is a type-level list; a `Maybe` stands for a source that an
/// outer join brings, whose columns may all be NULL. Nothing here exists at run time. For the query language's own use.
#pragma once

#include <concepts>
#include <type_traits>

#include <tandem/orm/describe.hpp>

namespace tandem::orm {

struct SqlWriter;
struct Table;
class Parameters;

template <class T>
const Table& table_of();
/// Appends `"table"` or `"table" AS "alias"`.
void write_table(SqlWriter& out, const Table& table, const char* alias);

/// A model under its own name, or under an alias; for derived tables, `T` is what stands in FROM.
template <class T, FixedString Alias = "">
struct Source {
    using model = T;
    static constexpr const char* alias = Alias.text;
};
/// A source whose row may be missing.
template <class S>
struct Maybe {};

/// A source of the query around, which a subquery may use.
template <class S>
struct Outer {};

/// What a query has in FROM, in order.
template <class... S>
struct Scope {};

template <class S, class... In>
inline constexpr bool in_scope =
    ((std::same_as<S, In> || std::same_as<Maybe<S>, In> || std::same_as<Outer<S>, In>) || ...);
template <class S, class... In>
inline constexpr bool may_be_missing = (std::same_as<Maybe<S>, In> || ...);

/// Whether all that an entry of a scope needs from outside is in another scope.
template <class Entry, class... In>
inline constexpr bool met_by = true;
template <class S, class... In>
inline constexpr bool met_by<Outer<S>, In...> = in_scope<S, In...>;

/// A model in FROM.
template <class T, FixedString Alias = "">
struct ModelSource {
    using source = Source<T, Alias>;
    static constexpr FixedString name = Alias;
    static void sql(SqlWriter& out) { write_table(out, table_of<T>(), Alias.text); }
    void bind(Parameters&) const {}
};

/// What a scope's entry is at run time; a table of null stands for a derived one.
struct SourceInfo {
    const Table* table = nullptr;
    const char* alias = "";
};
template <class Entry>
struct source_info {
    static SourceInfo get() { return {}; }
};
template <class T, FixedString Alias>
    requires(!std::is_void_v<T>)
struct source_info<Source<T, Alias>> {
    static SourceInfo get() { return {&table_of<T>(), Alias.text}; }
};
template <class S>
struct source_info<Maybe<S>> : source_info<S> {};

/// Whether a column identifies the rows of a source.
template <class S, class C>
inline constexpr bool is_key_of = false;

template <class T, FixedString Alias, class C>
    requires requires { typename C::tandem_source; }
inline constexpr bool is_key_of<Source<T, Alias>, C> = std::same_as<typename C::tandem_source, Source<T, Alias>> && [] {
    if constexpr (requires(typename T::template tandem_columns<Alias> columns) { columns.id; })
        return std::same_as<C, decltype(T::template tandem_columns<Alias>::id)>;
    else return true;  // a key of another name: take any column for it
}();

}  // namespace tandem::orm

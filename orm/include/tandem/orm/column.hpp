/// Column proxies: what `User::c.username` is. Typed by model and member, so that wrong types and foreign columns do
/// not compile.
#pragma once

#include <tandem/orm/expression.hpp>
#include <tandem/orm/predicate.hpp>
#include <tandem/orm/relation.hpp>
#include <tandem/orm/source.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

template <class T, auto Pointer>
std::uint32_t offset_of();

/// Appends `"table"."column"`, or `"alias"."column"`.
void write_column(SqlWriter& out, const Table& table, std::uint32_t offset, const char* alias);

/// A column of a source, whatever it is called there.
template <class Self, class S, class V>
struct SourceColumn : FullOperators<Self, V> {
    using tandem_value = V;
    using tandem_source = S;
    template <class... In>
    static constexpr bool uses_only = in_scope<S, In...>;
    template <class... In>
    static constexpr bool nullable_in = is_optional<V> || may_be_missing<S, In...>;
    /// Grouped by itself, or by the key of its row.
    template <class... G>
    static constexpr bool grouped_by = ((std::same_as<Self, G> || is_key_of<S, G>) || ...);
    static constexpr bool has_aggregate = false;
    static constexpr S* root() { return nullptr; }
    void bind(Parameters&) const {}
};
template <class T, auto Pointer, FixedString Alias>
struct RelationColumn;

template <class T, auto Pointer, FixedString Alias = "", class V = member_value_t<Pointer>>
struct ColumnProxy : SourceColumn<ColumnProxy<T, Pointer, Alias, V>, Source<T, Alias>, V> {
    using tandem_model = T;
    static constexpr auto tandem_pointer = Pointer;
    static void sql(SqlWriter& out) { write_column(out, table_of<T>(), offset_of<T, Pointer>(), Alias.text); }
};
template <class T, auto Pointer, FixedString Alias, RelationMember V>
struct ColumnProxy<T, Pointer, Alias, V> : RelationColumn<T, Pointer, Alias> {};

template <class C>
concept ModelColumn = requires { C::tandem_pointer; };

/// Adds the proxy of the inherited `id`.
template <class T, class Base, FixedString Alias>
struct KeyProxy {
    using tandem_key_column = ColumnProxy<T, &Base::id, Alias>;
    [[no_unique_address]] tandem_key_column id;
};
template <class T, class Base, FixedString Alias>
    requires std::is_void_v<typename Base::tandem_key>
struct KeyProxy<T, Base, Alias> {};

/// A model under another name, made by `alias`: its columns are members, as those of `Model::c` are.
template <class T, FixedString Name>
struct AliasOf : T::template tandem_columns<Name> {
    using tandem_from = ModelSource<T, Name>;
    using tandem_aliased = T;
};
/// Another name for a model, so that a query can have it twice: `constexpr auto boss = tandem::alias<User, "boss">;`,
/// then `boss.username`.
template <class T, FixedString Name>
inline constexpr AliasOf<T, Name> alias{};

}  // namespace tandem::orm

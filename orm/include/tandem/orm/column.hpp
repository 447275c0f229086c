/// Column proxies: what `User::c.username` is. Typed by model and member, so that wrong types and foreign columns do
/// not compile.
#pragma once

#include <tandem/orm/expression.hpp>
#include <tandem/orm/relation.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

template <class T, auto Pointer>
std::uint32_t offset_of();

/// Appends `"table"."column"`, or `"alias"."column"`.
void write_column(SqlWriter& out, const Table& table, std::uint32_t offset, const char* alias);

template <class Self, class T, auto Pointer, FixedString Alias, class V>
struct ScalarColumn
    : ColumnOperators<Self>,
      std::conditional_t<std::same_as<unwrap_optional_t<V>, std::string>, TextOperators<Self>, NoTextOperators> {
    using tandem_value = V;
    using tandem_model = T;
    template <class... Models>
    static constexpr bool uses_only = (std::same_as<T, Models> || ...);
    static void sql(SqlWriter& out) { write_column(out, table_of<T>(), offset_of<T, Pointer>(), Alias.text); }
    void bind(Parameters&) const {}
};

template <class T, auto Pointer>
struct RelationColumn {
    using tandem_model = T;
    using tandem_target = typename member_value_t<Pointer>::element_type;
    static const Relation& relation() { return table_of<T>().relation_at(offset_of<T, Pointer>()); }
};

template <class T, auto Pointer, FixedString Alias = "", class V = member_value_t<Pointer>>
struct ColumnProxy : ScalarColumn<ColumnProxy<T, Pointer, Alias, V>, T, Pointer, Alias, V> {};
template <class T, auto Pointer, FixedString Alias, RelationMember V>
struct ColumnProxy<T, Pointer, Alias, V> : RelationColumn<T, Pointer> {};

/// Adds the proxy of the inherited `id`.
template <class T, class Base, FixedString Alias>
struct KeyProxy {
    [[no_unique_address]] ColumnProxy<T, &Base::id, Alias> id;
};
template <class T, class Base, FixedString Alias>
    requires std::is_void_v<typename Base::tandem_key>
struct KeyProxy<T, Base, Alias> {};

template <class C>
concept RelationProxy = requires { typename C::tandem_target; };

}  // namespace tandem::orm

/// Objects in a query's result: of one model, or of several beside each other and beside values.
///
///     auto rows = session.exec(select(User::c, Post::c, count(Flag::c.id))
///                                  .outer_join(User::c.posts).outer_join(Post::c.flags)
///                                  .group_by(User::c.id, Post::c.id)).all();
///     for (auto& [user, post, flags] : rows) …          // Ref<User>, Ref<Post>, std::int64_t
///
/// Contract: `Model::c`, or an alias, stands for the whole object. One that an outer join did not find is an empty Ref.
/// Loader options name the relations of any of the models, and hold for all objects of that model; `joinedload` loads
/// with a statement of its own here, so `inner()` is refused. Rows stay rows: an object comes once for each row that it
/// stands in.
#pragma once

#include <cstddef>

#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/ref.hpp>
#include <tandem/orm/source.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// Appends the columns of a table's objects, qualified: all, or those that `out.extras` picks.
void write_entity(SqlWriter& out, const Table& table, const char* alias);

/// The result is objects of T.
template <class T, FixedString Alias = "">
struct Entity {
    using model = T;
    static void sql(SqlWriter& out) { write_entity(out, table_of<T>(), Alias.text); }
    void bind(Parameters&) const {}
};

/// An object of T among what a row holds.
template <class T, FixedString Alias>
struct EntityField {
    using tandem_value = Ref<T>;
    using tandem_row_model = T;
    using source = Source<T, Alias>;
    using result = Entity<T, Alias>;
    template <class... S>
    static constexpr bool uses_only = in_scope<source, S...>;
    template <class...>
    static constexpr bool nullable_in = false;
    template <class... G>
    static constexpr bool grouped_by = (is_key_of<source, G> || ...);
    static constexpr bool has_aggregate = false;
    static constexpr source* root() { return nullptr; }
    static void sql(SqlWriter& out) { write_entity(out, table_of<T>(), Alias.text); }
    void bind(Parameters&) const {}
};
template <class E>
concept EntityColumns = requires { typename E::tandem_entity; };
template <class E>
inline constexpr bool is_entity_field = requires { typename E::tandem_row_model; };

/// What stands for an expression, or for an object, in a row.
template <class E>
auto row_field(const E& selected) {
    if constexpr (EntityColumns<E>) return typename E::tandem_entity{};
    else return selected;
}

/// One field of a query's rows, for the engine.
struct RowField {
    const Table& (*table)() = nullptr;  ///< of an object; null: the field is a value
    const char* alias = "";
};
template <class E>
constexpr RowField row_field_of() {
    if constexpr (is_entity_field<E>) return {&table_of<typename E::tandem_row_model>, E::source::alias};
    else return {};
}

}  // namespace tandem::orm

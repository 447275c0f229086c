/// Reading an object's attributes one by one: what is deferred or not loaded can be told apart, and stays that way.
///
/// Contract: `is_loaded` and `dict_of` never run SQL and never throw for what is not loaded. `value_of` reads one
/// column without the others that are deferred. Pitfall: any access through the Ref itself (`user->username`) reads all
/// deferred columns, of all objects of the same result, in one SELECT; C++ cannot see which member is meant.
///
///     auto users = session.exec(User::select().options(load_only(User::c.username))).all();
///     for (const auto& user : users) std::cout << value_of(user, User::c.username);      // no further SELECT
#pragma once

#include <concepts>

#include <tandem/orm/column.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/node_access.hpp>
#include <tandem/orm/ref.hpp>

namespace tandem {

namespace orm {
/// Sees to it that a column can be read. Throws as Ref does, and DetachedError for a deferred column without a session.
void open_column(Node* node, const Table& table, const Column& column);
[[nodiscard]] Json node_to_json(const Node* node);
}  // namespace orm

/// A copy of one column's value.
template <class T, orm::ModelColumn C>
[[nodiscard]] auto value_of(const Ref<T>& object, C) {
    static_assert(
        std::same_as<typename C::tandem_model, T>, "tandem: value_of() takes a column of the object's own model");
    if (!object) orm::throw_empty_ref(T::tandem_name());
    const orm::Table& table = orm::table_of<T>();
    orm::open_column(object.node(), table, table.column_at(orm::offset_of<T, C::tandem_pointer>()));
    return static_cast<const T*>(object.node()->object())->*C::tandem_pointer;
}

/// Whether a column has been read, or a relation loaded (an empty collection is loaded, too).
template <class T, class C>
[[nodiscard]] bool is_loaded(const Ref<T>& object, C) {
    static_assert(std::same_as<typename C::tandem_model, T>,
        "tandem: is_loaded() takes a column or relation of the object's own model");
    if (!object) orm::throw_empty_ref(T::tandem_name());
    if constexpr (orm::RelationProxy<C>) return orm::is_loaded(object.node(), C::relation());
    else return orm::is_loaded(object.node(), orm::table_of<T>().column_at(orm::offset_of<T, C::tandem_pointer>()));
}

/// The object as JSON, as its `dict()` makes it, without what is deferred or not loaded.
template <class T>
[[nodiscard]] orm::JsonOf<T> dict_of(const Ref<T>& object) {
    if (!object) orm::throw_empty_ref(T::tandem_name());
    return orm::node_to_json(object.node());
}

}  // namespace tandem

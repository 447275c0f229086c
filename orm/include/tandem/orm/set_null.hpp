/// `set_null(object, Post::c.x)`: the explicit NULL of a new object.
///
/// Contract: an empty std::optional in a new object is *unset*: its default fires, else it is NULL. `set_null` makes it
/// NULL whatever the default. In an object that is stored already it is the same as assigning std::nullopt. Pitfall: of
/// a column without a default, an empty member is NULL anyway.
///
///     auto post = session.add(Post{.title = "draft"});
///     tandem::set_null(post, Post::c.published_at);
#pragma once

#include <tandem/orm/column.hpp>
#include <tandem/orm/ref.hpp>

namespace tandem {

namespace orm {
void set_null(Node* node, const Column& column);
}

template <class T, auto Pointer, FixedString Alias, class V>
void set_null(const Ref<T>& object, orm::ColumnProxy<T, Pointer, Alias, V>) {
    static_assert(orm::is_optional<V>, "tandem: set_null() is for a std::optional member; this one cannot be NULL");
    (void)*object;  // throws for an empty handle
    orm::set_null(object.node(), orm::table_of<T>().column_at(orm::offset_of<T, Pointer>()));
}

}  // namespace tandem

/// Object states: what a session and the database know of an object, and which of its values differ from its row.
///
/// | State      | It has a row | A session holds it | How it gets there                                             |
/// |------------|--------------|--------------------|---------------------------------------------------------------|
/// | transient  | no           | no                 | made by the program; its INSERT was rolled back; expunged     |
/// |            |              |                    | before it was flushed                                         |
/// | pending    | not yet      | yes                | `add`                                                         |
/// | persistent | yes          | yes                | flushed; found by a query; a detached object that was added;  |
/// |            |              |                    | its DELETE was rolled back                                    |
/// | detached   | yes          | no                 | the session ended; expunged                                   |
/// | deleted    | no longer    | no                 | `remove` and flush                                            |
///
/// Contract: asking never runs SQL. An object that `remove` named stays persistent until the flush. A deleted object
/// stays deleted after the commit (values cannot be read: ObjectDeleted); a rollback makes it persistent again, or
/// transient if its INSERT goes too. Pitfall: a detached object may be changed; what was changed is written when it is
/// added to a session and flushed.
///
///     if (tandem::state_of(user) == tandem::ObjectState::detached) session.add(user);
///     for (const auto& name : tandem::modified_attributes(user)) …   // "email"
///     tandem::set(user, User::c.email, "x");                         // like user->email = "x", without reading first
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tandem/orm/attribute.hpp>
#include <tandem/orm/ref.hpp>

namespace tandem {

enum class ObjectState : std::uint8_t { transient, pending, persistent, detached, deleted };

namespace orm {
[[nodiscard]] ObjectState state_of(const Node* node);
[[nodiscard]] bool is_expired(const Node* node);
[[nodiscard]] std::vector<std::string> modified_attributes(const Node* node);
/// Begins and ends an assignment to a column that does not need the other values.
void begin_assignment(Node* node, std::uint32_t offset);
void end_assignment(Node* node, std::uint32_t offset);

template <class T>
Node* node_of(const Ref<T>& object) {
    if (!object) throw_empty_ref(T::tandem_name());
    return object.node();
}
}  // namespace orm

/// Throws InvalidStateError for an empty Ref, as the other functions here do.
template <class T>
[[nodiscard]] ObjectState state_of(const Ref<T>& object) {
    return orm::state_of(orm::node_of(object));
}
/// Whether the object's columns, or some of them, are read again when it is used next.
template <class T>
[[nodiscard]] bool is_expired(const Ref<T>& object) {
    return orm::is_expired(orm::node_of(object));
}
/// The members whose values are not those of the object's row as far as it is known, columns before relations; of an
/// object without a row all columns.
template <class T>
[[nodiscard]] std::vector<std::string> modified_attributes(const Ref<T>& object) {
    return orm::modified_attributes(orm::node_of(object));
}
/// Whether a flush would write the object. True for one without a row, false for a deleted one.
template <class T>
[[nodiscard]] bool is_modified(const Ref<T>& object) {
    return !modified_attributes(object).empty();
}

/// Sets a column without reading the object again when it is expired: the value is written by the next flush, and a
/// later reading of the other columns leaves it alone. Throws ObjectDeleted when the object was deleted,
/// InvalidStateError for the key of a stored object.
template <class T, class Proxy, class V>
void set(const Ref<T>& object, Proxy /*column*/, V&& value) {
    static_assert(orm::is_attribute_of<T, Proxy>, "tandem: this attribute belongs to another model than the object");
    if constexpr (orm::is_attribute_of<T, Proxy>) {
        static_assert(
            !orm::RelationProxy<Proxy>, "tandem: set() is for columns; assign a relation by object->relation");
        if constexpr (!orm::RelationProxy<Proxy>) {
            using Member = typename Proxy::tandem_value;
            static_assert(std::is_assignable_v<Member&, V>, "tandem: a value of this type does not fit the column");
            if constexpr (std::is_assignable_v<Member&, V>) {
                const std::uint32_t offset = orm::AttributeOf<T>{Proxy{}}.offset;
                orm::Node* node = orm::node_of(object);
                orm::begin_assignment(node, offset);
                *static_cast<Member*>(node->member(offset)) = std::forward<V>(value);
                orm::end_assignment(node, offset);
            }
        }
    }
}

}  // namespace tandem

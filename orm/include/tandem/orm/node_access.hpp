/// Reading and restoring model objects without knowing their class: what the framework uses to show a state's objects
/// and to undo a failed step.
///
/// Contract: reading never runs SQL. `restore` puts a node back to values it had before, in place, so that every handle
/// sees them. Pitfall: restore only nodes that no session holds.
///
///     for (const Relation& relation : node->table->relations)
///         if (is_loaded(node, relation)) for (Node* item : related(node, relation)) …
#pragma once

#include <span>

#include <tandem/orm/ref.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

[[nodiscard]] inline bool is_deleted(const Node* node) { return (node->flags & Node::deleted) != 0; }
/// A column's value; text and blobs borrow from the object or from `scratch`.
[[nodiscard]] ValueView column_value(const Node* node, const Column& column, Scratch& scratch);
/// An object's key: its value, or of a key of several columns one text that stands for them all; borrows from the
/// object or from `scratch`.
[[nodiscard]] ValueView key_value(const Node* node, Scratch& scratch);
/// Whether a column was read with its row; one that is deferred has no value yet.
[[nodiscard]] bool is_loaded(const Node* node, const Column& column);
/// Whether a relation can be read without SQL.
[[nodiscard]] bool is_loaded(const Node* node, const Relation& relation);
/// What a loaded relation leads to: any number of objects, for a One at most one.
[[nodiscard]] std::span<Node* const> related(const Node* node, const Relation& relation);

/// While it lives, an object is being converted on this thread: a relation that leads back to it is left out.
class OpenObject {
public:
    explicit OpenObject(const void* object);
    explicit OpenObject(const Node* node);
    OpenObject(const OpenObject&) = delete;
    OpenObject& operator=(const OpenObject&) = delete;
    ~OpenObject();
};
/// The node of an object that is being converted on this thread, where it is known.
[[nodiscard]] const Node* open_node(const void* object);
/// Whether a conversion may go into an object: its values are not gone, and it is not open already.
[[nodiscard]] bool can_show(const Node* node);

/// The part of a node's flags that belongs to its value: whether it has a row, whether that is gone, whether its
/// columns are out of date.
[[nodiscard]] std::uint32_t row_state(const Node* node);
/// What a node's columns were in the database when it was first touched, as hashes: the session finds changed columns
/// by them. Empty for a node that was not touched, whose columns are as they were read.
[[nodiscard]] std::span<const std::uint64_t> column_hashes(const Node* node);
/// Whether a One was set and its foreign key not yet written, or a collection's rows in a link table.
[[nodiscard]] bool is_relation_changed(const Node* node, const Relation& relation);
/// What a changed collection with a link table held when its rows there were last read or written.
[[nodiscard]] std::span<Node* const> linked_before(const Node* node, const Relation& relation);
/// Starts to restore a node.
void restore_row_state(Node* node, std::uint32_t state, std::span<const std::uint64_t> hashes);
void restore_relation(Node* node, const Relation& relation, bool loaded, bool changed, std::span<Node* const> related,
    std::span<Node* const> linked_before);

}  // namespace tandem::orm

#include <tandem/orm/error.hpp>
#include <tandem/orm/object_state.hpp>

#include "column_hashes.hpp"
#include "session_core.hpp"

namespace tandem::orm {

ObjectState state_of(const Node* node) {
    if ((node->flags & Node::deleted) != 0) return ObjectState::deleted;
    if ((node->flags & Node::pending) != 0) return ObjectState::pending;
    if ((node->flags & Node::persistent) == 0) return ObjectState::transient;
    return in_session(node) ? ObjectState::persistent : ObjectState::detached;
}

bool is_expired(const Node* node) { return (node->flags & Node::expired) != 0; }

std::vector<std::string> modified_attributes(const Node* node) {
    std::vector<std::string> names;
    const Table& table = *node->table;
    if ((node->flags & Node::deleted) != 0) return names;
    const bool stored = (node->flags & Node::persistent) != 0;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (stored && !node->is_hashed()) break;  // not touched since it was read
        if (stored && hash_column(node, i) == hashes_of(node)[i]) continue;
        names.emplace_back(column.member);
    }
    for (const Relation& relation : table.relations) {
        const void* member = node->member(relation.offset);
        const bool changed = relation.to_one() ? RelationAccess::changed(*static_cast<const OneBase*>(member))
                                               : relation.direction == Direction::many_to_many &&
                RelationAccess::linked_before(*static_cast<const ManyBase*>(member));
        if (changed) names.emplace_back(relation.name);
    }
    return names;
}

void begin_assignment(Node* node, std::uint32_t offset) {
    const Column& column = node->table->column_at(offset);
    if (column.primary_key && (node->flags & Node::persistent) != 0)
        throw InvalidStateError(std::string{node->table->class_name} + "." + column.member +
            " of a stored object cannot be set; a primary key stays as it is");
    // A versioned row is only written over the version that was read.
    if ((node->flags & (Node::expired | Node::deleted)) != Node::expired || node->table->version) {
        if ((node->flags & Node::slow) != 0) touch(node);
        return;
    }
    constexpr std::uint32_t unnoted = Node::unhashed | Node::untracked;
    if ((node->flags & unnoted) == 0) return;
    if ((node->flags & Node::unhashed) != 0) hash_lost_columns(node);
    node->flags &= ~unnoted;
    if (in_session(node)) graph_of(node).session->note_touched(node);
}

void end_assignment(Node* node, std::uint32_t offset) {
    if ((node->flags & Node::expired) == 0) return;
    for (std::size_t i = 0; i < node->table->columns.size(); ++i) {
        const Column& column = node->table->columns[i];
        if (column.offset != offset) continue;
        if (in_session(node) && !graph_of(node).session->is_expired(node, i)) return;
        // What the database holds is not known, so the new value counts as another.
        hashes_of(node)[i] = ~hash_column(node, i);
    }
}

}  // namespace tandem::orm

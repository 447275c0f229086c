// In which order a flush writes: rows after those they refer to, deletions before.
#pragma once

#include <vector>

#include "graph.hpp"

namespace tandem::orm {

/// Sorts objects by the rank of their tables; those of one table stay in the order they came in.
void sort_by_rank(std::vector<Node*>& nodes);

/// Calls f(Node*) for each other object that is new and that an object's foreign keys lead to.
template <class F>
void each_needed(Node* node, F f) {
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        Node* target = RelationAccess::target(RelationAccess::one(node, relation));
        if (target && target != node && (target->flags & Node::pending) != 0) f(target);
    }
}

/// Whether there is such an object.
[[nodiscard]] inline bool leads_to_new(Node* node) {
    bool found = false;
    each_needed(node, [&found](const Node*) { found = true; });
    return found;
}

/// Sorts new objects: each after those it refers to. The order they came in stays where nothing is against it. Returns
/// whether tables follow their rank. (They cannot where they refer to each other in a circle.) Throws
/// CircularDependency for objects that refer to each other in a circle. One that refers to itself is no circle.
bool order_for_insertion(std::vector<Node*>& nodes);

/// Whether a relation of the object was set to nothing: its UPDATE makes room where the foreign key is unique.
[[nodiscard]] bool makes_room(Node* node);

/// Sorts objects that are going to be deleted: tables before those they refer to; in a table that refers to itself,
/// level by level, first those that none of the others refers to. What rows refer to is what the database holds,
/// whatever was assigned since. Rows that refer to each other in a circle, and what they lead to, come last.
void order_for_deletion(std::vector<Node*>& nodes);

}  // namespace tandem::orm

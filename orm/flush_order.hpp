// In which order a flush writes: rows after those they refer to, deletions before.
#pragma once

#include <vector>

#include "graph.hpp"

namespace tandem::orm {

/// Sorts objects by the rank of their tables; those of one table stay in the order they came in.
void sort_by_rank(std::vector<Node*>& nodes);

/// Calls f(Node*) for each new object that an object's foreign keys lead to.
template <class F>
void each_needed(Node* node, F f) {
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        Node* target = RelationAccess::target(RelationAccess::one(node, relation));
        if (target && (target->flags & Node::pending) != 0) f(target);
    }
}

/// Sorts new objects: each after those it refers to. The order they came in stays where nothing is against it. Returns
/// whether tables follow their rank. (They cannot where they refer to each other in a circle.) Throws
/// CircularDependency for objects that refer to each other in a circle.
bool order_for_insertion(std::vector<Node*>& nodes);

/// Sorts objects that are going to be deleted: tables before those they refer to; in a table that refers to itself,
/// those that are referred to last.
void order_for_deletion(std::vector<Node*>& nodes);

}  // namespace tandem::orm

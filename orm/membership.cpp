// What is in a session: objects come by add() and by queries, and leave by expunge().
#include <algorithm>

#include <tandem/orm/node_access.hpp>

#include "session_core.hpp"

namespace tandem::orm {

IdentityMap& SessionCore::add_identities(const Table& table) {
    identities_.resize(table.index + 1);
    return identities_[table.index];
}
void SessionCore::identify(Node* node) {
    IdentityMap& objects = identities(*node->table);
    if (const std::int64_t* key = integer_key(node)) objects.insert(*key, node);
    else objects.insert(key_of(node), node);
    node->flags = (node->flags & ~std::uint32_t{Node::origin}) | Node::held;
}
void SessionCore::forget(Node* node) {
    node->flags &= ~std::uint32_t{Node::held};
    expired_columns_.erase(node);
    IdentityMap& objects = identities(*node->table);
    if (const auto key = objects.key_of(node)) objects.erase(*key);
}

void SessionCore::add(Node* node) {
    require_not_writing("add()");
    if (!node) throw ArgumentError("an empty Ref cannot be added to a session");
    if ((node->flags & Node::deleted) != 0)
        throw InvalidStateError(describe(node) + " was deleted; it cannot be added again");
    if (graph_of(node).session && graph_of(node).session != this)
        throw InvalidStateError(
            describe(node) + " already belongs to the session opened at " + graph_of(node).session->place());
    if ((node->flags & Node::removing) != 0) {
        node->flags &= ~std::uint32_t{Node::removing};
        std::erase(removing_, node);
    }
    bool leads_on = false;
    each_saved(node, [&leads_on](const Node*) { leads_on = true; });
    if (!leads_on && (node->flags & (Node::persistent | Node::pending)) == 0) {
        absorb(*graph_, &graph_of(node));
        node->flags |= Node::pending;
        pending_.push_back(node);
        return;
    }
    const std::vector<Node*> nodes = nodes_to_add(node);
    absorb(*graph_, &graph_of(node));
    std::vector<Node*> made;
    for (Node* next : nodes) {
        if (in_session(next)) continue;
        if ((next->flags & Node::persistent) != 0) {
            identify(next);
            if (next->is_hashed()) note_touched(next);
        } else {
            next->flags |= Node::pending;
            pending_.push_back(next);
            made.push_back(next);
        }
    }
    show_in_collections(made);
}

std::vector<Node*> SessionCore::nodes_to_add(Node* node) const {
    std::vector<Node*> nodes;
    std::unordered_map<const Table*, std::unordered_set<Key, KeyHash>> arriving;
    const Node* conflict = nullptr;
    const auto reach = [&nodes](Node* next) {
        if ((next->flags & (Node::marked | Node::deleted)) != 0) return;
        next->flags |= Node::marked;
        nodes.push_back(next);
    };
    reach(node);
    for (std::size_t i = 0; i < nodes.size() && !conflict; ++i) {
        Node* next = nodes[i];
        if (in_session(next)) continue;
        forget_written(graph_of(next), next);
        if ((next->flags & Node::persistent) != 0) {
            const Key key = key_of(next);
            if (find(*next->table, key) || !arriving[next->table].insert(key).second) conflict = next;
        }
        each_saved(next, reach);
    }
    for (Node* next : nodes) next->flags &= ~std::uint32_t{Node::marked};
    if (conflict)
        throw InvalidStateError(
            "another object for " + describe(conflict) + " is already in this session; use that one (session.get)");
    return nodes;
}

void SessionCore::remove(Node* node) {
    require_not_writing("remove()");
    if (!node) throw ArgumentError("an empty Ref cannot be removed from the database; test what first() returned");
    if ((node->flags & Node::persistent) == 0) {
        if ((node->flags & Node::pending) == 0)
            throw InvalidStateError(describe(node) + " is not stored, so it cannot be deleted");
        drop_pending(node);
        return;
    }
    if ((node->flags & Node::removing) != 0) return;
    add(node);
    node->flags |= Node::removing;
    removing_.push_back(node);
}

void SessionCore::expunge(Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be expunged");
    if (!contains(node)) throw InvalidStateError(describe(node) + " is not in this session, so it cannot be expunged");
    std::vector<Node*> leaving{node};
    std::unordered_set<const Node*> seen{node};
    for (std::size_t i = 0; i < leaving.size(); ++i) {
        for (const Relation& relation : leaving[i]->table->relations) {
            if (!relation.cascade_delete) continue;
            for (Node* item : related(leaving[i], relation))
                if (contains(item) && seen.insert(item).second) leaving.push_back(item);
        }
    }
    for (Node* next : leaving) detach(next);
}

void SessionCore::expunge_all() {
    std::vector<Node*> leaving = pending_;
    for (const IdentityMap& map : identities_) map.each([&leaving](Node* node) { leaving.push_back(node); });
    constexpr std::uint32_t gone = Node::pending | Node::held | Node::removing | Node::tracked | Node::untracked;
    for (Node* node : leaving) node->flags &= ~gone;
    identities_.clear();
    expired_columns_.clear();
    pending_.clear();
    touched_.clear();
    recent_.clear();
    removing_.clear();
    // The undo log stays: a rollback makes transient what was inserted.
}

void SessionCore::detach(Node* node) {
    if ((node->flags & Node::pending) != 0) {
        drop_pending(node);
        return;
    }
    std::erase(removing_, node);
    std::erase(touched_, node);
    std::erase(recent_, node);
    restore_key(node);
    forget(node);
    node->flags &= ~std::uint32_t{Node::removing | Node::tracked | Node::untracked};
}

}  // namespace tandem::orm

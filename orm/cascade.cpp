// What a flush has to do beyond what it was told: add what added objects lead to, delete orphans, and delete or release
// the children of deleted objects.
#include <algorithm>

#include "session_core.hpp"

namespace tandem::orm {

void SessionCore::drop_pending(Node* node) {
    node->flags &= ~std::uint32_t{Node::pending};
    std::erase(pending_, node);
    undo_.forget(node);
    hide_from_collections(node, false);
}

/// What new objects lead to is stored with them, also where it was set before they were added.
void SessionCore::add_reached() {
    const auto add_targets = [this](const Node* node) {
        for (const Relation& relation : node->table->relations) {
            if (!relation.to_one() || !relation.save_update) continue;
            Node* target = RelationAccess::target(RelationAccess::one(const_cast<Node*>(node), relation));
            if (target && (target->flags & (Node::pending | Node::held | Node::deleted)) == 0) add(target);
        }
    };
    for (std::size_t i = 0; i < pending_.size(); ++i) add_targets(pending_[i]);
}

/// An object that was taken away from its parent is deleted where the parent's side says delete_orphan.
void SessionCore::remove_orphans(const std::vector<Node*>& changed) {
    std::vector<Node*> orphans;
    for (Node* node : changed) {
        if ((node->flags & (Node::persistent | Node::removing)) != Node::persistent) continue;
        for (const Relation& relation : node->table->relations) {
            if (!relation.to_one() || !relation.reverse || !relation.reverse->delete_orphan) continue;
            const OneBase& one = RelationAccess::one(node, relation);
            if (!RelationAccess::changed(one) || RelationAccess::target(one)) continue;
            orphans.push_back(node);
            break;
        }
    }
    for (Node* node : orphans) remove(node);
}

/// Also deletes what goes with deleted objects; takes the foreign keys out of what stays.
void SessionCore::cascade_removals() {
    std::size_t done = 0;
    while (done < removing_.size()) {
        // All at once, so that a relation is loaded by one statement.
        std::unordered_map<const Relation*, std::vector<Node*>> parents;
        std::vector<const Relation*> order;
        for (; done < removing_.size(); ++done) {
            for (const Relation& relation : removing_[done]->table->relations) {
                if (relation.direction != Direction::one_to_many) continue;
                auto& owners = parents[&relation];
                if (owners.empty()) order.push_back(&relation);
                owners.push_back(removing_[done]);
            }
        }
        for (const Relation* relation : order) release_children(parents[relation], *relation);
    }
}

void SessionCore::release_children(const std::vector<Node*>& parents, const Relation& relation) {
    const Table& target = *relation.target;
    const auto is_nullable = [&target](std::size_t column) { return target.columns[column].type->nullable; };
    // Where the foreign key cannot be NULL, the database decides: it refuses, or its own ON DELETE does the rest.
    if (!relation.cascade_delete && !std::ranges::all_of(relation.remote_columns, is_nullable)) return;
    const auto is_loaded = [&relation](Node* parent) {
        return relation.many ? RelationAccess::loaded(RelationAccess::many(parent, relation))
                             : RelationAccess::loaded(RelationAccess::one(parent, relation));
    };
    std::vector<Node*> unloaded;
    for (Node* parent : parents)
        if (!is_loaded(parent)) unloaded.push_back(parent);
    if (!relation.passive_deletes && !unloaded.empty()) load_relation(unloaded, relation, {});

    // A collection that a loader's condition cut down shows a part of the children only.
    std::vector<Node*> filtered;
    for (Node* parent : parents)
        if (relation.many && RelationAccess::filtered(RelationAccess::many(parent, relation)))
            filtered.push_back(parent);
    std::vector<Node*> children;
    if (!relation.passive_deletes && !filtered.empty()) children = related_rows(filtered, relation);
    for (Node* parent : parents) {
        if (!is_loaded(parent)) continue;
        if (relation.many) {
            const auto& items = RelationAccess::items(RelationAccess::many(parent, relation));
            children.insert(children.end(), items.begin(), items.end());
        } else if (Node* child = RelationAccess::target(RelationAccess::one(parent, relation))) {
            children.push_back(child);
        }
    }
    for (Node* child : children) {
        if ((child->flags & (Node::removing | Node::deleted)) != 0) continue;
        if (relation.cascade_delete) {
            remove(child);
        } else if (relation.reverse) {
            set_parent(child, *relation.reverse, nullptr);
        } else {
            if ((child->flags & Node::slow) != 0) touch(child);
            for (const std::size_t column : relation.remote_columns)
                target.columns[column].type->assign(child->member(target.columns[column].offset), ValueView{});
        }
    }
}

}  // namespace tandem::orm

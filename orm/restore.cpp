// Setting objects back when what was done to them is undone: new ones become transient again, changed and deleted ones
// are read again, relations lead where they led.
#include <algorithm>

#include "column_values.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

void sort_and_unify(std::vector<Node*>& nodes) {
    std::ranges::sort(nodes, std::less<const Node*>{});  // clang 16 would try the operators of expressions on pointers
    const auto repeated = std::ranges::unique(nodes);
    nodes.erase(repeated.begin(), repeated.end());
}

/// An object that was expunged keeps what it is. (A deleted one comes back.)
bool has_left(const Node* node) { return (node->flags & (Node::held | Node::pending | Node::deleted)) == 0; }

void restore_links(std::vector<WrittenLinks>& links) {
    for (auto link = links.rbegin(); link != links.rend(); ++link)
        if (!has_left(link->owner))
            RelationAccess::set_linked_before(
                RelationAccess::many(link->owner, *link->relation), std::move(link->before));
}

}  // namespace

/// Sets the key back to the one that the identity map knows.
void SessionCore::restore_key(Node* node) {
    const auto key = identities(*node->table).key_of(node);
    if (!key) return;
    const auto values = key_values(*key);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Column& column = node->table->columns[node->table->key[i]];
        column.type->assign(node->member(column.offset), ValueView::from(values[i]));
    }
}

/// What was set before the object came into the session is no change of the session's, so the log knows nothing of it:
/// the relation leads where the foreign key does.
void SessionCore::restore_targets(Node* node) noexcept {
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one() || !RelationAccess::changed(RelationAccess::one(node, relation))) continue;
        Node* target = nullptr;
        bool is_known = false;
        try {
            const auto key = key_in(node, relation.local_columns);
            target = key ? find(*relation.target, *key) : nullptr;
            is_known = target || !key;
        } catch (...) {  // NOLINT(bugprone-empty-catch): a value that cannot be stored leads nowhere
        }
        static_cast<void>(relink(node, relation, target, is_known));
    }
}

bool SessionCore::is_changed(const Node* node) const {
    if (!node->is_hashed()) return false;
    for (std::size_t i = 0; i < node->table->columns.size(); ++i)
        if (is_column_changed(node, i)) return true;
    return false;
}

void SessionCore::restore_objects(const UndoLog::Mark& from) noexcept {
    if (undo_.empty() && pending_.empty() && removing_.empty() && touched_.empty()) return;
    UndoLog undone = undo_.take_after(from);
    std::unordered_set<const Node*> transient;
    for (const Node* node : pending_) transient.insert(node);
    for (const Insertion& insertion : undone.inserted) transient.insert(insertion.node);

    std::erase_if(undone.updated, has_left);
    std::erase_if(undone.read, has_left);
    std::erase_if(undone.collections, [](const auto& collection) { return has_left(collection.first); });

    // A transient object keeps its relations: its values stay as they were.
    for (auto change = undone.relations.rbegin(); change != undone.relations.rend(); ++change)
        if (!transient.contains(change->owner) && !has_left(change->owner)) undo(*change);
    restore_links(undone.links);
    for (Node* node : touched_)
        if (!transient.contains(node) && !has_left(node)) restore_targets(node);

    for (Node* node : pending_) node->flags &= ~std::uint32_t{Node::pending};
    for (Node* node : removing_) node->flags &= ~std::uint32_t{Node::removing};
    removing_.clear();

    std::vector<Node*> stale;
    for (Node* node : undone.erased) {
        // It may have left the objects that are compared: the next access notes it again.
        node->flags = (node->flags & ~std::uint32_t{Node::deleted}) | Node::persistent | Node::untracked;
        stale.push_back(node);
    }
    for (const Insertion& insertion : undone.inserted) {
        Node* node = insertion.node;
        forget(node);
        node->flags &=
            ~std::uint32_t{Node::persistent | Node::deleted | Node::unhashed | Node::untracked | Node::tracked};
        if (insertion.generated_key) unset_key(node);
    }
    for (Node* node : pending_) hide_from_collections(node, true);
    for (const Insertion& insertion : undone.inserted) hide_from_collections(insertion.node, true);
    pending_.clear();

    const auto add = [&stale](
                         const std::vector<Node*>& nodes) { stale.insert(stale.end(), nodes.begin(), nodes.end()); };
    add(undone.updated);
    add(undone.read);
    for (Node* node : touched_)
        if (is_changed(node)) stale.push_back(node);
    const auto is_not_stored = [](const Node* node) { return (node->flags & Node::persistent) == 0; };
    std::erase_if(stale, is_not_stored);
    std::erase_if(touched_, [&](Node* node) {
        if (!is_not_stored(node)) return false;
        node->flags &= ~std::uint32_t{Node::tracked};
        return true;
    });
    std::erase_if(recent_, is_not_stored);
    sort_and_unify(stale);
    std::unordered_map<const Relation*, std::vector<Node*>> collections;
    for (const auto& [owner, relation] : undone.collections) {
        const bool is_part = relation->many && RelationAccess::filtered(RelationAccess::many(owner, *relation));
        if (relation->many) RelationAccess::unload(RelationAccess::many(owner, *relation));
        else RelationAccess::unload(RelationAccess::one(owner, *relation));
        if (!is_not_stored(owner) && !is_part) collections[relation].push_back(owner);
    }
    for (Node* node : stale) {
        if ((node->flags & Node::held) != 0) restore_key(node);
        else identify(node);
    }
    try {
        reload_all(stale);
        for (const auto& [relation, owners] : collections) load_relation(owners, *relation, {});
    } catch (...) {  // NOLINT(bugprone-empty-catch): what could not be read again is expired or not loaded, and the
                     // next access says so
    }
}

}  // namespace tandem::orm

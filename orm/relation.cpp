#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <tandem/orm/error.hpp>

#include "graph.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

const Relation& relation_of(const Node* owner, const void* member) {
    check_models();  // relations work before there is a Database, too
    const auto offset = static_cast<const char*>(member) - static_cast<const char*>(owner->object());
    return owner->table->relation_at(static_cast<std::uint32_t>(offset));
}

/// Loads a relation on access, or throws what the reader has to do.
void load_on_access(Node* owner, const Relation& relation, Loading loading) {
    if (loading == Loading::noload) return;
    const std::string name = std::string{owner->table->class_name} + "." + relation.name;
    const std::string cure = "load it with the query: .options(selectinload(" + std::string{owner->table->class_name} +
        "::c." + relation.name + "))";
    if (loading == Loading::raise)
        throw LazyLoadForbidden(name + " of " + describe(owner) + " is never loaded on access; " + cure);
    if (in_session(owner)) {
        graph_of(owner).session->load_on_access(owner, relation);
        return;
    }
    throw DetachedError(name + " of " + describe(owner) + " was not loaded, and no session holds the object; " + cure);
}

bool is_stored(const Node* node) { return (node->flags & Node::persistent) != 0; }

/// An object that has no row has no related rows either: its unloaded relation is empty.
template <class R>
bool needs_load(const R& relation, const Node* owner) {
    return owner && !RelationAccess::loaded(relation) && is_stored(owner);
}

bool has_collection(const Relation& to_parent) { return to_parent.reverse && to_parent.reverse->many; }

/// Takes `child` out of the other side's collection, or One; returns where it was.
std::size_t unlink_from_parent(Node* child, const Relation& to_parent, Node* parent) {
    if (!parent || !to_parent.reverse) return RelationChange::not_listed;
    if (!has_collection(to_parent)) {
        OneBase& one = RelationAccess::one(parent, *to_parent.reverse);
        if (RelationAccess::target(one) != child) return RelationChange::not_listed;
        RelationAccess::put(one, nullptr);
        return 0;
    }
    ManyBase& siblings = RelationAccess::many(parent, *to_parent.reverse);
    const auto& items = RelationAccess::items(siblings);
    const auto found = std::ranges::find(items, child);
    if (found == items.end()) return RelationChange::not_listed;
    const auto position = static_cast<std::size_t>(found - items.begin());
    RelationAccess::erase(siblings, position);
    return position;
}

/// Shows `child` on the other side, if that is loaded (or the parent is new, so that it has no other).
void link_to_parent(Node* child, const Relation& to_parent, Node* parent) {
    if (!parent || !to_parent.reverse) return;
    if (!has_collection(to_parent)) {
        OneBase& one = RelationAccess::one(parent, *to_parent.reverse);
        if (!needs_load(one, parent)) RelationAccess::put(one, child);
        return;
    }
    ManyBase& siblings = RelationAccess::many(parent, *to_parent.reverse);
    if (needs_load(siblings, parent)) return;
    RelationAccess::append(siblings, child);
}

/// Which objects collections show. Asked for many objects, it looks each collection through once.
class Shown {
public:
    explicit Shown(std::size_t objects) : is_worth_a_set_(objects > 1) {}
    [[nodiscard]] bool contains(const ManyBase& many, const Node* node) {
        const auto& items = RelationAccess::items(many);
        // What has just been made is mostly the last one.
        if (!items.empty() && items.back() == node) return true;
        if (!is_worth_a_set_) return std::ranges::count(items, node) != 0;
        const auto [found, is_new] = shown_.try_emplace(&many);
        if (is_new) found->second.insert(items.begin(), items.end());
        return found->second.contains(node);
    }
    /// Notes an object that a collection shows from now on.
    void add(const ManyBase& many, const Node* node) {
        if (const auto found = shown_.find(&many); found != shown_.end()) found->second.insert(node);
    }

private:
    bool is_worth_a_set_;
    std::unordered_map<const ManyBase*, std::unordered_set<const Node*>> shown_{};
};

/// A relation whose foreign key is on the other side is written through the One there.
void require_partner(const Node* owner, const Relation& relation) {
    if (relation.reverse || relation.direction == Direction::many_to_many) return;
    throw InvalidStateError(std::string{owner->table->class_name} + "." + relation.name +
        " can only be read: it has no partner; give both sides back_populates, or set the foreign key");
}

void touch_for_change(Node* node) {
    if ((node->flags & Node::slow) != 0) touch(node);
}

SessionCore* session_of(const Node* node) { return in_session(node) ? graph_of(node).session : nullptr; }

/// What an object of a session is made to lead to is stored with it, unless the relation says no_save_update.
void reach(Node* owner, const Relation& relation, Node* target) {
    SessionCore* session = session_of(owner);
    if (session && relation.save_update) session->add(target);
    else merge_graphs(owner, target);
}

void note(Node* owner, const RelationChange& change) {
    if (SessionCore* session = session_of(owner)) session->note_relation_changed(change);
}

/// A session hears of a child's change by itself. Without one, the child is found again by its old parent.
void note_taken_out(Node* child, const Relation& to_parent, const Node* parent) {
    if (!parent || !is_stored(child) || !is_stored(parent) || in_session(child) || in_session(parent)) return;
    if (!to_parent.reverse || !to_parent.reverse->save_update) return;
    graph_of(child).taken_out[parent].push_back(child);
}

/// One side of a change of a link. A side that only mirrors the other has no row of its own to write.
void change_side(Node* owner, const Relation& relation, Node* item, bool add, std::size_t position, bool mirrored) {
    ManyBase& many = RelationAccess::many(owner, relation);
    const auto& items = RelationAccess::items(many);
    const auto* before = RelationAccess::linked_before(many);
    if (!mirrored && !before) RelationAccess::set_linked_before(many, items);
    if (mirrored && before) {
        std::vector<Node*> adjusted = *before;
        if (add) adjusted.push_back(item);
        else std::erase(adjusted, item);
        RelationAccess::set_linked_before(many, std::move(adjusted));
    }
    if (add) {
        RelationAccess::insert(many, position, item);
        note(owner, {owner, &relation, item, position, RelationChange::Kind::linked, true, mirrored});
        return;
    }
    const auto found = std::ranges::find(items, item);
    if (found == items.end()) return;
    const auto old_position = static_cast<std::size_t>(found - items.begin());
    RelationAccess::drop(many, item);
    note(owner, {owner, &relation, item, old_position, RelationChange::Kind::unlinked, true, mirrored});
}

}  // namespace

RelationChange relink(Node* node, const Relation& relation, Node* target, bool loaded) {
    OneBase& one = RelationAccess::one(node, relation);
    Node* const old = RelationAccess::target(one);
    const RelationChange change{node, &relation, old, unlink_from_parent(node, relation, old),
        RelationChange::Kind::target, RelationAccess::loaded(one)};
    RelationAccess::unload(one);
    if (loaded) {
        RelationAccess::put(one, target);
        link_to_parent(node, relation, target);
    }
    return change;
}

void set_parent(Node* child, const Relation& to_parent, Node* parent) {
    if (parent) reach(child, to_parent, parent);
    touch_for_change(child);
    if (parent && to_parent.reverse && !has_collection(to_parent)) {
        // There is room for one: who was there leaves.
        Node* before = RelationAccess::target(RelationAccess::one(parent, *to_parent.reverse));
        if (before && before != child) set_parent(before, to_parent, nullptr);
    }
    OneBase& one = RelationAccess::one(child, to_parent);
    if (RelationAccess::loaded(one) && RelationAccess::target(one) == parent) {
        RelationAccess::set_changed(one, true);  // the foreign key may have been set by hand meanwhile
        return;
    }
    const RelationChange change = relink(child, to_parent, parent, true);
    RelationAccess::set_changed(one, true);
    note(child, change);
    note_taken_out(child, to_parent, change.other);
}

void change_link(Node* owner, const Relation& relation, Node* item, bool add, std::size_t position) {
    if (add) reach(owner, relation, item);
    const Relation* reverse = relation.reverse;
    // The row in the link table is written by one side: by the other one where that has changes of its own already, so
    // that taking back what was added there leaves nothing to write.
    const bool other_writes = reverse && RelationAccess::linked_before(RelationAccess::many(item, *reverse));
    touch_for_change(other_writes ? item : owner);
    change_side(owner, relation, item, add, position, other_writes);
    if (!reverse) return;
    ManyBase& there = RelationAccess::many(item, *reverse);
    if (needs_load(there, item)) return;
    const auto& items = RelationAccess::items(there);
    if ((std::ranges::count(items, owner) != 0) != add)
        change_side(item, *reverse, owner, add, items.size(), !other_writes);
}

void undo(const RelationChange& change) {
    const Relation& relation = *change.relation;
    if (change.kind == RelationChange::Kind::target) {
        OneBase& one = RelationAccess::one(change.owner, relation);
        unlink_from_parent(change.owner, relation, RelationAccess::target(one));
        RelationAccess::unload(one);
        if (change.was_loaded) RelationAccess::put(one, change.other);
        if (change.position == RelationChange::not_listed) return;
        if (has_collection(relation))
            RelationAccess::insert(
                RelationAccess::many(change.other, *relation.reverse), change.position, change.owner);
        else RelationAccess::put(RelationAccess::one(change.other, *relation.reverse), change.owner);
        return;
    }
    ManyBase& many = RelationAccess::many(change.owner, relation);
    const bool was_added = change.kind == RelationChange::Kind::linked;
    if (was_added) RelationAccess::drop(many, change.other);
    else RelationAccess::insert(many, change.position, change.other);
    const auto* before = RelationAccess::linked_before(many);
    if (!change.mirrored || !before) return;
    std::vector<Node*> adjusted = *before;
    if (was_added) std::erase(adjusted, change.other);
    else adjusted.push_back(change.other);
    RelationAccess::set_linked_before(many, std::move(adjusted));
}

void show_in_collections(const std::vector<Node*>& nodes) {
    Shown shown{nodes.size()};
    const auto show = [&shown](ManyBase& many, Node* owner, Node* node) {
        if (needs_load(many, owner) || shown.contains(many, node)) return;
        RelationAccess::append(many, node);
        shown.add(many, node);
    };
    for (Node* node : nodes) {
        for (const Relation& relation : node->table->relations) {
            if (relation.to_one()) {
                Node* target = RelationAccess::target(RelationAccess::one(node, relation));
                if (!target || !relation.reverse) continue;
                if (has_collection(relation)) show(RelationAccess::many(target, *relation.reverse), target, node);
                else link_to_parent(node, relation, target);
            } else if (relation.direction == Direction::many_to_many && relation.reverse) {
                for (Node* item : RelationAccess::items(RelationAccess::many(node, relation)))
                    show(RelationAccess::many(item, *relation.reverse), item, node);
            }
        }
    }
}

void hide_from_collections(Node* node, bool of_stored_only) {
    const auto hides = [&](const Node* target) { return target && (!of_stored_only || is_stored(target)); };
    for (const Relation& relation : node->table->relations) {
        if (relation.to_one()) {
            Node* target = RelationAccess::target(RelationAccess::one(node, relation));
            if (hides(target)) unlink_from_parent(node, relation, target);
        } else if (relation.direction == Direction::many_to_many && relation.reverse) {
            for (Node* item : RelationAccess::items(RelationAccess::many(node, relation)))
                if (hides(item)) RelationAccess::drop(RelationAccess::many(item, *relation.reverse), node);
        }
    }
}

OneBase::OneBase(const OneBase& other) : target_(other.target_), loaded_(other.loaded_) { retain(target_); }
OneBase::OneBase(OneBase&& other) noexcept : target_(other.target_), loaded_(other.loaded_) { retain(target_); }
OneBase& OneBase::operator=(const OneBase& other) {
    if (this == &other) return *this;
    if (!owner_) {
        retain(other.target_);
        release(target_);
        target_ = other.target_;
        loaded_ = other.loaded_;
    } else if (other.loaded_ || other.target_) {
        set(other.target_);
    }
    return *this;
}
OneBase& OneBase::operator=(OneBase&& other) noexcept(false) { return *this = static_cast<const OneBase&>(other); }
ManyBase::~ManyBase() = default;

OneBase::~OneBase() {
    if (!owner_) release(target_);
}

void OneBase::set(Node* target) {
    if (!owner_) {
        retain(target);
        release(target_);
        target_ = target;
        loaded_ = true;
        return;
    }
    const Relation& relation = relation_of(owner_, this);
    if (relation.to_one()) {
        set_parent(owner_, relation, target);
        return;
    }
    // The foreign key is on the other side.
    require_partner(owner_, relation);
    Node* const before = load();
    if (before == target) return;
    if (target) {
        set_parent(target, *relation.reverse, owner_);
        reach(owner_, relation, target);
    } else {
        set_parent(before, *relation.reverse, nullptr);
    }
}

Node* OneBase::load() const {
    if (needs_load(*this, owner_)) {
        const Relation& relation = relation_of(owner_, this);
        load_on_access(owner_, relation, RelationAccess::on_access(*this, relation));
    }
    return target_;
}

const std::vector<Node*>& ManyBase::load() const {
    if (needs_load(*this, owner_)) {
        const Relation& relation = relation_of(owner_, this);
        load_on_access(owner_, relation, RelationAccess::on_access(*this, relation));
    }
    return items_;
}

Node* ManyBase::at(std::size_t index) const {
    const auto& items = load();
    if (index >= items.size())
        throw ArgumentError("index " + std::to_string(index) + " is beyond the " + std::to_string(items.size()) +
            " objects of the relation");
    return items[index];
}

void ManyBase::append(Node* node) { insert(RelationChange::not_listed, node); }

void ManyBase::insert(std::size_t position, Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be appended to a relation");
    if (!owner_)
        throw InvalidStateError(
            "a collection takes objects only once its owner is one itself: make a Ref of the owner first");
    const Relation& relation = relation_of(owner_, this);
    require_partner(owner_, relation);
    if (relation.direction == Direction::many_to_many) {
        if (std::ranges::count(load(), node) == 0)
            change_link(owner_, relation, node, true, std::min(position, items_.size()));
        return;
    }
    if (position != RelationChange::not_listed) static_cast<void>(load());
    set_parent(node, *relation.reverse, owner_);
    reach(owner_, relation, node);
    if (position < items_.size()) {
        RelationAccess::drop(*this, node);
        RelationAccess::insert(*this, position, node);
    }
}

void ManyBase::remove(Node* node) {
    if (!node || !owner_) return;
    const Relation& relation = relation_of(owner_, this);
    require_partner(owner_, relation);
    // One that is known to lead here needs no look at the others.
    const bool leads_here = relation.reverse && !relation.reverse->many && node->table == relation.target &&
        RelationAccess::target(RelationAccess::one(node, *relation.reverse)) == owner_;
    if (!leads_here && std::ranges::count(load(), node) == 0) return;
    if (relation.direction == Direction::many_to_many) {
        change_link(owner_, relation, node, false, 0);
        return;
    }
    set_parent(node, *relation.reverse, nullptr);
    // It was to be stored for its parent's sake only.
    SessionCore* session = session_of(node);
    if (relation.delete_orphan && session && (node->flags & Node::pending) != 0) session->remove(node);
}

void ManyBase::assign(const std::vector<Node*>& nodes) {
    if (!owner_)
        throw InvalidStateError(
            "a collection takes objects only once its owner is one itself: make a Ref of the owner first");
    require_partner(owner_, relation_of(owner_, this));
    std::vector<Node*> wanted;
    std::unordered_set<Node*> is_wanted;
    for (Node* node : nodes) {
        if (!node) throw ArgumentError("an empty Ref cannot be part of a relation");
        if (is_wanted.insert(node).second) wanted.push_back(node);
    }
    const std::vector<Node*> before = load();
    const std::unordered_set<Node*> was_there{before.begin(), before.end()};
    for (Node* node : before)
        if (!is_wanted.contains(node)) remove(node);
    for (Node* node : wanted)
        if (!was_there.contains(node)) append(node);
    items_ = std::move(wanted);
}

}  // namespace tandem::orm

#include <algorithm>

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
        owner->graph->session->load_on_access(owner, relation);
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

/// The collection on the other side of a One, if it has one.
ManyBase* collection_of(Node* parent, const Relation& to_parent) {
    if (!parent || !to_parent.reverse || !to_parent.reverse->many) return nullptr;
    return &RelationAccess::many(parent, *to_parent.reverse);
}

/// Takes `child` out of the collection of `parent`; returns where it was.
std::size_t unlink_from_parent(Node* child, const Relation& to_parent, Node* parent) {
    ManyBase* siblings = collection_of(parent, to_parent);
    if (!siblings) return RelationChange::not_listed;
    const auto& items = RelationAccess::items(*siblings);
    const auto found = std::ranges::find(items, child);
    if (found == items.end()) return RelationChange::not_listed;
    const auto position = static_cast<std::size_t>(found - items.begin());
    RelationAccess::drop(*siblings, child);
    return position;
}

/// Shows `child` in the collection of its new parent, if that is loaded (or the parent is new, so that it has no
/// other).
void link_to_parent(Node* child, const Relation& to_parent, Node* parent) {
    ManyBase* siblings = collection_of(parent, to_parent);
    if (!siblings || needs_load(*siblings, parent)) return;
    const auto& items = RelationAccess::items(*siblings);
    if (std::ranges::count(items, child) == 0) RelationAccess::insert(*siblings, items.size(), child);
}

/// A collection is written through the One on its other side.
void require_partner(const Node* owner, const Relation& relation) {
    if (relation.reverse) return;
    throw InvalidStateError(std::string{owner->table->class_name} + "." + relation.name +
        " can only be read: it has no partner; give both sides back_populates, or set the foreign key");
}

void touch_for_change(Node* node) {
    if ((node->flags & Node::slow) != 0) touch(node);
}

}  // namespace

RelationChange relink(Node* node, const Relation& relation, Node* target, bool loaded) {
    OneBase& one = RelationAccess::one(node, relation);
    Node* const old = RelationAccess::target(one);
    const RelationChange change{
        node, &relation, old, unlink_from_parent(node, relation, old), RelationAccess::loaded(one)};
    RelationAccess::unload(one);
    if (loaded) {
        RelationAccess::put(one, target);
        link_to_parent(node, relation, target);
    }
    return change;
}

void show_in_collections(Node* node) {
    for (const Relation& relation : node->table->relations)
        if (relation.to_one())
            link_to_parent(node, relation, RelationAccess::target(RelationAccess::one(node, relation)));
}

void hide_from_collections(Node* node, bool of_stored_only) {
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        Node* target = RelationAccess::target(RelationAccess::one(node, relation));
        if (target && (!of_stored_only || is_stored(target))) unlink_from_parent(node, relation, target);
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
    // As in SQLAlchemy, what an object of a session is made to lead to is stored with it.
    if (target && in_session(owner_)) owner_->graph->session->add(target);
    else if (target) merge_graphs(owner_, target);
    touch_for_change(owner_);
    const Relation& relation = relation_of(owner_, this);
    const RelationChange change = relink(owner_, relation, target, true);
    changed_ = true;
    if (in_session(owner_)) owner_->graph->session->note_relation_changed(change);
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

void ManyBase::append(Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be appended to a relation");
    if (!owner_)
        throw InvalidStateError(
            "a collection takes objects only once its owner is one itself: make a Ref of the owner first");
    const Relation& relation = relation_of(owner_, this);
    require_partner(owner_, relation);
    merge_graphs(owner_, node);
    RelationAccess::one(node, *relation.reverse).set(owner_);  // links this side too
    // As in SQLAlchemy, what is appended to a session's object is stored with it.
    if (in_session(owner_)) owner_->graph->session->add(node);
}

void ManyBase::remove(Node* node) {
    const auto& items = load();
    if (!node || std::ranges::count(items, node) == 0) return;
    const Relation& relation = relation_of(owner_, this);
    require_partner(owner_, relation);
    RelationAccess::one(node, *relation.reverse).set(nullptr);
}

}  // namespace tandem::orm

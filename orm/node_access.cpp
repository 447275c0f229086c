#include <algorithm>
#include <vector>

#include <tandem/orm/node_access.hpp>

#include "graph.hpp"
#include "identity_map.hpp"

namespace tandem::orm {
namespace {

constexpr std::uint32_t row_flags = Node::persistent | Node::deleted | Node::expired;

const OneBase& one_of(const Node* node, const Relation& relation) {
    return *static_cast<const OneBase*>(node->member(relation.offset));
}
const ManyBase& many_of(const Node* node, const Relation& relation) {
    return *static_cast<const ManyBase*>(node->member(relation.offset));
}

thread_local std::vector<const void*> open_objects;

}  // namespace

OpenObject::OpenObject(const void* object) { open_objects.push_back(object); }
OpenObject::~OpenObject() { open_objects.pop_back(); }
bool can_show(const Node* node) {
    return (node->flags & (Node::deleted | Node::expired)) == 0 &&
        std::ranges::count(open_objects, node->object()) == 0;
}

ValueView column_value(const Node* node, const Column& column, Scratch& scratch) {
    return column.type->view(node->member(column.offset), scratch);
}

ValueView key_value(const Node* node, Scratch& scratch) {
    if (node->table->key.size() == 1) return column_value(node, node->table->key_column(), scratch);
    scratch.text = std::get<std::string>(key_of(node));
    return ValueView::of(std::string_view{scratch.text});
}

bool is_loaded(const Node* node, const Relation& relation) {
    return relation.many ? RelationAccess::loaded(many_of(node, relation))
                         : RelationAccess::loaded(one_of(node, relation));
}

std::span<Node* const> related(const Node* node, const Relation& relation) {
    if (relation.many) return RelationAccess::items(many_of(node, relation));
    Node* const& target = RelationAccess::target_slot(one_of(node, relation));
    return {&target, target ? 1U : 0U};
}

std::uint32_t row_state(const Node* node) { return node->flags & row_flags; }

std::span<const std::uint64_t> column_hashes(const Node* node) {
    return {node->hashes(), node->is_hashed() ? node->table->columns.size() : 0};
}

bool is_relation_changed(const Node* node, const Relation& relation) {
    return relation.many ? RelationAccess::linked_before(many_of(node, relation)) != nullptr
                         : RelationAccess::changed(one_of(node, relation));
}

std::span<Node* const> linked_before(const Node* node, const Relation& relation) {
    const auto* before = relation.many ? RelationAccess::linked_before(many_of(node, relation)) : nullptr;
    return before ? std::span<Node* const>{*before} : std::span<Node* const>{};
}

void restore_row_state(Node* node, std::uint32_t state, std::span<const std::uint64_t> hashes) {
    node->flags = (state & row_flags) | (hashes.empty() ? std::uint32_t{Node::unhashed} : 0U);
    std::ranges::copy(hashes, node->hashes());
}

void restore_relation(Node* node, const Relation& relation, bool loaded, bool changed, std::span<Node* const> related,
    std::span<Node* const> linked_before) {
    if (relation.many) {
        ManyBase& many = RelationAccess::many(node, relation);
        RelationAccess::put(many, {related.begin(), related.end()});
        RelationAccess::set_loaded(many, loaded);
        if (changed) RelationAccess::set_linked_before(many, {linked_before.begin(), linked_before.end()});
        else RelationAccess::forget_linked_before(many);
    } else {
        OneBase& one = RelationAccess::one(node, relation);
        RelationAccess::unload(one);
        if (!related.empty()) RelationAccess::put(one, related.front());
        RelationAccess::set_loaded(one, loaded);
        RelationAccess::set_changed(one, changed);
    }
}

}  // namespace tandem::orm

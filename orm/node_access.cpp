#include <algorithm>
#include <vector>

#include <tandem/orm/node_access.hpp>

#include "graph.hpp"
#include "identity_map.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

constexpr std::uint32_t row_flags = Node::persistent | Node::deleted | Node::expired | Node::partial;

const OneBase& one_of(const Node* node, const Relation& relation) {
    return *static_cast<const OneBase*>(node->member(relation.offset));
}
const ManyBase& many_of(const Node* node, const Relation& relation) {
    return *static_cast<const ManyBase*>(node->member(relation.offset));
}

/// Objects being converted, and their nodes where those are known.
thread_local std::vector<std::pair<const void*, const Node*>> open_objects;

}  // namespace

OpenObject::OpenObject(const void* object) { open_objects.emplace_back(object, open_node(object)); }
OpenObject::OpenObject(const Node* node) { open_objects.emplace_back(node->object(), node); }
OpenObject::~OpenObject() { open_objects.pop_back(); }
const Node* open_node(const void* object) {
    for (const auto& [open, node] : open_objects)
        if (open == object && node) return node;
    return nullptr;
}
bool can_show(const Node* node) {
    return (node->flags & (Node::deleted | Node::expired)) == 0 &&
        std::ranges::none_of(open_objects, [node](const auto& open) { return open.first == node->object(); });
}

ValueView column_value(const Node* node, const Column& column, Scratch& scratch) {
    return column.type->view(node->member(column.offset), scratch);
}

ValueView key_value(const Node* node, Scratch& scratch) {
    if (node->table->key.size() == 1) return column_value(node, node->table->key_column(), scratch);
    scratch.text = std::get<std::string>(key_of(node));
    return ValueView::of(std::string_view{scratch.text});
}

bool is_loaded(const Node* node, const Column& column) {
    const auto deferred = deferred_columns(node);
    return std::ranges::count(deferred, static_cast<std::size_t>(&column - node->table->columns.data())) == 0;
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
    return {hashes_of(node), node->is_hashed() ? node->table->columns.size() : 0};
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
    if (!graph_of(node).deferred.contains(node)) state &= ~std::uint32_t{Node::partial};
    node->flags = (state & row_flags) | (hashes.empty() ? std::uint32_t{Node::unhashed} : 0U);
    std::ranges::copy(hashes, hashes_of(node));
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

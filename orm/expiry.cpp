// Reading objects again: expire (when they are used next) and refresh (now).
//
// An expired object keeps its values in memory, out of sight: the next access through a Ref reads its row (touch()).
// What is assigned meanwhile differs from the hashes of its columns and so survives the reading.
#include <algorithm>

#include "column_hashes.hpp"
#include "object_shape.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

/// A column's value that is put back after a row was read over it.
struct KeptColumn {
    std::size_t column;
    Value value;
    std::optional<std::uint64_t> hash;  ///< empty: the row's
};

}  // namespace

void SessionCore::require_held(const Node* node, const char* action) const {
    if (!node) throw ArgumentError(std::string{"an empty Ref cannot be "} + action);
    if (!contains(node) || (node->flags & Node::held) == 0)
        throw InvalidStateError(describe(node) + " is not persistent in this session, so it cannot be " + action);
}

/// Takes changes of a collection with a link table that were not written out of the other side's collections.
static void unmirror_links(Node* owner, const Relation& relation, const ManyBase& many) {
    const auto* before = RelationAccess::linked_before(many);
    if (!before || !relation.reverse) return;
    const auto& items = RelationAccess::items(many);
    for (Node* item : items)
        if (std::ranges::count(*before, item) == 0)
            RelationAccess::drop(RelationAccess::many(item, *relation.reverse), owner);
    for (Node* item : *before) {
        ManyBase& there = RelationAccess::many(item, *relation.reverse);
        if (std::ranges::count(items, item) == 0 && RelationAccess::loaded(there))
            RelationAccess::insert(there, RelationAccess::items(there).size(), owner);
    }
}

void SessionCore::forget_relation(Node* node, const Relation& relation) {
    if (relation.many) {
        ManyBase& many = RelationAccess::many(node, relation);
        unmirror_links(node, relation, many);
        RelationAccess::unload(many);
        return;
    }
    OneBase& one = RelationAccess::one(node, relation);
    if (!relation.to_one()) RelationAccess::unload(one);
    else if (RelationAccess::changed(one)) follow_foreign_key(node, relation);
}

void SessionCore::forget_values(Node* node) {
    for (const Relation& relation : node->table->relations) forget_relation(node, relation);
    expired_columns_.erase(node);
    if (node->is_hashed()) hash_lost_columns(node);  // what was changed is not to be written
    node->flags |= Node::expired;
}

void SessionCore::forget_attributes(Node* node, std::span<const std::uint32_t> offsets) {
    const auto& columns = node->table->columns;
    const bool whole = (node->flags & Node::expired) != 0 && !expired_columns_.contains(node);
    for (const std::uint32_t offset : offsets) {
        const auto column = std::ranges::find(columns, offset, &Column::offset);
        if (column == columns.end()) {
            forget_relation(node, node->table->relation_at(offset));
            continue;
        }
        if (column->primary_key) continue;  // it does not change
        const auto index = static_cast<std::size_t>(column - columns.begin());
        if (!whole && (node->flags & Node::unhashed) != 0) touch(node);
        if (node->is_hashed())
            hashes_of(node)[index] = hash_lost_column(node, index);  // what was changed is not to be written
        if (whole) continue;
        auto& expired = expired_columns_[node];
        expired.resize(columns.size());
        expired[index] = true;
        node->flags |= Node::expired;
    }
}

void SessionCore::expire(Node* node) {
    require_held(node, "expired");
    forget_values(node);
}

void SessionCore::expire(Node* node, std::span<const std::uint32_t> offsets) {
    require_held(node, "expired");
    forget_attributes(node, offsets);
}

void SessionCore::expire_all() {
    for (const IdentityMap& map : identities_) map.each([this](Node* node) { forget_values(node); });
}

void SessionCore::refresh(Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be refreshed");
    autoflush();
    if ((node->flags & Node::persistent) == 0)
        throw InvalidStateError(describe(node) + " is not stored, so it cannot be read again");
    add(node);
    forget_values(node);
    reload(node);
    apply_loaders({node}, *node->table, {});
}

void SessionCore::refresh(Node* node, std::span<const std::uint32_t> offsets) {
    if (!node) throw ArgumentError("an empty Ref cannot be refreshed");
    autoflush();
    if ((node->flags & Node::persistent) == 0)
        throw InvalidStateError(describe(node) + " is not stored, so it cannot be read again");
    add(node);
    forget_attributes(node, offsets);
    if ((node->flags & Node::expired) != 0) reload(node);
    for (const std::uint32_t offset : offsets) {
        const auto is_column = [offset](const Column& column) { return column.offset == offset; };
        if (std::ranges::none_of(node->table->columns, is_column))
            load_relation({node}, node->table->relation_at(offset), {});
    }
}

bool SessionCore::is_expired(const Node* node, std::size_t column) const {
    if ((node->flags & Node::expired) == 0) return false;
    const auto some = expired_columns_.find(node);
    return some == expired_columns_.end() || some->second[column];
}

void SessionCore::take_expired_row(Node* node, Statement& row, const ObjectShape& shape, int first,
    const std::shared_ptr<const DeferredColumns>& deferred) {
    std::vector<KeptColumn> kept;
    if (node->is_hashed()) {
        for (std::size_t i = 0; i < node->table->columns.size(); ++i) {
            const bool expired = is_expired(node, i);
            if (expired && hash_lost_column(node, i) == hashes_of(node)[i]) continue;
            Scratch scratch;
            const Column& column = node->table->columns[i];
            kept.push_back({i, to_value(column.type->view(node->member(column.offset), scratch)),
                expired ? std::nullopt : std::optional{hashes_of(node)[i]}});
        }
    }
    take_row(node, row, shape, first, deferred);
    expired_columns_.erase(node);
    for (const KeptColumn& keep : kept) {
        const Column& column = node->table->columns[keep.column];
        column.type->assign(node->member(column.offset), ValueView::from(keep.value));
        if (keep.hash) hashes_of(node)[keep.column] = *keep.hash;
    }
}

}  // namespace tandem::orm

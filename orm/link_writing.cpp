// Rows of link tables: what a flush does for collections that lead through one.
#include <unordered_set>

#include "registry.hpp"
#include "row_writer.hpp"
#include "session_core.hpp"

namespace tandem::orm {

/// Brings link tables in step with the collections that lead through them.
void SessionCore::write_links(RowWriter& writer, const std::vector<Node*>& nodes) {
    for (Node* node : nodes) {
        for (const Relation& relation : node->table->relations) {
            if (relation.direction != Direction::many_to_many) continue;
            ManyBase& many = RelationAccess::many(node, relation);
            const auto* before = RelationAccess::linked_before(many);
            if (!before) continue;
            const auto& items = RelationAccess::items(many);
            const std::unordered_set<Node*> was{before->begin(), before->end()};
            const std::unordered_set<Node*> is{items.begin(), items.end()};
            for (Node* item : *before)
                if (!is.contains(item) && (item->flags & (Node::removing | Node::deleted)) == 0)
                    write_link(writer, node, relation, item, false);
            for (Node* item : items)
                if (!was.contains(item)) write_link(writer, node, relation, item, true);
            undo_.links.push_back({node, &relation, *before});
            RelationAccess::forget_linked_before(many);
        }
    }
}

void SessionCore::write_link(RowWriter& writer, Node* owner, const Relation& relation, Node* item, bool add) {
    if ((item->flags & Node::persistent) == 0)
        throw InvalidStateError(std::string{owner->table->class_name} + "." + relation.name + " of " + describe(owner) +
            " has " + describe(item) + ", which is not stored; add it to the session");
    std::vector<std::size_t> columns = relation.link->owner_columns;
    columns.insert(columns.end(), relation.link->target_columns.begin(), relation.link->target_columns.end());
    Statement& statement = writer.link(*relation.link->table, columns, add);
    const StatementUse use{statement};
    RowWriter::bind(statement, owner, relation.local_columns, 1);
    RowWriter::bind(statement, item, relation.remote_columns, static_cast<int>(relation.local_columns.size()) + 1);
    statement.step();
}

/// The rows of an object that is going to be deleted.
void SessionCore::erase_links(RowWriter& writer, const Node* node) {
    for (const Relation& relation : node->table->relations) {
        if (relation.direction != Direction::many_to_many) continue;
        Statement& statement = writer.link(*relation.link->table, relation.link->owner_columns, false);
        const StatementUse use{statement};
        RowWriter::bind(statement, node, relation.local_columns, 1);
        statement.step();
    }
}

namespace {

/// The objects that may show some deleted ones in a collection, as far as the deleted ones know; false when there may
/// be others.
bool find_owners(std::span<Node* const> erased, const Relation& relation, std::unordered_set<Node*>& owners) {
    bool all = relation.reverse != nullptr;
    for (Node* node : erased) {
        if (!relation.reverse || node->table != relation.target) continue;
        const ManyBase& many = RelationAccess::many(node, *relation.reverse);
        all = all && RelationAccess::loaded(many) && !RelationAccess::filtered(many);
        owners.insert(RelationAccess::items(many).begin(), RelationAccess::items(many).end());
    }
    return all;
}

bool is_deleted(const Node* node) { return (node->flags & Node::deleted) != 0; }

}  // namespace

void SessionCore::leave_collections(std::span<Node* const> erased) {
    std::unordered_set<const Table*> tables;
    for (const Node* node : erased) tables.insert(node->table);
    if (tables.empty()) return;
    const auto clear = [this](Node* owner, const Relation& relation) {
        ManyBase& many = RelationAccess::many(owner, relation);
        const auto& items = RelationAccess::items(many);
        std::size_t left = 0;  // before it, so that undoing from the last one on finds each place
        for (Node* item : items) {
            if (!is_deleted(item)) ++left;
            else note_relation_changed({owner, &relation, item, left, RelationChange::Kind::unlinked});
        }
        if (left < items.size()) RelationAccess::drop_if(many, is_deleted);
    };
    for (const Table& table : registry().tables) {
        for (const Relation& relation : table.relations) {
            if (relation.direction != Direction::many_to_many || !tables.contains(relation.target)) continue;
            std::unordered_set<Node*> owners;
            const bool all = find_owners(erased, relation, owners);
            for (Node* owner : owners) clear(owner, relation);
            if (!all) identities(table).each([&](Node* owner) { clear(owner, relation); });
        }
    }
}

}  // namespace tandem::orm

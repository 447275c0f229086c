// Writing what changed: inserts after what they refer to, updates of changed columns only, deletes before what they
// refer to. Statements of one kind follow each other, so that each is prepared once.
#include <algorithm>
#include <string>

#include "column_hashes.hpp"
#include "flush_order.hpp"
#include "row_writer.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

ValueView view_column(const Node* node, const Column& column, Scratch& scratch) {
    try {
        return column.type->view(node->member(column.offset), scratch);
    } catch (const ValueError& error) {
        throw ValueError(std::string{node->table->class_name} + "." + column.member + " " + error.what());
    }
}

/// Runs the statement that writes an object's row; says whether it gives a row back. What the database refuses names
/// the object.
inline bool write_row(Statement& statement, const Node* node, const char* action) {
    try {
        return statement.step();
    } catch (const IntegrityError& error) {
        throw IntegrityError(describe(node) + " cannot be " + action + ": " + error.what());
    }
}

}  // namespace

void SessionCore::write_changes(Compare compare) {
    std::vector<Node*> changed = compare == Compare::all ? touched_ : recent_;
    remove_orphans(changed);
    cascade_removals();
    add_reached();
    // Cascades may have changed more.
    changed = compare == Compare::all ? touched_ : recent_;

    check_rules(pending_, changed);

    RowWriter writer{*this};
    write(writer, changed);
    for (const Node* node : removing_) erase_links(writer, node);
    order_for_deletion(removing_);
    std::size_t done = 0;
    try {
        for (; done < removing_.size(); ++done) erase(writer, removing_[done]);
    } catch (...) {
        removing_.erase(removing_.begin(), removing_.begin() + static_cast<std::ptrdiff_t>(done));
        throw;
    }
    leave_collections(removing_);
    removing_.clear();
    settle(compare);
}

void SessionCore::settle(Compare compare) {
    for (Node* node : recent_) node->flags |= Node::untracked;
    recent_.clear();
    if (compare == Compare::recent) return;
    // A plain reference is good as long as a handle exists: what has none cannot be changed unseen.
    std::erase_if(touched_, [](Node* node) {
        if (node->handles > 0) return false;
        node->flags &= ~std::uint32_t{Node::tracked};
        return true;
    });
}

/// Table by table: updates first, so that what they give up (a unique value) is free for what is inserted, except for
/// those that lead to new objects.
void SessionCore::write(RowWriter& writer, std::vector<Node*>& changed) {
    std::erase_if(changed, [](const Node* node) {
        return (node->flags & (Node::deleted | Node::removing)) != 0 || (node->flags & Node::persistent) == 0;
    });
    // Room is made before it is taken: a stored one-to-one partner may come where another one leaves.
    if (std::ranges::any_of(changed, makes_room)) std::ranges::stable_partition(changed, makes_room);
    sort_by_rank(changed);
    std::vector<Node*> inserts = pending_;
    const bool by_rank = order_for_insertion(inserts);

    constexpr auto none = static_cast<std::size_t>(-1);
    const auto rank_at = [](const std::vector<Node*>& nodes, std::size_t i) {
        return i < nodes.size() ? nodes[i]->table->rank : none;
    };
    std::vector<Node*> waiting;
    std::vector<Node*> late;
    for (std::size_t u = 0, i = 0; u < changed.size() || i < inserts.size();) {
        const std::size_t rank = by_rank ? std::min(rank_at(changed, u), rank_at(inserts, i)) : none;
        waiting.clear();
        while (u < changed.size() && changed[u]->table->rank <= rank) {
            if (leads_to_new(changed[u])) waiting.push_back(changed[u++]);
            else if (const std::size_t done = update_together(writer, std::span{changed}.subspan(u))) u += done;
            else update(writer, changed[u++]);
        }
        while (i < inserts.size() && (!by_rank || inserts[i]->table->rank <= rank)) {
            if (const std::size_t done = insert_together(writer, std::span{inserts}.subspan(i))) i += done;
            else insert(writer, inserts[i++]);
        }
        for (Node* node : waiting) {
            if (leads_to_new(node)) late.push_back(node);
            else update(writer, node);
        }
    }
    for (Node* node : late) update(writer, node);
    pending_.clear();
    write_links(writer, changed);
    write_links(writer, inserts);
}

namespace {

/// Whether a new object's key is set already, not made with its row.
bool has_key(const Node* node) {
    const Column& key = node->table->key_column();
    return node->table->key.size() > 1 || key.client_key || !key.type->is_unset(node->member(key.offset));
}

/// A new object refers to itself by a key that is not there yet: NULL is stored first, and insert() writes the key
/// behind it.
void put_off_own_key(Node* node, const Relation& relation) {
    for (const std::size_t i : relation.local_columns) {
        const Column& column = node->table->columns[i];
        if (!column.type->nullable)
            throw IntegrityError(std::string{node->table->class_name} + "." + relation.name +
                " of a new object leads to the object itself, whose key is made with its row, but the column \"" +
                column.name + "\" cannot be NULL until then; give the object a key first");
        column.type->assign(node->member(column.offset), ValueView{});
    }
    RelationAccess::set_changed(RelationAccess::one(node, relation), true);
}

}  // namespace

/// Writes the keys of set relations into their foreign key columns.
bool SessionCore::write_foreign_keys(Node* node) {
    const bool is_new = (node->flags & Node::persistent) == 0;
    bool complete = true;
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        OneBase& one = RelationAccess::one(node, relation);
        Node* target = RelationAccess::target(one);
        const bool changed = RelationAccess::changed(one);
        if (!changed && !(is_new && target)) continue;
        if (is_new && target == node && !has_key(node)) {
            put_off_own_key(node, relation);
            complete = false;
            continue;
        }
        const auto column = [&](std::size_t i) -> const Column& {
            return node->table->columns[relation.local_columns[i]];
        };
        if (target && target != node && (target->flags & Node::persistent) == 0)
            throw InvalidStateError(std::string{node->table->class_name} + "." + relation.name + " leads to " +
                describe(target) +
                ((target->flags & Node::deleted) != 0 ? ", which was deleted"
                                                      : ", which is not stored; add it to the session"));
        for (std::size_t i = 0; i < relation.local_columns.size(); ++i) {
            Scratch scratch;
            if (target) {
                column(i).type->assign(node->member(column(i).offset),
                    view_column(target, target->table->columns[relation.remote_columns[i]], scratch));
            } else if (column(i).type->nullable) {
                column(i).type->assign(node->member(column(i).offset), ValueView{});
            } else if (changed && !is_new) {
                throw IntegrityError(std::string{node->table->class_name} + "." + relation.name +
                    " was set to nothing, but its column \"" + column(i).name + "\" cannot be NULL");
            }
        }
        RelationAccess::set_changed(one, false);
    }
    return complete;
}

void SessionCore::insert(RowWriter& writer, Node* node) {
    if ((node->flags & Node::pending) == 0) return;
    const bool complete = write_foreign_keys(node);
    if (run_hooks(RowEvent::before_insert, node)) writer.forget_statement();
    const Table& table = *node->table;
    prepare_insert(node, writer.insert_columns);
    const std::span given = writer.insert_columns.given;
    const std::span returned = writer.insert_columns.returned;
    const bool generated_key = writer.insert_columns.generated_key;
    const bool keeps_key =
        generated_key && returned.size() == 1 && table.integer_key && transaction_->dialect().keeps_last_key();
    Statement& statement = writer.insert(table, given, keeps_key ? std::span<const std::size_t>{} : returned);
    {
        const StatementUse use{statement};
        RowWriter::bind(statement, node, given, 1);
        const bool has_row = write_row(statement, node, "inserted");
        if (keeps_key) {
            const Column& key = table.key_column();
            const std::int64_t made = transaction_->last_used().last_insert_key();
            if (key.type->direct == Direct::int64) *static_cast<std::int64_t*>(node->member(key.offset)) = made;
            else key.type->assign(node->member(key.offset), ValueView::of(made));
        } else if (has_row) {
            for (std::size_t k = 0; k < returned.size(); ++k) {
                const Column& column = table.columns[returned[k]];
                column.type->assign(
                    node->member(column.offset), statement.column(static_cast<int>(k), column.type->kind));
            }
            while (statement.step()) {}
        }
    }
    note_inserted(node, generated_key);
    if (run_hooks(RowEvent::after_insert, node)) writer.forget_statement();
    if (!complete) {
        hash_columns(node);
        update(writer, node);
    }
}

void SessionCore::note_inserted(Node* node, bool generated_key) {
    const Table& table = *node->table;
    node->flags = (node->flags & ~std::uint32_t{Node::pending}) | Node::persistent | Node::unhashed;
    if (const std::int64_t* key = integer_key(node)) {
        identities(table).note(*key, node);
        node->flags = (node->flags & ~std::uint32_t{Node::origin}) | Node::held;
    } else {
        identify(node);
    }
    // Nothing can refer to a row that has just been made: what is empty is known to be empty.
    for (const Relation& relation : table.relations) {
        if (relation.many) RelationAccess::set_loaded(RelationAccess::many(node, relation), true);
        else if (!relation.to_one() || !key_in(node, relation.local_columns))
            RelationAccess::set_loaded(RelationAccess::one(node, relation), true);
    }
    // Without a handle nobody has a reference to change it through: the next access is early enough.
    if (node->handles > 0 || hooks_) {
        hash_columns(node);
        note_touched(node);
    }
    undo_.inserted.push_back({node, generated_key});
}

/// A foreign key set by hand is followed by its relation, unless that was set too.
void SessionCore::follow_foreign_keys(Node* node) {
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one() || RelationAccess::changed(RelationAccess::one(node, relation))) continue;
        const auto differs = [node](std::size_t i) { return hash_column(node, i) != hashes_of(node)[i]; };
        if (std::ranges::any_of(relation.local_columns, differs)) follow_foreign_key(node, relation);
    }
}
void SessionCore::follow_foreign_key(Node* node, const Relation& relation) {
    const auto key = key_in(node, relation.local_columns);
    Node* target = key ? find(*relation.target, *key) : nullptr;
    note_relation_changed(relink(node, relation, target, target || !key));
}

static void compare(RowWriter& writer, const Node* node) {
    writer.changed.clear();
    writer.hashes.resize(node->table->columns.size());
    find_changed_columns(node, writer.changed, writer.hashes.data());
}

void SessionCore::find_changes(RowWriter& writer, Node* node) {
    writer.changed.clear();
    if (!node->is_hashed()) return;
    const Table& table = *node->table;
    if (!table.relations.empty()) {
        follow_foreign_keys(node);
        (void)write_foreign_keys(node);
    }
    compare(writer, node);
    if (writer.changed.empty()) return;
    if (run_hooks(RowEvent::before_update, node)) {
        writer.forget_statement();
        compare(writer, node);
        if (writer.changed.empty()) return;
    }
    if (table.has_on_update) apply_on_update(node, writer.changed, writer.hashes);
    for (const std::size_t column : writer.changed)
        if (table.is_key(column)) throw_changed_key(node);
}

void SessionCore::update(RowWriter& writer, Node* node) {
    find_changes(writer, node);
    if (!writer.changed.empty()) write_update(writer, node);
}

void SessionCore::write_update(RowWriter& writer, Node* node) {
    const Table& table = *node->table;
    auto& changed = writer.changed;
    auto& hashes = writer.hashes;
    std::optional<std::int64_t> version;
    if (table.version) {
        const Column& column = table.columns[*table.version];
        if (std::ranges::count(changed, *table.version) != 0)
            throw InvalidStateError(
                describe(node) + ": its version column \"" + column.name + "\" was set; it counts by itself");
        Scratch scratch;
        version = view_column(node, column, scratch).integer();
        column.type->assign(node->member(column.offset), ValueView::of(*version + 1));
        hashes[*table.version] = hash_column(node, *table.version);
        changed.push_back(*table.version);
    }
    undo_.updated.push_back(node);
    Statement& statement = writer.update(table, changed);
    const std::size_t count = changed.size();
    {
        const StatementUse use{statement};
        for (const std::size_t column : table.key) changed.push_back(column);
        RowWriter::bind(statement, node, changed, 1);
        if (version) statement.bind(static_cast<int>(changed.size()) + 1, ValueView::of(*version));
        write_row(statement, node, "updated");
    }
    if (transaction_->last_used().changed_rows() == 0)
        throw StaleData(describe(node) + " cannot be updated: its row was " + (version ? "changed or " : "") +
            "deleted in the meantime; read it again (refresh) and decide anew");
    std::uint64_t* known = hashes_of(node);
    for (const std::size_t column : std::span{changed}.first(count)) known[column] = hashes[column];
    if (run_hooks(RowEvent::after_update, node)) writer.forget_statement();
}

void SessionCore::erase(RowWriter& writer, Node* node) {
    const Table& table = *node->table;
    require_key(node);
    if (run_hooks(RowEvent::before_delete, node)) writer.forget_statement();
    Statement& statement = writer.erase(table);
    {
        const StatementUse use{statement};
        RowWriter::bind(statement, node, table.key, 1);
        if (table.version)
            RowWriter::bind(statement, node, std::span{&*table.version, 1}, static_cast<int>(table.key.size()) + 1);
        write_row(statement, node, "deleted");
    }
    if (!table.version && transaction_->last_used().changed_rows() == 0)
        warn(describe(node) + " was to be deleted, but its row was gone already");
    if (table.version && transaction_->last_used().changed_rows() == 0)
        throw StaleData(describe(node) +
            " cannot be deleted: its row was changed or deleted in the meantime; read it again "
            "(refresh) and decide anew");
    take_out(node);
    if (run_hooks(RowEvent::after_delete, node)) writer.forget_statement();
}

void SessionCore::take_out(Node* node) {
    const Table& table = *node->table;
    forget(node);
    node->flags = (node->flags & ~std::uint32_t{Node::persistent | Node::removing}) | Node::deleted;
    undo_.erased.push_back(node);
    for (const Relation& relation : table.relations)
        if (relation.to_one() && RelationAccess::target(RelationAccess::one(node, relation)))
            note_relation_changed(relink(node, relation, nullptr, true));
}

void SessionCore::require_key(const Node* node) const {
    if (find(*node->table, key_of(node)) != node) throw_changed_key(node);
}
void SessionCore::throw_changed_key(const Node* node) {
    throw InvalidStateError(std::string{node->table->class_name} + "." + node->table->key_column().member +
        " of a stored object was changed; a primary key stays as it is");
}

}  // namespace tandem::orm

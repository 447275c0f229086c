// Writing what changed: inserts after what they refer to, updates of changed columns only, deletes before what they
// refer to; and setting objects back when it is undone.
#include <algorithm>
#include <string>

#include "session_core.hpp"

namespace tandem::orm {
namespace {

bool is_unset_key(const ValueView& key) {
    return key.is_null() || (key.kind() == Kind::integer && key.integer() == 0) ||
        (key.kind() == Kind::text && key.text().empty());
}

ValueView view_column(const Node* node, const Column& column, Scratch& scratch) {
    return column.type->view(node->member(column.offset), scratch);
}

/// "INSERT INTO … (columns) VALUES (?, …) RETURNING the others", for the columns that have values.
std::string insert_text(
    const Table& table, const std::vector<std::size_t>& given, const std::vector<std::size_t>& returned) {
    std::string names;
    std::string places;
    for (const std::size_t i : given) {
        names += (names.empty() ? "" : ", ") + quoted(table.columns[i].name);
        places += places.empty() ? "?" : ", ?";
    }
    std::string sql = "INSERT INTO " + quoted(table.name) +
        (given.empty() ? " DEFAULT VALUES" : " (" + names + ") VALUES (" + places + ")");
    const char* glue = " RETURNING ";
    for (const std::size_t i : returned) {
        sql += glue + quoted(table.columns[i].name);
        glue = ", ";
    }
    return sql;
}

/// "a = ? AND b = ?".
std::string key_condition(const Table& table) {
    std::string text;
    for (const std::size_t column : table.key)
        text += (text.empty() ? "" : " AND ") + quoted(table.columns[column].name) + " = ?";
    return text;
}

/// How many of `nodes` lie on the way from a node up through foreign keys to its own table.
std::size_t depth_in_own_table(const Node* node, const std::vector<Node*>& nodes) {
    const Table& table = *node->table;
    std::size_t deepest = 0;
    for (const ForeignKey& foreign_key : table.foreign_keys) {
        if (foreign_key.target != &table) continue;
        std::size_t depth = 0;
        for (const Node* at = node; at && depth < nodes.size(); ++depth) {
            const auto key = key_in(at, foreign_key.columns);
            const auto refers_to = [&](const Node* other) {
                return key && other->table == &table && key_of(other) == *key;
            };
            const auto parent = std::ranges::find_if(nodes, refers_to);
            at = parent == nodes.end() ? nullptr : *parent;
        }
        deepest = std::max(deepest, depth);
    }
    return deepest;
}

/// Tables before those they refer to; in a table that refers to itself, leaves first.
void order_for_deletion(std::vector<Node*>& nodes) {
    if (nodes.size() < 2) return;
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, Node*>> ranked;
    ranked.reserve(nodes.size());
    for (Node* node : nodes) ranked.push_back({{node->table->rank, depth_in_own_table(node, nodes)}, node});
    std::ranges::stable_sort(ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = ranked[i].second;
}

}  // namespace

void SessionCore::write_changes() {
    for (std::size_t i = 0; i < pending_.size(); ++i) insert(pending_[i]);
    pending_.clear();
    for (std::size_t i = 0; i < touched_.size(); ++i)
        if ((touched_[i]->flags & (Node::deleted | Node::removing)) == 0) update(touched_[i]);
    pending_.clear();  // what updates had to insert first
    if (removing_.empty()) return;
    order_for_deletion(removing_);
    std::size_t done = 0;
    try {
        for (; done < removing_.size(); ++done) erase(removing_[done]);
    } catch (...) {
        removing_.erase(removing_.begin(), removing_.begin() + static_cast<std::ptrdiff_t>(done));
        throw;
    }
    removing_.clear();
}

/// Writes the keys of set relations into their foreign key columns.
void SessionCore::write_foreign_keys(Node* node) {
    const bool is_new = (node->flags & Node::persistent) == 0;
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        OneBase& one = RelationAccess::one(node, relation);
        Node* target = RelationAccess::target(one);
        if (!RelationAccess::changed(one) && !(is_new && target)) continue;
        const Column& column = node->table->columns[relation.local_columns.front()];
        const std::string name = std::string{node->table->class_name} + "." + relation.name;
        if (!target) {
            if (!column.type->nullable && RelationAccess::changed(one) && !is_new)
                throw IntegrityError(
                    name + " was set to nothing, but its column \"" + column.name + "\" cannot be NULL");
            if (column.type->nullable) column.type->assign(node->member(column.offset), ValueView{});
        } else {
            if ((target->flags & (Node::pending | Node::persistent)) == 0) add(target);
            insert(target);
            if ((target->flags & Node::persistent) == 0)
                throw InvalidStateError(name + " leads to " + describe(target) + ", which was deleted");
            for (std::size_t i = 0; i < relation.local_columns.size(); ++i) {
                Scratch scratch;
                const Column& local = node->table->columns[relation.local_columns[i]];
                local.type->assign(node->member(local.offset),
                    view_column(target, target->table->columns[relation.remote_columns[i]], scratch));
            }
        }
        RelationAccess::set_changed(one, false);
    }
}

void SessionCore::insert(Node* node) {
    if ((node->flags & Node::pending) == 0) return;
    if ((node->flags & Node::marked) != 0)
        throw InvalidStateError("new objects refer to each other in a circle that " + describe(node) +
            " is part of; add one of them first");
    node->flags |= Node::marked;
    try {
        write_foreign_keys(node);
    } catch (...) {
        node->flags &= ~std::uint32_t{Node::marked};
        throw;
    }
    node->flags &= ~std::uint32_t{Node::marked};

    const Table& table = *node->table;
    std::vector<std::size_t> given;
    std::vector<std::size_t> returned;
    Scratch scratch;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        const ValueView value = view_column(node, column, scratch);
        const bool unset = table.key.size() == 1 && table.is_key(i) ? is_unset_key(value)
                                                                : value.is_null() && column.server_default.has_value();
        (unset ? returned : given).push_back(i);
    }
    const bool generated_key = !returned.empty() && std::ranges::count(returned, table.key.front()) != 0;
    if (generated_key && table.key_column().type->kind != Kind::integer)
        throw ArgumentError(std::string{table.class_name} + "." + table.key_column().member +
            " is a text key: give it a value before the object is stored");

    prepare_write();
    Statement& statement = prepare(insert_text(table, given, returned));
    const StatementUse use{statement};
    Parameters parameters{statement};
    for (const std::size_t i : given) parameters.add(view_column(node, table.columns[i], scratch));
    if (statement.step()) {
        for (std::size_t k = 0; k < returned.size(); ++k) {
            const Column& column = table.columns[returned[k]];
            column.type->assign(node->member(column.offset), statement.column(static_cast<int>(k), column.type->kind));
        }
        while (statement.step()) {}
    }
    node->flags = (node->flags & ~std::uint32_t{Node::pending}) | Node::persistent;
    hash_columns(node);
    identify(node);
    // Nothing can refer to a row that has just been made: what is empty is known to be empty.
    for (const Relation& relation : table.relations) {
        if (relation.many) RelationAccess::set_loaded(RelationAccess::many(node, relation), true);
        else if (relation.to_one() && !key_in(node, relation.local_columns))
            RelationAccess::set_loaded(RelationAccess::one(node, relation), true);
    }
    touched_.push_back(node);
    inserted_.push_back({node, generated_key});
}

bool SessionCore::is_changed(const Node* node) const {
    if (!node->hashes) return false;
    Scratch scratch;
    for (std::size_t i = 0; i < node->table->columns.size(); ++i)
        if (hash(view_column(node, node->table->columns[i], scratch)) != node->hashes[i]) return true;
    return false;
}

void SessionCore::update(Node* node) {
    if (!node->hashes) return;
    // A foreign key set by hand is followed by its relation, unless that was set too.
    const Table& table = *node->table;
    Scratch scratch;
    for (const Relation& relation : table.relations) {
        if (!relation.to_one() || RelationAccess::changed(RelationAccess::one(node, relation))) continue;
        const auto differs = [&](std::size_t i) {
            return hash(view_column(node, table.columns[i], scratch)) != node->hashes[i];
        };
        if (std::ranges::any_of(relation.local_columns, differs)) follow_foreign_key(node, relation);
    }
    write_foreign_keys(node);

    std::vector<std::size_t> changed;
    std::vector<std::uint64_t> hashes(node->hashes, node->hashes + table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        hashes[i] = hash(view_column(node, table.columns[i], scratch));
        if (hashes[i] != node->hashes[i]) changed.push_back(i);
    }
    if (changed.empty()) return;
    require_key(node);

    std::string sql = "UPDATE " + quoted(table.name);
    const char* glue = " SET ";
    for (const std::size_t i : changed) {
        sql += glue + quoted(table.columns[i].name) + " = ?";
        glue = ", ";
    }
    sql += " WHERE " + key_condition(table);
    prepare_write();
    Statement& statement = prepare(sql);
    const StatementUse use{statement};
    Parameters parameters{statement};
    for (const std::size_t i : changed) parameters.add(view_column(node, table.columns[i], scratch));
    for (const std::size_t i : table.key) parameters.add(view_column(node, table.columns[i], scratch));
    statement.step();
    if (transaction_->connection().changed_rows() == 0)
        throw ObjectDeleted(describe(node) + " cannot be updated: its row was deleted in the meantime");
    std::ranges::copy(hashes, node->hashes);
    updated_.push_back(node);
}

void SessionCore::erase(Node* node) {
    const Table& table = *node->table;
    require_key(node);
    prepare_write();
    Statement& statement = prepare("DELETE FROM " + quoted(table.name) + " WHERE " + key_condition(table));
    const StatementUse use{statement};
    Scratch scratch;
    Parameters parameters{statement};
    for (const std::size_t i : table.key) parameters.add(view_column(node, table.columns[i], scratch));
    statement.step();
    forget(node);
    node->flags = (node->flags & ~std::uint32_t{Node::persistent | Node::removing}) | Node::deleted;
    erased_.push_back(node);
    for (const Relation& relation : table.relations)
        if (relation.to_one() && RelationAccess::target(RelationAccess::one(node, relation)))
            note_relation_changed(relink(node, relation, nullptr, true));
}

void SessionCore::require_key(const Node* node) const {
    if (find(*node->table, key_of(node)) == node) return;
    throw InvalidStateError(std::string{node->table->class_name} + "." + node->table->key_column().member +
        " of a stored object was changed; a primary key stays as it is");
}
/// Sets the key back to the one that the identity map knows.
void SessionCore::restore_key(Node* node) {
    const auto key =
        identities(*node->table).find(key_of(node)) == node ? std::nullopt : identities(*node->table).key_of(node);
    if (!key) return;
    const auto values = key_values(*key);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Column& column = node->table->columns[node->table->key[i]];
        column.type->assign(node->member(column.offset), ValueView::from(values[i]));
    }
}

void SessionCore::follow_foreign_key(Node* node, const Relation& relation) {
    const auto key = key_in(node, relation.local_columns);
    Node* target = key ? find(*relation.target, *key) : nullptr;
    note_relation_changed(relink(node, relation, target, target || !key));
}

void SessionCore::restore_relations() noexcept {
    for (auto change = relation_changes_.rbegin(); change != relation_changes_.rend(); ++change) {
        OneBase& one = RelationAccess::one(change->owner, *change->relation);
        const Relation* reverse = change->relation->reverse;
        Node* target = RelationAccess::target(one);
        if (reverse && reverse->many && target)
            RelationAccess::drop(RelationAccess::many(target, *reverse), change->owner);
        RelationAccess::unload(one);
        if (change->was_loaded) RelationAccess::put(one, change->old_target);
        if (change->old_position != RelationChange::not_listed)
            RelationAccess::insert(
                RelationAccess::many(change->old_target, *reverse), change->old_position, change->owner);
    }
    relation_changes_.clear();
}

/// New objects become transient again, changed and deleted ones are read again.
void SessionCore::restore_objects() noexcept {
    // A transient object keeps its relations: its values stay as they were.
    std::erase_if(
        relation_changes_, [](const RelationChange& change) { return (change.owner->flags & Node::pending) != 0; });
    for (const Insertion& insertion : inserted_)
        std::erase_if(relation_changes_, [&](const RelationChange& change) { return change.owner == insertion.node; });
    restore_relations();
    for (Node* node : pending_) node->flags &= ~std::uint32_t{Node::pending};
    for (Node* node : removing_) node->flags &= ~std::uint32_t{Node::removing};
    removing_.clear();

    std::vector<Node*> stale;
    for (Node* node : erased_) {
        node->flags = (node->flags & ~std::uint32_t{Node::deleted}) | Node::persistent;
        stale.push_back(node);
    }
    for (const Insertion& insertion : inserted_) {
        Node* node = insertion.node;
        forget(node);
        node->flags &= ~std::uint32_t{Node::persistent | Node::deleted | Node::unhashed};
        delete[] std::exchange(node->hashes, nullptr);
        if (insertion.generated_key) {
            const Column& key = node->table->key_column();
            key.type->assign(node->member(key.offset), ValueView::of(std::int64_t{0}));
        }
    }
    for (Node* node : pending_)
        if ((node->flags & Node::persistent) == 0) hide_from_collections(node, true);
    for (const Insertion& insertion : inserted_) hide_from_collections(insertion.node, true);
    pending_.clear();
    for (Node* node : updated_) stale.push_back(node);
    for (Node* node : read_unsealed_) stale.push_back(node);
    for (Node* node : touched_)
        if (is_changed(node)) stale.push_back(node);
    std::erase_if(stale, [](const Node* node) { return (node->flags & Node::persistent) == 0; });
    std::erase_if(touched_, [](const Node* node) { return (node->flags & Node::persistent) == 0; });
    std::ranges::sort(stale, std::less<const Node*>{});
    const auto repeated = std::ranges::unique(stale);
    stale.erase(repeated.begin(), repeated.end());
    std::unordered_map<const Relation*, std::vector<Node*>> collections;
    for (const auto& [owner, relation] : collections_unsealed_) {
        RelationAccess::unload(RelationAccess::many(owner, *relation));
        if ((owner->flags & Node::persistent) != 0) collections[relation].push_back(owner);
    }
    forget_changes();
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

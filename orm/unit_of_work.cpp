// Writing what changed: inserts after what they refer to, updates of changed columns only, deletes before what they
// refer to. Statements of one kind follow each other, so that each is prepared once.
#include <algorithm>
#include <string>

#include "column_values.hpp"
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
std::string condition(const Table& table, std::span<const std::size_t> columns) {
    std::string text;
    for (const std::size_t column : columns)
        text += (text.empty() ? "" : " AND ") + quoted(table.columns[column].name) + " = ?";
    return text;
}

/// The condition for an object's row: its key, and its version where it has one.
std::string row_condition(const Table& table) {
    std::string text = condition(table, table.key);
    if (table.version) text += " AND " + condition(table, std::span{&*table.version, 1});
    return text;
}

std::string update_text(const Table& table, const std::vector<std::size_t>& columns) {
    std::string sql = "UPDATE " + quoted(table.name);
    const char* glue = " SET ";
    for (const std::size_t i : columns) {
        sql += glue + quoted(table.columns[i].name) + " = ?";
        glue = ", ";
    }
    return sql + " WHERE " + row_condition(table);
}

/// Binds columns of an object to the parameters from `first` on.
void bind_columns(Statement& statement, const Node* node, const std::vector<std::size_t>& columns, int first) {
    try {
        statement.bind_members(node->table->columns, columns, first, node->object());
    } catch (const ColumnError& error) {
        throw ValueError(std::string{node->table->class_name} + "." +
            node->table->columns[columns[error.column()]].member + " " + error.what());
    }
}

bool is_before(const Node* a, const Node* b) { return a->table->rank < b->table->rank; }

/// Calls f(Node*) for each new object that a new object's foreign keys lead to.
template <class F>
void each_needed(Node* node, F f) {
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        Node* target = RelationAccess::target(RelationAccess::one(node, relation));
        if (target && (target->flags & Node::pending) != 0) f(target);
    }
}

/// Objects after those they refer to. The order they came in stays where nothing is against it.
class InsertOrder {
public:
    explicit InsertOrder(std::vector<Node*>& nodes) : nodes_(nodes) {
        bool within_tables = false;
        bool against_ranks = false;
        for (Node* node : nodes_) {
            each_needed(node, [&](const Node* target) {
                within_tables = within_tables || target->table == node->table;
                against_ranks = against_ranks || target->table->rank > node->table->rank;
            });
        }
        if (within_tables || against_ranks) sort_by_references();
        if (!against_ranks) std::ranges::stable_sort(nodes_, is_before);
        by_rank_ = !against_ranks;
    }
    /// Whether tables follow their rank. (They cannot where they refer to each other in a circle.)
    [[nodiscard]] bool by_rank() const { return by_rank_; }

private:
    // A walk in depth with a stack of its own: chains may be long.
    void sort_by_references() {
        std::vector<Node*> sorted;
        std::vector<Node*> way;
        const auto clean = [&] {
            for (Node* node : way) node->flags &= ~std::uint32_t{Node::open};
            for (Node* node : sorted) node->flags &= ~std::uint32_t{Node::marked};
        };
        for (Node* first : nodes_) {
            way.push_back(first);
            while (!way.empty()) {
                Node* node = way.back();
                if ((node->flags & Node::marked) != 0) {
                    way.pop_back();
                    continue;
                }
                node->flags |= Node::open;
                const Node* circle = nullptr;
                const std::size_t before = way.size();
                each_needed(node, [&](Node* target) {
                    if ((target->flags & Node::marked) != 0) return;
                    if ((target->flags & Node::open) != 0) circle = target;
                    else way.push_back(target);
                });
                if (circle) {
                    clean();
                    throw CircularDependency("new objects refer to each other in a circle that " + describe(circle) +
                        " is part of; store one of them first, then set its relation");
                }
                if (way.size() > before) continue;
                way.pop_back();
                node->flags = (node->flags & ~std::uint32_t{Node::open}) | Node::marked;
                sorted.push_back(node);
            }
        }
        clean();
        nodes_ = std::move(sorted);
    }

    std::vector<Node*>& nodes_;
    bool by_rank_ = true;
};

/// Tables before those they refer to; in a table that refers to itself, those that are referred to last.
void order_for_deletion(std::vector<Node*>& nodes) {
    if (nodes.size() < 2) return;
    std::unordered_map<const Node*, std::size_t> depths;
    std::unordered_map<const Table*, std::unordered_map<Key, const Node*, KeyHash>> own;
    for (const Node* node : nodes)
        if (std::ranges::count(node->table->foreign_keys, node->table, &ForeignKey::target) != 0)
            own[node->table].emplace(key_of(node), node);
    for (const auto& [table, of_table] : own) {
        for (const auto& [key, node] : of_table) {
            for (const ForeignKey& foreign_key : table->foreign_keys) {
                if (foreign_key.target != table) continue;
                std::size_t depth = 0;
                for (const Node* at = node; at && depth < of_table.size();) {
                    const auto parent_key = key_in(at, foreign_key.columns);
                    const auto parent = parent_key ? of_table.find(*parent_key) : of_table.end();
                    at = parent == of_table.end() ? nullptr : parent->second;
                    if (!at) break;
                    ++depth;
                    if (const auto known = depths.find(at); known != depths.end()) {
                        depth += known->second;
                        break;
                    }
                }
                depths[node] = std::max(depths[node], depth);
            }
        }
    }
    const auto rank = [&depths](const Node* node) {
        const auto depth = depths.find(node);
        return std::pair{node->table->rank, depth == depths.end() ? 0 : depth->second};
    };
    std::ranges::stable_sort(nodes, [&](const Node* a, const Node* b) { return rank(a) > rank(b); });
}

}  // namespace

/// Keeps the statement of the last row, for the next one that writes the same columns of the same table.
class SessionCore::RowWriter {
public:
    explicit RowWriter(SessionCore& session) : session_(session) {}

    enum class Verb : std::uint8_t { insert, update };
    template <class Text>
    Statement& statement(Verb verb, const Table& table, const std::vector<std::size_t>& columns, Text text) {
        if (!statement_ || verb_ != verb || table_ != &table || columns_ != columns) {
            statement_ = &session_.prepare(text());
            verb_ = verb;
            table_ = &table;
            columns_ = columns;
        }
        return *statement_;
    }

    /// Forgets the statement, which the connection may have dropped when a hook ran others.
    void forget_statement() { statement_ = nullptr; }

    // Which columns the row at hand writes and gets back; kept so that a row costs no allocation.
    InsertColumns insert_columns{};
    std::vector<std::size_t> changed{};
    std::vector<std::uint64_t> hashes{};

private:
    SessionCore& session_;
    Statement* statement_ = nullptr;
    Verb verb_ = Verb::insert;
    const Table* table_ = nullptr;
    std::vector<std::size_t> columns_{};
};

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
    for (const Node* node : removing_) erase_links(node);
    order_for_deletion(removing_);
    std::size_t done = 0;
    try {
        for (; done < removing_.size(); ++done) erase(removing_[done]);
    } catch (...) {
        removing_.erase(removing_.begin(), removing_.begin() + static_cast<std::ptrdiff_t>(done));
        throw;
    }
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
    std::ranges::stable_sort(changed, is_before);
    std::vector<Node*> inserts = pending_;
    const InsertOrder order{inserts};
    const std::vector<Node*> added = inserts;

    constexpr auto none = static_cast<std::size_t>(-1);
    const auto rank_at = [](const std::vector<Node*>& nodes, std::size_t i) {
        return i < nodes.size() ? nodes[i]->table->rank : none;
    };
    const auto leads_to_new = [](Node* node) {
        bool found = false;
        each_needed(node, [&found](const Node*) { found = true; });
        return found;
    };
    std::vector<Node*> waiting;
    std::vector<Node*> late;
    for (std::size_t u = 0, i = 0; u < changed.size() || i < inserts.size();) {
        const std::size_t rank = order.by_rank() ? std::min(rank_at(changed, u), rank_at(inserts, i)) : none;
        waiting.clear();
        for (; u < changed.size() && changed[u]->table->rank <= rank; ++u) {
            if (leads_to_new(changed[u])) waiting.push_back(changed[u]);
            else update(writer, changed[u]);
        }
        for (; i < inserts.size() && (!order.by_rank() || inserts[i]->table->rank <= rank); ++i)
            insert(writer, inserts[i]);
        for (Node* node : waiting) {
            if (leads_to_new(node)) late.push_back(node);
            else update(writer, node);
        }
    }
    for (Node* node : late) update(writer, node);
    pending_.clear();
    write_links(changed);
    write_links(added);
}

/// Writes the keys of set relations into their foreign key columns.
void SessionCore::write_foreign_keys(Node* node) {
    const bool is_new = (node->flags & Node::persistent) == 0;
    for (const Relation& relation : node->table->relations) {
        if (!relation.to_one()) continue;
        OneBase& one = RelationAccess::one(node, relation);
        Node* target = RelationAccess::target(one);
        const bool changed = RelationAccess::changed(one);
        if (!changed && !(is_new && target)) continue;
        const auto column = [&](std::size_t i) -> const Column& {
            return node->table->columns[relation.local_columns[i]];
        };
        if (target && (target->flags & Node::persistent) == 0)
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
}

void SessionCore::insert(RowWriter& writer, Node* node) {
    if ((node->flags & Node::pending) == 0) return;
    write_foreign_keys(node);
    if (run_hooks(RowEvent::before_insert, node)) writer.forget_statement();
    const Table& table = *node->table;
    auto& [given, returned, generated_key] = writer.insert_columns;
    prepare_insert(node, writer.insert_columns);

    prepare_write();
    const bool keeps_key =
        generated_key && returned.size() == 1 && table.integer_key && transaction_->dialect().keeps_last_key();
    Statement& statement =
        writer.statement(RowWriter::Verb::insert, table, given, [&, &given = given, &returned = returned] {
            return insert_text(table, given, keeps_key ? std::vector<std::size_t>{} : returned);
        });
    {
        const StatementUse use{statement};
        bind_columns(statement, node, given, 1);
        const bool has_row = statement.step();
        if (keeps_key) {
            const Column& key = table.key_column();
            key.type->assign(
                node->member(key.offset), ValueView::of(transaction_->connection(place_).last_insert_key()));
        } else if (has_row) {
            for (std::size_t k = 0; k < returned.size(); ++k) {
                const Column& column = table.columns[returned[k]];
                column.type->assign(
                    node->member(column.offset), statement.column(static_cast<int>(k), column.type->kind));
            }
            while (statement.step()) {}
        }
    }
    node->flags = (node->flags & ~std::uint32_t{Node::pending}) | Node::persistent;
    hash_columns(node);
    identify(node);
    // Nothing can refer to a row that has just been made: what is empty is known to be empty.
    for (const Relation& relation : table.relations) {
        if (relation.many) RelationAccess::set_loaded(RelationAccess::many(node, relation), true);
        else if (!relation.to_one() || !key_in(node, relation.local_columns))
            RelationAccess::set_loaded(RelationAccess::one(node, relation), true);
    }
    note_touched(node);
    undo_.inserted.push_back({node, generated_key});
    if (run_hooks(RowEvent::after_insert, node)) writer.forget_statement();
}

/// A foreign key set by hand is followed by its relation, unless that was set too.
void SessionCore::follow_foreign_keys(Node* node) {
    const Table& table = *node->table;
    Scratch scratch;
    for (const Relation& relation : table.relations) {
        if (!relation.to_one() || RelationAccess::changed(RelationAccess::one(node, relation))) continue;
        const auto differs = [&](std::size_t i) {
            return hash(view_column(node, table.columns[i], scratch)) != node->hashes()[i];
        };
        if (std::ranges::any_of(relation.local_columns, differs)) follow_foreign_key(node, relation);
    }
}
void SessionCore::follow_foreign_key(Node* node, const Relation& relation) {
    const auto key = key_in(node, relation.local_columns);
    Node* target = key ? find(*relation.target, *key) : nullptr;
    note_relation_changed(relink(node, relation, target, target || !key));
}

void SessionCore::update(RowWriter& writer, Node* node) {
    if (!node->is_hashed()) return;
    const Table& table = *node->table;
    follow_foreign_keys(node);
    write_foreign_keys(node);

    Scratch scratch;
    auto& changed = writer.changed;
    auto& hashes = writer.hashes;
    const auto compare = [&] {
        changed.clear();
        hashes.assign(node->hashes(), node->hashes() + table.columns.size());
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            hashes[i] = hash(view_column(node, table.columns[i], scratch));
            if (hashes[i] != node->hashes()[i]) changed.push_back(i);
        }
    };
    compare();
    if (changed.empty()) return;
    if (run_hooks(RowEvent::before_update, node)) {
        writer.forget_statement();
        compare();
        if (changed.empty()) return;
    }
    apply_on_update(node, changed, hashes);
    require_key(node);

    std::optional<std::int64_t> version;
    if (table.version) {
        const Column& column = table.columns[*table.version];
        if (std::ranges::count(changed, *table.version) != 0)
            throw InvalidStateError(
                describe(node) + ": its version column \"" + column.name + "\" was set; it counts by itself");
        version = view_column(node, column, scratch).integer();
        column.type->assign(node->member(column.offset), ValueView::of(*version + 1));
        hashes[*table.version] = hash(view_column(node, column, scratch));
        changed.push_back(*table.version);
    }
    undo_.updated.push_back(node);
    prepare_write();
    Statement& statement =
        writer.statement(RowWriter::Verb::update, table, changed, [&] { return update_text(table, changed); });
    {
        const StatementUse use{statement};
        bind_columns(statement, node, changed, 1);
        const int behind = static_cast<int>(changed.size()) + 1;
        bind_columns(statement, node, table.key, behind);
        if (version) statement.bind(behind + static_cast<int>(table.key.size()), ValueView::of(*version));
        statement.step();
    }
    if (transaction_->connection().changed_rows() == 0)
        throw StaleData(describe(node) + " cannot be updated: its row was " + (version ? "changed or " : "") +
            "deleted in the meantime; read it again (refresh) and decide anew");
    std::ranges::copy(hashes, node->hashes());
    if (run_hooks(RowEvent::after_update, node)) writer.forget_statement();
}

void SessionCore::erase(Node* node) {
    const Table& table = *node->table;
    require_key(node);
    run_hooks(RowEvent::before_delete, node);
    prepare_write();
    Statement& statement = prepare("DELETE FROM " + quoted(table.name) + " WHERE " + row_condition(table));
    {
        const StatementUse use{statement};
        Scratch scratch;
        Parameters parameters{statement};
        for (const std::size_t i : table.key) parameters.add(view_column(node, table.columns[i], scratch));
        if (table.version) parameters.add(view_column(node, table.columns[*table.version], scratch));
        statement.step();
    }
    if (!table.version && transaction_->connection().changed_rows() == 0)
        warn(describe(node) + " was to be deleted, but its row was gone already");
    if (table.version && transaction_->connection().changed_rows() == 0)
        throw StaleData(describe(node) +
            " cannot be deleted: its row was changed or deleted in the meantime; read it again "
            "(refresh) and decide anew");
    take_out(node);
}

void SessionCore::take_out(Node* node) {
    const Table& table = *node->table;
    forget(node);
    node->flags = (node->flags & ~std::uint32_t{Node::persistent | Node::removing}) | Node::deleted;
    undo_.erased.push_back(node);
    for (const Relation& relation : table.relations) {
        if (relation.to_one() && RelationAccess::target(RelationAccess::one(node, relation))) {
            note_relation_changed(relink(node, relation, nullptr, true));
        } else if (relation.direction == Direction::many_to_many && relation.reverse) {
            for (Node* item : RelationAccess::items(RelationAccess::many(node, relation))) {
                ManyBase& there = RelationAccess::many(item, *relation.reverse);
                const auto& items = RelationAccess::items(there);
                const auto found = std::ranges::find(items, node);
                if (found == items.end()) continue;
                note_relation_changed({item, relation.reverse, node, static_cast<std::size_t>(found - items.begin()),
                    RelationChange::Kind::unlinked, true, true});
                RelationAccess::drop(there, node);
            }
        }
    }
    run_hooks(RowEvent::after_delete, node);
}

/// Brings link tables in step with the collections that lead through them.
void SessionCore::write_links(const std::vector<Node*>& nodes) {
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
                    write_link(node, relation, item, false);
            for (Node* item : items)
                if (!was.contains(item)) write_link(node, relation, item, true);
            undo_.links.push_back({node, &relation, *before});
            RelationAccess::forget_linked_before(many);
        }
    }
}

void SessionCore::write_link(Node* owner, const Relation& relation, Node* item, bool add) {
    if ((item->flags & Node::persistent) == 0)
        throw InvalidStateError(std::string{owner->table->class_name} + "." + relation.name + " of " + describe(owner) +
            " has " + describe(item) + ", which is not stored; add it to the session");
    const Table& table = *relation.link->table;
    std::vector<std::size_t> columns = relation.link->owner_columns;
    columns.insert(columns.end(), relation.link->target_columns.begin(), relation.link->target_columns.end());
    prepare_write();
    Statement& statement = prepare(add ? insert_text(table, columns, {})
                                       : "DELETE FROM " + quoted(table.name) + " WHERE " + condition(table, columns));
    const StatementUse use{statement};
    Parameters parameters{statement};
    Scratch scratch;
    for (const std::size_t i : relation.local_columns)
        parameters.add(view_column(owner, owner->table->columns[i], scratch));
    for (const std::size_t i : relation.remote_columns)
        parameters.add(view_column(item, item->table->columns[i], scratch));
    statement.step();
}

/// The rows of an object that is going to be deleted.
void SessionCore::erase_links(const Node* node) {
    for (const Relation& relation : node->table->relations) {
        if (relation.direction != Direction::many_to_many) continue;
        const Table& table = *relation.link->table;
        prepare_write();
        Statement& statement =
            prepare("DELETE FROM " + quoted(table.name) + " WHERE " + condition(table, relation.link->owner_columns));
        const StatementUse use{statement};
        Parameters parameters{statement};
        Scratch scratch;
        for (const std::size_t i : relation.local_columns)
            parameters.add(view_column(node, node->table->columns[i], scratch));
        statement.step();
    }
}

void SessionCore::require_key(const Node* node) const {
    if (find(*node->table, key_of(node)) == node) return;
    throw InvalidStateError(std::string{node->table->class_name} + "." + node->table->key_column().member +
        " of a stored object was changed; a primary key stays as it is");
}

}  // namespace tandem::orm

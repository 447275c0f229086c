// Reading rows into objects, one object per row and session, and loading relations for many owners at once.
#include <algorithm>
#include <cstring>

#include "session_core.hpp"

namespace tandem::orm {
namespace {

constexpr std::size_t keys_per_select = 500;

}  // namespace

void SessionCore::read_columns(Node* node, Statement& row) {
    try {
        row.read(node->table->columns, 0, node->object());
    } catch (const ColumnError& error) {
        throw ValueError(std::string{node->table->class_name} + "." + node->table->columns[error.column()].member +
            " " + error.what() + " (as read from table \"" + node->table->name + "\")");
    }
}

Node* SessionCore::node_of_row(const Table& table, Statement& row) {
    const Key key = to_key(row.column(static_cast<int>(table.key), table.key_column().type->kind));
    if (Node* known = find(table, key)) {
        if ((known->flags & Node::expired) != 0) take_row(known, row);
        return known;
    }
    Node* node = graph_->create(table);
    read_columns(node, row);
    if (transaction_->is_writer(*this)) read_unsealed_.push_back(node);
    node->flags |= Node::persistent | Node::held;
    identities_[&table].emplace(key, node);
    return node;
}

std::vector<Node*> SessionCore::select(const Table& table, const std::string& sql, const void* query,
    void (*bind)(const void*, Parameters&), const std::vector<LoadPlan>& loaders) {
    flush();
    std::vector<Node*> nodes;
    {
        Statement& statement = prepare(sql);
        const StatementUse use{statement};
        Parameters parameters{statement};
        bind(query, parameters);
        while (statement.step()) nodes.push_back(node_of_row(table, statement));
    }
    apply_loaders(nodes, table, loaders);
    return nodes;
}

std::vector<Node*> SessionCore::load_rows(const Table& table, const Column& column, const std::vector<Value>& values) {
    std::vector<Node*> nodes;
    if (values.empty()) return nodes;
    const std::string sql = "SELECT " + table.select_list() + " FROM " + quoted(table.name) + " WHERE " +
        quoted(table.name) + '.' + quoted(column.name) + std::string{transaction_->dialect().in_list()} + " ORDER BY " +
        quoted(table.name) + '.' + quoted(table.key_column().name);
    for (std::size_t first = 0; first < values.size(); first += keys_per_select) {
        Statement& statement = prepare(sql);
        const StatementUse use{statement};
        statement.bind_list(
            1, std::span{values}.subspan(first, std::min(keys_per_select, values.size() - first)), column.type->kind);
        while (statement.step()) nodes.push_back(node_of_row(table, statement));
    }
    return nodes;
}

void SessionCore::reload(Node* node) {
    const Table& table = *node->table;
    Statement& statement = prepare("SELECT " + table.select_list() + " FROM " + quoted(table.name) + " WHERE " +
        quoted(table.key_column().name) + " = ?");
    const StatementUse use{statement};
    Scratch scratch;
    statement.bind(1, table.key_column().type->view(node->member(table.key_column().offset), scratch));
    if (!statement.step()) throw ObjectDeleted(describe(node) + " was deleted in the meantime");
    take_row(node, statement);
}

void SessionCore::reload_all(const std::vector<Node*>& nodes) {
    std::unordered_map<const Table*, std::unordered_map<Key, Node*, KeyHash>> wanted;
    for (Node* node : nodes) {
        node->flags |= Node::expired;
        wanted[node->table].emplace(key_of(node), node);
    }
    for (const auto& [table, of_table] : wanted) {
        std::vector<Value> keys;
        for (const auto& [key, node] : of_table)
            std::visit([&keys](const auto& value) { keys.emplace_back(value); }, key);
        load_rows(*table, table->key_column(), keys);  // takes the rows of expired objects over
    }
}

void SessionCore::take_row(Node* node, Statement& row) {
    const Table& table = *node->table;
    Scratch scratch;
    read_columns(node, row);
    node->flags &= ~std::uint32_t{Node::expired};
    if (node->hashes) hash_columns(node);
    for (const Relation& relation : table.relations) {
        if (relation.many) continue;
        // The object that the foreign key names now is the one that is there already, is at hand, or has to be loaded
        // when it is needed.
        const OneBase& one = RelationAccess::one(node, relation);
        if (!RelationAccess::loaded(one)) continue;
        const Column& column = table.columns[relation.local_column];
        const ValueView value = column.type->view(node->member(column.offset), scratch);
        Node* target = value.is_null() ? nullptr : find(*relation.target, to_key(value));
        if (RelationAccess::target(one) != target || (!target && !value.is_null()))
            relink(node, relation, target, target || value.is_null());
    }
}

void SessionCore::load_on_access(Node* owner, const Relation& relation) {
    check_thread();
    flush();
    load_relation({owner}, relation, {});
}

void SessionCore::apply_loaders(
    const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>& loaders) {
    if (nodes.empty()) return;
    for (const Relation& relation : table.relations) {
        Loading loading = relation.loading;
        bool asked = false;
        std::vector<LoadPlan> nested;
        for (const LoadPlan& plan : loaders) {
            if (plan.relation != &relation) continue;
            loading = plan.loading;
            asked = true;
            nested.insert(nested.end(), plan.nested.begin(), plan.nested.end());
        }
        if (loading == Loading::selectin) {
            load_relation(nodes, relation, nested);
        } else if (asked) {
            for (Node* node : nodes) {
                if (relation.many) RelationAccess::set_on_access(RelationAccess::many(node, relation), loading);
                else RelationAccess::set_on_access(RelationAccess::one(node, relation), loading);
            }
        }
    }
}

void SessionCore::load_relation(
    const std::vector<Node*>& owners, const Relation& relation, const std::vector<LoadPlan>& nested) {
    std::vector<Node*> unloaded;
    for (Node* owner : owners) {
        const bool loaded = relation.many ? RelationAccess::loaded(RelationAccess::many(owner, relation))
                                          : RelationAccess::loaded(RelationAccess::one(owner, relation));
        if (!loaded) unloaded.push_back(owner);
    }
    if (!unloaded.empty()) relation.many ? load_collections(unloaded, relation) : load_targets(unloaded, relation);
    if (nested.empty() && unloaded.empty()) return;  // also ends relations that load each other

    std::vector<Node*> related;
    for (Node* owner : owners) {
        if (relation.many) {
            const auto& items = RelationAccess::items(RelationAccess::many(owner, relation));
            related.insert(related.end(), items.begin(), items.end());
        } else if (Node* target = RelationAccess::target(RelationAccess::one(owner, relation))) {
            related.push_back(target);
        }
    }
    std::ranges::sort(
        related, std::less<const Node*>{});  // clang 16 would try the operators of expressions on pointers
    const auto repeated = std::ranges::unique(related);
    related.erase(repeated.begin(), repeated.end());
    apply_loaders(related, *relation.target, nested);
}

std::vector<Node*> SessionCore::load_collections(const std::vector<Node*>& owners, const Relation& relation) {
    const Column& foreign_key = relation.target->columns[relation.remote_column];
    std::unordered_map<Key, Node*, KeyHash> by_key;
    std::vector<Value> keys;
    for (Node* owner : owners) {
        by_key.emplace(key_of(owner), owner);
        Scratch scratch;
        const Column& key = owner->table->key_column();
        keys.push_back(to_value(key.type->view(owner->member(key.offset), scratch)));
        RelationAccess::put(RelationAccess::many(owner, relation), {});
        if (transaction_->is_writer(*this)) collections_unsealed_.emplace_back(owner, &relation);
    }
    auto items = load_rows(*relation.target, foreign_key, keys);
    Scratch scratch;
    for (Node* item : items) {
        // An object that was in memory already may have been moved to another owner.
        const ValueView value = foreign_key.type->view(item->member(foreign_key.offset), scratch);
        const auto owner = value.is_null() ? by_key.end() : by_key.find(to_key(value));
        if (owner == by_key.end() || (item->flags & Node::removing) != 0) continue;
        ManyBase& collection = RelationAccess::many(owner->second, relation);
        RelationAccess::insert(collection, RelationAccess::items(collection).size(), item);
        if (relation.reverse) {
            OneBase& one = RelationAccess::one(item, *relation.reverse);
            if (!RelationAccess::loaded(one)) RelationAccess::put(one, owner->second);
        }
    }
    return items;
}

std::vector<Node*> SessionCore::load_targets(const std::vector<Node*>& owners, const Relation& relation) {
    const Table& table = *relation.target;
    std::vector<Value> wanted;
    std::unordered_map<Key, bool, KeyHash> asked;
    const auto key_in = [&relation](const Node* owner, Scratch& scratch) {
        const Column& column = owner->table->columns[relation.local_column];
        return column.type->view(owner->member(column.offset), scratch);
    };
    Scratch scratch;
    for (const Node* owner : owners) {
        const ValueView value = key_in(owner, scratch);
        if (value.is_null()) continue;
        Key key = to_key(value);
        if (!find(table, key) && asked.emplace(std::move(key), true).second) wanted.push_back(to_value(value));
    }
    auto targets = load_rows(table, table.key_column(), wanted);
    for (Node* owner : owners) {
        const ValueView value = key_in(owner, scratch);
        RelationAccess::put(
            RelationAccess::one(owner, relation), value.is_null() ? nullptr : find(table, to_key(value)));
    }
    return targets;
}

}  // namespace tandem::orm

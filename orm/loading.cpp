// Reading rows into objects, one object per row and session, and loading relations for many owners at once.
#include <algorithm>
#include <cstring>

#include "session_core.hpp"

namespace tandem::orm {
namespace {

constexpr std::size_t keys_per_select = 500;

/// "table.column IN (…)", or "(table.a, table.b) IN (…)".
std::string in_list(const Dialect& dialect, const Table& table, std::span<const std::size_t> columns) {
    std::string names;
    for (const std::size_t column : columns)
        names += (names.empty() ? "" : ", ") + quoted(table.name) + '.' + quoted(table.columns[column].name);
    if (columns.size() == 1) return names + std::string{dialect.in_list()};
    return '(' + names + ')' + dialect.in_rows(columns.size());
}

/// The order asked for, and the key last, so that there always is one.
std::string order_by(const Table& table, std::span<const OrderTerm> order) {
    std::string text;
    const auto add = [&](std::size_t column, bool descending) {
        text += (text.empty() ? " ORDER BY " : ", ") + quoted(table.name) + '.' + quoted(table.columns[column].name) +
            (descending ? " DESC" : "");
    };
    for (const OrderTerm& term : order) add(term.column, term.descending);
    for (const std::size_t column : table.key) add(column, false);
    return text;
}

/// "a.x = b.y AND …".
std::string join_condition(const Table& a, std::span<const std::size_t> columns_of_a, const Table& b,
    std::span<const std::size_t> columns_of_b) {
    std::string text;
    for (std::size_t i = 0; i < columns_of_a.size(); ++i)
        text += (i == 0 ? "" : " AND ") + quoted(a.name) + '.' + quoted(a.columns[columns_of_a[i]].name) + " = " +
            quoted(b.name) + '.' + quoted(b.columns[columns_of_b[i]].name);
    return text;
}

/// "a = ? AND b = ?".
std::string key_condition(const Table& table) {
    std::string text;
    for (const std::size_t column : table.key)
        text += (text.empty() ? "" : " AND ") + quoted(table.columns[column].name) + " = ?";
    return text;
}

}  // namespace

void SessionCore::read_columns(Node* node, Statement& row) {
    try {
        row.read(node->table->columns, 0, node->object());
    } catch (const ColumnError& error) {
        throw ValueError(std::string{node->table->class_name} + "." + node->table->columns[error.column()].member +
            " " + error.what() + " (as read from table \"" + node->table->name + "\")");
    }
}

Key key_of_row(const Table& table, std::span<const std::size_t> columns, Statement& row, int first) {
    const auto value = [&](std::size_t i) {
        return row.column(first + static_cast<int>(columns[i]), table.columns[columns[i]].type->kind);
    };
    if (columns.size() == 1) return to_key(value(0));
    std::vector<ValueView> values;
    for (std::size_t i = 0; i < columns.size(); ++i) values.push_back(value(i));
    return to_key(values);
}

Node* SessionCore::node_of_row(const Table& table, Statement& row) {
    const Key key = key_of_row(table, table.key, row, 0);
    IdentityMap& known_objects = identities(table);
    if (Node* known = known_objects.find(key)) {
        if ((known->flags & Node::expired) != 0) take_expired_row(known, row);
        return known;
    }
    Node* node = graph_->create(table);
    read_columns(node, row);
    if (transaction_->is_writer(*this)) undo_.read.push_back(node);
    node->flags |= Node::persistent | Node::held;
    known_objects.insert(key, node);
    return node;
}

std::vector<Node*> SessionCore::select(const Table& table, const std::string& sql, const void* query,
    void (*bind)(const void*, Parameters&), const std::vector<LoadPlan>& loaders) {
    autoflush();
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

void SessionCore::select_in(const std::string& sql, const Table& table, std::span<const std::size_t> columns,
    const std::vector<Value>& values, const std::function<void(Statement&)>& take_row) {
    const std::size_t width = columns.size();
    std::vector<Kind> kinds;
    for (const std::size_t column : columns) kinds.push_back(table.columns[column].type->kind);
    for (std::size_t first = 0; first < values.size(); first += keys_per_select * width) {
        Statement& statement = prepare(sql);
        const StatementUse use{statement};
        const auto part = std::span{values}.subspan(first, std::min(keys_per_select * width, values.size() - first));
        if (width == 1) statement.bind_list(1, part, kinds.front());
        else statement.bind_rows(1, part, kinds);
        while (statement.step()) take_row(statement);
    }
}

std::vector<Node*> SessionCore::load_rows(const Table& table, std::span<const std::size_t> columns,
    std::span<const OrderTerm> order, const std::vector<Value>& values) {
    std::vector<Node*> nodes;
    if (values.empty()) return nodes;
    const std::string sql = "SELECT " + table.select_list() + " FROM " + quoted(table.name) + " WHERE " +
        in_list(transaction_->dialect(), table, columns) + order_by(table, order);
    select_in(sql, table, columns, values, [&](Statement& row) { nodes.push_back(node_of_row(table, row)); });
    return nodes;
}

void SessionCore::reload(Node* node) {
    const Table& table = *node->table;
    Statement& statement =
        prepare("SELECT " + table.select_list() + " FROM " + quoted(table.name) + " WHERE " + key_condition(table));
    const StatementUse use{statement};
    Scratch scratch;
    int position = 0;
    for (const std::size_t column : table.key)
        statement.bind(
            ++position, table.columns[column].type->view(node->member(table.columns[column].offset), scratch));
    if (!statement.step()) throw ObjectDeleted(describe(node) + " was deleted in the meantime");
    take_expired_row(node, statement);
}

void SessionCore::reload_all(const std::vector<Node*>& nodes) {
    std::unordered_map<const Table*, std::unordered_map<Key, Node*, KeyHash>> wanted;
    for (Node* node : nodes) {
        if (node->is_hashed()) hash_columns(node);  // what was assigned is to be lost
        for (const Relation& relation : node->table->relations)
            if (relation.to_one()) RelationAccess::set_changed(RelationAccess::one(node, relation), false);
        expired_columns_.erase(node);
        node->flags |= Node::expired;
        wanted[node->table].emplace(key_of(node), node);
    }
    for (const auto& [table, of_table] : wanted) {
        std::vector<Value> keys;
        for (const auto& [key, node] : of_table)
            for (Value& value : key_values(key)) keys.push_back(std::move(value));
        load_rows(*table, table->key, {}, keys);  // takes the rows of expired objects over
    }
}

void SessionCore::take_row(Node* node, Statement& row) {
    const Table& table = *node->table;
    read_columns(node, row);
    node->flags &= ~std::uint32_t{Node::expired};
    if (node->is_hashed()) hash_columns(node);
    for (const Relation& relation : table.relations) {
        if (!relation.to_one()) continue;
        // The object that the foreign key names now is the one that is there already, is at hand, or has to be loaded
        // when it is needed.
        const OneBase& one = RelationAccess::one(node, relation);
        if (!RelationAccess::loaded(one) || RelationAccess::changed(one)) continue;
        const auto key = key_in(node, relation.local_columns);
        Node* target = key ? find(*relation.target, *key) : nullptr;
        if (RelationAccess::target(one) != target || (!target && key)) relink(node, relation, target, target || !key);
    }
}

void SessionCore::load_on_access(Node* owner, const Relation& relation) {
    check_thread();
    autoflush();
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
    if (!unloaded.empty()) {
        switch (relation.direction) {
            case Direction::many_to_one: load_targets(unloaded, relation); break;
            case Direction::one_to_many: load_collections(unloaded, relation); break;
            case Direction::many_to_many: load_linked(unloaded, relation); break;
        }
    }
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

namespace {

/// Owners by key, and their keys as values for a statement.
struct Owners {
    std::unordered_map<Key, Node*, KeyHash> by_key{};
    std::vector<Value> keys{};

    explicit Owners(const std::vector<Node*>& owners) {
        by_key.reserve(owners.size());
        for (Node* owner : owners) {
            Key key = key_of(owner);
            for (Value& value : key_values(key)) keys.push_back(std::move(value));
            by_key.emplace(std::move(key), owner);
        }
    }
    [[nodiscard]] Node* find(const std::optional<Key>& key) const {
        const auto found = key ? by_key.find(*key) : by_key.end();
        return found == by_key.end() ? nullptr : found->second;
    }
};

/// Adds to what is being loaded, without any effect on the other side.
void put_item(Node* owner, const Relation& relation, Node* item) {
    if (!relation.many) {
        RelationAccess::put(RelationAccess::one(owner, relation), item);
        return;
    }
    ManyBase& collection = RelationAccess::many(owner, relation);
    RelationAccess::insert(collection, RelationAccess::items(collection).size(), item);
}

}  // namespace

void SessionCore::begin_collections(const std::vector<Node*>& owners, const Relation& relation) {
    for (Node* owner : owners) {
        if (relation.many) RelationAccess::put(RelationAccess::many(owner, relation), {});
        else RelationAccess::put(RelationAccess::one(owner, relation), nullptr);
        if (transaction_->is_writer(*this)) undo_.collections.emplace_back(owner, &relation);
    }
}

void SessionCore::load_collections(const std::vector<Node*>& owners, const Relation& relation) {
    const Owners known{owners};
    const auto items = load_rows(*relation.target, relation.remote_columns, relation.order, known.keys);
    begin_collections(owners, relation);
    const auto take = [&](Node* item) {
        // An object that was in memory already may have been moved to another owner.
        const OneBase* one = relation.reverse ? &RelationAccess::one(item, *relation.reverse) : nullptr;
        Node* owner = one && RelationAccess::changed(*one) ? RelationAccess::target(*one)
                                                           : known.find(key_in(item, relation.remote_columns));
        if (!owner || (item->flags & (Node::removing | Node::deleted)) != 0) return;
        if (!relation.many && RelationAccess::target(RelationAccess::one(owner, relation))) return;
        put_item(owner, relation, item);
        if (relation.reverse && !RelationAccess::loaded(*one))
            RelationAccess::put(RelationAccess::one(item, *relation.reverse), owner);
    };
    for (Node* item : items) take(item);
    if (!relation.reverse) return;
    for (Node* item : pending_) {  // what autoflush has not written
        if (item->table != relation.target) continue;
        Node* owner = RelationAccess::target(RelationAccess::one(item, *relation.reverse));
        if (owner && std::ranges::count(owners, owner) != 0) put_item(owner, relation, item);
    }
}

void SessionCore::load_linked(const std::vector<Node*>& owners, const Relation& relation) {
    const Table& table = *relation.target;
    const LinkTable& link = *relation.link;
    const Owners known{owners};
    std::string owner_key;
    for (const std::size_t column : link.owner_columns)
        owner_key += ", " + quoted(link.table->name) + '.' + quoted(link.table->columns[column].name);
    const std::string sql = "SELECT " + table.select_list() + owner_key + " FROM " + quoted(link.table->name) +
        " JOIN " + quoted(table.name) + " ON " +
        join_condition(table, relation.remote_columns, *link.table, link.target_columns) + " WHERE " +
        in_list(transaction_->dialect(), *link.table, link.owner_columns) + order_by(table, relation.order);
    begin_collections(owners, relation);
    const int behind = static_cast<int>(table.columns.size());
    select_in(sql, *link.table, link.owner_columns, known.keys, [&](Statement& row) {
        std::vector<ValueView> key;
        for (std::size_t i = 0; i < link.owner_columns.size(); ++i)
            key.push_back(
                row.column(behind + static_cast<int>(i), link.table->columns[link.owner_columns[i]].type->kind));
        Node* owner = known.find(to_key(key));
        Node* item = node_of_row(table, row);
        if (owner && (item->flags & (Node::removing | Node::deleted)) == 0) put_item(owner, relation, item);
    });
}

void SessionCore::load_targets(const std::vector<Node*>& owners, const Relation& relation) {
    const Table& table = *relation.target;
    std::vector<Value> wanted;
    std::unordered_set<Key, KeyHash> asked;
    for (const Node* owner : owners) {
        auto key = key_in(owner, relation.local_columns);
        if (!key || find(table, *key)) continue;
        if (!asked.insert(*key).second) continue;
        for (Value& value : key_values(*key)) wanted.push_back(std::move(value));
    }
    load_rows(table, table.key, {}, wanted);
    for (Node* owner : owners) {
        const auto key = key_in(owner, relation.local_columns);
        RelationAccess::put(RelationAccess::one(owner, relation), key ? find(table, *key) : nullptr);
    }
}

}  // namespace tandem::orm

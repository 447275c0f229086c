// Where loading begins: queries, access to a relation, objects that are read again.
#include <algorithm>

#include <tandem/orm/error.hpp>

#include "column_hashes.hpp"
#include "joined_loading.hpp"
#include "key_list.hpp"
#include "load_operation.hpp"
#include "session_core.hpp"
#include "text_cache.hpp"

namespace tandem::orm {

Key key_of_row(const Table& table, std::span<const std::size_t> columns, Statement& row, int first) {
    std::vector<ValueView> values;
    for (const std::size_t column : columns)
        values.push_back(row.column(first + static_cast<int>(column), table.columns[column].type->kind));
    return to_key(values);
}

void SessionCore::select(const RootQuery& query, TakeNodes take, void* out) {
    autoflush();
    const std::shared_ptr<const LoadOptions>& asked = query.state().options.get();
    LoadOperation operation{*this, asked};
    if (asked && asked->populate_existing) operation.populate_existing();
    operation.run(query, take, out);
}

const SessionCore::OneLoad& SessionCore::one_load(const Table& table) {
    if (one_load_.table == &table) return one_load_;
    const ObjectShape shape = shape_of(table, {});
    static constexpr char purpose = 0;
    SharedText text = cached_text(TextKey{}.add(&purpose).add(&table).add(&dialect()), [&] {
        std::string sql = "SELECT " + shape.select_list(table.name) + " FROM " + quoted(table.name);
        const char* glue = " WHERE ";
        for (const std::size_t column : table.key)
            sql += std::exchange(glue, " AND ") + quoted(table.columns[column].name) + " = ?";
        return sql;
    });
    one_load_ = {&table, std::move(text), shape.missing.empty(), loads_by_default(table)};
    return one_load_;
}

Node* SessionCore::load_one(const Table& table, std::span<const ValueView> key) {
    autoflush();
    require_ready();  // a hook that runs as the transaction begins may load from another table
    const OneLoad& load = one_load(table);
    const auto is_decimal = [](const ValueView& value) { return value.kind() == Kind::decimal; };  // of any scale
    if (load.brings_others || std::ranges::any_of(key, is_decimal)) {
        KeyList keys{dialect(), table, table.key};
        keys.add(to_key(key));
        const auto rows = LoadOperation{*this, nullptr}.load_by_key(table, keys);
        return rows.empty() ? nullptr : rows.front();
    }
    const bool reads_one = load.is_whole && table.integer_key && key.front().kind() == Kind::integer;
    Statement& statement = prepare(*load.sql);
    const StatementUse use{statement};
    int index = 0;
    for (const ValueView& value : key) statement.bind(++index, value);
    if (!statement.step()) return nullptr;
    if (reads_one) return ObjectReader::read_one(*this, table, statement, key.front().integer());
    return ObjectReader{*this, shape_of(table, {}), 0, {}}.read(statement);
}

void SessionCore::load_on_access(Node* owner, const Relation& relation) {
    check_thread();
    autoflush();
    if (is_loaded_relation(owner, relation)) return;
    note_lazy_load(owner, relation);
    const Origin* from = origin(origin_of(owner));
    const LoadPlan* plan = from ? plan_for(from->plans, relation) : nullptr;
    LoadOperation operation{*this, from ? from->options : nullptr};
    operation.load({owner}, relation, plan, Loading::selectin, origin_of(owner));
}

std::vector<Node*> SessionCore::load_rows(const Table& table, std::span<const std::size_t> columns,
    std::span<const OrderTerm> order, const std::vector<Value>& values) {
    std::vector<Node*> nodes;
    KeyList keys{dialect(), table, columns};
    for (const Value& value : values) keys.add_value(value);
    const ObjectShape shape = shape_of(table, {});
    std::string sql = "SELECT " + shape.select_list(table.name) + " FROM " + quoted(table.name) + " WHERE " +
        keys.condition(table.name);
    const char* glue = " ORDER BY ";
    const auto add_term = [&](std::size_t column, bool descending) {
        sql += std::exchange(glue, ", ") + quoted(table.name) + '.' + quoted(table.columns[column].name) +
            (descending ? " DESC" : "");
    };
    for (const OrderTerm& term : order) add_term(term.column, term.descending);
    for (const std::size_t column : table.key) add_term(column, false);
    ObjectReader reader{*this, shape, 0, {}};
    keys.each_part(*this, sql, all_keys, [&](Statement& row) { nodes.push_back(reader.read(row)); });
    return nodes;
}

std::vector<Node*> SessionCore::related_rows(const std::vector<Node*>& owners, const Relation& relation) {
    const Table& table = *relation.target;
    std::vector<Value> keys;
    const auto add_keys = [&keys](const Key& key) {
        for (Value& value : key_values(key)) keys.push_back(std::move(value));
    };
    if (relation.to_one()) {
        for (const Node* owner : owners)
            if (const auto key = key_in(owner, relation.local_columns)) add_keys(*key);
        return load_rows(table, relation.remote_columns, {}, keys);
    }
    for (const Node* owner : owners) add_keys(key_of(owner));
    if (!relation.link) return load_rows(table, relation.remote_columns, relation.order, keys);

    const LinkTable& link = *relation.link;
    KeyList list{dialect(), *link.table, link.owner_columns};
    for (const Value& value : keys) list.add_value(value);
    std::string joined;
    for (std::size_t i = 0; i < relation.remote_columns.size(); ++i)
        joined += (i == 0 ? " ON " : " AND ") + quoted(table.name) + '.' +
            quoted(table.columns[relation.remote_columns[i]].name) + " = " + quoted("tandem_link") + '.' +
            quoted(link.table->columns[link.target_columns[i]].name);
    const ObjectShape shape = shape_of(table, {});
    const std::string sql = "SELECT DISTINCT " + shape.select_list(table.name) + " FROM " + quoted(link.table->name) +
        " AS " + quoted("tandem_link") + " JOIN " + quoted(table.name) + joined + " WHERE " +
        list.condition("tandem_link");
    std::vector<Node*> nodes;
    ObjectReader reader{*this, shape, 0, {}};
    list.each_part(*this, sql, all_keys, [&](Statement& row) { nodes.push_back(reader.read(row)); });
    return nodes;
}

void SessionCore::reload(Node* node) {
    const Table& table = *node->table;
    const ObjectShape shape{.table = &table};
    std::string sql = "SELECT " + table.select_list() + " FROM " + quoted(table.name);
    const char* glue = " WHERE ";
    for (const std::size_t column : table.key)
        sql += std::exchange(glue, " AND ") + quoted(table.columns[column].name) + " = ?";
    Statement& statement = prepare(sql);
    const StatementUse use{statement};
    Parameters parameters{statement};
    Scratch scratch;
    for (const std::size_t column : table.key)
        parameters.add(table.columns[column].type->view(node->member(table.columns[column].offset), scratch));
    if (!statement.step()) throw ObjectDeleted(describe(node) + " was deleted in the meantime");
    take_expired_row(node, statement, shape, 0, nullptr);
}

void SessionCore::reload_all(const std::vector<Node*>& nodes) {
    std::unordered_map<const Table*, std::vector<Value>> wanted;
    for (Node* node : nodes) {
        if (node->is_hashed()) hash_lost_columns(node);  // what was assigned
        for (const Relation& relation : node->table->relations)
            if (relation.to_one()) RelationAccess::set_changed(RelationAccess::one(node, relation), false);
        expired_columns_.erase(node);
        node->flags |= Node::expired;
        for (Value& value : key_values(key_of(node))) wanted[node->table].push_back(std::move(value));
    }
    for (const auto& [table, keys] : wanted)
        load_rows(*table, table->key, {}, keys);  // takes the rows of expired objects over
}

void SessionCore::take_row(Node* node, Statement& row) { take_row(node, row, {.table = node->table}, 0, nullptr); }

void SessionCore::take_row(Node* node, Statement& row, const ObjectShape& shape, int first,
    const std::shared_ptr<const DeferredColumns>& deferred) {
    read_columns(node, row, shape, first);
    if ((node->flags & Node::expired) != 0 || shape.missing.empty()) {
        forget_deferred(node);
        if (deferred) {
            graph_->deferred.insert_or_assign(node, deferred);
            node->flags |= Node::partial;
        }
    }
    node->flags &= ~std::uint32_t{Node::expired};
    if (node->is_hashed()) hash_columns(node);
    for (const Relation& relation : node->table->relations) {
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

void SessionCore::apply_loaders(
    const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>& loaders) {
    LoadOperation{*this, nullptr}.apply(nodes, table, &loaders, 0);
}

void SessionCore::load_relation(
    const std::vector<Node*>& owners, const Relation& relation, const std::vector<LoadPlan>& nested) {
    const LoadPlan plan{.relation = &relation, .loading = Loading::selectin, .nested = nested};
    LoadOperation operation{*this, nullptr};
    operation.ignore_criteria();
    operation.load(owners, relation, &plan, Loading::selectin, 0);
}

}  // namespace tandem::orm

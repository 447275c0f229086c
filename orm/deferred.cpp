// Columns that are read when an object is first used: for all objects of its result at once.
#include <algorithm>

#include <tandem/orm/attributes.hpp>
#include <tandem/orm/error.hpp>

#include "column_hashes.hpp"
#include "graph.hpp"
#include "key_list.hpp"
#include "object_reader.hpp"

namespace tandem::orm {
namespace {

/// Takes hashes of columns that were read after the others, so that they do not count as changed.
void rehash(Node* node, std::span<const std::size_t> columns) {
    if (!node->is_hashed()) return;
    for (const std::size_t i : columns) hashes_of(node)[i] = hash_column(node, i);
}

std::string column_list(const Table& table, std::span<const std::size_t> columns) {
    std::string names;
    for (const std::size_t i : columns) names += (names.empty() ? "" : ", ") + std::string{table.columns[i].member};
    return names;
}

}  // namespace

std::span<const std::size_t> deferred_columns(const Node* node) {
    if ((node->flags & Node::partial) == 0) return {};
    return graph_of(node).deferred.at(node)->columns;
}
void forget_deferred(Node* node) {
    // What was deferred is kept in mind: undoing a step may make it deferred again.
    node->flags &= ~std::uint32_t{Node::partial};
}

void read_deferred(Node* node) {
    if (in_session(node)) {
        graph_of(node).session->load_deferred(node);
        return;
    }
    const auto columns = deferred_columns(node);
    const std::string name{node->table->class_name};
    throw DetachedError(name + "." + column_list(*node->table, columns) + " of " + describe(node) +
        " was deferred, and no session holds the object; read it with the query: .options(undefer(" + name + "::c." +
        node->table->columns[columns.front()].member + ")), or one loaded column with value_of(object, column)");
}

void open_column(Node* node, const Table& table, const Column& column) {
    if ((node->flags & (Node::deleted | Node::expired)) != 0) touch(node);
    const auto wanted = static_cast<std::size_t>(&column - table.columns.data());
    const auto deferred = deferred_columns(node);
    if (std::ranges::find(deferred, wanted) != deferred.end()) read_deferred(node);
}

void SessionCore::fill_deferred(Node* node, Statement& row, const ObjectShape& shape, int first) {
    const std::vector<std::size_t> columns = graph_->deferred.at(node)->columns;
    const auto is_read = [&](std::size_t column) { return shape.place_of(column) < shape.width(); };
    if (!std::ranges::all_of(columns, is_read)) return;
    for (const std::size_t i : columns) {
        ObjectShape one{.table = node->table, .picked = {i}};
        read_columns(node, row, one, first + static_cast<int>(shape.place_of(i)));
    }
    rehash(node, columns);
    forget_deferred(node);
}

void SessionCore::load_deferred(Node* node) {
    const auto group = graph_->deferred.at(node);  // keeps it alive
    const Table& table = *node->table;
    check_thread();
    autoflush();
    std::vector<Node*> nodes;
    for (const auto& [other, columns] : graph_->deferred)
        if (columns == group &&
            (other->flags & (Node::held | Node::deleted | Node::partial)) == (Node::held | Node::partial))
            nodes.push_back(const_cast<Node*>(other));  // NOLINT: the map only looks at it
    ObjectShape shape{.table = &table, .picked = table.key};
    shape.picked.insert(shape.picked.end(), group->columns.begin(), group->columns.end());
    KeyList keys{dialect(), table, table.key};
    for (const Node* other : nodes) keys.add(key_of(other));
    const std::string sql = "SELECT " + shape.select_list(table.name) + " FROM " + quoted(table.name) + " WHERE " +
        keys.condition(table.name);
    keys.each_part(*this, sql, keys_per_select, [&](Statement& row) {
        std::vector<ValueView> key;
        for (std::size_t i = 0; i < table.key.size(); ++i)
            key.push_back(row.column(static_cast<int>(i), table.columns[table.key[i]].type->kind));
        Node* found = find(table, to_key(key));
        if (found && (found->flags & Node::partial) != 0) fill_deferred(found, row, shape, 0);
    });
    if ((node->flags & Node::partial) != 0) throw ObjectDeleted(describe(node) + " was deleted in the meantime");
}

}  // namespace tandem::orm

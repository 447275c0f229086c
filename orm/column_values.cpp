#include "column_values.hpp"

#include <algorithm>

#include <tandem/orm/set_null.hpp>

#include "column_hashes.hpp"
#include "graph.hpp"
#include "identity_map.hpp"

namespace tandem::orm {
namespace {

bool is_null(const Node* node, const Column& column) {
    if (!column.type->nullable) return false;
    Scratch scratch;
    return column.type->view(node->member(column.offset), scratch).is_null();
}

bool is_explicit_null(const Node* node, const Column& column) {
    const auto found = graph_of(node).explicit_nulls.find(node);
    return found != graph_of(node).explicit_nulls.end() && std::ranges::count(found->second, &column) != 0;
}

/// Makes a key that has no value; false when only the database can.
bool make_key(Node* node, const Column& column) {
    void* member = node->member(column.offset);
    if (column.client_default) column.client_default(member);
    else if (column.type->generate) column.type->generate(member);
    return !column.type->is_unset(member);
}

[[noreturn]] void throw_no_key(const Table& table, const Column& column) {
    throw ArgumentError(std::string{table.class_name} + "." + column.member +
        " is a key that the database does not make: give it a value before the object is stored, or a default_value() "
        "(client_key if an empty one is meant)");
}

}  // namespace

/// Sees to the key of one column: whether the database makes it.
static bool prepare_key(Node* node, bool& generated) {
    const Table& table = *node->table;
    const Column& key = table.key_column();
    const std::int64_t* number = integer_key(node);
    generated = !key.client_key && (number ? *number == 0 : key.type->is_unset(node->member(key.offset)));
    if (!generated || make_key(node, key)) return false;
    if (!table.integer_key && !key.server_default) throw_no_key(table, key);
    return true;
}

void prepare_insert(Node* node, InsertColumns& result) {
    const Table& table = *node->table;
    result.generated_key = false;
    const bool is_key_made = table.key.size() == 1 && prepare_key(node, result.generated_key);
    if (!table.has_defaults) {
        result.given = std::span{table.key_first}.subspan(is_key_made ? 1 : 0);
        result.returned = std::span{table.key_first}.first(is_key_made ? 1 : 0);
        return;
    }
    auto& given = result.own_given;
    auto& returned = result.own_returned;
    given.clear();
    returned.clear();
    for (const std::size_t i : table.key_first) {
        const Column& column = table.columns[i];
        bool filled_by_database = false;
        if (column.primary_key && table.key.size() == 1) {
            filled_by_database = is_key_made;
        } else if ((column.client_default || column.server_default) && is_null(node, column) &&
            !is_explicit_null(node, column)) {
            if (column.client_default) column.client_default(node->member(column.offset));
            else filled_by_database = true;
        }
        (filled_by_database ? returned : given).push_back(i);
    }
    result.given = given;
    result.returned = returned;
}

bool is_column_changed(const Node* node, std::size_t i) {
    try {
        return hash_column(node, i) != hashes_of(node)[i];
    } catch (...) { return true; }  // a codec may throw anything
}

void apply_on_update(Node* node, std::vector<std::size_t>& changed, std::vector<std::uint64_t>& hashes) {
    const Table& table = *node->table;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (!column.on_update || std::ranges::count(changed, i) != 0) continue;
        column.on_update(node->member(column.offset));
        hashes[i] = hash_column(node, i);
        changed.push_back(i);
    }
    std::ranges::sort(changed);
}

void unset_key(Node* node) {
    const Column& key = node->table->key_column();
    key.type->reset(node->member(key.offset));
}

void set_null(Node* node, const Column& column) {
    touch(node);
    column.type->assign(node->member(column.offset), ValueView{});
    const bool is_new = (node->flags & (Node::persistent | Node::deleted)) == 0;
    if (is_new && !is_explicit_null(node, column)) graph_of(node).explicit_nulls[node].push_back(&column);
}

}  // namespace tandem::orm

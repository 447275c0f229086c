#include "object_shape.hpp"

#include <algorithm>

namespace tandem::orm {
namespace {

/// What an object cannot be without: who it is, what it leads to, and which version it is.
bool is_needed(const Table& table, std::size_t column) {
    if (table.is_key(column) || table.columns[column].version) return true;
    const auto joins = [&](const ForeignKey& key) { return std::ranges::count(key.columns, column) != 0; };
    if (std::ranges::any_of(table.foreign_keys, joins)) return true;
    return std::ranges::any_of(table.relations,
        [&](const Relation& relation) { return std::ranges::count(relation.local_columns, column) != 0; });
}

}  // namespace

std::size_t ObjectShape::place_of(std::size_t column) const {
    if (picked.empty()) return column;
    return static_cast<std::size_t>(std::ranges::find(picked, column) - picked.begin());
}

std::string ObjectShape::select_list(std::string_view prefix) const {
    std::string list;
    for (std::size_t i = 0; i < width(); ++i)
        list += (i == 0 ? "" : ", ") + quoted(prefix) + '.' + quoted(table->columns[column_at(i)].name);
    return list;
}

ObjectShape shape_of(const Table& table, std::span<const ColumnChoice> choices) {
    ObjectShape shape{.table = &table};
    const auto is_mine = [&](const ColumnChoice& choice) { return choice.table == &table; };
    const bool chosen = std::ranges::any_of(choices, is_mine);
    if (!chosen && std::ranges::none_of(table.columns, &Column::deferred)) return shape;

    const auto says_only = [&](const ColumnChoice& c) { return is_mine(c) && c.kind == ColumnChoice::Kind::only; };
    const bool only = std::ranges::any_of(choices, says_only);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        bool deferred = only || table.columns[i].deferred;
        for (const ColumnChoice& choice : choices)
            if (is_mine(choice) && choice.column == i) deferred = choice.kind == ColumnChoice::Kind::defer;
        (deferred && !is_needed(table, i) ? shape.missing : shape.picked).push_back(i);
    }
    if (shape.missing.empty()) shape.picked.clear();
    return shape;
}

}  // namespace tandem::orm

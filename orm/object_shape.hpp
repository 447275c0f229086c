// Which columns of a table's rows a statement reads, and where they stand in the row.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/orm/loader.hpp>

namespace tandem::orm {

struct ObjectShape {
    const Table* table = nullptr;
    std::vector<std::size_t> picked{};   ///< columns, in the order of the row; empty: all
    std::vector<std::size_t> missing{};  ///< the others

    [[nodiscard]] std::size_t width() const { return picked.empty() ? table->columns.size() : picked.size(); }
    [[nodiscard]] std::size_t column_at(std::size_t place) const { return picked.empty() ? place : picked[place]; }
    /// Where a column that is read stands in the row.
    [[nodiscard]] std::size_t place_of(std::size_t column) const;
    /// The columns, quoted and qualified by `prefix`.
    [[nodiscard]] std::string select_list(std::string_view prefix) const;
};

/// What is read of a table's rows by a query that made these choices; choices for other tables do not count.
[[nodiscard]] ObjectShape shape_of(const Table& table, std::span<const ColumnChoice> choices);

}  // namespace tandem::orm

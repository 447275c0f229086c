// What the parts of query texts share.
#pragma once

#include <string_view>

#include <tandem/orm/expression.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

/// What a table's columns are qualified by.
[[nodiscard]] std::string_view name_of_source(const SqlWriter& out, const Table& table, const char* alias);

}  // namespace tandem::orm

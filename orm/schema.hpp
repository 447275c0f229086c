// CREATE statements of the models.
#pragma once

#include <string>
#include <vector>

#include "driver/driver.hpp"

namespace tandem::orm {

/// Statements that make every table and index that does not exist yet, in dependency order. Constraints have names
/// derived from table and column.
[[nodiscard]] std::vector<std::string> create_statements(const Dialect& dialect);

}  // namespace tandem::orm

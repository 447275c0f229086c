// The SQLite driver: the only place that knows sqlite3.h.
#pragma once

#include "driver/driver.hpp"

namespace tandem::orm {

/// Opens `path`, or a database in memory shared by this driver's connections when `path` is ":memory:".
[[nodiscard]] std::unique_ptr<Driver> make_sqlite_driver(std::string path);
[[nodiscard]] const Dialect& sqlite_dialect();

}  // namespace tandem::orm

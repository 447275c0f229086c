// The SQLite driver. The files driver/sqlite* are the only ones that know sqlite3.h.
#pragma once

#include <chrono>

#include "driver/driver.hpp"

namespace tandem::orm {

/// Opens `path`, or a database in memory shared by this driver's connections when `path` is ":memory:".
/// `busy_timeout` is how long a statement waits for another program's lock.
[[nodiscard]] std::unique_ptr<Driver> make_sqlite_driver(std::string path, std::chrono::milliseconds busy_timeout);
[[nodiscard]] const Dialect& sqlite_dialect();

}  // namespace tandem::orm

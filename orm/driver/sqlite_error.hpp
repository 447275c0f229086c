// SQLite's error codes as the errors of the ORM.
#pragma once

#include <string_view>

struct sqlite3;

namespace tandem::orm {

/// Throws the Error for what went wrong last on `db`, saying what to do about it.
[[noreturn]] void throw_sqlite(sqlite3* db, int code, std::string_view sql);
/// Whether a connection is better closed after this error.
[[nodiscard]] bool spoils_connection(int code);

}  // namespace tandem::orm

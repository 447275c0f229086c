// Whole results in one step: rows handed out from inside SQLite's loop instead of one sqlite3_step() each.
//
// A SELECT whose rows are all wanted, in any order, gives the same values when its columns are the arguments of an
// aggregate function: `SELECT a, b FROM t` and `SELECT tandem_rows(a, b) FROM t`. SQLite calls that function once per
// row, with the values at hand, which saves the way out of the loop and back and a look-up per column.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "driver/driver.hpp"

namespace tandem::orm {

class SqliteStatement;

/// The function, for one connection.
class SqliteRows {
public:
    /// Makes the function known to the connection, which must not outlive this.
    void add_to(sqlite3* db);

    /// The text that hands its rows to the function; nothing where the list of columns cannot be told from the rest, or
    /// is too long.
    [[nodiscard]] static std::optional<std::string> collecting(std::string_view sql);
    /// The text from which collecting() made this one; others stay as they are.
    [[nodiscard]] static std::string as_written(std::string_view sql);

    /// Steps the statement, of a text that collecting() made, and hands out its rows. Throws what `take` throws.
    void run(SqliteStatement& statement, const RowTaker& take);

private:
    struct Run {
        SqliteStatement& statement;
        const RowTaker& take;
        std::exception_ptr error{};
    };
    static void take_row(sqlite3_context* context, int count, sqlite3_value** values);
    Run* run_ = nullptr;  ///< the one that waits for its next row; null while it takes one
};

}  // namespace tandem::orm

// Many rows written by one statement: SQLite runs a loop of its own over objects in memory.
//
// `INSERT INTO t (a) VALUES (?)`, once per object, and `INSERT INTO t (a) SELECT tandem_value(0, n) FROM tandem_batch`
// write the same rows; so do `UPDATE t SET a = ? WHERE id = ?` and `UPDATE t SET a = tandem_value(0, id) WHERE id IN
// (SELECT key FROM tandem_batch)`. The table `tandem_batch` has a row per object, and tandem_value() gives the value of
// a member. What a statement costs to begin and to end, more than half of a row's time, is paid once.
//
// Where anything is in the way nothing is written, and the caller writes row by row: whatever is wrong is found there
// again, with the object at fault.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "driver/driver.hpp"

namespace tandem::orm {

class SqliteStatement;

/// The table and the function, for one connection.
class SqliteBatch {
public:
    /// Makes them known to the connection, which must not outlive this.
    void add_to(sqlite3* db);

    /// The texts for many rows, of those for one; nothing where they do not have the form that the engine writes.
    [[nodiscard]] static std::optional<std::string> inserting(std::string_view sql);
    [[nodiscard]] static std::optional<std::string> updating(std::string_view sql);

    /// Whether a statement of such a text runs: a value's codec may want to run another one.
    [[nodiscard]] bool is_writing() const { return batch_ != nullptr; }
    /// Runs a statement of such a text for the rows. Says whether it wrote each of them; what it wrote is to be undone
    /// if not. Throws what ended the transaction.
    bool insert(SqliteStatement& statement, const WriteBatch& batch, std::int64_t* keys);
    bool update(SqliteStatement& statement, const WriteBatch& batch);

private:
    struct Cursor;
    struct Module;
    static void give_value(sqlite3_context* context, int count, sqlite3_value** arguments);
    void give_value(sqlite3_context* context, std::size_t parameter, std::int64_t row_or_key);
    /// The place of the object with this key; nothing when there is none.
    [[nodiscard]] std::optional<std::size_t> place_of(std::int64_t key);
    bool run(SqliteStatement& statement, const WriteBatch& batch);

    sqlite3* db_ = nullptr;
    const WriteBatch* batch_ = nullptr;     ///< being written; null: none
    std::int64_t* made_keys_ = nullptr;     ///< where the keys go that the database makes
    std::span<const std::int64_t> keys_{};  ///< of the objects to be updated, ascending
    std::size_t at_ = 0;                    ///< the object asked for last
};

}  // namespace tandem::orm

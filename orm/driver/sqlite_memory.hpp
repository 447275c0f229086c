// Databases in memory that the connections of one driver share, as a file system of SQLite (a VFS).
//
// SQLite's own memdb locks like a file with a rollback journal: one open reader keeps every writer from committing.
// Here each reader sees the database as it was when it began, whatever is committed meanwhile, as WAL does it for
// files; and a reader that turns writer after a newer commit is told so (SQLITE_BUSY_SNAPSHOT). The contents are kept
// in blocks with their older versions chained behind them for as long as somebody may still read those.
#pragma once

#include <memory>
#include <string>

namespace tandem::orm {

class MemoryStore;

/// A database in memory; gone with the last of this and its connections.
class MemoryDatabase {
public:
    MemoryDatabase();
    /// What sqlite3_open_v2 takes, with SQLITE_OPEN_URI.
    [[nodiscard]] const std::string& uri() const { return uri_; }

private:
    std::shared_ptr<MemoryStore> store_;
    std::string uri_;
};

/// The words to say first on each of its connections: what makes it nearly as fast as SQLite's private ":memory:".
inline constexpr const char* memory_pragmas =
    "PRAGMA page_size = 1024; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY";

}  // namespace tandem::orm

// What tests need around the ORM: database files, and SQLite itself as the oracle for what is stored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/orm.hpp>

struct sqlite3;

/// A folder that goes with the test.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// A connection of its own, which knows nothing of Tandem. Rows are read as texts, columns joined by "|", NULL as
/// "null".
class Oracle {
public:
    explicit Oracle(const std::string& file);
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;
    ~Oracle();
    void run(const std::string& sql);
    [[nodiscard]] std::vector<std::string> rows(const std::string& sql);
    /// The only row, or "" when there is none.
    [[nodiscard]] std::string row(const std::string& sql);

private:
    sqlite3* db_ = nullptr;
};

/// A database file with all tables, and the oracle beside it.
class Fixture {
public:
    Fixture();
    [[nodiscard]] std::string file() const { return (folder_.path() / "test.db").string(); }

private:
    TemporaryFolder folder_{};

public:
    tandem::Database db;
    Oracle oracle;
};

/// Fixture with the data of the blog: users 1 ana, 2 ben, 3 cy, 4 dee; posts p1 (ana), p2 p3 p4 (ben), p5 (cy); flags
/// f1 to f6.
class BlogFixture : public Fixture {
public:
    BlogFixture();
};

/// Records the statements of a database, transaction control left out.
class StatementLog {
public:
    explicit StatementLog(tandem::Database& db);
    StatementLog(const StatementLog&) = delete;
    StatementLog& operator=(const StatementLog&) = delete;
    ~StatementLog();
    /// How many statements began with `word` since the last clear().
    [[nodiscard]] std::size_t count(std::string_view word) const;
    [[nodiscard]] std::size_t size() const { return statements_.size(); }
    [[nodiscard]] const std::vector<std::string>& statements() const { return statements_; }
    void clear() { statements_.clear(); }

private:
    tandem::Database& db_;
    std::vector<std::string> statements_{};
};

/// What an error of this class says; fails the test when none is thrown.
template <class E, class F>
std::string error_of(F&& f) {
    try {
        f();
    } catch (const E& error) { return error.what(); }
    throw std::logic_error("no error was thrown");
}

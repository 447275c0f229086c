// A prepared statement of SQLite. Members of the common types go between object and row without a codec, without a
// copy of their text and without a call per column that the compiler cannot see through.
#pragma once

#include <memory>
#include <vector>

#include <sqlite3.h>

#include <tandem/orm/codec.hpp>

#include "driver/driver.hpp"
#include "driver/sqlite_rows.hpp"
#include "driver/stored_time.hpp"

namespace tandem::orm {

/// What statements tell their connection.
struct SqliteHealth {
    bool sound = true;
};

class SqliteStatement final : public Statement {
public:
    SqliteStatement(sqlite3* db, SqliteHealth& health, std::string_view sql);
    /// One that hands out its rows by `rows`, where that can be done.
    static SqliteStatement whole(sqlite3* db, SqliteHealth& health, SqliteRows& rows, std::string_view sql);
    ~SqliteStatement() override { sqlite3_finalize(handle_); }

    int parameter_count() const override { return parameters_; }
    int parameter_index(std::string_view name) const override;
    std::string_view parameter_name(int index) const override;
    void bind(int index, const ValueView& value) override;
    void bind_borrowed(int index, const ValueView& value) override;
    void bind_members(std::span<const StoredMember> members, std::span<const std::size_t> picked, int first,
        const void* object) override;
    void bind_list(int index, std::span<const Value> values, Kind kind) override;
    void bind_integers(int index, std::span<const std::int64_t> values) override;
    void bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) override;
    bool step() override {
        stepped_ = true;
        const int code = sqlite3_step(handle_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        fail(code);
    }
    void each_row(const RowTaker& take) override;
    void reset() noexcept override;

    int column_count() const override { return sqlite3_column_count(as_written()); }
    std::string_view column_name(int index) const override { return sqlite3_column_name(as_written(), index); }
    ValueView column(int index, Kind wanted) override;
    ValueView column(int index) override;
    void read(std::span<const StoredMember> members, int first, void* object) override;
    void read_picked(
        std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, void* object) override;
    std::size_t longest_pattern() const override { return 50'000; }  // SQLITE_MAX_LIKE_PATTERN_LENGTH as it is built
    bool is_readonly() const override { return sqlite3_stmt_readonly(handle_) != 0; }

    /// Whether it stands on a row.
    [[nodiscard]] bool is_running() const { return stepped_ && sqlite3_stmt_busy(handle_) != 0; }
    /// Resets it if its last user did not.
    void make_ready() {
        if (stepped_) reset();
    }

private:
    friend class SqliteRows;
    SqliteStatement(sqlite3* db, SqliteHealth& health, SqliteRows& rows, std::string_view sql)
        : SqliteStatement(db, health, sql) {
        rows_ = &rows;
    }
    /// The statement that has the columns which the program asked for.
    sqlite3_stmt* as_written() const;
    sqlite3_value* value_at(int index) const { return row_ ? row_[index] : sqlite3_column_value(handle_, index); }
    [[noreturn]] void fail(int code);
    void check(int code) {
        if (code != SQLITE_OK) fail(code);
    }
    void bind_value(int index, const ValueView& value, sqlite3_destructor_type lifetime);
    int bind_text(int index, std::string_view text, sqlite3_destructor_type lifetime) {
        if (lifetime == SQLITE_TRANSIENT) holds_copies_ = true;
        return sqlite3_bind_text64(handle_, index, text.empty() ? "" : text.data(), text.size(), lifetime, SQLITE_UTF8);
    }
    int bind_time(int index, Timestamp time);
    [[gnu::always_inline]] inline void bind_real(int index, double value);
    [[gnu::always_inline]] inline bool bind_direct(int index, Direct direct, const void* member);

    sqlite3* db_;
    SqliteHealth& health_;
    sqlite3_stmt* handle_ = nullptr;
    int parameters_ = 0;
    SqliteRows* rows_ = nullptr;                          ///< hands out the rows; null: they are stepped to
    sqlite3_value** row_ = nullptr;                       ///< the row at hand, where `rows_` hands it out
    mutable std::unique_ptr<SqliteStatement> written_{};  ///< for its columns' names, once they are asked for
    bool stepped_ = false;                                ///< since the last reset
    bool holds_copies_ = false;                           ///< of bound values; they go with the next reset
    std::vector<StoredTime> times_{};  ///< room for the texts of bound times, one per parameter once one is needed
};

}  // namespace tandem::orm

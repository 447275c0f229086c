#include "driver/sqlite.hpp"

#include <algorithm>
#include <list>
#include <optional>
#include <unordered_map>

#include <sqlite3.h>

#include <tandem/orm/error.hpp>

#include "driver/sqlite_batch.hpp"
#include "driver/sqlite_error.hpp"
#include "driver/sqlite_memory.hpp"
#include "driver/sqlite_rows.hpp"
#include "driver/sqlite_statement.hpp"

namespace tandem::orm {
namespace {

constexpr std::size_t cached_statements = 256;

/// The connection's prepared statements by text; the one unused for longest goes first.
class StatementCache {
public:
    /// `rows`: what hands out whole results, where the statement is for one.
    SqliteStatement& get(sqlite3* db, SqliteHealth& health, std::string_view sql, SqliteRows* rows = nullptr) {
        // Rows are written and read in runs of one text: comparing it costs less than a look into the map.
        if (!order_.empty() && order_.front().text == sql && !order_.front().statement.is_running()) return front();
        if (const auto found = by_text_.find(sql); found != by_text_.end()) {
            // One that stands on a row is somebody's loop; it keeps its place in it, and another one is made.
            if (!found->second->statement.is_running()) {
                order_.splice(order_.begin(), order_, found->second);
                return front();
            }
            by_text_.erase(found);
        }
        if (order_.size() >= cached_statements) drop_oldest();
        order_.emplace_front(db, health, sql, rows);
        by_text_.emplace(order_.front().text, order_.begin());
        return order_.front().statement;
    }
    void clear() {
        by_text_.clear();
        order_.clear();
    }

private:
    struct Entry {
        Entry(sqlite3* db, SqliteHealth& health, std::string_view sql, SqliteRows* rows)
            : text(sql),
              statement(rows ? SqliteStatement::whole(db, health, *rows, sql) : SqliteStatement(db, health, sql)) {}
        std::string text;
        SqliteStatement statement;
    };
    SqliteStatement& front() {
        order_.front().statement.make_ready();
        return order_.front().statement;
    }
    void drop_oldest() {
        auto oldest = std::prev(order_.end());
        while (oldest != order_.begin() && oldest->statement.is_running()) --oldest;
        if (const auto found = by_text_.find(oldest->text); found != by_text_.end() && found->second == oldest)
            by_text_.erase(found);
        order_.erase(oldest);
    }
    std::list<Entry> order_{};
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_{};
};

class SqliteConnection final : public Connection {
public:
    SqliteConnection(const std::string& file, bool in_memory, std::chrono::milliseconds busy_timeout) {
        // NOMUTEX: a session owns its connection, so SQLite's own lock would only cost time.
        const int flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        const int code = sqlite3_open_v2(file.c_str(), &db_, flags, nullptr);
        try {
            if (code != SQLITE_OK)
                throw OperationalError(std::string{db_ ? sqlite3_errmsg(db_) : sqlite3_errstr(code)} +
                    "; check that its folder exists and can be written");
            sqlite3_busy_timeout(db_, static_cast<int>(std::min<std::int64_t>(busy_timeout.count(), 1'000'000'000)));
            run(in_memory ? memory_pragmas : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
            run("PRAGMA foreign_keys = ON");
            rows_.add_to(db_);
            batch_.add_to(db_);
        } catch (const OperationalError& error) {
            sqlite3_close(db_);
            throw OperationalError("cannot open the database file \"" + file + "\": " + error.what());
        } catch (...) {
            sqlite3_close(db_);
            throw;
        }
    }
    ~SqliteConnection() override {
        for (auto* word : {&begin_, &begin_immediate_, &commit_, &rollback_, &savepoint_, &release_, &batch_savepoint_,
                 &batch_release_})
            word->reset();
        statements_.clear();
        whole_statements_.clear();
        sqlite3_close(db_);
    }

    Statement& prepare(std::string_view sql) override { return statements_.get(db_, health_, sql); }
    // Observers are to see what was asked for, and not how it is done.
    Statement& prepare_whole(std::string_view sql) override {
        return observer_ ? prepare(sql) : whole_statements_.get(db_, health_, sql, &rows_);
    }
    bool insert_all(const WriteBatch& batch, std::int64_t* keys) override {
        return write_together(SqliteBatch::inserting(batch.sql),
            [&](SqliteStatement& statement) { return batch_.insert(statement, batch, keys); });
    }
    bool update_all(const WriteBatch& batch) override {
        return write_together(SqliteBatch::updating(batch.sql),
            [&](SqliteStatement& statement) { return batch_.update(statement, batch); });
    }
    void run(const std::string& sql) override {
        const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
        if (code == SQLITE_OK) return;
        if (spoils_connection(code)) health_.sound = false;
        throw_sqlite(db_, code, sql);
    }
    void begin(bool writes) override {
        if (writes) step(begin_immediate_, "BEGIN IMMEDIATE");
        else step(begin_, "BEGIN");
    }
    void commit() override { step(commit_, "COMMIT"); }
    void rollback() noexcept override {
        if (!in_transaction()) return;
        try {
            step(rollback_, "ROLLBACK");
        } catch (...) { sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr); }
        if (in_transaction()) health_.sound = false;
    }
    void savepoint() override { step(savepoint_, "SAVEPOINT session"); }
    void release_savepoint() override { step(release_, "RELEASE session"); }
    void rollback_to_savepoint() noexcept override {
        if (in_transaction() &&
            sqlite3_exec(db_, "ROLLBACK TO session; RELEASE session", nullptr, nullptr, nullptr) != SQLITE_OK)
            rollback();  // rather nothing of the transaction than something that was to be undone
    }
    bool in_transaction() const override { return sqlite3_get_autocommit(db_) == 0; }
    std::int64_t changed_rows() const override { return sqlite3_changes64(db_); }
    std::int64_t last_insert_key() const override { return sqlite3_last_insert_rowid(db_); }
    bool is_sound() const override { return health_.sound; }
    std::vector<std::string> table_names() override {
        std::vector<std::string> names;
        Statement& statement = prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                                       "'sqlite\\_%' ESCAPE '\\' ORDER BY name");
        const StatementUse use{statement};
        while (statement.step()) names.emplace_back(statement.column(0).text());
        return names;
    }

    void observe(std::shared_ptr<const StatementObserver> observer) override {
        if (observer == observer_) return;
        observer_ = std::move(observer);
        sqlite3_trace_v2(
            db_, observer_ ? SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE : 0U, observer_ ? &tell_observer : nullptr, this);
    }

private:
    // A running statement is reported again for each ON DELETE and trigger that it sets off; observers hear of it once.
    static int tell_observer(unsigned event, void* self, void* statement, void* text) {
        auto& connection = *static_cast<SqliteConnection*>(self);
        const void*& running = connection.observed_;
        if (event == SQLITE_TRACE_PROFILE) {
            if (running == statement) running = nullptr;
        } else if (running != statement) {
            running = statement;
            (*connection.observer_)(static_cast<const char*>(text));
        }
        return 0;
    }
    /// Runs `write` for a statement that writes all rows. The savepoint around it undoes also what ON CONFLICT clauses
    /// and triggers of the table leave of a statement that failed.
    template <class Write>
    bool write_together(const std::optional<std::string>& sql, Write write) {
        if (!sql || observer_ || batch_.is_writing()) return false;
        SqliteStatement* statement = nullptr;
        try {
            statement = &statements_.get(db_, health_, *sql);
        } catch (const SqlError&) { return false; }  // the statement for one row says what is wrong
        step(batch_savepoint_, "SAVEPOINT tandem_batch");
        try {
            if (write(*statement)) {
                step(batch_release_, "RELEASE tandem_batch");
                return true;
            }
        } catch (...) {
            undo_batch();
            throw;
        }
        undo_batch();
        return false;
    }
    void undo_batch() noexcept {
        if (in_transaction() &&
            sqlite3_exec(db_, "ROLLBACK TO tandem_batch; RELEASE tandem_batch", nullptr, nullptr, nullptr) != SQLITE_OK)
            rollback();  // rather nothing of the transaction than a part of the batch
    }
    /// A word of transaction control, prepared once and found without a look into the cache.
    void step(std::optional<SqliteStatement>& word, std::string_view sql) {
        if (!word) word.emplace(db_, health_, sql);
        word->step();
        word->reset();
    }
    sqlite3* db_ = nullptr;
    SqliteHealth health_{};
    SqliteRows rows_{};
    SqliteBatch batch_{};
    StatementCache statements_{};
    StatementCache whole_statements_{};
    std::optional<SqliteStatement> begin_{};
    std::optional<SqliteStatement> begin_immediate_{};
    std::optional<SqliteStatement> commit_{};
    std::optional<SqliteStatement> rollback_{};
    std::optional<SqliteStatement> savepoint_{};
    std::optional<SqliteStatement> release_{};
    std::optional<SqliteStatement> batch_savepoint_{};
    std::optional<SqliteStatement> batch_release_{};
    std::shared_ptr<const StatementObserver> observer_{};
    const void* observed_ = nullptr;  ///< the statement that the observer heard of last, while it runs
};

class SqliteDriver final : public Driver {
public:
    SqliteDriver(std::string path, std::chrono::milliseconds busy_timeout) : busy_timeout_(busy_timeout) {
        if (path == ":memory:") {
            memory_.emplace();
            file_ = memory_->uri();
        } else {
            file_ = std::move(path);
            if (file_.starts_with("file:"))
                throw ArgumentError("SQLite's own \"file:\" URIs are not supported; write sqlite:///path");
        }
    }
    std::unique_ptr<Connection> connect() override {
        return std::make_unique<SqliteConnection>(file_, memory_.has_value(), busy_timeout_);
    }
    const Dialect& dialect() const override { return sqlite_dialect(); }

private:
    std::string file_;
    std::chrono::milliseconds busy_timeout_;
    std::optional<MemoryDatabase> memory_{};
};

class SqliteDialect final : public Dialect {
public:
    // The names give columns the affinity that keeps values as they are bound (sqlite.org/datatype3.html): "INT" an
    // integer's, "CHAR" and "TEXT" a text's. The numbers in parentheses are for the reader and for migrations.
    std::string type_name(const SqlType& type) const override {
        using Name = SqlType::Name;
        switch (type.name) {
            case Name::boolean: return "BOOLEAN";
            case Name::integer: return "INTEGER";
            case Name::real: return "REAL";
            case Name::text: return type.length == 0 ? "TEXT" : "VARCHAR(" + std::to_string(type.length) + ")";
            case Name::time: return "TIMESTAMP";
            case Name::blob: return "BLOB";
            case Name::date: return "DATE";
            case Name::time_of_day: return "TIME";
            case Name::duration: return "INTERVAL";
            case Name::decimal:
                return "DECIMAL(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
            case Name::json: return "JSON TEXT";
            case Name::uuid: return "CHAR(36)";
            case Name::enumeration: return "TEXT";
        }
        return "TEXT";
    }
    std::string_view autoincrement() const override { return "AUTOINCREMENT"; }
    std::string_view current_time() const override { return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"; }
    // What bind() does to values, done to literals.
    std::string default_value(const SqlType& type, std::string_view sql) const override {
        if (sql.empty() && type.name == SqlType::Name::date) return "(date('now'))";
        if (sql.empty() && type.name == SqlType::Name::time_of_day) return "(strftime('%H:%M:%f000', 'now'))";
        if (type.name == SqlType::Name::decimal)
            if (const auto number = parse_fixed(sql))
                return "(" + std::to_string(rescale(*number, type.precision, type.scale)) + ")";
        if (type.name == SqlType::Name::duration && sql.size() > 2 && sql.front() == '\'' && sql.back() == '\'')
            if (const auto duration = parse_duration(sql.substr(1, sql.size() - 2)))
                return "(" + std::to_string(duration->count()) + ")";
        return Dialect::default_value(type, sql);
    }
    std::string_view in_list() const override { return " IN (SELECT value FROM json_each(?))"; }
    std::string_view pattern(std::string_view operation) const override {
        if (operation == "ilike") return Dialect::pattern("like");  // which knows no case of ASCII letters
        if (operation == "is_distinct_from") return "({} IS NOT {})";
        if (operation == "is_not_distinct_from") return "({} IS {})";
        if (operation == "now") return current_time();
        return Dialect::pattern(operation);
    }
    std::string_view row_lock(RowLock) const override { return {}; }  // one transaction writes at a time
    std::string in_rows(std::size_t width) const override {
        std::string text = " IN (SELECT ";
        for (std::size_t i = 0; i < width; ++i)
            text += (i == 0 ? "" : ", ") + ("json_extract(value, '$[" + std::to_string(i) + "]')");
        return text + " FROM json_each(?))";
    }
    bool keeps_last_key() const override { return true; }
};

}  // namespace

std::unique_ptr<Driver> make_sqlite_driver(std::string path, std::chrono::milliseconds busy_timeout) {
    return std::make_unique<SqliteDriver>(std::move(path), busy_timeout);
}

const Dialect& sqlite_dialect() {
    static const SqliteDialect instance;
    return instance;
}

}  // namespace tandem::orm

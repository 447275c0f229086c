#include "driver/sqlite.hpp"

#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <list>
#include <unordered_map>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <tandem/orm/error.hpp>
#include <tandem/orm/timestamp.hpp>

namespace tandem::orm {
namespace {

constexpr int busy_timeout_ms = 5000;
constexpr std::size_t cached_statements = 256;

[[noreturn]] void throw_sqlite(sqlite3* db, int code, std::string_view sql) {
    const int extended = db ? sqlite3_extended_errcode(db) : code;
    std::string text = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    if (!sql.empty()) text += " in: " + std::string{sql};
    switch (extended & 0xff) {
        case SQLITE_CONSTRAINT: throw IntegrityError(text);
        case SQLITE_BUSY:
            if (extended == SQLITE_BUSY_SNAPSHOT)
                throw Conflict("a newer commit was made while this session read; open it with session(tandem::write) "
                               "when it is going to write (" +
                    text + ")");
            throw OperationalError("the database is locked by another program; try again (" + text + ")");
        case SQLITE_FULL: throw OperationalError("the disk is full; free space and try again (" + text + ")");
        case SQLITE_READONLY:
            throw OperationalError("the database file cannot be written; check its permissions (" + text + ")");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw OperationalError(
                "the file is damaged or not a SQLite database; restore it from a backup (" + text + ")");
        case SQLITE_ERROR:
        case SQLITE_MISMATCH:
        case SQLITE_RANGE:
        case SQLITE_TOOBIG: throw SqlError(text);
        default: throw OperationalError(text);
    }
}

/// SQLAlchemy's text form of a time in SQLite, so that either reads what the other wrote and SQLite's date functions
/// work.
std::string to_sqlite_text(Timestamp time) {
    std::string text = isoformat(time);
    text.pop_back();  // Z
    text[10] = ' ';
    if (text.size() == 19) text += ".000000";
    return text;
}

/// SQLAlchemy's text form of a time of day in SQLite; always as long, so that texts sort as times do.
std::string to_sqlite_text(TimeOfDay time) {
    std::string text = isoformat(time);
    if (text.size() == 8) text += ".000000";
    return text;
}

class SqliteStatement final : public Statement {
public:
    SqliteStatement(sqlite3* db, std::string_view sql) : db_(db) {
        const char* tail = nullptr;
        const int code = sqlite3_prepare_v3(
            db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &handle_, &tail);
        if (code != SQLITE_OK) throw_sqlite(db, code, sql);
        if (!handle_) throw ArgumentError("SQL text has no statement: \"" + std::string{sql} + "\"");
        const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
        if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
            sqlite3_finalize(handle_);
            throw ArgumentError(
                "SQL text has more than one statement; execute them one by one: \"" + std::string{sql} + "\"");
        }
    }
    ~SqliteStatement() override { sqlite3_finalize(handle_); }

    int parameter_count() const override { return sqlite3_bind_parameter_count(handle_); }
    int parameter_index(std::string_view name) const override {
        const std::string named = ":" + std::string{name};
        return sqlite3_bind_parameter_index(handle_, named.c_str());
    }
    std::string_view parameter_name(int index) const override {
        const char* name = sqlite3_bind_parameter_name(handle_, index);
        return name ? name + 1 : "";
    }
    void bind(int index, const ValueView& value) override {
        int code = SQLITE_OK;
        switch (value.kind()) {
            case Kind::null: code = sqlite3_bind_null(handle_, index); break;
            case Kind::boolean:
            case Kind::integer: code = sqlite3_bind_int64(handle_, index, value.integer()); break;
            case Kind::real:
                if (std::isnan(value.real()))
                    throw ValueError("NaN cannot be stored (SQLite would store NULL instead)");
                code = sqlite3_bind_double(handle_, index, value.real());
                break;
            case Kind::text: code = bind_text(index, value.text()); break;
            case Kind::json: code = bind_text(index, value.text()); break;
            case Kind::time: code = bind_text(index, to_sqlite_text(value.time())); break;
            case Kind::date: code = bind_text(index, isoformat(value.date())); break;
            case Kind::time_of_day: code = bind_text(index, to_sqlite_text(value.time_of_day())); break;
            // Integers compare, sort and add up exactly.
            case Kind::duration: code = sqlite3_bind_int64(handle_, index, value.duration().count()); break;
            case Kind::decimal: code = sqlite3_bind_int64(handle_, index, value.decimal().units); break;
            case Kind::blob:
                code = sqlite3_bind_blob64(handle_, index,
                    value.bytes().empty() ? "" : static_cast<const void*>(value.bytes().data()), value.bytes().size(),
                    SQLITE_TRANSIENT);
                break;
        }
        if (code != SQLITE_OK) throw_sqlite(db_, code, sqlite3_sql(handle_));
    }
    void bind_list(int index, std::span<const Value> values, Kind kind) override {
        auto list = nlohmann::json::array();
        for (const Value& value : values)
            list.push_back(to_json(value, kind));
        bind_json(index, list);
    }
    void bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) override {
        auto rows = nlohmann::json::array();
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i % kinds.size() == 0) rows.push_back(nlohmann::json::array());
            rows.back().push_back(to_json(values[i], kinds[i % kinds.size()]));
        }
        bind_json(index, rows);
    }
    bool step() override {
        const int code = sqlite3_step(handle_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        try {
            throw_sqlite(db_, code, sqlite3_sql(handle_));
        } catch (...) {
            reset();
            throw;
        }
    }
    void reset() noexcept override {
        sqlite3_reset(handle_);
        sqlite3_clear_bindings(handle_);
    }
    int column_count() const override { return sqlite3_column_count(handle_); }
    std::string_view column_name(int index) const override { return sqlite3_column_name(handle_, index); }
    ValueView column(int index, Kind wanted) override {
        const ValueView stored = column(index);
        switch (wanted) {
            case Kind::time:
            case Kind::date:
            case Kind::time_of_day: return stored.kind() == Kind::text ? parsed(stored.text(), wanted) : stored;
            case Kind::json: return stored.kind() == Kind::text ? ValueView::json(stored.text()) : stored;
            case Kind::duration:
                if (stored.kind() == Kind::integer) return ValueView::of(std::chrono::microseconds{stored.integer()});
                return whole_number_or_null(stored, "microseconds");
            case Kind::decimal:
                if (stored.kind() == Kind::integer) return ValueView::of(Fixed{stored.integer(), Fixed::column_scale});
                return whole_number_or_null(stored, "units of the last digit");
            default: return stored;
        }
    }
    ValueView column(int index) override {
        switch (sqlite3_column_type(handle_, index)) {
            case SQLITE_INTEGER: return ValueView::of(std::int64_t{sqlite3_column_int64(handle_, index)});
            case SQLITE_FLOAT: return ValueView::of(sqlite3_column_double(handle_, index));
            case SQLITE_NULL: return {};
            case SQLITE_BLOB: {
                const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle_, index));
                return ValueView::blob({data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, index))});
            }
            default: {
                const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, index));
                return ValueView::of(
                    std::string_view{data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, index))});
            }
        }
    }
    bool is_readonly() const override { return sqlite3_stmt_readonly(handle_) != 0; }

private:
    static nlohmann::json to_json(const Value& value, Kind kind) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
        if (const auto* real = std::get_if<double>(&value)) {
            if (!std::isfinite(*real)) throw ValueError("in() takes finite numbers only");
            return *real;
        }
        if (const auto* text = std::get_if<std::string>(&value)) return stored_form(*text, kind);
        if (std::holds_alternative<Blob>(value)) throw ArgumentError("in() cannot take blobs");
        return nullptr;
    }
    void bind_json(int index, const nlohmann::json& list) {
        std::string json;
        try {
            json = list.dump();
        } catch (const nlohmann::json::exception&) { throw ValueError("in() takes texts of valid UTF-8 only"); }
        const int code = bind_text(index, json);
        if (code != SQLITE_OK) throw_sqlite(db_, code, sqlite3_sql(handle_));
    }
    static ValueView parsed(std::string_view text, Kind wanted) {
        if (wanted == Kind::time)
            if (const auto time = parse_timestamp(text)) return ValueView::of(*time);
        if (wanted == Kind::date)
            if (const auto date = parse_date(text)) return ValueView::of(*date);
        if (wanted == Kind::time_of_day)
            if (const auto time = parse_time_of_day(text)) return ValueView::of(*time);
        throw ValueError(
            "holds \"" + std::string{text.substr(0, 64)} + "\", which is not " + std::string{describe(wanted)});
    }
    static ValueView whole_number_or_null(const ValueView& stored, std::string_view unit) {
        if (stored.is_null()) return stored;
        throw ValueError("holds " + std::string{describe(stored.kind())} + ", not a whole number of " +
            std::string{unit} + ", as SQLite keeps it");
    }
    /// A text of to_value() as this database keeps that kind.
    static nlohmann::json stored_form(const std::string& text, Kind kind) {
        switch (kind) {
            case Kind::time: {
                const auto time = parse_timestamp(text);
                return time ? to_sqlite_text(*time) : text;
            }
            case Kind::time_of_day: {
                const auto time = parse_time_of_day(text);
                return time ? to_sqlite_text(*time) : text;
            }
            case Kind::duration: {
                const auto duration = parse_duration(text);
                return duration ? nlohmann::json(duration->count()) : nlohmann::json(text);
            }
            case Kind::decimal: {  // with all digits of its scale: without the point it is the units
                const auto number = parse_units(text);
                return number ? nlohmann::json(*number) : nlohmann::json(text);
            }
            default: return text;
        }
    }
    static std::optional<std::int64_t> parse_units(std::string text) {
        std::erase(text, '.');
        std::int64_t units = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), units);
        return error == std::errc{} && end == text.data() + text.size() ? std::optional{units} : std::nullopt;
    }
    int bind_text(int index, std::string_view text) {
        return sqlite3_bind_text64(
            handle_, index, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    sqlite3* db_;
    sqlite3_stmt* handle_ = nullptr;
};

/// The connection's prepared statements by text; the one unused for longest goes first.
class StatementCache {
public:
    SqliteStatement& get(sqlite3* db, std::string_view sql) {
        if (const auto found = by_text_.find(sql); found != by_text_.end()) {
            order_.splice(order_.begin(), order_, found->second);
            found->second->statement.reset();
            return found->second->statement;
        }
        if (order_.size() >= cached_statements) {
            by_text_.erase(order_.back().text);
            order_.pop_back();
        }
        order_.emplace_front(db, sql);
        by_text_.emplace(order_.front().text, order_.begin());
        return order_.front().statement;
    }
    void clear() {
        by_text_.clear();
        order_.clear();
    }

private:
    struct Entry {
        Entry(sqlite3* db, std::string_view sql) : text(sql), statement(db, sql) {}
        std::string text;
        SqliteStatement statement;
    };
    std::list<Entry> order_{};
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_{};
};

class SqliteConnection final : public Connection {
public:
    SqliteConnection(const std::string& file, bool in_memory) {
        // NOMUTEX: a session owns its connection, so SQLite's own lock would only cost time.
        const int flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        const int code = sqlite3_open_v2(file.c_str(), &db_, flags, nullptr);
        try {
            if (code != SQLITE_OK)
                throw OperationalError(
                    std::string{sqlite3_errmsg(db_)} + "; check that its folder exists and can be written");
            sqlite3_busy_timeout(db_, busy_timeout_ms);
            run("PRAGMA foreign_keys = ON");
            if (!in_memory) run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        } catch (const OperationalError& error) {
            sqlite3_close(db_);
            throw OperationalError("cannot open the database file \"" + file + "\": " + error.what());
        } catch (...) {
            sqlite3_close(db_);
            throw;
        }
    }
    ~SqliteConnection() override {
        statements_.clear();
        sqlite3_close(db_);
    }

    Statement& prepare(std::string_view sql) override { return statements_.get(db_, sql); }
    void run(const std::string& sql) override {
        const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) throw_sqlite(db_, code, sql);
    }
    void begin(bool writes) override { step(writes ? "BEGIN IMMEDIATE" : "BEGIN"); }
    void commit() override { step("COMMIT"); }
    void rollback() noexcept override {
        if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void savepoint() override { step("SAVEPOINT session"); }
    void release_savepoint() override { step("RELEASE session"); }
    void rollback_to_savepoint() noexcept override {
        if (in_transaction()) sqlite3_exec(db_, "ROLLBACK TO session; RELEASE session", nullptr, nullptr, nullptr);
    }
    bool in_transaction() const override { return sqlite3_get_autocommit(db_) == 0; }
    std::int64_t changed_rows() const override { return sqlite3_changes64(db_); }
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
        sqlite3_trace_v2(db_, observer_ ? SQLITE_TRACE_STMT : 0U, observer_ ? &tell_observer : nullptr, this);
    }

private:
    static int tell_observer(unsigned /*event*/, void* self, void* /*statement*/, void* text) {
        (*static_cast<SqliteConnection*>(self)->observer_)(static_cast<const char*>(text));
        return 0;
    }
    void step(std::string_view sql) {
        Statement& statement = prepare(sql);
        const StatementUse use{statement};
        statement.step();
    }
    sqlite3* db_ = nullptr;
    StatementCache statements_{};
    std::shared_ptr<const StatementObserver> observer_{};
};

class SqliteDriver final : public Driver {
public:
    explicit SqliteDriver(std::string path) {
        if (path == ":memory:") {
            // SQLite's memdb shares a database in memory between the connections that name it; the number keeps two
            // Databases apart.
            static std::atomic<unsigned> count{0};
            file_ = "file:/tandem-" + std::to_string(++count) + "?vfs=memdb";
            in_memory_ = true;
            keeper_ = connect();
        } else {
            file_ = std::move(path);
            if (file_.starts_with("file:"))
                throw ArgumentError("SQLite's own \"file:\" URIs are not supported; write sqlite:///path");
        }
    }
    std::unique_ptr<Connection> connect() override { return std::make_unique<SqliteConnection>(file_, in_memory_); }

private:
    std::string file_;
    bool in_memory_ = false;
    std::unique_ptr<Connection> keeper_{};  // a database in memory lives as long as a connection to it
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
    std::string_view in_list() const override { return " IN (SELECT value FROM json_each(?))"; }
    std::string_view pattern(std::string_view operation) const override {
        if (operation == "ilike") return Dialect::pattern("like");  // which knows no case of ASCII letters
        if (operation == "is_distinct_from") return "({} IS NOT {})";
        if (operation == "is_not_distinct_from") return "({} IS {})";
        if (operation == "now") return current_time();
        return Dialect::pattern(operation);
    }
    std::size_t longest_pattern() const override { return 50'000; }  // SQLITE_MAX_LIKE_PATTERN_LENGTH as it is built
    std::string in_rows(std::size_t width) const override {
        std::string text = " IN (SELECT ";
        for (std::size_t i = 0; i < width; ++i)
            text += (i == 0 ? "" : ", ") + ("json_extract(value, '$[" + std::to_string(i) + "]')");
        return text + " FROM json_each(?))";
    }
};

}  // namespace

std::unique_ptr<Driver> make_sqlite_driver(std::string path) { return std::make_unique<SqliteDriver>(std::move(path)); }

const Dialect& sqlite_dialect() {
    static const SqliteDialect instance;
    return instance;
}

}  // namespace tandem::orm

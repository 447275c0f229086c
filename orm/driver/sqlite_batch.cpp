#include "driver/sqlite_batch.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/error.hpp>

#include "driver/sqlite_error.hpp"
#include "driver/sqlite_statement.hpp"
#include "driver/sqlite_values.hpp"

namespace tandem::orm {
namespace {

/// No row gets this key, which tells whether there was a row yet.
constexpr std::int64_t no_key = std::numeric_limits<std::int64_t>::min();

/// How a value becomes what a function gives.
struct ResultSink {
    sqlite3_context* context;
    void null() const { sqlite3_result_null(context); }
    void integer(std::int64_t value) const { sqlite3_result_int64(context, value); }
    void real(double value) const { sqlite3_result_double(context, value); }
    void text(std::string_view value, sqlite3_destructor_type lifetime) const {
        sqlite3_result_text64(context, value.empty() ? "" : value.data(), value.size(), lifetime, SQLITE_UTF8);
    }
    void blob(std::span<const std::byte> value, sqlite3_destructor_type lifetime) const {
        sqlite3_result_blob64(
            context, value.empty() ? "" : static_cast<const void*>(value.data()), value.size(), lifetime);
    }
};

}  // namespace

struct SqliteBatch::Cursor {
    sqlite3_vtab_cursor base;
    std::size_t at;
};

/// The table; as many rows as there are objects.
struct SqliteBatch::Module {
    struct Table {
        sqlite3_vtab base;
        SqliteBatch* batch;
    };
    static SqliteBatch& batch_of(sqlite3_vtab_cursor* cursor) {
        return *reinterpret_cast<Table*>(cursor->pVtab)->batch;
    }
    static std::size_t& at(sqlite3_vtab_cursor* cursor) { return reinterpret_cast<Cursor*>(cursor)->at; }

    static int connect(sqlite3* db, void* batch, int, const char* const*, sqlite3_vtab** table, char**) {
        sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
        if (const int code = sqlite3_declare_vtab(db, "CREATE TABLE tandem_batch (n INTEGER, key INTEGER)");
            code != SQLITE_OK)
            return code;
        auto* made = static_cast<Table*>(sqlite3_malloc(sizeof(Table)));
        if (!made) return SQLITE_NOMEM;
        *made = {{}, static_cast<SqliteBatch*>(batch)};
        *table = &made->base;
        return SQLITE_OK;
    }
    static int disconnect(sqlite3_vtab* table) {
        sqlite3_free(table);
        return SQLITE_OK;
    }
    static int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
        info->estimatedRows = 100;  // few, so that it is the outer loop
        info->estimatedCost = 100;
        return SQLITE_OK;
    }
    static int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
        auto* made = static_cast<Cursor*>(sqlite3_malloc(sizeof(Cursor)));
        if (!made) return SQLITE_NOMEM;
        *made = {};
        *cursor = &made->base;
        return SQLITE_OK;
    }
    static int close(sqlite3_vtab_cursor* cursor) {
        sqlite3_free(cursor);
        return SQLITE_OK;
    }
    static int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
        at(cursor) = 0;
        return SQLITE_OK;
    }
    static int next(sqlite3_vtab_cursor* cursor) {
        ++at(cursor);
        return SQLITE_OK;
    }
    static int is_at_end(sqlite3_vtab_cursor* cursor) {
        const WriteBatch* batch = batch_of(cursor).batch_;
        return !batch || at(cursor) >= batch->objects.size() ? 1 : 0;
    }
    static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) {
        const SqliteBatch& batch = batch_of(cursor);
        const std::size_t row = at(cursor);
        if (index == 0) sqlite3_result_int64(context, static_cast<std::int64_t>(row));
        else if (row < batch.keys_.size()) sqlite3_result_int64(context, batch.keys_[row]);
        return SQLITE_OK;
    }
    static int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
        *id = static_cast<sqlite3_int64>(at(cursor));
        return SQLITE_OK;
    }
};

void SqliteBatch::add_to(sqlite3* db) {
    static const sqlite3_module module = [] {
        sqlite3_module made{};  // without xCreate: the table is there, and no other can be made
        made.xConnect = &Module::connect;
        made.xDisconnect = &Module::disconnect;
        made.xBestIndex = &Module::best_index;
        made.xOpen = &Module::open;
        made.xClose = &Module::close;
        made.xFilter = &Module::filter;
        made.xNext = &Module::next;
        made.xEof = &Module::is_at_end;
        made.xColumn = &Module::column;
        made.xRowid = &Module::row_id;
        return made;
    }();
    db_ = db;
    int code = sqlite3_create_module_v2(db, "tandem_batch", &module, this, nullptr);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(
            db, "tandem_value", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, this, &give_value, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_sqlite(db, code, "");
}

std::optional<std::string> SqliteBatch::inserting(std::string_view sql) {
    constexpr std::string_view values = " VALUES (?";
    const std::size_t end = sql.rfind(values);  // behind it there are no names
    if (!sql.starts_with("INSERT INTO ") || end == std::string_view::npos) return std::nullopt;
    const std::string_view places = sql.substr(end + values.size());
    if (places.find_first_not_of(", ?") != places.size() - 1 || !places.ends_with(')')) return std::nullopt;
    std::string text{sql.substr(0, end)};
    const auto count = static_cast<std::size_t>(std::ranges::count(places, '?')) + 1;
    const char* glue = " SELECT ";
    for (std::size_t i = 0; i < count; ++i)
        text += std::exchange(glue, ", ") + ("tandem_value(" + std::to_string(i) + ", n)");
    return text + " FROM tandem_batch";
}

std::optional<std::string> SqliteBatch::updating(std::string_view sql) {
    constexpr std::string_view where = " WHERE \"";
    constexpr std::string_view end = "\" = ?";
    const std::size_t condition = sql.rfind(where);
    if (!sql.starts_with("UPDATE ") || condition == std::string_view::npos || !sql.ends_with(end)) return std::nullopt;
    const std::string_view key = sql.substr(condition + where.size() - 1, sql.size() - condition - where.size() - 3);
    if (std::ranges::count(key, '"') != 2) return std::nullopt;
    std::string text;
    std::size_t count = 0;
    bool quoted = false;
    for (const char c : sql.substr(0, condition)) {
        if (c == '"') quoted = !quoted;
        if (c == '?' && !quoted)
            text.append("tandem_value(").append(std::to_string(count++)).append(", ").append(key) += ')';
        else text += c;
    }
    if (quoted) return std::nullopt;
    return text.append(" WHERE ").append(key).append(" IN (SELECT key FROM tandem_batch)");
}

bool SqliteBatch::run(SqliteStatement& statement, const WriteBatch& batch) {
    struct Use {
        SqliteBatch& of;
        SqliteStatement& statement;
        ~Use() {
            statement.reset();
            of.batch_ = nullptr;
            of.made_keys_ = nullptr;
            of.keys_ = {};
        }
    };
    const Use use{*this, statement};
    batch_ = &batch;
    at_ = 0;
    try {
        statement.step();
    } catch (const Error&) {
        const bool has_ended = sqlite3_get_autocommit(db_) != 0;  // no room, no disk: nothing can go on
        const bool has_waited = (sqlite3_errcode(db_) & 0xff) == SQLITE_BUSY;
        if (has_ended || has_waited) throw;
        return false;
    }
    return true;
}

bool SqliteBatch::insert(SqliteStatement& statement, const WriteBatch& batch, std::int64_t* keys) {
    if (!keys) return run(statement, batch);
    made_keys_ = keys;
    const std::int64_t last = sqlite3_last_insert_rowid(db_);
    sqlite3_set_last_insert_rowid(db_, no_key);
    const bool done = run(statement, batch);
    if (done) keys[batch.objects.size() - 1] = sqlite3_last_insert_rowid(db_);
    else sqlite3_set_last_insert_rowid(db_, last);
    return done;
}

bool SqliteBatch::update(SqliteStatement& statement, const WriteBatch& batch) {
    const StoredMember& key = batch.members[batch.parameters.back()];
    if (key.direct != Direct::int64) return false;
    const auto key_of = [&key](const void* object) {
        return *reinterpret_cast<const std::int64_t*>(static_cast<const char*>(object) + key.offset);
    };
    // SQLite goes by key. In another order triggers and ON CONFLICT clauses of the table might come to other rows.
    if (!std::ranges::is_sorted(batch.objects, {}, key_of)) return false;
    std::vector<std::int64_t> keys;
    keys.reserve(batch.objects.size());
    for (const void* object : batch.objects) keys.push_back(key_of(object));
    keys_ = keys;
    // Where a row is missing, the statement for the one object finds out which.
    return run(statement, batch) && sqlite3_changes64(db_) == static_cast<std::int64_t>(batch.objects.size());
}

std::optional<std::size_t> SqliteBatch::place_of(std::int64_t key) {
    if (keys_[at_] == key) return at_;
    if (at_ + 1 < keys_.size() && keys_[at_ + 1] == key) return at_ + 1;
    const auto found = std::ranges::lower_bound(keys_, key);
    if (found == keys_.end() || *found != key) return std::nullopt;
    return static_cast<std::size_t>(found - keys_.begin());
}

void SqliteBatch::give_value(sqlite3_context* context, int, sqlite3_value** arguments) {
    auto& batch = *static_cast<SqliteBatch*>(sqlite3_user_data(context));
    try {
        if (!batch.batch_) throw SqlError("tandem_value() is for Tandem's own statements");
        batch.give_value(
            context, static_cast<std::size_t>(sqlite3_value_int64(arguments[0])), sqlite3_value_int64(arguments[1]));
    } catch (const std::exception& error) {  // SQLite is C, which nothing is thrown through
        sqlite3_result_error(context, error.what(), -1);
    } catch (...) { sqlite3_result_error(context, "a value was not given", -1); }
}

void SqliteBatch::give_value(sqlite3_context* context, std::size_t parameter, std::int64_t row_or_key) {
    if (keys_.empty()) {
        at_ = static_cast<std::size_t>(row_or_key);
        if (made_keys_ && parameter == 0 && at_ > 0) {
            // Where a trigger makes SQLite take all values before it writes the first row, keys cannot be told apart.
            const std::int64_t made = sqlite3_last_insert_rowid(db_);
            if (made == no_key) throw SqlError("rows are not written one by one");
            made_keys_[at_ - 1] = made;
        }
    } else {
        const auto place = place_of(row_or_key);
        if (!place) throw SqlError("a row was found that was not asked for");
        at_ = *place;
    }
    const StoredMember& field = batch_->members[batch_->parameters[parameter]];
    const void* member = static_cast<const char*>(batch_->objects[at_]) + field.offset;
    const ResultSink sink{context};
    switch (field.direct) {
        case Direct::int64: return sink.integer(*static_cast<const std::int64_t*>(member));
        case Direct::text: return sink.text(*static_cast<const std::string*>(member), SQLITE_STATIC);
        default: break;
    }
    Scratch scratch;
    store_value(sink, field.type->view(member, scratch), SQLITE_TRANSIENT);
}

}  // namespace tandem::orm

#include "driver/sqlite_statement.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include <tandem/orm/error.hpp>
#include <tandem/orm/sql_text.hpp>
#include <tandem/orm/table.hpp>

#include "driver/sqlite_error.hpp"
#include "driver/sqlite_values.hpp"

namespace tandem::orm {

static std::string stored_text(Timestamp time) { return std::string{to_stored(time).view()}; }

SqliteStatement::SqliteStatement(sqlite3* db, SqliteHealth& health, std::string_view sql) : db_(db), health_(health) {
    const char* tail = nullptr;
    const int code =
        sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &handle_, &tail);
    if (code != SQLITE_OK) {
        if (spoils_connection(code)) health_.sound = false;
        throw_sqlite(db, code, sql);
    }
    if (!handle_) throw ArgumentError("SQL text has no statement: \"" + std::string{sql} + "\"");
    const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
    if (!without_comments(rest).empty()) {
        sqlite3_finalize(handle_);
        throw ArgumentError(
            "SQL text has more than one statement; execute them one by one: \"" + std::string{sql} + "\"");
    }
    parameters_ = sqlite3_bind_parameter_count(handle_);
}

SqliteStatement SqliteStatement::whole(sqlite3* db, SqliteHealth& health, SqliteRows& rows, std::string_view sql) {
    if (const auto text = SqliteRows::collecting(sql)) {
        try {
            return {db, health, rows, *text};
        } catch (const SqlError&) {}  // NOLINT(bugprone-empty-catch): what is wrong with it is said of the text itself
    }
    return {db, health, sql};
}

void SqliteStatement::each_row(const RowTaker& take) {
    if (rows_) rows_->run(*this, take);
    else Statement::each_row(take);
}

sqlite3_stmt* SqliteStatement::as_written() const {
    if (!rows_) return handle_;
    if (!written_)
        written_ = std::make_unique<SqliteStatement>(db_, health_, SqliteRows::as_written(sqlite3_sql(handle_)));
    return written_->handle_;
}

void SqliteStatement::fail(int code) {
    if (spoils_connection(code)) health_.sound = false;
    try {
        throw_sqlite(db_, code, SqliteRows::as_written(sqlite3_sql(handle_)));
    } catch (...) {
        reset();
        throw;
    }
}

void SqliteStatement::reset() noexcept {
    sqlite3_reset(handle_);
    stepped_ = false;
    if (!holds_copies_) return;
    sqlite3_clear_bindings(handle_);
    holds_copies_ = false;
}

int SqliteStatement::parameter_index(std::string_view name) const {
    const std::string named = ":" + std::string{name};
    return sqlite3_bind_parameter_index(handle_, named.c_str());
}
std::string_view SqliteStatement::parameter_name(int index) const {
    const char* name = sqlite3_bind_parameter_name(handle_, index);
    return name ? name + 1 : "";
}

// Binding.

void SqliteStatement::bind(int index, const ValueView& value) { bind_value(index, value, SQLITE_TRANSIENT); }
void SqliteStatement::bind_borrowed(int index, const ValueView& value) { bind_value(index, value, SQLITE_STATIC); }

void SqliteStatement::bind_value(int index, const ValueView& value, sqlite3_destructor_type lifetime) {
    struct Sink {
        SqliteStatement& of;
        int index;
        void null() const { of.check(sqlite3_bind_null(of.handle_, index)); }
        void integer(std::int64_t number) const { of.check(sqlite3_bind_int64(of.handle_, index, number)); }
        void real(double number) const { of.check(sqlite3_bind_double(of.handle_, index, number)); }
        void text(std::string_view bytes, sqlite3_destructor_type lives) const {
            of.check(of.bind_text(index, bytes, lives));
        }
        void blob(std::span<const std::byte> bytes, sqlite3_destructor_type lives) const {
            if (lives == SQLITE_TRANSIENT) of.holds_copies_ = true;
            of.check(sqlite3_bind_blob64(
                of.handle_, index, bytes.empty() ? "" : static_cast<const void*>(bytes.data()), bytes.size(), lives));
        }
    };
    if (value.kind() == Kind::time) check(bind_time(index, value.time()));
    else store_value(Sink{*this, index}, value, lifetime);
}

int SqliteStatement::bind_time(int index, Timestamp time) {
    if (index < 1 || index > parameters_) return SQLITE_RANGE;
    if (times_.empty()) times_.resize(static_cast<std::size_t>(parameters_));
    StoredTime& text = times_[static_cast<std::size_t>(index - 1)];
    text = to_stored(time);
    return bind_text(index, text.view(), SQLITE_STATIC);
}

inline void SqliteStatement::bind_real(int index, double value) {
    require_number(value);
    check(sqlite3_bind_double(handle_, index, value));
}

inline bool SqliteStatement::bind_direct(int index, Direct direct, const void* member) {
    const auto null = [&] { check(sqlite3_bind_null(handle_, index)); };
    switch (direct) {
        case Direct::none: return false;
        case Direct::boolean: check(sqlite3_bind_int(handle_, index, *static_cast<const bool*>(member) ? 1 : 0)); break;
        case Direct::int32: check(sqlite3_bind_int(handle_, index, *static_cast<const std::int32_t*>(member))); break;
        case Direct::int64: check(sqlite3_bind_int64(handle_, index, *static_cast<const std::int64_t*>(member))); break;
        case Direct::real: bind_real(index, *static_cast<const double*>(member)); break;
        case Direct::text: check(bind_text(index, *static_cast<const std::string*>(member), SQLITE_STATIC)); break;
        case Direct::time: check(bind_time(index, *static_cast<const Timestamp*>(member))); break;
        case Direct::maybe_boolean: {
            const auto& value = *static_cast<const std::optional<bool>*>(member);
            value ? check(sqlite3_bind_int(handle_, index, *value ? 1 : 0)) : null();
            break;
        }
        case Direct::maybe_int32: {
            const auto& value = *static_cast<const std::optional<std::int32_t>*>(member);
            value ? check(sqlite3_bind_int(handle_, index, *value)) : null();
            break;
        }
        case Direct::maybe_int64: {
            const auto& value = *static_cast<const std::optional<std::int64_t>*>(member);
            value ? check(sqlite3_bind_int64(handle_, index, *value)) : null();
            break;
        }
        case Direct::maybe_real: {
            const auto& value = *static_cast<const std::optional<double>*>(member);
            value ? bind_real(index, *value) : null();
            break;
        }
        case Direct::maybe_text: {
            const auto& value = *static_cast<const std::optional<std::string>*>(member);
            value ? check(bind_text(index, *value, SQLITE_STATIC)) : null();
            break;
        }
        case Direct::maybe_time: {
            const auto& value = *static_cast<const std::optional<Timestamp>*>(member);
            value ? check(bind_time(index, *value)) : null();
            break;
        }
    }
    return true;
}

void SqliteStatement::bind_members(
    std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, const void* object) {
    std::size_t place = 0;
    try {
        for (; place < picked.size(); ++place) {
            const StoredMember& field = members[picked[place]];
            const void* member = static_cast<const char*>(object) + field.offset;
            const int index = first + static_cast<int>(place);
            if (bind_direct(index, field.direct, member)) continue;
            Scratch scratch;
            bind(index, field.type->view(member, scratch));
        }
    } catch (const ValueError& error) { throw ColumnError(place, error.what()); }
}

namespace {

std::optional<std::int64_t> parse_units(std::string text) {
    std::erase(text, '.');
    std::int64_t units = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), units);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{units} : std::nullopt;
}

/// A text of to_value() as this database keeps that kind.
nlohmann::json stored_form(const std::string& text, Kind kind) {
    switch (kind) {
        case Kind::time: {
            const auto time = parse_timestamp(text);
            return time ? stored_text(*time) : text;
        }
        case Kind::time_of_day: {
            const auto time = parse_time_of_day(text);
            return time ? stored_text(*time) : text;
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

nlohmann::json to_json(const Value& value, Kind kind) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
    if (const auto* real = std::get_if<double>(&value)) {
        if (!std::isfinite(*real)) throw ValueError("in() takes finite numbers only");
        return *real;
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        // json_each() would end the text there, and find another one.
        if (text->find('\0') != std::string::npos)
            throw ValueError("in() takes texts without NUL characters only; compare those by ==");
        return stored_form(*text, kind);
    }
    if (std::holds_alternative<Blob>(value)) throw ArgumentError("in() cannot take blobs");
    return nullptr;
}

std::string json_text(const nlohmann::json& list) {
    try {
        return list.dump();
    } catch (const nlohmann::json::exception&) { throw ValueError("in() takes texts of valid UTF-8 only"); }
}

}  // namespace

void SqliteStatement::bind_list(int index, std::span<const Value> values, Kind kind) {
    auto list = nlohmann::json::array();
    for (const Value& value : values) list.push_back(to_json(value, kind));
    check(bind_text(index, json_text(list), SQLITE_TRANSIENT));
}

void SqliteStatement::bind_integers(int index, std::span<const std::int64_t> values) {
    constexpr std::size_t longest = 21;  // "-9223372036854775808" and a comma
    std::string list(values.size() * longest + 2, '[');
    char* at = list.data() + 1;
    for (const std::int64_t value : values) {
        at = std::to_chars(at, at + longest, value).ptr;
        *at++ = ',';
    }
    if (!values.empty()) --at;
    *at++ = ']';
    check(bind_text(index, {list.data(), static_cast<std::size_t>(at - list.data())}, SQLITE_TRANSIENT));
}

void SqliteStatement::bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) {
    auto rows = nlohmann::json::array();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % kinds.size() == 0) rows.push_back(nlohmann::json::array());
        rows.back().push_back(to_json(values[i], kinds[i % kinds.size()]));
    }
    check(bind_text(index, json_text(rows), SQLITE_TRANSIENT));
}

// Reading. sqlite3_value functions do without the locks of sqlite3_column ones; a connection of one thread may use them
// on a row's columns.
namespace {

std::string_view text_of(sqlite3_value* value) {
    const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {data, data ? static_cast<std::size_t>(sqlite3_value_bytes(value)) : 0};
}

ValueView view_of(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER: return ValueView::of(std::int64_t{sqlite3_value_int64(value)});
        case SQLITE_FLOAT: return ValueView::of(sqlite3_value_double(value));
        case SQLITE_NULL: return {};
        case SQLITE_BLOB: {
            const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(value));
            return ValueView::blob({data, static_cast<std::size_t>(sqlite3_value_bytes(value))});
        }
        default: return ValueView::of(text_of(value));
    }
}

ValueView parsed(std::string_view text, Kind wanted) {
    if (wanted == Kind::time)
        if (const auto time = from_stored(text)) return ValueView::of(*time);
    if (wanted == Kind::date)
        if (const auto date = parse_date(text)) return ValueView::of(*date);
    if (wanted == Kind::time_of_day)
        if (const auto time = parse_time_of_day(text)) return ValueView::of(*time);
    throw ValueError(
        "holds \"" + std::string{text.substr(0, 64)} + "\", which is not " + std::string{describe(wanted)});
}
ValueView whole_number_or_null(const ValueView& stored, std::string_view unit) {
    if (stored.is_null()) return stored;
    throw ValueError("holds " + std::string{describe(stored.kind())} + ", not a whole number of " + std::string{unit} +
        ", as SQLite keeps it");
}

ValueView view_of(sqlite3_value* value, Kind wanted) {
    const ValueView stored = view_of(value);
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

/// What a stored value of one kind is in memory; false when the value is of another kind and has to go the long way.
inline bool load(sqlite3_value* value, int stored, bool& out) {
    if (stored != SQLITE_INTEGER) return false;
    const std::int64_t number = sqlite3_value_int64(value);
    out = number == 1;
    return number == 0 || number == 1;
}
inline bool load(sqlite3_value* value, int stored, std::int64_t& out) {
    if (stored != SQLITE_INTEGER) return false;
    out = sqlite3_value_int64(value);
    return true;
}
inline bool load(sqlite3_value* value, int stored, std::int32_t& out) {
    std::int64_t wide = 0;
    if (!load(value, stored, wide) || !std::in_range<std::int32_t>(wide)) return false;
    out = static_cast<std::int32_t>(wide);
    return true;
}
inline bool load(sqlite3_value* value, int stored, double& out) {
    if (stored != SQLITE_FLOAT) return false;
    out = sqlite3_value_double(value);
    return true;
}
inline bool load(sqlite3_value* value, int stored, std::string& out) {
    if (stored != SQLITE_TEXT) return false;
    const std::string_view text = text_of(value);
    if (text.size() <= out.capacity()) {
        out.assign(text);
        return true;
    }
    // A new string is made faster than an old one grows, and nothing of the old one is kept.
    std::destroy_at(&out);
    try {
        std::construct_at(&out, text);
    } catch (...) {
        std::construct_at(&out);
        throw;
    }
    return true;
}
inline bool load(sqlite3_value* value, int stored, Timestamp& out) {
    if (stored != SQLITE_TEXT) return false;
    const auto time = from_stored(text_of(value));
    if (time) out = *time;
    return time.has_value();
}
template <class T>
inline bool load(sqlite3_value* value, int stored, std::optional<T>& out) {
    if (stored == SQLITE_NULL) {
        out.reset();
        return true;
    }
    return load(value, stored, out ? *out : out.emplace());
}
template <class T>
inline bool load_as(sqlite3_value* value, void* member) {
    return load(value, sqlite3_value_type(value), *static_cast<T*>(member));
}

[[gnu::always_inline]] inline bool load_direct(sqlite3_value* value, Direct direct, void* member) {
    if (direct == Direct::int64) return load_as<std::int64_t>(value, member);
    if (direct == Direct::text) return load_as<std::string>(value, member);
    if (direct == Direct::real) return load_as<double>(value, member);
    switch (direct) {
        case Direct::none: return false;
        case Direct::boolean: return load_as<bool>(value, member);
        case Direct::int32: return load_as<std::int32_t>(value, member);
        case Direct::int64: return load_as<std::int64_t>(value, member);
        case Direct::real: return load_as<double>(value, member);
        case Direct::text: return load_as<std::string>(value, member);
        case Direct::time: return load_as<Timestamp>(value, member);
        case Direct::maybe_boolean: return load_as<std::optional<bool>>(value, member);
        case Direct::maybe_int32: return load_as<std::optional<std::int32_t>>(value, member);
        case Direct::maybe_int64: return load_as<std::optional<std::int64_t>>(value, member);
        case Direct::maybe_real: return load_as<std::optional<double>>(value, member);
        case Direct::maybe_text: return load_as<std::optional<std::string>>(value, member);
        case Direct::maybe_time: return load_as<std::optional<Timestamp>>(value, member);
    }
    return false;
}

[[gnu::always_inline]] inline void read_member(sqlite3_value* value, const StoredMember& field, void* object) {
    void* member = static_cast<char*>(object) + field.offset;
    if (!load_direct(value, field.direct, member)) field.type->assign(member, view_of(value, field.type->kind));
}

}  // namespace

ValueView SqliteStatement::column(int index, Kind wanted) { return view_of(value_at(index), wanted); }
ValueView SqliteStatement::column(int index) { return view_of(value_at(index)); }

void SqliteStatement::read(std::span<const StoredMember> members, int first, void* object) {
    const StoredMember* field = members.data();
    const StoredMember* const end = field + members.size();
    try {
        if (row_) {
            for (sqlite3_value** value = row_ + first; field != end; ++field, ++value)
                read_member(*value, *field, object);
        } else {
            sqlite3_stmt* row = handle_;
            for (int column = first; field != end; ++field, ++column)
                read_member(sqlite3_column_value(row, column), *field, object);
        }
    } catch (const ValueError& error) {
        throw ColumnError(static_cast<std::size_t>(field - members.data()), error.what());
    }
}
void SqliteStatement::read_picked(
    std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, void* object) {
    std::size_t place = 0;
    try {
        for (; place < picked.size(); ++place)
            read_member(value_at(first + static_cast<int>(place)), members[picked[place]], object);
    } catch (const ValueError& error) { throw ColumnError(place, error.what()); }
}

}  // namespace tandem::orm

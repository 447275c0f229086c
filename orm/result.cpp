// Running queries whose types are gone, and reading what they find.
#include <limits>

#include <tandem/orm/error.hpp>
#include <tandem/orm/result.hpp>

#include "load_operation.hpp"
#include "row_cursor.hpp"
#include "session_core.hpp"

namespace tandem::orm {

SessionHandle SessionCore::handle() {
    if (!handle_) handle_ = std::make_shared<SessionCore*>(this);
    return SessionHandle{handle_};
}
SessionCore& SessionHandle::get() const {
    if (!core_ || !*core_)
        throw InvalidStateError(
            "a result was read after its session had ended; call all(), first() or one() while the session lives");
    return **core_;
}

void throw_not_one(bool none, const char* function) {
    if (none)
        throw NoResult(std::string{function} + " found no row; where there may be none, use first() or one_or_none()");
    throw MultipleResults(std::string{function} + " found more than one row; say which by where(), or use first()");
}

void throw_no_query() { throw ArgumentError("page() is for queries; raw SQL says LIMIT and OFFSET itself"); }

ValueView read_column(Columns& row, int index, Kind kind) { return row.read(index, kind); }

namespace {

void limit_to(QueryState& state, std::int64_t most) {
    if (most >= 0 && (state.limit < 0 || state.limit > most)) state.limit = most;
}

}  // namespace

PendingQuery::PendingQuery() noexcept = default;
PendingQuery::PendingQuery(void* query, const QueryFunctions& functions, std::source_location place) noexcept
    : query_(query), functions_(&functions), place_(place) {}
PendingQuery::PendingQuery(PendingQuery&& other) noexcept
    : session_(std::move(other.session_)),
      query_(std::exchange(other.query_, nullptr)),
      functions_(other.functions_),
      place_(other.place_) {}
PendingQuery::~PendingQuery() {
    if (query_) functions_->destroy(query_);
}

void PendingQuery::fetch(const RowSink& sink, std::int64_t most, void* out) {
    QueryState& state = functions_->state(query_);
    limit_to(state, most);
    SessionCore& session = session_.get();
    if (sink.row_type) {
        session.select_rows(query_, *functions_, out, sink.row_type());
    } else if (sink.take_nodes) {
        session.select({functions_->fields.front().table(), *functions_, query_, place_}, sink.take_nodes, out);
    } else {
        RowCursor cursor{*this, sink, out};
        cursor.read(RowCursor::all);
    }
}

std::int64_t PendingQuery::count() {
    RowCursor cursor{*this, {}, nullptr};
    return cursor.count();
}

std::int64_t PendingQuery::fetch_page(
    const RowSink& sink, std::int64_t number, std::int64_t size, void* out, std::size_t (*size_of)(const void* out)) {
    QueryState& state = functions_->state(query_);
    if (number < 1 || size < 1)
        throw ArgumentError("page(" + std::to_string(number) + ", " + std::to_string(size) +
            "): pages count from 1 and have at least one row; check what a client sent before it gets here");
    if (state.is_limited())
        throw ArgumentError("page() was called on a query with limit() or offset(), which page() sets itself");
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    state.limit = size;
    state.offset = number - 1 > most / size ? most : (number - 1) * size;
    const std::int64_t before = state.offset;
    fetch(sink, -1, out);
    const auto found = static_cast<std::int64_t>(size_of(out));
    // A page that is not full tells where the rows end.
    if (found < size && (found > 0 || before == 0)) return before + found;
    state.limit = -1;
    state.offset = 0;
    return count();
}

void throw_in_column(const ValueError& error, const Statement& statement, int column, std::string_view sql) {
    throw ValueError("column \"" + std::string{statement.column_name(column)} + "\" " + error.what() +
        " (as read by: " + std::string{sql} + ")");
}

void read_row(Statement& statement, const RowType& type, int first, void* out, std::string_view sql) {
    try {
        statement.read(type.members, first, type.append(out));
    } catch (const ColumnError& error) {
        throw_in_column(error, statement, first + static_cast<int>(error.column()), sql);
    }
}

void SessionCore::select_rows(void* query, const QueryFunctions& functions, void* out, const RowType& type) {
    autoflush();
    const SelectForm form{.limited = functions.state(query).is_limited()};
    const std::string& sql = functions.sql(dialect(), form);
    const bool is_whole = !form.limited && functions.info->is_unordered();
    Statement& statement = is_whole ? prepare_whole(sql) : prepare(sql);
    const StatementUse use{statement};
    Parameters parameters{statement};
    functions.bind(query, parameters, form);
    const auto take = [&](Statement& row) { read_row(row, type, 0, out, sql); };
    statement.each_row(take);
}

namespace {

/// Which of these names each column of a statement has, by their places. Throws ArgumentError when it has others.
std::vector<std::size_t> names_of_columns(const Statement& statement, const RowShape& shape, std::string_view sql) {
    constexpr auto none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> names(static_cast<std::size_t>(statement.column_count()), none);
    for (std::size_t i = 0; i < shape.names.size(); ++i) {
        const std::string_view name = shape.names[i];
        int at = 0;
        while (at < statement.column_count() && statement.column_name(at) != name) ++at;
        if (at == statement.column_count())
            throw ArgumentError(std::string{shape.type} + " lists \"" + std::string{name} +
                "\", but no column of the result has that name (say … AS " + std::string{name} +
                "), in: " + std::string{sql});
        names[static_cast<std::size_t>(at)] = i;
    }
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == none)
            throw ArgumentError("the column \"" + std::string{statement.column_name(static_cast<int>(i))} +
                "\" of the result is no member that " + shape.type + " lists, in: " + std::string{sql});
    return names;
}
void check_count(const Statement& statement, const RowShape& shape, std::string_view sql) {
    if (static_cast<std::size_t>(statement.column_count()) == shape.count) return;
    throw ArgumentError("the result has " + std::to_string(statement.column_count()) + " columns, but " + shape.type +
        " takes " + std::to_string(shape.count) + ", in: " + std::string{sql});
}

}  // namespace

void SessionCore::execute_rows(std::string_view sql, std::span<const Parameter> parameters, const RowShape& shape,
    void* out, const RowType& type) {
    Statement& statement = prepare_text(sql, parameters);
    const StatementUse use{statement};
    if (shape.names.empty()) {
        check_count(statement, shape, sql);
        while (statement.step()) read_row(statement, type, 0, out, sql);
        return;
    }
    RowType ordered{type.append, {}};
    for (const std::size_t name : names_of_columns(statement, shape, sql))
        ordered.members.push_back(type.members[name]);
    while (statement.step()) read_row(statement, ordered, 0, out, sql);
}

std::vector<Node*> SessionCore::execute_keys(
    const Table& table, std::string_view sql, std::span<const Parameter> parameters) {
    std::vector<Key> keys;
    std::vector<Value> values;
    {
        Statement& statement = prepare_text(sql, parameters);
        const StatementUse use{statement};
        RowShape shape{table.class_name, {}, table.key.size()};
        check_count(statement, shape, sql);
        std::vector<ValueView> views;
        while (statement.step()) {
            views.clear();
            for (std::size_t i = 0; i < table.key.size(); ++i)
                views.push_back(statement.column(static_cast<int>(i), table.columns[table.key[i]].type->kind));
            keys.push_back(to_key(views));
            for (const ValueView& view : views) values.push_back(to_value(view));
        }
    }
    const std::vector<Node*> loaded = load_rows(table, table.key, {}, values);
    apply_loaders(loaded, table, {});
    std::vector<Node*> nodes;
    for (const Key& key : keys)
        if (Node* node = find(table, key)) nodes.push_back(node);
    return nodes;
}

void throw_no_object(const Table& table, std::initializer_list<ValueView> key) {
    std::string text;
    for (const ValueView& part : key) {
        const Value value = to_value(part);
        if (!text.empty()) text += ", ";
        if (const auto* number = std::get_if<std::int64_t>(&value)) text += std::to_string(*number);
        else if (const auto* words = std::get_if<std::string>(&value)) text += '"' + *words + '"';
        else text += '?';
    }
    throw NoResult("there is no " + std::string{table.class_name} + " with the key " + text +
        "; where there may be none, use get()");
}

}  // namespace tandem::orm

namespace tandem {

Rows::Rows(std::vector<std::string> columns, std::vector<Row> rows, std::int64_t changed)
    : columns_(std::move(columns)), rows_(std::move(rows)), changed_(changed) {}
Rows::Rows(const Rows& other) = default;
Rows::Rows(Rows&& other) noexcept = default;
Rows& Rows::operator=(const Rows& other) = default;
Rows& Rows::operator=(Rows&& other) noexcept = default;
Rows::~Rows() = default;

std::vector<Row> Rows::all() && { return std::move(rows_); }
std::optional<Row> Rows::first() && {
    if (rows_.empty()) return std::nullopt;
    return std::move(rows_.front());
}
Row Rows::one() && {
    if (rows_.size() != 1) orm::throw_not_one(rows_.empty());
    return std::move(rows_.front());
}
std::optional<Row> Rows::one_or_none() && {
    if (rows_.size() > 1) orm::throw_not_one(false, "one_or_none()");
    return std::move(*this).first();
}
Value Rows::scalar() && {
    if (rows_.size() != 1) orm::throw_not_one(rows_.empty(), "scalar()");
    Row& row = rows_.front();
    if (row.empty()) throw NoResult("scalar() found a row without columns");
    return std::move(row.front());
}

}  // namespace tandem

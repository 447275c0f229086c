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

void throw_not_one(bool none) {
    if (none) throw NoResult("one() found no row; where there may be none, use first() or one_or_none()");
    throw MultipleResults("one() found more than one row; say which by where(), or use first()");
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
    if (sink.take_row) {
        session.select_rows(query_, *functions_, out, sink.take_row);
    } else if (sink.take_nodes) {
        const auto nodes = session.select({functions_->fields.front().table(), *functions_, query_, place_});
        sink.take_nodes(out, nodes.size(), nodes.data());
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

void throw_in_column(
    const ValueError& error, const Statement& statement, const Columns& columns, std::string_view sql) {
    throw ValueError("column \"" + std::string{statement.column_name(columns.last())} + "\" " + error.what() +
        " (as read by: " + std::string{sql} + ")");
}

namespace {

/// Calls take for each row. An error of a value names its column.
void read_rows(Statement& statement, Columns& columns, std::string_view sql, void* out, TakeRow take) {
    while (statement.step()) {
        try {
            take(out, columns);
        } catch (const ValueError& error) { throw_in_column(error, statement, columns, sql); }
    }
}

}  // namespace

void SessionCore::select_rows(void* query, const QueryFunctions& functions, void* out, TakeRow take) {
    autoflush();
    const SelectForm form{.limited = functions.state(query).is_limited()};
    const std::string& sql = functions.sql(dialect(), form);
    Statement& statement = prepare(sql);
    const StatementUse use{statement};
    Parameters parameters{statement};
    functions.bind(query, parameters, form);
    Columns columns{statement};
    read_rows(statement, columns, sql, out, take);
}

namespace {

/// Where a statement has the columns of these names. Throws ArgumentError when it has others.
std::vector<int> columns_by_name(const Statement& statement, const RowShape& shape, std::string_view sql) {
    std::vector<int> order;
    std::vector<bool> used(static_cast<std::size_t>(statement.column_count()));
    for (const std::string_view name : shape.names) {
        int at = 0;
        while (at < statement.column_count() && statement.column_name(at) != name) ++at;
        if (at == statement.column_count())
            throw ArgumentError(std::string{shape.type} + " lists \"" + std::string{name} +
                "\", but no column of the result has that name (say … AS " + std::string{name} +
                "), in: " + std::string{sql});
        order.push_back(at);
        used[static_cast<std::size_t>(at)] = true;
    }
    for (std::size_t i = 0; i < used.size(); ++i)
        if (!used[i])
            throw ArgumentError("the column \"" + std::string{statement.column_name(static_cast<int>(i))} +
                "\" of the result is no member that " + shape.type + " lists, in: " + std::string{sql});
    return order;
}
void check_count(const Statement& statement, const RowShape& shape, std::string_view sql) {
    if (static_cast<std::size_t>(statement.column_count()) == shape.count) return;
    throw ArgumentError("the result has " + std::to_string(statement.column_count()) + " columns, but " + shape.type +
        " takes " + std::to_string(shape.count) + ", in: " + std::string{sql});
}

}  // namespace

void SessionCore::execute_rows(
    std::string_view sql, std::span<const Parameter> parameters, const RowShape& shape, void* out, TakeRow take) {
    Statement& statement = prepare_text(sql, parameters);
    const StatementUse use{statement};
    if (shape.names.empty()) check_count(statement, shape, sql);
    Columns columns{statement, shape.names.empty() ? std::vector<int>{} : columns_by_name(statement, shape, sql)};
    read_rows(statement, columns, sql, out, take);
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
    if (rows_.size() > 1) orm::throw_not_one(false);
    return std::move(*this).first();
}
Value Rows::scalar() && {
    Row row = std::move(*this).one();
    if (row.empty()) throw NoResult("scalar() found a row without columns");
    return std::move(row.front());
}

}  // namespace tandem

// Running queries whose types are gone, and reading what they find.
#include <tandem/orm/error.hpp>
#include <tandem/orm/result.hpp>

#include "load_operation.hpp"
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

ValueView read_column(Columns& row, int index, Kind kind) { return row.read(index, kind); }

namespace {

void limit_to(QueryState& state, std::int64_t most) {
    if (most >= 0 && (state.limit < 0 || state.limit > most)) state.limit = most;
}

}  // namespace

void PendingQuery::fetch_nodes(const Table& table, std::int64_t most, void* out, TakeNodes take) {
    QueryState& state = functions_->state(query_.get());
    limit_to(state, most);
    const auto nodes = session_.get().select({table, *functions_, query_.get(), place_});
    take(out, nodes.size(), nodes.data());
}

void PendingQuery::fetch_rows(std::int64_t most, void* out, TakeRow take) {
    limit_to(functions_->state(query_.get()), most);
    session_.get().select_rows(functions_->sql(query_.get()), query_.get(), functions_->bind, out, take);
}

void SessionCore::select_rows(const std::string& sql, const void* query, BindFunction bind, void* out, TakeRow take) {
    autoflush();
    Statement& statement = prepare(sql);
    const StatementUse use{statement};
    Parameters parameters{statement};
    bind(query, parameters);
    Columns columns{statement};
    while (statement.step()) {
        try {
            take(out, columns);
        } catch (const ValueError& error) {
            throw ValueError("column \"" + std::string{statement.column_name(columns.last())} + "\" " + error.what() +
                " (as read by: " + sql + ")");
        }
    }
}

}  // namespace tandem::orm

namespace tandem {

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

#include <algorithm>

#include <tandem/orm/session.hpp>

#include "session_core.hpp"

namespace tandem::orm {

SessionCore::SessionCore(
    std::shared_ptr<TransactionCore> transaction, SessionOptions options, std::source_location place)
    : transaction_(std::move(transaction)),
      owns_transaction_(false),
      options_(options),
      place_(place),
      graph_(new Graph) {
    graph_->session = this;
}
SessionCore::SessionCore(ConnectionPool& pool, Access access, SessionOptions options, std::source_location place)
    : transaction_(std::make_shared<TransactionCore>(pool, access)),
      owns_transaction_(true),
      options_(options),
      place_(place),
      graph_(new Graph) {
    graph_->session = this;
}

SessionCore::~SessionCore() {
    rollback();
    graph_->session = nullptr;
    graph_->sweep();
    // Unchanged objects need their hashes no longer: the next access takes them anew.
    graph_->each([](Node* node) {
        // What only shares the graph is not the session's: it may carry changes that are still to be written.
        if ((node->flags & Node::held) == 0) return;
        node->flags &= ~std::uint32_t{Node::held};
        if ((node->flags & Node::persistent) == 0) return;
        delete[] std::exchange(node->hashes, nullptr);
        node->flags |= Node::unhashed;
    });
    if (graph_->is_unheld()) delete graph_;
}

std::string SessionCore::place() const {
    std::string_view file = place_.file_name();
    if (const auto slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
    return std::string{file} + ":" + std::to_string(place_.line());
}

Node* SessionCore::get(const Table& table, std::span<const ValueView> given) {
    if (given.size() != table.key.size())
        throw ArgumentError(std::string{"the key of "} + table.class_name + " has " + std::to_string(table.key.size()) +
            " values, not " + std::to_string(given.size()));
    std::vector<ValueView> wanted{given.begin(), given.end()};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Kind kind = table.columns[table.key[i]].type->kind;
        if (wanted[i].kind() != kind) wanted[i] = coerce(wanted[i], kind);
    }
    const Key key = to_key(wanted);
    Node* known = find(table, key);
    if (known && (known->flags & (Node::deleted | Node::removing)) != 0) return nullptr;
    if (known && (known->flags & Node::expired) == 0) return known;
    autoflush();
    const auto rows = load_rows(table, table.key, {}, key_values(key));
    apply_loaders(rows, table, {});
    return rows.empty() ? nullptr : rows.front();
}

void SessionCore::flush() {
    require_usable();
    if (flushing_) throw InvalidStateError("flush() and commit() cannot be called while the session flushes");
    if (pending_.empty() && touched_.empty() && removing_.empty()) return;
    flushing_ = true;
    try {
        write_changes();
    } catch (const SessionOverlap&) {  // thrown before the first write: the other session has to end first
        flushing_ = false;
        throw;
    } catch (const std::exception& error) {
        fail(error.what());
        throw;
    } catch (...) {
        fail("an exception that is no std::exception");
        throw;
    }
    flushing_ = false;
}

void SessionCore::autoflush() {
    if (flushing_ || !options_.autoflush || (autoflush_stops_ && *autoflush_stops_ > 0)) return;
    flush();
}

const std::shared_ptr<int>& SessionCore::autoflush_stops() {
    if (!autoflush_stops_) autoflush_stops_ = std::make_shared<int>(0);
    return autoflush_stops_;
}

void SessionCore::fail(const char* error) {
    flushing_ = false;
    failure_ = error;
}

void SessionCore::throw_pending_rollback() const {
    throw PendingRollback("the session opened at " + place() +
        " has to be rolled back before it goes on: call rollback(), or put what may fail into a savepoint. Its flush "
        "failed with: " +
        *failure_);
}

void SessionCore::commit() {
    flush();
    try {
        transaction_->seal(*this);
        if (owns_transaction_) transaction_->commit();
    } catch (const std::exception& error) {
        fail(error.what());
        throw;
    }
    forget_changes();
    if (options_.expire_on_commit) expire_all();
}

void SessionCore::forget_changes() {
    relation_changes_.clear();
    inserted_.clear();
    updated_.clear();
    erased_.clear();
    read_unsealed_.clear();
    collections_unsealed_.clear();
}

void SessionCore::rollback() noexcept {
    failure_.reset();
    transaction_->undo(*this);
    if (owns_transaction_) transaction_->rollback();
    restore_objects();
    if (owns_transaction_) transaction_->rollback();  // of the reads
}

namespace {

void bind_named(Statement& statement, std::string_view sql, std::span<const Parameter> parameters) {
    std::vector<const Parameter*> given(static_cast<std::size_t>(statement.parameter_count()));
    for (const Parameter& parameter : parameters) {
        const int index = statement.parameter_index(parameter.name());
        if (index == 0)
            throw BindError("there is no parameter :" + std::string{parameter.name()} + " in: " + std::string{sql});
        const Parameter*& place = given[static_cast<std::size_t>(index - 1)];
        if (place)
            throw BindError("two values were given for :" + std::string{parameter.name()} + " in: " + std::string{sql});
        place = &parameter;
    }
    for (int index = 1; index <= statement.parameter_count(); ++index) {
        if (given[static_cast<std::size_t>(index - 1)]) continue;
        const std::string_view name = statement.parameter_name(index);
        throw BindError(
            (name.empty() ? "parameters need names, as in :name" : "no value was given for :" + std::string{name}) +
            ", in: " + std::string{sql});
    }
    for (int index = 1; index <= statement.parameter_count(); ++index)
        statement.bind(index, given[static_cast<std::size_t>(index - 1)]->view());
}

}  // namespace

Rows SessionCore::execute(std::string_view sql, std::span<const Parameter> parameters) {
    if (controls_transactions(sql))
        throw ArgumentError(
            "transactions belong to the session: use commit() and rollback() instead of: " + std::string{sql});
    autoflush();
    Statement& statement = prepare(sql);
    bind_named(statement, sql, parameters);
    const bool writes = !statement.is_readonly();
    if (writes) prepare_write();
    const StatementUse use{statement};
    std::vector<std::string> columns;
    columns.reserve(static_cast<std::size_t>(statement.column_count()));
    for (int i = 0; i < statement.column_count(); ++i) columns.emplace_back(statement.column_name(i));
    std::vector<Row> rows;
    while (statement.step()) {
        Row& row = rows.emplace_back();
        row.reserve(columns.size());
        for (int i = 0; i < static_cast<int>(columns.size()); ++i) row.push_back(to_value(statement.column(i)));
    }
    return {std::move(columns), std::move(rows), writes ? transaction_->connection().changed_rows() : 0};
}

void throw_not_one(std::size_t count) {
    if (count == 0) throw NoResult("one() found no row");
    throw MultipleResults("one() found " + std::to_string(count) + " rows");
}

ValueView read_column(Columns& row, int index, Kind kind) { return row.read(index, kind); }

}  // namespace tandem::orm

namespace tandem {

Session::Session(std::unique_ptr<orm::SessionCore> core) : core_(std::move(core)) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;
orm::SessionCore& Session::core() const {
    if (!core_) throw InvalidStateError("a session was used after it had been moved away");
    return *core_;
}
void Session::add_node(orm::Node* node) { core().add(node); }
void Session::remove_node(orm::Node* node) { core().remove(node); }
void Session::refresh_node(orm::Node* node) { core().refresh(node); }
orm::Node* Session::get_node(const orm::Table& table, std::initializer_list<orm::ValueView> key) {
    return core().get(table, {key.begin(), key.size()});
}
void Session::expire_node(orm::Node* node) { core().expire(node); }
void Session::expire_attributes(orm::Node* node, std::initializer_list<std::uint32_t> offsets) {
    core().expire(node, {offsets.begin(), offsets.size()});
}
void Session::refresh_attributes(orm::Node* node, std::initializer_list<std::uint32_t> offsets) {
    core().refresh(node, {offsets.begin(), offsets.size()});
}
void Session::expire_all() { core().expire_all(); }
void Session::expunge_node(orm::Node* node) { core().expunge(node); }
void Session::expunge_all() { core().expunge_all(); }
bool Session::contains_node(const orm::Node* node) const { return node && core().contains(node); }
NoAutoflush Session::no_autoflush() { return NoAutoflush{core().autoflush_stops()}; }
void Session::flush() { core().flush(); }
void Session::commit() { core().commit(); }
void Session::rollback() { core().rollback(); }

void Session::select_nodes(const orm::Table& table, const std::string& sql, Binding binding,
    const std::vector<orm::LoadPlan>& loaders, void* out, void (*take)(void*, std::size_t, orm::Node* const*)) {
    const auto nodes = core().select(table, sql, binding.query, binding.bind, loaders);
    take(out, nodes.size(), nodes.data());
}

void Session::select_rows(const std::string& sql, Binding binding, void* out, void (*take)(void*, orm::Columns&)) {
    core().autoflush();
    orm::Statement& statement = core().prepare(sql);
    const orm::StatementUse use{statement};
    orm::Parameters parameters{statement};
    binding.bind(binding.query, parameters);
    orm::Columns columns{statement};
    while (statement.step()) {
        try {
            take(out, columns);
        } catch (const ValueError& error) {
            throw ValueError("column \"" + std::string{statement.column_name(columns.last())} + "\" " + error.what() +
                " (as read by: " + sql + ")");
        }
    }
}

Rows Session::execute_text(std::string_view sql, std::initializer_list<Parameter> parameters) {
    return core().execute(sql, {parameters.begin(), parameters.size()});
}

Value Rows::scalar() && {
    if (rows_.size() != 1) orm::throw_not_one(rows_.size());
    if (rows_.front().empty()) throw NoResult("scalar() found a row without columns");
    return std::move(rows_.front().front());
}

}  // namespace tandem

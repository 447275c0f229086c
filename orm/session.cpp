#include <algorithm>
#include <sstream>

#include <tandem/orm/session.hpp>

#include "column_values.hpp"
#include "key_list.hpp"
#include "load_operation.hpp"
#include "session_core.hpp"

namespace tandem::orm {

SessionCore::SessionCore(
    std::shared_ptr<TransactionCore> transaction, SessionOptions options, std::source_location place)
    : transaction_(std::move(transaction)),
      owns_transaction_(false),
      options_(options),
      place_(place),
      graph_(new Graph),
      hooks_(transaction_->pool().hooks().current()) {
    graph_->session = this;
}
SessionCore::SessionCore(ConnectionPool& pool, Access access, SessionOptions options, std::source_location place)
    : transaction_(std::make_shared<TransactionCore>(pool, access)),
      owns_transaction_(true),
      options_(options),
      place_(place),
      graph_(new Graph),
      hooks_(pool.hooks().current()) {
    graph_->session = this;
}

SessionCore::~SessionCore() {
    if (handle_) *handle_ = nullptr;
    rollback();
    try {
        finish_rollback();
    } catch (...) {  // NOLINT(bugprone-empty-catch): a destructor has nobody to tell; rollback() throws it
    }
    graph_->session = nullptr;
    // Unchanged objects need their hashes no longer: the next access takes them anew. (What only shares the graph is
    // not the session's: it may carry changes that are still to be written.)
    for (Node* node : touched_) {
        if ((node->flags & Node::held) == 0) continue;
        node->flags &= ~std::uint32_t{Node::untracked | Node::tracked};
        if ((node->flags & Node::persistent) != 0) node->flags |= Node::unhashed;
    }
    if (graph_->is_unheld()) delete graph_;
    else graph_->sweep();
}

std::string SessionCore::place() const { return place_text(place_); }

void SessionCore::check_other_thread() {
    if (!thread_) {
        thread_ = &thread_mark;
        thread_id_ = std::this_thread::get_id();
        return;
    }
    std::ostringstream text;
    text << "the session opened at " << place() << " was used on thread " << std::this_thread::get_id()
         << ", but it belongs to thread " << thread_id_
         << ", which used it first; open a session of its own on each thread, and hand keys over instead of objects";
    throw InvalidStateError(text.str());
}

Node* SessionCore::get(const Table& table, std::span<const ValueView> given) {
    if (given.size() != table.key.size())
        throw ArgumentError(std::string{"the key of "} + table.class_name + " has " + std::to_string(table.key.size()) +
            " values, not " + std::to_string(given.size()));
    std::vector<ValueView> wanted{given.begin(), given.end()};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Column& column = table.columns[table.key[i]];
        if (wanted[i].kind() == column.type->kind) continue;
        try {
            wanted[i] = coerce(wanted[i], column.type->kind);
        } catch (const ValueError& error) {
            throw ValueError(std::string{table.class_name} + "." + column.member + ", the key, " + error.what());
        }
    }
    Node* known = find(table, to_key(wanted));
    if (known && (known->flags & (Node::deleted | Node::removing)) != 0) return nullptr;
    if (known && (known->flags & Node::expired) == 0) return known;
    return load_one(table, wanted);
}

Node* SessionCore::get(const Table& table, std::int64_t key) {
    const ValueView view = ValueView::of(key);
    if (!table.integer_key) return get(table, std::span{&view, 1});
    Node* known = find_integer(table, key);
    if (!known) {
        identities(table).prefetch(key);
        return load_one(table, std::span{&view, 1});
    }
    constexpr std::uint32_t special = Node::deleted | Node::removing | Node::expired;
    if ((known->flags & special) == 0) return known;
    return (known->flags & (Node::deleted | Node::removing)) != 0 ? nullptr : load_one(table, std::span{&view, 1});
}

void SessionCore::flush(Compare compare) {
    require_usable();
    if (flushing_) throw InvalidStateError("flush() was called while the session flushes, by one of its hooks");
    if (pending_.empty() && removing_.empty() && recent_.empty() && (compare == Compare::recent || touched_.empty()))
        return;
    flushing_ = true;
    try {
        const bool tells_hooks = hooks_ && has_work(compare);
        if (tells_hooks) run_session_hooks(SessionEvent::before_flush);
        writing_ = true;
        write_changes(compare);
        writing_ = false;
        if (tells_hooks) run_session_hooks(SessionEvent::after_flush);
    } catch (...) {
        note_failure();
        throw;
    }
    flushing_ = false;
}

void SessionCore::autoflush() {
    if (pending_.empty() && removing_.empty() && recent_.empty() && !failure_) return;
    if (flushing_ || !options_.autoflush || (autoflush_stops_ && *autoflush_stops_ > 0)) return;
    flush();
}

const std::shared_ptr<int>& SessionCore::autoflush_stops() {
    if (!autoflush_stops_) autoflush_stops_ = std::make_shared<int>(0);
    return autoflush_stops_;
}

void SessionCore::fail(const char* error) {
    flushing_ = writing_ = false;
    failure_ = error;
}

void SessionCore::note_failure() {
    try {
        throw;
    } catch (const SessionOverlap&) {  // thrown before the first write: the other session has to end first
        flushing_ = writing_ = false;
    } catch (const BrokenRules&) {  // before the first write as well: set the objects right and flush again
        flushing_ = writing_ = false;
    } catch (const std::exception& error) { fail(error.what()); } catch (...) {
        fail("an exception that is no std::exception");
    }
}

void SessionCore::throw_pending_rollback() const {
    throw PendingRollback("the session opened at " + place() +
        " has to be rolled back before it goes on: call rollback(), or put what may fail into a savepoint. What "
        "failed: " +
        *failure_);
}

void SessionCore::commit() {
    require_usable();
    if (!savepoints_.empty())
        throw InvalidStateError("the savepoint made at " + savepoints_.back()->place +
            " is still open; commit it or roll it back before the session commits");
    transaction_->end_cursors(this, "its session was committed");
    run_failing_hooks(SessionEvent::before_commit);
    flush(Compare::all);
    // What hooks changed after the flush.
    for (int round = 0; hooks_ && has_work(Compare::recent); ++round) {
        if (round == 100) throw InvalidStateError("hooks change objects anew after every flush; commit() gave up");
        flush();
    }
    const bool wrote = transaction_->is_writer(*this);
    try {
        transaction_->seal(*this);
        if (owns_transaction_) transaction_->commit();
    } catch (const std::exception& error) {
        fail(error.what());
        throw;
    }
    undo_ = {};
    begun_ = false;
    if (options_.expire_on_commit) expire_all();
    if (owns_transaction_) finish_commit(wrote);
    else transaction_->call_after_end(std::exchange(after_commit_, {}), std::exchange(after_rollback_, {}));
}

void SessionCore::rollback() noexcept {
    transaction_->end_cursors(this, "its session was rolled back or has ended");
    failure_.reset();
    for (const auto& savepoint : savepoints_) savepoint->session = nullptr;
    savepoints_.clear();
    const bool wrote = transaction_->is_writer(*this);
    transaction_->undo(*this);
    if (owns_transaction_) transaction_->rollback();
    begun_ = true;  // reading again is not the beginning of anything
    restore_objects();
    begun_ = false;
    if (owns_transaction_) transaction_->rollback();  // of the reads
    after_commit_.clear();
    undone_ = undone_ || (wrote && owns_transaction_);
}

bool SessionCore::in_transaction() const {
    return begun_ || !pending_.empty() || !removing_.empty() ||
        std::ranges::any_of(touched_, [this](const Node* node) { return is_changed(node); });
}

void SessionCore::begin() {
    if (in_transaction())
        throw InvalidStateError("begin() was called in a transaction: the session opened at " + place() +
            " has been used since its last commit() or rollback()");
    (void)connection();
}

void SessionCore::begin_scope() {
    require_usable();
    if (in_scope_ || in_transaction())
        throw InvalidStateError("transaction() was called in a transaction: the session opened at " + place() +
            " has been used since its last commit() or rollback(); use savepoint() for a part of it");
    in_scope_ = true;
}

void SessionCore::end_scope(bool keep) {
    in_scope_ = false;
    if (!keep) {
        rollback();
        try {
            finish_rollback();
        } catch (...) {  // NOLINT(bugprone-empty-catch): the error that made it roll back is the one to be thrown
        }
        return;
    }
    try {
        commit();
    } catch (...) {
        // After the COMMIT itself, when a hook threw, there is nothing to undo.
        rollback();
        throw;
    }
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

Statement& SessionCore::prepare_text(std::string_view sql, std::span<const Parameter> parameters) {
    if (controls_transactions(sql))
        throw ArgumentError(
            "transactions belong to the session: use commit() and rollback() instead of: " + std::string{sql});
    autoflush();
    Statement& statement = prepare(sql);
    bind_named(statement, sql, parameters);
    if (!statement.is_readonly()) prepare_write();
    return statement;
}

Rows SessionCore::execute(std::string_view sql, std::span<const Parameter> parameters) {
    Statement& statement = prepare_text(sql, parameters);
    const StatementUse use{statement};
    const bool writes = !statement.is_readonly();
    std::vector<std::string> columns;
    columns.reserve(static_cast<std::size_t>(statement.column_count()));
    for (int i = 0; i < statement.column_count(); ++i) columns.emplace_back(statement.column_name(i));
    std::vector<Row> rows;
    while (statement.step()) {
        Row& row = rows.emplace_back();
        row.reserve(columns.size());
        for (int i = 0; i < static_cast<int>(columns.size()); ++i) row.push_back(to_value(statement.column(i)));
    }
    return {std::move(columns), std::move(rows), writes ? transaction_->last_used().changed_rows() : 0};
}

}  // namespace tandem::orm

namespace tandem {

void orm::SessionDeleter::operator()(SessionCore* core) const noexcept {
    if (owns) delete core;
}

Session::Session(std::unique_ptr<orm::SessionCore> core) : core_(core.release()) {}
Session::Session(orm::SessionCore& borrowed) : core_(&borrowed, orm::SessionDeleter{.owns = false}) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;
orm::SessionCore& Session::core() const {
    if (!core_) throw InvalidStateError("a session was used after it had been moved away");
    core_->check_thread();
    return *core_;
}
void Session::add_criterion(orm::Criterion criterion) { core().add_criterion(std::move(criterion)); }
orm::Node* Session::make_node(const orm::Table& table) { return core().make(table); }
void Session::add_node(orm::Node* node) { core().add(node); }
void Session::remove_node(orm::Node* node) { core().remove(node); }
void Session::refresh_node(orm::Node* node) { core().refresh(node); }
orm::Node* Session::get_node(const orm::Table& table, std::initializer_list<orm::ValueView> key) {
    return core().get(table, {key.begin(), key.size()});
}
orm::Node* Session::get_node(const orm::Table& table, std::int64_t key) { return core().get(table, key); }
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
void Session::flush() { core().flush(orm::SessionCore::Compare::all); }
void Session::begin() {
    core().require_free("begin()");
    core().begin();
}
void Session::begin_scope() {
    core().require_outside_hook("transaction()");
    core().begin_scope();
}
bool Session::in_scope() const { return core().in_scope(); }
void Session::end_scope(bool keep) { core().end_scope(keep); }
bool Session::in_transaction() const { return core().in_transaction(); }
Savepoint Session::savepoint(std::source_location place) {
    core().require_outside_hook("savepoint()");
    return Savepoint{core().open_savepoint(place)};
}
void Session::after_commit(std::function<void()> callback) { core().call_after_commit(std::move(callback)); }
void Session::after_rollback(std::function<void()> callback) { core().call_after_rollback(std::move(callback)); }
std::vector<orm::Node*> Session::changed_objects(const orm::Table& table, int changes) const {
    return core().objects(table, static_cast<orm::SessionCore::Changes>(changes));
}
void Session::commit() {
    core().require_free("commit()");
    core().commit();
}
void Session::rollback() {
    core().require_free("rollback()");
    core().rollback();
    core().finish_rollback();
}

void Session::execute_rows(std::string_view sql, std::initializer_list<Parameter> parameters,
    const orm::RowShape& shape, void* out, const orm::RowType& type) {
    core().execute_rows(sql, {parameters.begin(), parameters.size()}, shape, out, type);
}
std::vector<orm::Node*> Session::execute_keys(
    const orm::Table& table, std::string_view sql, std::initializer_list<Parameter> parameters) {
    return core().execute_keys(table, sql, {parameters.begin(), parameters.size()});
}
orm::PendingQuery Session::pend(void* query, const orm::QueryFunctions& functions, std::source_location place) {
    orm::PendingQuery pending{query, functions, place};
    pending.set_session(core().handle());
    return pending;
}
const std::string& Session::text_of(const orm::QueryFunctions& query, bool limited) {
    return query.sql(core().dialect(), {.limited = limited});
}

Rows Session::execute_text(std::string_view sql, std::initializer_list<Parameter> parameters) {
    return core().execute(sql, {parameters.begin(), parameters.size()});
}

}  // namespace tandem

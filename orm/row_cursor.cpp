#include "row_cursor.hpp"

#include <tandem/orm/error.hpp>

#include "text_cache.hpp"

namespace tandem::orm {

RowCursor::RowCursor(PendingQuery& query, const RowSink& sink, void* out) : query_(query), sink_(sink), out_(out) {
    options_ = query_.functions_->state(query_.query_).options.get();
    if (!options_) return;
    for (const LoadPlan& plan : options_->plans)
        if (plan.loading == Loading::joined && plan.inner)
            throw ArgumentError("inner() of a joined load of " + std::string{plan.relation->owner->class_name} + "." +
                plan.relation->name +
                " cannot leave out objects of a stream, of rows of several objects, or of a count: relations are "
                "loaded by statements of their own there; join() the relation in the query instead");
}

std::string RowCursor::place() const { return place_text(query_.place_); }

void RowCursor::check() const {
    if (state_ == State::ended)
        throw InvalidStateError("the stream of the query at " + place() + " has ended before its last row: " + why_ +
            "; read it to its end first, or stream in a session of its own");
}

SessionCore& RowCursor::use() {
    check();
    session_ = &query_.session_.get();
    session_->check_thread();
    return *session_;
}

void RowCursor::add_fields(const LoadOperation& operation) {
    int column = 0;
    const std::span<const ColumnChoice> choices =
        options_ ? std::span{options_->columns} : std::span<const ColumnChoice>{};
    for (const RowField& given : query_.functions_->fields) {
        Field& field = fields_.emplace_back(Field{nullptr, given.alias, {}, {}, column});
        if (given.table) {
            field.table = &given.table();
            field.shape = shape_of(*field.table, choices);
            field.criteria = operation.criteria_for(*field.table, nullptr);
        }
        column += field.table ? static_cast<int>(field.shape.width()) : 1;
    }
}

/// The query's statement with its values bound, ready to run.
Statement& RowCursor::start(const SelectForm& form) {
    SessionCore& session = use();
    session.autoflush();
    const LoadOperation operation{session, options_};
    add_fields(operation);

    const QueryFunctions& functions = *query_.functions_;
    const Dialect& dialect = session.dialect();
    std::vector<EntityExtras> entities;
    bool is_plain = true;
    TextKey key;
    key.add(&dialect).add(&functions).add(std::size_t{form.limited}).add(std::size_t{form.counted});
    for (const Field& field : fields_) {
        if (!field.table) continue;
        entities.push_back({field.table, field.alias, field.shape.picked, field.criteria});
        is_plain = is_plain && field.shape.picked.empty() && field.criteria.empty();
        add_shape(key, field.shape);
        add_criteria(key, field.criteria);
    }
    const SelectInfo& info = *functions.info;
    const RootExtras extras{&info, {}, nullptr, "", {}, false, entities};
    SharedText text;
    if (!is_plain)
        text = cached_text(key, [&] {
            SqlWriter out{dialect};
            out.extras = &extras;
            write_root(out, info, form);
            return out.text;
        });
    sql_ = text ? *text : functions.sql(dialect, form);
    Statement& statement = session.prepare(sql_);
    Parameters parameters{statement};
    parameters.set_extras(&extras);
    functions.bind(query_.query_, parameters, form);
    return statement;
}

std::int64_t RowCursor::count() {
    const QueryState& state = query_.functions_->state(query_.query_);
    Statement& statement = start({.limited = state.is_limited(), .counted = true});
    const StatementUse use{statement};
    return statement.step() ? statement.column(0, Kind::integer).integer() : 0;
}

void RowCursor::open() {
    const QueryState& state = query_.functions_->state(query_.query_);
    Statement& statement = start({.limited = state.is_limited()});
    const bool has_objects = sink_.take_nodes || sink_.take_fields;
    try {
        if (has_objects) origin_ = session_->begin_origin(options_, query_.place_);
        session_->transaction().open_cursor(*this);
    } catch (...) {
        statement.reset();
        throw;
    }
    is_listed_ = true;
    statement_ = &statement;
    state_ = State::open;
}

void RowCursor::reset() noexcept {
    if (statement_) statement_->reset();
    statement_ = nullptr;
}

void RowCursor::close() noexcept {
    reset();
    if (is_listed_) session_->transaction().close_cursor(*this);
    is_listed_ = false;
}

void RowCursor::end(const char* why) noexcept {
    close();
    state_ = State::ended;
    why_ = why;
}

void RowCursor::read(std::size_t most) {
    SessionCore& session = use();
    if (state_ == State::done) return;
    session.require_ready();
    if (state_ == State::fresh) open();
    else if (lets_go_) session.let_go(origin_);
    (void)read_rows(most);
}

void RowCursor::read_rest() {
    if (state_ != State::open || is_reading_) return;
    constexpr std::size_t many = 10'000;
    const std::size_t count = read_rows(all);
    if (count >= many)
        session_->transaction().warnings().say_once(place() + " stream",
            "the last " + std::to_string(count) + " rows of the stream of the query at " + place() +
                " were read into memory, because the database was written to while the stream was open; write through "
                "another session, or read pages by key with after()");
}

std::size_t RowCursor::read_rows(std::size_t most) {
    is_reading_ = true;
    try {
        const std::size_t count = read_batch(most);
        is_reading_ = false;
        return count;
    } catch (...) {
        is_reading_ = false;
        end("a row could not be read");
        throw;
    }
}

void RowCursor::take_fields(Columns& columns, Node* const* nodes) {
    try {
        sink_.take_fields(out_, columns, nodes);
    } catch (const ValueError& error) { throw_in_column(error, *statement_, columns.last(), sql_); }
}

std::size_t RowCursor::read_batch(std::size_t most) {
    SessionCore& session = *session_;
    LoadOperation operation{session, options_};
    if (options_ && options_->populate_existing) operation.populate_existing();
    std::vector<ObjectReader> readers;
    std::vector<int> order;
    for (const Field& field : fields_) {
        if (field.table)
            readers.emplace_back(session, field.shape, static_cast<std::size_t>(field.first), operation.mode(origin_));
        order.push_back(field.first);
    }
    Columns columns{*statement_, std::move(order)};
    std::vector<std::vector<Node*>> found(readers.size());
    std::vector<Node*> nodes(fields_.size());
    std::size_t count = 0;
    bool is_done = false;
    for (; count < most; ++count) {
        if (!statement_->step()) {
            is_done = true;
            break;
        }
        std::size_t reader = 0;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (!fields_[i].table) continue;
            nodes[i] = readers[reader].read(*statement_);
            if (nodes[i] && (found[reader].empty() || found[reader].back() != nodes[i]))
                found[reader].push_back(nodes[i]);
            ++reader;
        }
        if (sink_.row_type) read_row(*statement_, sink_.row_type(), 0, out_, sql_);
        else if (sink_.take_fields) take_fields(columns, nodes.data());
        else if (nodes.front()) sink_.take_nodes(out_, 1, nodes.data());
    }
    if (is_done) {
        reset();
        state_ = State::done;
    }
    const std::vector<LoadPlan>* plans = options_ ? &options_->plans : nullptr;
    for (std::size_t i = 0; i < readers.size(); ++i) operation.apply(found[i], readers[i].table(), plans, origin_);
    return count;
}

}  // namespace tandem::orm

// Statements that write many rows at once, and the session's objects that follow them.
#include <algorithm>

#include <tandem/orm/statement.hpp>

#include "session_core.hpp"
#include "text_cache.hpp"

namespace tandem::orm {

void write_set(SqlWriter& out, const Table& table, std::uint32_t offset) {
    out.text += quoted(table.column_at(offset).name) + " = ";
}
void write_excluded(SqlWriter& out, const Table& table, std::uint32_t offset) {
    out.text += "excluded." + quoted(table.column_at(offset).name);
}
void write_set_excluded(SqlWriter& out, const Table& table, std::uint32_t offset) {
    write_set(out, table, offset);
    write_excluded(out, table, offset);
}
void write_conflict_target(SqlWriter& out, const Table& table, const std::uint32_t* offsets, std::size_t count) {
    const char* glue = " (";
    for (std::size_t i = 0; i < count; ++i) {
        out.text += glue + quoted(table.column_at(offsets[i]).name);
        glue = ", ";
    }
    if (count > 0) out.text += ')';
}

namespace {

/// An object of a table that nobody sees, for values that models make by themselves.
class ScratchObject {
public:
    explicit ScratchObject(const Table& table) : node_(make_transient(table)) { retain(node_); }
    ScratchObject(const ScratchObject&) = delete;
    ScratchObject& operator=(const ScratchObject&) = delete;
    ~ScratchObject() { release(node_); }
    [[nodiscard]] Node* node() const { return node_; }

private:
    Node* node_;
};

bool sets(const WriteInfo& info, const Column& column) {
    return std::count(info.offsets, info.offsets + info.offset_count, column.offset) > 0;
}
/// The columns that get a value although the statement does not name them.
std::vector<const Column*> made_columns(const WriteInfo& info) {
    std::vector<const Column*> made;
    for (const Column& column : info.table().columns) {
        const auto& maker = info.kind == WriteKind::insert ? column.client_default : column.on_update;
        if (maker && info.kind != WriteKind::erase && !sets(info, column)) made.push_back(&column);
    }
    return made;
}
void bind_made(Parameters& parameters, const WriteInfo& info, const std::vector<const Column*>& made) {
    if (made.empty()) return;
    const ScratchObject object{info.table()};
    Scratch scratch;
    for (const Column* column : made) {
        void* member = object.node()->member(column->offset);
        (info.kind == WriteKind::insert ? column->client_default : column->on_update)(member);
        parameters.add(column->type->view(member, scratch));
    }
}

void write_parts(SqlWriter& out, const WriteInfo& info, Clause clause, const char* first, const char* glue) {
    for (std::size_t i = 0; i < info.count; ++i) {
        if (info.parts[i].clause != clause) continue;
        out.text += std::exchange(first, glue);
        info.parts[i].write(out);
    }
}
void bind_parts(Parameters& parameters, const WriteRun& run, Clause clause) {
    for (std::size_t i = 0; i < run.info->count; ++i)
        if (run.info->parts[i].clause == clause) run.info->parts[i].bind(run.parts[i], parameters);
}
bool has_part(const WriteInfo& info, Clause clause) {
    return std::any_of(
        info.parts, info.parts + info.count, [clause](const PartInfo& part) { return part.clause == clause; });
}

void write_insert(SqlWriter& out, const WriteInfo& info, const std::vector<const Column*>& made) {
    const Table& table = info.table();
    out.text += "INSERT INTO " + quoted(table.name);
    std::string places;
    const char* glue = " (";
    const auto add = [&](const Column& column) {
        out.text += glue + quoted(column.name);
        places += places.empty() ? "?" : ", ?";
        glue = ", ";
    };
    for (std::size_t i = 0; i < info.offset_count; ++i) add(table.column_at(info.offsets[i]));
    for (const Column* column : made) add(*column);
    out.text += ") VALUES (" + places + ")";
    if (!has_part(info, Clause::root)) return;
    write_parts(out, info, Clause::root, " ON CONFLICT", "");
    out.text += has_part(info, Clause::set) ? " DO UPDATE" : " DO NOTHING";
    write_parts(out, info, Clause::set, " SET ", ", ");
}
void write_update(SqlWriter& out, const WriteInfo& info, const std::vector<const Column*>& made) {
    const Table& table = info.table();
    out.text += "UPDATE " + quoted(table.name);
    write_parts(out, info, Clause::set, " SET ", ", ");
    for (const Column* column : made) out.text += ", " + quoted(column->name) + " = ?";
    if (table.version && !sets(info, table.columns[*table.version])) {
        const std::string version = quoted(table.columns[*table.version].name);
        out.text += ", " + version + " = " + version + " + 1";
    }
    write_parts(out, info, Clause::where, " WHERE ", " AND ");
}
/// `followed`: the rows come back whole, so that objects can follow.
std::string text_of(
    const Dialect& dialect, const WriteInfo& info, const std::vector<const Column*>& made, bool followed) {
    SqlWriter out{dialect};
    switch (info.kind) {
        case WriteKind::insert: write_insert(out, info, made); break;
        case WriteKind::update: write_update(out, info, made); break;
        case WriteKind::erase:
            out.text += "DELETE FROM " + quoted(info.table().name);
            write_parts(out, info, Clause::where, " WHERE ", " AND ");
            break;
    }
    if (!followed && !info.returning) return out.text;
    out.text += " RETURNING ";
    if (followed) out.text += info.table().select_list();
    if (followed && info.returning) out.text += ", ";
    if (info.returning) info.returning(out);
    return out.text;
}

void check(const WriteRun& run) {
    const WriteInfo& info = *run.info;
    const Table& table = info.table();
    if (info.kind == WriteKind::update) {
        if (info.offset_count == 0)
            throw ArgumentError("update<" + std::string{table.class_name} + ">() sets nothing; say set(column, value)");
        for (const std::size_t i : table.key)
            if (sets(info, table.columns[i]))
                throw ArgumentError("update<" + std::string{table.class_name} + ">() cannot set " +
                    table.columns[i].member + ": a primary key stays as it is");
    }
    if (info.kind == WriteKind::insert && has_part(info, Clause::set) && !has_part(info, Clause::root))
        throw ArgumentError(
            "insert_into(" + std::string{table.class_name} + "::c…): say on_conflict(columns) in front of do_update()");
}

}  // namespace

void SessionCore::follow_write(const Table& table, bool erased, Statement& row) {
    Node* known = find(table, key_of_row(table, table.key, row, 0));
    if (!known) return;
    if (erased) {
        take_out(known);
    } else if (!is_changed(known)) {  // changes that were not flushed stay
        take_row(known, row);
        undo_.updated.push_back(known);
    }
}

std::int64_t SessionCore::run(const WriteRun& run) {
    check(run);
    if (run.info->kind == WriteKind::insert && run.row_count == 0) return 0;
    const WriteInfo& info = *run.info;
    const Table& table = info.table();
    autoflush();
    // An INSERT finds rows that are there only where it may update them.
    const bool followed = !identities(table).empty() && (info.kind != WriteKind::insert || has_part(info, Clause::set));
    const auto made = made_columns(info);
    TextKey key;
    key.add(&dialect()).add(&info).add(std::size_t{followed});
    const SharedText text = cached_text(key, [&] { return text_of(dialect(), info, made, followed); });
    const std::string& sql = *text;
    prepare_write();
    std::int64_t changed = 0;
    const std::size_t erased_before = undo_.erased.size();
    const std::size_t times = info.kind == WriteKind::insert ? run.row_count : 1;
    for (std::size_t i = 0; i < times; ++i) {
        Statement& statement = prepare(sql);
        const StatementUse use{statement};
        Parameters parameters{statement};
        if (info.kind == WriteKind::insert) {
            run.bind_row(static_cast<const char*>(run.rows) + i * run.row_size, parameters);
            bind_made(parameters, info, made);
            bind_parts(parameters, run, Clause::set);
        } else {
            bind_parts(parameters, run, Clause::set);
            bind_made(parameters, info, made);
            bind_parts(parameters, run, Clause::where);
        }
        if (run.bind_returning) run.bind_returning(run.returning, parameters);
        const int first = followed ? static_cast<int>(table.columns.size()) : 0;
        while (statement.step()) {
            if (run.out) read_row(statement, *run.row_type, first, run.out, sql);
            if (followed) follow_write(table, info.kind == WriteKind::erase, statement);
        }
        changed += transaction_->last_used().changed_rows();
    }
    const std::vector<Node*> erased{
        undo_.erased.begin() + static_cast<std::ptrdiff_t>(erased_before), undo_.erased.end()};
    leave_collections(erased);
    return changed;
}

std::int64_t run_write(SessionCore& session, const WriteRun& run) { return session.run(run); }

}  // namespace tandem::orm

// The texts of queries, put together from what their types say, and their values bound in the same order.
#include <atomic>
#include <cstring>
#include <limits>
#include <memory>

#include <tandem/orm/query.hpp>

#include "query_text.hpp"
#include "session_core.hpp"

namespace tandem::orm {

void SqlWriter::write(const char* sql) { text += sql; }

void bind_value(Parameters& parameters, const ValueView& value) { parameters.add(value); }

ValueList::ValueList() noexcept = default;
ValueList::ValueList(const ValueList& other) = default;
ValueList::ValueList(ValueList&& other) noexcept = default;
ValueList& ValueList::operator=(const ValueList& other) = default;
ValueList& ValueList::operator=(ValueList&& other) noexcept = default;
ValueList::~ValueList() = default;
void ValueList::add(const ValueView& value) { values_.push_back(to_value(value)); }
void ValueList::bind(Parameters& parameters, Kind kind) const { parameters.add_list(values_, kind); }

void bind_pattern(Parameters& parameters, const LikePattern& like) {
    const std::string& pattern = like.text();
    if (const std::size_t longest = dialect().longest_pattern(); pattern.size() > longest)
        throw ArgumentError("contains(), starts_with(), ends_with() or like() with a text of " +
            std::to_string(pattern.size()) + " bytes, escapes included: the database takes at most " +
            std::to_string(longest) + "; compare with == or function<\"instr\", std::int64_t>(column, text) > 0");
    parameters.add(ValueView::of(std::string_view{pattern}));
}
void write_in_list(SqlWriter& out) { out.text += dialect().in_list(); }

void write_pattern(SqlWriter& out, const char* pattern, const WriteFunction* operands) {
    std::string_view rest = *pattern == '@' ? dialect().pattern(pattern + 1) : std::string_view{pattern};
    for (auto at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
        out.text += rest.substr(0, at);
        const auto end = rest.find('}', at);
        const std::string_view between = rest.substr(at + 1, end - at - 1);
        rest.remove_prefix(end + 1);
        if (between.empty()) {
            (*operands++)(out);
            continue;
        }
        for (const char* glue = ""; *operands; ++operands) {
            out.text += glue;
            (*operands)(out);
            glue = between == "*" ? "" : ", ";
        }
    }
    out.text += rest;
}
namespace {
SqlType::Name type_of_kind(Kind kind) {
    switch (kind) {
        case Kind::boolean: return SqlType::Name::boolean;
        case Kind::integer: return SqlType::Name::integer;
        case Kind::real: return SqlType::Name::real;
        case Kind::blob: return SqlType::Name::blob;
        default: return SqlType::Name::text;  // times too are cast to their text
    }
}
}  // namespace

void write_cast(SqlWriter& out, WriteFunction value, Kind kind) {
    out.text += "CAST(";
    value(out);
    out.text += " AS ";
    out.text += dialect().type_name(SqlType{.name = type_of_kind(kind)});
    out.text += ')';
}

std::string_view name_of_source(const SqlWriter& out, const Table& table, const char* alias) {
    if (*alias != '\0') return alias;
    for (auto it = out.renames.rbegin(); it != out.renames.rend(); ++it)
        if (it->table == &table) return it->name;
    return table.name;
}

void write_column(SqlWriter& out, const Table& table, std::uint32_t offset, const char* alias) {
    out.text += quoted(name_of_source(out, table, alias)) + '.' + quoted(table.column_at(offset).name);
}
void write_table(SqlWriter& out, const Table& table, const char* alias) {
    out.text += quoted(table.name);
    if (*alias != '\0') out.text += " AS " + quoted(alias);
}
void write_entity(SqlWriter& out, const Table& table, const char* alias) {
    const char* glue = "";
    for (const Column& column : table.columns) {
        out.text += glue + quoted(name_of_source(out, table, alias)) + '.' + quoted(column.name);
        glue = ", ";
    }
}
void write_picked_columns(SqlWriter& out) {
    const RootExtras& extras = *out.extras;
    const std::size_t count = extras.columns.empty() ? extras.table->columns.size() : extras.columns.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t column = extras.columns.empty() ? i : extras.columns[i];
        out.text += (i == 0 ? "" : ", ") + quoted(name_of_source(out, *extras.table, extras.alias)) + '.' +
            quoted(extras.table->columns[column].name);
        if (extras.is_derived) out.text += " AS \"c" + std::to_string(column) + '"';
    }
}
void write_numbered(SqlWriter& out, const WriteFunction* fields) {
    for (int i = 0; fields[i]; ++i) {
        if (i > 0) out.text += ", ";
        fields[i](out);
        out.text += " AS \"c" + std::to_string(i) + '"';
    }
}
void write_derived_column(SqlWriter& out, const char* name, std::size_t index) {
    out.text += quoted(name) + ".\"c" + std::to_string(index) + '"';
}
void write_name(SqlWriter& out, const char* before, const char* name, const char* after) {
    out.text += before + quoted(name) + after;
}
void write_one(SqlWriter& out) { out.text += '1'; }

LikePattern::LikePattern(std::string_view text, bool any_before, bool any_after) : text_(any_before ? "%" : "") {
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') text_ += '\\';
        text_ += c;
    }
    if (any_after) text_ += '%';
}
LikePattern::LikePattern(std::string_view pattern) : text_(pattern) {}
LikePattern::LikePattern(const LikePattern& other) = default;
LikePattern::LikePattern(LikePattern&& other) noexcept = default;
LikePattern& LikePattern::operator=(const LikePattern& other) = default;
LikePattern& LikePattern::operator=(LikePattern&& other) noexcept = default;
LikePattern::~LikePattern() = default;

bool SelectInfo::has(Clause clause) const {
    for (std::size_t i = 0; i < count; ++i)
        if (parts[i].clause == clause) return true;
    return false;
}

namespace {

/// Appends the parts of one clause, with `first` in front and `glue` between.
void write_clause(SqlWriter& out, const SelectInfo& select, Clause clause, const char* first, const char* glue) {
    for (std::size_t i = 0; i < select.count; ++i) {
        if (select.parts[i].clause != clause) continue;
        out.text += std::exchange(first, glue);
        select.parts[i].write(out);
    }
}
void bind_clause(Parameters& parameters, const SelectInfo& select, const void* const* parts, Clause clause) {
    for (std::size_t i = 0; i < select.count; ++i)
        if (select.parts[i].clause == clause) select.parts[i].bind(parts[i], parameters);
}

}  // namespace

void write_select(SqlWriter& out, const SelectInfo& select, WriteFunction fields, bool limited, Numbering numbering) {
    const char* glue = "WITH RECURSIVE ";
    for (std::size_t i = 0; i < select.count; ++i) {
        if (!select.parts[i].write_with) continue;
        out.text += std::exchange(glue, ", ");
        select.parts[i].write_with(out);
    }
    out.text += *glue == ',' ? " SELECT " : "SELECT ";
    if (select.has(Clause::distinct)) out.text += "DISTINCT ";
    fields(out);
    if (numbering == Numbering::row_number) {
        // A number of its own would make each row distinct.
        out.text += select.has(Clause::distinct) ? ", dense_rank() OVER (" : ", row_number() OVER (";
        write_clause(out, select, Clause::order_by, "ORDER BY ", ", ");
        out.text += ") AS \"n\"";
    }
    if (select.has(Clause::root)) {
        write_clause(out, select, Clause::root, " FROM ", ", ");
    } else if (select.root) {
        out.text += " FROM ";
        select.root(out);
    }
    write_clause(out, select, Clause::join, "", "");
    write_clause(out, select, Clause::where, " WHERE ", " AND ");
    if (out.extras && out.extras->select == &select) {
        const char* where = select.has(Clause::where) ? " AND " : " WHERE ";
        for (const Criterion* criterion : out.extras->criteria) {
            out.text += std::exchange(where, " AND ");
            criterion->write()(out);
        }
    }
    write_clause(out, select, Clause::group_by, " GROUP BY ", ", ");
    write_clause(out, select, Clause::having, " HAVING ", " AND ");
    write_clause(out, select, Clause::order_by, " ORDER BY ", ", ");
    if (limited) out.text += " LIMIT ? OFFSET ?";
}

void bind_select(Parameters& parameters, const SelectInfo& select, const void* fields, const void* const* parts,
    Numbering numbering) {
    for (std::size_t i = 0; i < select.count; ++i)
        if (select.parts[i].bind_with) select.parts[i].bind_with(parts[i], parameters);
    if (fields) select.bind_fields(fields, parameters);
    if (numbering == Numbering::row_number) bind_clause(parameters, select, parts, Clause::order_by);
    for (const Clause clause : {Clause::root, Clause::join, Clause::where})
        bind_clause(parameters, select, parts, clause);
    if (parameters.extras() && parameters.extras()->select == &select)
        for (const Criterion* criterion : parameters.extras()->criteria) criterion->bind(parameters);
    for (const Clause clause : {Clause::group_by, Clause::having, Clause::order_by})
        bind_clause(parameters, select, parts, clause);
}

namespace {

QueryText make_text(const SelectInfo& select) {
    SqlWriter plain;
    write_select(plain, select, select.fields, false);
    SqlWriter limited;
    write_select(limited, select, select.fields, true);
    return {std::move(plain.text), std::move(limited.text)};
}

}  // namespace

const std::string& text_of(const QueryText*& made, const SelectInfo& select, const QueryState& state) {
    const std::atomic_ref<const QueryText*> kept{made};
    const QueryText* text = kept.load(std::memory_order_acquire);
    if (!text) {
        // Two threads may make it at once: the first to be done keeps its own.
        auto mine = std::make_unique<const QueryText>(make_text(select));
        if (kept.compare_exchange_strong(text, mine.get(), std::memory_order_acq_rel)) text = mine.release();
    }
    return state.is_limited() ? text->limited : text->plain;
}

void bind_limit(Parameters& parameters, std::int64_t limit, std::int64_t offset) {
    parameters.add(ValueView::of(limit < 0 ? std::numeric_limits<std::int64_t>::max() : limit));
    parameters.add(ValueView::of(offset < 0 ? std::int64_t{0} : offset));
}

}  // namespace tandem::orm

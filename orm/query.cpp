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
    if (const std::size_t longest = parameters.longest_pattern(); pattern.size() > longest)
        throw ArgumentError("contains(), starts_with(), ends_with() or like() with a text of " +
            std::to_string(pattern.size()) + " bytes, escapes included: the database takes at most " +
            std::to_string(longest) + "; compare with == or function<\"instr\", std::int64_t>(column, text) > 0");
    parameters.add(ValueView::of(std::string_view{pattern}));
}
void write_row_in(SqlWriter& out, const WriteFunction* columns) {
    std::size_t width = 0;
    while (columns[width]) ++width;
    write_pattern(out, "({, })", columns);
    out.text += out.dialect->in_rows(width);
}
void bind_rows(Parameters& parameters, const std::vector<Value>& values, const Kind* kinds, std::size_t width) {
    parameters.add_rows(values, {kinds, width});
}
void write_in_list(SqlWriter& out) { out.text += out.dialect->in_list(); }

void write_pattern(SqlWriter& out, const char* pattern, const WriteFunction* operands) {
    std::string_view rest = *pattern == '@' ? out.dialect->pattern(pattern + 1) : std::string_view{pattern};
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
    out.text += out.dialect->type_name(SqlType{.name = type_of_kind(kind)});
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
namespace {

/// What the engine adds to a source, or null.
const EntityExtras* extras_of(const RootExtras* extras, const Table* table, std::string_view alias) {
    if (!extras) return nullptr;
    for (const EntityExtras& entity : extras->entities)
        if (entity.table == table && entity.alias == alias) return &entity;
    return nullptr;
}

}  // namespace

void write_entity(SqlWriter& out, const Table& table, const char* alias) {
    const EntityExtras* extras = extras_of(out.extras, &table, alias);
    const std::size_t count = !extras || extras->columns.empty() ? table.columns.size() : extras->columns.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t column = !extras || extras->columns.empty() ? i : extras->columns[i];
        out.text +=
            (i == 0 ? "" : ", ") + quoted(name_of_source(out, table, alias)) + '.' + quoted(table.columns[column].name);
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
bool SelectInfo::is_unordered() const {
    return std::ranges::all_of(std::span{parts, count}, [](const PartInfo& part) {
        return part.clause == Clause::root || part.clause == Clause::join || part.clause == Clause::where ||
            part.clause == Clause::paged;
    });
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

namespace {

/// Appends the conditions that the engine adds to a source, each behind `before`, which is " AND " from then on.
void write_criteria(SqlWriter& out, std::span<const Criterion* const> criteria, const Table* table, const char* alias,
    const char*& before) {
    if (*alias != '\0') out.renames.push_back({table, alias});
    for (const Criterion* criterion : criteria) {
        out.text += std::exchange(before, " AND ");
        criterion->write()(out);
    }
    if (*alias != '\0') out.renames.pop_back();
}
bool is_joined(const SelectInfo& select, const EntityExtras& entity) {
    for (std::size_t i = 0; i < select.count; ++i) {
        if (!select.parts[i].joined) continue;
        const SourceInfo source = select.parts[i].joined();
        if (source.table == entity.table && std::string_view{source.alias} == entity.alias) return true;
    }
    return false;
}
/// Calls f(part) for each join, and g(entity) for what the engine adds to what it joins.
template <class F, class G>
void each_join(const SelectInfo& select, const RootExtras* extras, F f, G g) {
    for (std::size_t i = 0; i < select.count; ++i) {
        const PartInfo& part = select.parts[i];
        if (part.clause != Clause::join) continue;
        f(i);
        if (!extras || !part.joined) continue;
        const SourceInfo source = part.joined();
        if (const EntityExtras* entity = extras_of(extras, source.table, source.alias)) g(*entity);
    }
}

}  // namespace

void write_select(SqlWriter& out, const SelectInfo& select, WriteFunction fields, const SelectForm& form) {
    const RootExtras* extras = out.extras && out.extras->select == &select ? out.extras : nullptr;
    const char* glue = "WITH RECURSIVE ";
    for (std::size_t i = 0; i < select.count; ++i) {
        if (!select.parts[i].write_with) continue;
        out.text += std::exchange(glue, ", ");
        select.parts[i].write_with(out);
    }
    out.text += *glue == ',' ? " SELECT " : "SELECT ";
    if (select.has(Clause::distinct)) out.text += "DISTINCT ";
    fields(out);
    if (form.numbered) {
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
    each_join(
        select, extras, [&](std::size_t i) { select.parts[i].write(out); },
        [&](const EntityExtras& entity) {
            const char* before = " AND ";
            write_criteria(out, entity.criteria, entity.table, entity.alias, before);
        });
    write_clause(out, select, Clause::where, " WHERE ", " AND ");
    if (extras) {
        const char* before = select.has(Clause::where) ? " AND " : " WHERE ";
        write_criteria(out, extras->criteria, extras->table, extras->alias, before);
        for (const EntityExtras& entity : extras->entities)
            if (!is_joined(select, entity)) write_criteria(out, entity.criteria, entity.table, entity.alias, before);
    }
    write_clause(out, select, Clause::group_by, " GROUP BY ", ", ");
    write_clause(out, select, Clause::having, " HAVING ", " AND ");
    if (!form.counted) write_clause(out, select, Clause::order_by, " ORDER BY ", ", ");
    if (form.limited) out.text += " LIMIT ? OFFSET ?";
    if (form.counted) return;
    const std::size_t unlocked = out.text.size();
    write_clause(out, select, Clause::lock, "", "");
    if (form.numbered && out.text.size() > unlocked)
        throw ArgumentError(
            "for_update() does not go with joinedload() of a collection, or of an ordered query, in one "
            "statement; use selectinload()");
}

void bind_select(Parameters& parameters, const SelectInfo& select, const void* fields, const void* const* parts,
    const SelectForm& form) {
    for (std::size_t i = 0; i < select.count; ++i)
        if (select.parts[i].bind_with) select.parts[i].bind_with(parts[i], parameters);
    if (fields) select.bind_fields(fields, parameters);
    if (form.numbered) bind_clause(parameters, select, parts, Clause::order_by);
    const RootExtras* extras =
        parameters.extras() && parameters.extras()->select == &select ? parameters.extras() : nullptr;
    const auto bind_criteria = [&parameters](std::span<const Criterion* const> criteria) {
        for (const Criterion* criterion : criteria) criterion->bind(parameters);
    };
    bind_clause(parameters, select, parts, Clause::root);
    each_join(
        select, extras, [&](std::size_t i) { select.parts[i].bind(parts[i], parameters); },
        [&](const EntityExtras& entity) { bind_criteria(entity.criteria); });
    bind_clause(parameters, select, parts, Clause::where);
    if (extras) {
        bind_criteria(extras->criteria);
        for (const EntityExtras& entity : extras->entities)
            if (!is_joined(select, entity)) bind_criteria(entity.criteria);
    }
    for (const Clause clause : {Clause::group_by, Clause::having}) bind_clause(parameters, select, parts, clause);
    if (!form.counted) bind_clause(parameters, select, parts, Clause::order_by);
}

void write_root(SqlWriter& out, const SelectInfo& select, const SelectForm& form) {
    if (form.counted) out.text += "SELECT count(*) FROM (";
    write_select(out, select, select.fields, form);
    if (form.counted) out.text += ") AS \"counted\"";
}

const std::string& QueryTexts::get(const Dialect& dialect, const SelectInfo& select, const SelectForm& form) {
    const auto find = [&](const Entry* from, const Entry* end) -> const Entry* {
        while (from != end && (from->dialect != &dialect || from->form != form)) from = from->next;
        return from == end ? nullptr : from;
    };
    const Entry* first = first_.load(std::memory_order_acquire);
    if (const Entry* found = find(first, nullptr)) return found->text;
    SqlWriter out{dialect};
    write_root(out, select, form);
    auto made = std::make_unique<Entry>(Entry{&dialect, form, std::move(out.text), first});
    // Another thread may make the same text meanwhile: the first one to be seen is kept.
    while (!first_.compare_exchange_weak(made->next, made.get(), std::memory_order_acq_rel)) {
        if (const Entry* found = find(made->next, std::exchange(first, made->next))) return found->text;
    }
    return made.release()->text;  // kept as long as the program
}

void write_row_lock(SqlWriter& out, RowLock lock) { out.text += out.dialect->row_lock(lock); }

void bind_limit(Parameters& parameters, std::int64_t limit, std::int64_t offset) {
    parameters.add(ValueView::of(limit < 0 ? std::numeric_limits<std::int64_t>::max() : limit));
    parameters.add(ValueView::of(offset < 0 ? std::int64_t{0} : offset));
}

}  // namespace tandem::orm

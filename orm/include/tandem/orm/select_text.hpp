/// How a query's text is put together from its parts, and its values bound in the same order; the type-erased side of
/// Query. For the query language's own use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tandem/orm/entity.hpp>
#include <tandem/orm/loader.hpp>
#include <tandem/orm/pack.hpp>
#include <tandem/orm/row_lock.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

/// What a part of a query is; in the order of the text.
enum class Clause : std::uint8_t { root, join, set, where, group_by, having, order_by, distinct, paged, lock };

using BindFunction = void (*)(const void* part, Parameters& parameters);

/// What the engine has to know of a type of parts.
struct PartInfo {
    Clause clause;
    WriteFunction write;
    BindFunction bind;
    WriteFunction write_with;  ///< what it puts in front of SELECT, or null
    BindFunction bind_with;
    SourceInfo (*joined)() = nullptr;  ///< the source that it joins, or null
};
template <class P>
void bind_part(const void* part, Parameters& parameters) {
    static_cast<const P*>(part)->bind(parameters);
}
template <class P>
void bind_part_with(const void* part, Parameters& parameters) {
    static_cast<const P*>(part)->target.bind_with(parameters);
}
template <class P>
constexpr PartInfo info_of() {
    if constexpr (requires { P::Target::with_sql; })
        return {P::clause, &P::sql, &bind_part<P>, &P::Target::with_sql, &bind_part_with<P>};
    else if constexpr (P::clause == Clause::join)
        return {P::clause, &P::sql, &bind_part<P>, nullptr, nullptr, &source_info<typename P::joined>::get};
    else return {P::clause, &P::sql, &bind_part<P>, nullptr, nullptr};
}

/// What a select is made of.
struct SelectInfo {
    WriteFunction fields;
    BindFunction bind_fields;
    WriteFunction root;  ///< writes what stands behind FROM, unless a part does; or null
    const PartInfo* parts;
    std::size_t count;

    [[nodiscard]] bool has(Clause clause) const;
    /// Whether every row that the conditions let through is a row of the result, in any order.
    [[nodiscard]] bool is_unordered() const;
};
/// What the engine adds to one source of which a query selects the objects.
struct EntityExtras {
    const Table* table;
    const char* alias;
    std::span<const std::size_t> columns;          ///< that are read; empty: all
    std::span<const Criterion* const> criteria{};  ///< in ON where the source is joined, otherwise in WHERE
};
/// Conditions that the engine adds to the WHERE of one query, the outermost, and the columns it picks there.
struct RootExtras {
    const SelectInfo* select;
    std::span<const Criterion* const> criteria;
    const Table* table;
    const char* alias;
    std::span<const std::size_t> columns;  ///< empty: all
    bool is_derived;  ///< the query stands in FROM: its columns are called "c<number in the table>"
    std::span<const EntityExtras> entities{};
};
/// What a query's text is to be.
struct SelectForm {
    bool limited = false;   ///< with LIMIT and OFFSET
    bool numbered = false;  ///< with a row's number in the query's order, from 1, as one column more at the end
    bool counted = false;   ///< how many rows it finds, instead of the rows
    friend bool operator==(const SelectForm&, const SelectForm&) = default;
};

void write_select(SqlWriter& out, const SelectInfo& select, WriteFunction fields, const SelectForm& form);
/// Binds what the text holds, but for the limit. `parts` are the addresses of the parts.
void bind_select(Parameters& parameters, const SelectInfo& select, const void* fields, const void* const* parts,
    const SelectForm& form);

/// Writes a whole statement.
void write_root(SqlWriter& out, const SelectInfo& select, const SelectForm& form);

/// The texts of one query type, made once for each dialect and form that is asked for, and kept.
class QueryTexts {
public:
    /// May be called on several threads.
    [[nodiscard]] const std::string& get(const Dialect& dialect, const SelectInfo& select, const SelectForm& form);

private:
    struct Entry {
        const Dialect* dialect;
        SelectForm form;
        std::string text;
        const Entry* next;
    };
    std::atomic<const Entry*> first_{nullptr};
};

/// How a query locks its rows.
template <RowLock Lock>
struct LockPart {
    static constexpr Clause clause = Clause::lock;
    static void sql(SqlWriter& out) { write_row_lock(out, Lock); }
    void bind(Parameters&) const {}
};

/// The loader options of a query, which the queries made from it share. Most queries have none.
class SharedOptions {
public:
    SharedOptions() noexcept;
    SharedOptions(const SharedOptions& other) noexcept;
    SharedOptions(SharedOptions&& other) noexcept;
    SharedOptions& operator=(const SharedOptions& other) noexcept;
    SharedOptions& operator=(SharedOptions&& other) noexcept;
    ~SharedOptions();

    /// Null: none.
    [[nodiscard]] const std::shared_ptr<const LoadOptions>& get() const { return held_; }
    /// For this query alone.
    [[nodiscard]] LoadOptions& edit();

private:
    std::shared_ptr<const LoadOptions> held_;
};

/// What a query holds beside its typed parts.
// clang's analyzer takes the operands of __builtin_constant_p, in which Catch2 repeats a checked expression, for code
// that runs, and a query there for one that nobody made. NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign)
struct QueryState {
    std::int64_t limit = -1;  ///< below 0: none
    std::int64_t offset = 0;
    SharedOptions options{};

    [[nodiscard]] bool is_limited() const { return limit >= 0 || offset > 0; }
};
/// What a session needs of a query whose type it does not know.
struct QueryFunctions {
    QueryTexts* texts;
    void (*bind)(const void* query, Parameters& parameters, const SelectForm& form);
    QueryState& (*state)(void* query);
    void (*destroy)(void* query) noexcept;
    const SelectInfo* info;
    const char* alias;                 ///< of the objects it selects
    std::span<const RowField> fields;  ///< of its rows, where objects are among them

    [[nodiscard]] const std::string& sql(const Dialect& dialect, const SelectForm& form) const {
        return texts->get(dialect, *info, form);
    }
};
/// Appends the columns that `out.extras` names.
void write_picked_columns(SqlWriter& out);
/// Binds the two values of `LIMIT ? OFFSET ?`.
void bind_limit(Parameters& parameters, std::int64_t limit, std::int64_t offset);

}  // namespace tandem::orm

/// Loader options: which relations and columns a query brings along, and how.
///
///     Post::select().options(selectinload(Post::c.user),
///         selectinload(Post::c.flags).where(Flag::c.message != "").options(joinedload(Flag::c.user)))
///     User::select().options(defer(User::c.email), populate_existing())
///
/// Contract: no option changes which objects a query finds, nor what LIMIT means; only `inner()` of a joined load
/// leaves out objects, those without a related one, and `with_criteria` those of its model that do not meet it.
///
/// | option | SELECTs beside the query's own |
/// |---|---|
/// | `lazyload` | one per object, when its relation is first read (the default) |
/// | `selectinload` | one for all objects (per 10,000 of them) |
/// | `subqueryload` | one for all objects, whose condition repeats the query where that finds the same rows |
/// | `joinedload` | none |
/// | `immediateload` | one per object, at once |
/// | `raiseload` | none: reading throws LazyLoadForbidden |
/// | `noload` | none: reads as empty, and says that it is not loaded |
///
/// Objects that lead to one that the session has already cost no SELECT, whatever the option, unless it is joined.
/// Pitfalls: what is loaded already stays as it is, unless the query says `populate_existing()`; a collection loaded
/// with `where` shows a part, is never taken for the whole when its owner is deleted, and stays a part, also when its
/// owner is refreshed, until refresh(object, relation) names it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <tandem/orm/column.hpp>
#include <tandem/orm/options.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

/// A condition on the rows of one model, with its values.
class Criterion {
public:
    template <class E>
    Criterion(const Table& table, E condition)
        : table_(&table),
          write_(&E::sql),
          held_(std::make_shared<const E>(std::move(condition))),
          bind_([](const void* held, Parameters& parameters) { static_cast<const E*>(held)->bind(parameters); }) {}

    [[nodiscard]] const Table& table() const { return *table_; }
    /// Writes the condition; two of one type write the same.
    [[nodiscard]] WriteFunction write() const { return write_; }
    void bind(Parameters& parameters) const { bind_(held_.get(), parameters); }

private:
    const Table* table_;
    WriteFunction write_;
    std::shared_ptr<const void> held_;
    void (*bind_)(const void* held, Parameters& parameters);
};

/// Which columns of a model are read with its row, and which when they are needed.
struct ColumnChoice {
    enum class Kind : std::uint8_t { defer, undefer, only };
    Kind kind;
    const Table* table;
    std::size_t column;
};

/// How a query loads one relation.
struct LoadPlan {
    const Relation* relation;
    Loading loading;
    bool inner = false;
    std::vector<Criterion> criteria{};
    std::vector<ColumnChoice> columns{};  ///< of the target
    std::vector<LoadPlan> nested{};
};

/// How a query loads its objects and all they bring along.
struct LoadOptions {
    std::vector<LoadPlan> plans{};
    std::vector<ColumnChoice> columns{};  ///< of the query's own objects
    std::vector<Criterion> criteria{};    ///< on all objects of their models
    bool populate_existing = false;
};

/// Adds a plan; one for the same relation is replaced, and what hangs below both is joined.
void add_plan(std::vector<LoadPlan>& plans, LoadPlan plan);
void add_columns(std::vector<ColumnChoice>& columns, const std::vector<ColumnChoice>& more);

/// Whether a condition is about T's columns (and those of its subqueries) alone.
template <class E, class T>
inline constexpr bool is_criterion_of = is_condition<E> && requires { requires E::template uses_only<Source<T>>; };

/// An option about columns of T.
template <class T>
struct ColumnOption {
    using tandem_option_of = T;
    std::vector<ColumnChoice> columns{};
    void apply(LoadOptions& options) && { add_columns(options.columns, columns); }
    void apply(LoadPlan& plan) && { add_columns(plan.columns, columns); }
};

/// A loader option of a query over T that leads to Target.
template <class T, class Target>
struct Loader {
    using tandem_option_of = T;
    LoadPlan plan;

    /// Options for the objects that this relation brings.
    template <class... More>
    Loader options(More... more) && {
        static_assert((std::same_as<typename More::tandem_option_of, Target> && ...),
            "tandem: this loader starts from another model than its relation leads to");
        (std::move(more).apply(plan), ...);
        return std::move(*this);
    }
    /// Loads only related objects that meet the condition. Several are joined by AND.
    template <class E>
    Loader where(E condition) && {
        static_assert(is_criterion_of<E, Target>,
            "tandem: where() of a loader needs a condition on the model that its relation leads to");
        if constexpr (is_criterion_of<E, Target>) plan.criteria.emplace_back(table_of<Target>(), std::move(condition));
        return std::move(*this);
    }
    /// Of a joined load: leaves out the objects that have no related one. (Below an outer joined load it is outer,
    /// too.)
    Loader inner() && {
        plan.inner = true;
        return std::move(*this);
    }
    void apply(LoadOptions& options) && { add_plan(options.plans, std::move(plan)); }
    void apply(LoadPlan& parent) && { add_plan(parent.nested, std::move(plan)); }
};

/// An option that is the same for queries over any model.
struct QueryOption {
    using tandem_option_of = void;
    bool populate_existing = false;
    std::vector<Criterion> criteria{};
    void apply(LoadOptions& options) &&;
};

template <class O, class T>
inline constexpr bool is_option_of =
    std::same_as<typename O::tandem_option_of, T> || std::is_void_v<typename O::tandem_option_of>;

template <RelationProxy C>
auto loader(C, Loading loading) {
    return Loader<typename C::tandem_model, typename C::tandem_target>{
        {.relation = &C::relation(), .loading = loading}};
}
template <RelationProxy C>
auto joinedload(C relation) {
    return loader(relation, Loading::joined);
}
template <RelationProxy C>
auto subqueryload(C relation) {
    return loader(relation, Loading::subquery);
}
template <RelationProxy C>
auto selectinload(C relation) {
    return loader(relation, Loading::selectin);
}
template <RelationProxy C>
auto immediateload(C relation) {
    return loader(relation, Loading::immediate);
}
template <RelationProxy C>
auto lazyload(C relation) {
    return loader(relation, Loading::select);
}
template <RelationProxy C>
auto raiseload(C relation) {
    return loader(relation, Loading::raise);
}
template <RelationProxy C>
auto noload(C relation) {
    return loader(relation, Loading::noload);
}

template <ModelColumn First, ModelColumn... More>
auto column_option(ColumnChoice::Kind kind) {
    using T = typename First::tandem_model;
    static_assert((std::same_as<typename More::tandem_model, T> && ...),
        "tandem: defer(), undefer() and load_only() take columns of one model");
    const Table& table = table_of<T>();
    const auto choice = [&](std::uint32_t offset) {
        return ColumnChoice{kind, &table, static_cast<std::size_t>(&table.column_at(offset) - table.columns.data())};
    };
    return ColumnOption<T>{
        {choice(offset_of<T, First::tandem_pointer>()), choice(offset_of<T, More::tandem_pointer>())...}};
}
/// These columns are read when an object is first used, for all objects of the result in one SELECT. Keys, foreign keys
/// and version columns are always read.
template <ModelColumn... C>
auto defer(C...) {
    return column_option<C...>(ColumnChoice::Kind::defer);
}
/// Reads columns that the model defers.
template <ModelColumn... C>
auto undefer(C...) {
    return column_option<C...>(ColumnChoice::Kind::undefer);
}
/// Defers all columns but these.
template <ModelColumn... C>
auto load_only(C...) {
    return column_option<C...>(ColumnChoice::Kind::only);
}

/// Objects that the session has already take over what the query finds: their columns and the relations it loads.
inline QueryOption populate_existing() { return {.populate_existing = true}; }

/// A query, and what its objects load later, finds only objects of this model that meet the condition; others it finds
/// as before.
template <class E>
auto with_criteria(E condition) {
    using Root = std::remove_pointer_t<decltype(first_root<E>())>;
    QueryOption option;
    if constexpr (requires { typename Root::model; }) {
        static_assert(is_criterion_of<E, typename Root::model>,
            "tandem: with_criteria() needs a condition on the columns of one model");
        option.criteria.emplace_back(table_of<typename Root::model>(), std::move(condition));
    } else {
        static_assert(!std::same_as<E, E>, "tandem: with_criteria() needs a condition on the columns of one model");
    }
    return option;
}

}  // namespace tandem::orm

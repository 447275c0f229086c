/// Queries: immutable values built from `Model::select()` or `select(columns…)`, run by `session.exec()`.
///
/// Contract: each call returns a new query; several `where` are joined by AND; the SQL text is made once per query
/// type, values are bound. A column of a model that the query does not select from does not compile. Pitfalls: a query
/// without `order_by` has no order, also under `limit`; join a model before a `where` that uses it; a query for objects
/// that joins a collection finds an object once per row, unless it is `distinct()`.
///
///     session.exec(User::select().where(User::c.username.contains("an")).order_by(User::c.id.desc()).limit(15)).all();
///     session.exec(select(User::c.username, count(Post::c.id)).outer_join(User::c.posts).group_by(User::c.id)).all();
///     session.exec(select(User::c.id, User::c.username).into<UserRow>()).all();      // std::vector<UserRow>
///     session.exec(select(User::c, Post::c.title).join(User::c.posts)).all();        // Ref<User> and a title
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <tandem/orm/column.hpp>
#include <tandem/orm/entity.hpp>
#include <tandem/orm/expression.hpp>
#include <tandem/orm/function.hpp>
#include <tandem/orm/join.hpp>
#include <tandem/orm/loader.hpp>
#include <tandem/orm/row_in.hpp>
#include <tandem/orm/seek.hpp>
#include <tandem/orm/select_text.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

/// A part of a query: some expressions, and what they are there for.
template <Clause Where, class... E>
struct Part {
    static constexpr Clause clause = Where;
    [[no_unique_address]] Pack<E...> expressions;

    static void sql(SqlWriter& out) { write_pattern(out, "{, }", writers_of<E...>); }
    void bind(Parameters& parameters) const { expressions.bind(parameters); }
};
using Distinct = Part<Clause::distinct>;
/// Marks a query that may have a limit.
using Paged = Part<Clause::paged>;

/// Appends expressions as `e AS "c0", e AS "c1"`, for a query in FROM.
void write_numbered(SqlWriter& out, const WriteFunction* fields);
/// Appends `1`, for a query of which only the rows count.
void write_one(SqlWriter& out);

template <class E>
void write_field(SqlWriter& out) {
    E::sql(out);
    if constexpr (HasLabel<E>) E::name(out);
}
template <class... E>
inline constexpr WriteFunction field_writers[sizeof...(E) + 1] = {&write_field<E>..., nullptr};

/// The result is rows: tuples.
struct AsTuple {};
/// The result is rows of some expressions, as tuples or as structs of type R.
template <class R, class... E>
struct Fields {
    [[no_unique_address]] Pack<E...> expressions;
    static void sql(SqlWriter& out) { write_pattern(out, "{, }", field_writers<E...>); }
    static void numbered_sql(SqlWriter& out) { write_numbered(out, writers_of<E...>); }
    void bind(Parameters& parameters) const { expressions.bind(parameters); }
};

/// What a field of a result is in C++: std::optional where it may be NULL.
template <class E, class... S>
using field_t = std::conditional_t<E::template nullable_in<S...>, std::optional<plain_value_t<E>>, plain_value_t<E>>;

/// The expressions of GROUP BY.
template <class... G>
struct Keys {
    template <class... More>
    constexpr Keys<G..., More...> operator+(Keys<More...>) const {
        return {};
    }
    template <class E>
    static constexpr bool group = E::template grouped_by<G...>;
};
template <class P>
constexpr Keys<> keys_of(P*) {
    return {};
}
template <class... E>
constexpr Keys<E...> keys_of(Part<Clause::group_by, E...>*) {
    return {};
}

/// The type of the only column of a result, or void.
template <class R, class... S>
struct ScalarType {
    using type = void;
};
template <class R, class E, class... S>
struct ScalarType<Fields<R, E>, S...> {
    using type = field_t<E, S...>;
};

template <class Q, FixedString Name>
struct Derived;
template <class Q, FixedString Name>
struct Cte;
template <class Q, class V>
struct ScalarQuery;

template <class S>
struct root_writer {
    static constexpr WriteFunction write = nullptr;
};
template <class T, FixedString Alias>
    requires(!std::is_void_v<T>)
struct root_writer<Source<T, Alias>> {
    static constexpr WriteFunction write = [](SqlWriter& out) { write_table(out, table_of<T>(), Alias.text); };
};

template <class Option, class E>
inline constexpr bool is_option_of_field = false;
template <class Option, class T, FixedString Alias>
inline constexpr bool is_option_of_field<Option, EntityField<T, Alias>> = is_option_of<Option, T>;

template <class InScope, class Result, class... Parts>
class Query;

template <class... S, class Result, class... Parts>
class Query<Scope<S...>, Result, Parts...> {
public:
    using tandem_result = Result;
    using tandem_scope = Scope<S...>;

    Query() = default;
    Query(const Result& result, Pack<Parts...>&& parts, const QueryState& state)
        : result_(result), parts_(std::move(parts)), state_(state) {}

    /// Only rows for which the condition holds.
    template <class E>
    [[nodiscard]] auto where(E condition) const {
        static_assert(is_condition<E>, "tandem: where() needs a condition, e.g. where(User::c.id == 3)");
        if constexpr (is_condition<E>) {
            check_scope<E>();
            static_assert(!E::has_aggregate, "tandem: an aggregate cannot stand in where(); say having()");
            return with(Part<Clause::where, E>{{std::move(condition)}});
        } else {
            return *this;  // the message above is enough
        }
    }
    template <class... E>
    [[nodiscard]] auto order_by(E... keys) const {
        static_assert((Orderable<E> && ...), "tandem: order_by() needs columns, e.g. order_by(User::c.id.desc())");
        if constexpr ((Orderable<E> && ...)) {
            check_scope<E...>();
            return with(Part<Clause::order_by, E...>{{std::move(keys)...}});
        } else {
            return *this;
        }
    }
    template <Expression... E>
    [[nodiscard]] auto group_by(E... keys) const {
        check_scope<E...>();
        return with(Part<Clause::group_by, E...>{{std::move(keys)...}});
    }
    /// Only groups for which the condition holds.
    template <class E>
    [[nodiscard]] auto having(E condition) const {
        static_assert(is_condition<E>, "tandem: having() needs a condition, e.g. having(count() > 3)");
        if constexpr (is_condition<E>) {
            check_scope<E>();
            return with(Part<Clause::having, E>{{std::move(condition)}});
        } else {
            return *this;
        }
    }
    /// Selects from T, where the selected columns do not say it, or say another model: before any join.
    template <class T>
    [[nodiscard]] auto from() const {
        check_first();
        return Query<Scope<Source<T>>, Result>{result_, {}, state_};
    }
    /// Selects from an alias, or from a subquery.
    template <FromObject A>
    [[nodiscard]] auto from(const A& object) const {
        check_first();
        using Target = typename A::tandem_from;
        return Query<Scope<typename Target::source>, Result, RootPart<Target>>{
            result_, {RootPart<Target>{from_object(object)}}, state_};
    }
    /// Only rows that have a row of T beside them, for which `on` holds; without `on`, by the only foreign key.
    template <class T, class... On>
    [[nodiscard]] auto join(On... on) const {
        return join_source<false>(ModelSource<T>{}, std::move(on)...);
    }
    /// The same with an alias or a subquery.
    template <FromObject A, class... On>
    [[nodiscard]] auto join(const A& object, On... on) const {
        return join_source<false>(from_object(object), std::move(on)...);
    }
    /// Only rows that the relation leads on from, once for each row it leads to; `as` is an alias for those.
    template <RelationProxy R, class... A>
    [[nodiscard]] auto join(R relation, const A&... as) const {
        return join_relation<false>(relation, as...);
    }
    /// As join(), but rows without a partner stay, and have NULL in its place.
    template <class T, class... On>
    [[nodiscard]] auto outer_join(On... on) const {
        return join_source<true>(ModelSource<T>{}, std::move(on)...);
    }
    template <FromObject A, class... On>
    [[nodiscard]] auto outer_join(const A& object, On... on) const {
        return join_source<true>(from_object(object), std::move(on)...);
    }
    template <RelationProxy R, class... A>
    [[nodiscard]] auto outer_join(R relation, const A&... as) const {
        return join_relation<true>(relation, as...);
    }
    /// In a subquery: lets it use the columns of a model, or an alias, of the query around it.
    template <class T>
    [[nodiscard]] auto correlate() const {
        return rescoped<Scope<S..., Outer<Source<T>>>>();
    }
    template <FromObject A>
    [[nodiscard]] auto correlate(const A&) const {
        return rescoped<Scope<S..., Outer<typename A::tandem_from::source>>>();
    }
    /// The only column of the first row as a value; NULL when there is no row.
    [[nodiscard]] auto scalar_subquery() const {
        using Found = scalar_type<Result>;
        static_assert(!std::is_void_v<Found>, "tandem: scalar_subquery() needs a query for one column");
        using V = std::conditional_t<std::is_void_v<Found>, bool, unwrap_optional_t<Found>>;
        return ScalarQuery<Query, std::optional<V>>{*this};
    }
    /// The query as a table in FROM.
    template <FixedString Name>
    [[nodiscard]] auto subquery() const {
        check_values(static_cast<Result*>(nullptr));
        return Derived<Query, Name>{*this};
    }
    /// The query as a table in front of SELECT.
    template <FixedString Name>
    [[nodiscard]] auto cte() const {
        check_values(static_cast<Result*>(nullptr));
        return Cte<Query, Name>{*this};
    }
    /// Without repeated rows.
    [[nodiscard]] auto distinct() const {
        if constexpr (has_part<Distinct>) return *this;
        else return with(Distinct{});
    }
    /// At most `count` rows; below 0 means no limit.
    [[nodiscard]] auto limit(std::int64_t count) const {
        auto query = paged();
        query.state_.limit = count;
        return query;
    }
    /// Leaves out the first `count` rows.
    [[nodiscard]] auto offset(std::int64_t count) const {
        auto query = paged();
        query.state_.offset = count;
        return query;
    }
    /// Locks the rows that are found until the transaction ends, so that no other transaction changes or locks them:
    /// another one's lock is waited for, or, with `nowait`, is an OperationalError; with `skip_locked` rows that are
    /// locked are left out. SQLite, where one transaction writes at a time, knows no such locks: nothing is added to
    /// the query, and `session(tandem::write)` is what keeps other writers out. Pitfall: an object that the session has
    /// already keeps its values, unless the query says `populate_existing()`.
    [[nodiscard]] auto for_update() const { return with(LockPart<RowLock::wait>{}); }
    [[nodiscard]] auto for_update(NoWait) const { return with(LockPart<RowLock::nowait>{}); }
    [[nodiscard]] auto for_update(SkipLocked) const { return with(LockPart<RowLock::skip_locked>{}); }
    /// Only rows behind the one with these values of the columns of order_by(); see seek.hpp.
    template <class... V>
    [[nodiscard]] auto after(V&&... values) const {
        return behind_order(ordered_by(), std::forward<V>(values)...);
    }
    /// What the query brings along, and how: see loader.hpp.
    template <class... Options>
    [[nodiscard]] Query options(Options... options) const {
        (check_option<Options>(static_cast<Result*>(nullptr)), ...);
        Query copy = *this;
        (std::move(options).apply(copy.state_.options.edit()), ...);
        return copy;
    }
    /// Rows as structs of type R, whose listed members stand in the order of the selected columns.
    template <class R>
    [[nodiscard]] auto into() const {
        return into_fields<R>(result_);
    }

    // For the session, and for queries around this one.
    void bind(Parameters& parameters, const SelectForm& form) const {
        bind_parts(parameters, form);
        if (form.limited) bind_limit(parameters, state_.limit, state_.offset);
    }
    [[nodiscard]] const QueryState& state() const { return state_; }
    [[nodiscard]] static constexpr bool has_order() { return ((Parts::clause == Clause::order_by) || ...); }
    /// Whether what the query needs from outside is in this scope.
    template <class... In>
    static constexpr bool fits_in() {
        check_fields();
        return (met_by<S, In...> && ...);
    }
    static void write_nested(SqlWriter& out, WriteFunction fields) {
        const std::size_t renames = out.renames.size();
        if (renames > 0) (own_name(out, source_info<S>::get()), ...);
        write_select(out, info, fields, {.limited = has_part<Paged>});
        out.renames.resize(renames);
    }
    void bind_nested(Parameters& parameters, bool with_fields) const {
        bind_parts(parameters, {}, with_fields);
        if constexpr (has_part<Paged>) bind_limit(parameters, state_.limit, state_.offset);
    }
    /// The type of the only column, or void.
    template <class R>
    using scalar_type = typename ScalarType<R, S...>::type;
    /// What must hold before the query can run, or stand in another one.
    static constexpr bool check_fields() {
        static_assert(fields_in_scope(static_cast<Result*>(nullptr)),
            "tandem: this query selects a column of a model that it neither selects from nor joins");
        if constexpr (fields_in_scope(static_cast<Result*>(nullptr)))
            static_assert(fields_grouped(static_cast<Result*>(nullptr)),
                "tandem: a column beside an aggregate is missing in group_by()");
        return fields_in_scope(static_cast<Result*>(nullptr)) && fields_grouped(static_cast<Result*>(nullptr));
    }

private:
    template <class, class, class...>
    friend class Query;
    template <class P>
    static constexpr bool has_part = (std::same_as<P, Parts> || ...);

    template <class... E>
    static constexpr void check_scope() {
        static_assert((E::template uses_only<S...> && ...),
            "tandem: this query uses a column of a model that it does not select from");
    }
    static constexpr void check_first() {
        static_assert(sizeof...(Parts) == 0, "tandem: from() comes right after select()");
    }
    template <class New>
    static constexpr bool check_new() {
        static_assert(!in_scope<New, S...>,
            "tandem: this model is in the query already; join an alias of it (constexpr auto other = alias<User, "
            "\"other\">)");
        return !in_scope<New, S...>;
    }
    template <bool IsOuter, class New>
    using with_source = Scope<S..., std::conditional_t<IsOuter, Maybe<New>, New>>;

    template <class NewScope, class P>
    auto joined(P&& part) const {
        return Query<NewScope, Result, Parts..., P>{result_, parts_.with(std::forward<P>(part)), state_};
    }
    template <class NewScope>
    auto rescoped() const {
        return Query<NewScope, Result, Parts...>{result_, Pack<Parts...>{parts_}, state_};
    }
    template <bool IsOuter, class Target>
    auto join_source(Target target) const {
        using New = typename Target::source;
        if constexpr (check_new<New>())
            return joined<with_source<IsOuter, New>>(
                JoinPart<Target, IsOuter, OnForeignKey<Target, S...>>{std::move(target), {}});
        else return *this;
    }
    template <bool IsOuter, class Target, class On>
    auto join_source(Target target, On on) const {
        using New = typename Target::source;
        static_assert(
            is_condition<On>, "tandem: join() needs a condition, e.g. join<Tag>(Tag::c.id == Post::c.tag_id)");
        if constexpr (check_new<New>() && is_condition<On>) {
            static_assert(On::template uses_only<New, S...>,
                "tandem: this query uses a column of a model that it does not select from");
            return joined<with_source<IsOuter, New>>(JoinPart<Target, IsOuter, On>{std::move(target), std::move(on)});
        } else {
            return *this;
        }
    }
    template <bool IsOuter, class R>
    auto join_relation(R relation) const {
        return join_relation_to<IsOuter, ModelSource<typename R::tandem_target>>(relation);
    }
    template <bool IsOuter, class R, FromObject A>
    auto join_relation(R relation, const A&) const {
        static_assert(std::same_as<typename A::tandem_aliased, typename R::tandem_target>,
            "tandem: this alias is of another model than the relation leads to");
        return join_relation_to<IsOuter, typename A::tandem_from>(relation);
    }
    template <bool IsOuter, class Target, class R>
    auto join_relation_to(R) const {
        using New = typename Target::source;
        constexpr bool starts_here = in_scope<typename R::tandem_owner, S...>;
        static_assert(starts_here, "tandem: this relation starts from a model that the query does not select from");
        if constexpr (!starts_here) return *this;  // the message above is enough
        else if constexpr (check_new<New>())
            return joined<with_source<IsOuter, New>>(RelationJoin<R, Target, IsOuter>{});
        else return *this;
    }
    static void own_name(SqlWriter& out, const SourceInfo& source) {
        if (source.table && *source.alias == '\0') out.renames.push_back({source.table, source.table->name});
    }

    template <class P>
    static constexpr Keys<> order_of(P*) {
        return {};
    }
    template <class... E>
    static constexpr Keys<E...> order_of(Part<Clause::order_by, E...>*) {
        return {};
    }
    static constexpr auto ordered_by() { return (Keys<>{} + ... + order_of(static_cast<Parts*>(nullptr))); }
    template <class... K, class... V>
    auto behind_order(Keys<K...>, V&&... values) const {
        constexpr bool usable = sizeof...(K) > 0 && (SeekKey<K>::usable && ...);
        static_assert(
            usable, "tandem: after() goes behind order_by() of columns that cannot be NULL, e.g. order_by(Post::c.id)");
        static_assert(
            !usable || sizeof...(K) == sizeof...(V), "tandem: after() needs a value for each column of order_by()");
        if constexpr (usable && sizeof...(K) == sizeof...(V)) return where(behind<K...>(std::forward<V>(values)...));
        else return *this;  // the message above is enough
    }
    static constexpr bool fields_in_scope(const void*) { return true; }
    template <class R, class... E>
    static constexpr bool fields_in_scope(Fields<R, E...>*) {
        return (E::template uses_only<S...> && ...);
    }
    static constexpr bool fields_grouped(const void*) { return true; }
    template <class R, class... E>
    static constexpr bool fields_grouped(Fields<R, E...>*) {
        if constexpr ((E::has_aggregate || ...) || ((Parts::clause == Clause::group_by) || ...)) {
            using Grouped = decltype((Keys<>{} + ... + keys_of(static_cast<Parts*>(nullptr))));
            return (Grouped::template group<E> && ...);
        } else {
            return true;
        }
    }
    static constexpr void check_values(const void*) {}
    template <class R, class... E>
    static constexpr void check_values(Fields<R, E...>*) {
        static_assert(!(is_entity_field<E> || ...), "tandem: a query in FROM selects columns, not objects");
    }
    template <class Option, class T, FixedString Alias>
    static constexpr void check_option(Entity<T, Alias>*) {
        static_assert(is_option_of<Option, T>, "tandem: this loader starts from another model than the query's");
    }
    template <class Option, class R, class... E>
        requires(is_entity_field<E> || ...)
    static constexpr void check_option(Fields<R, E...>*) {
        static_assert((is_option_of_field<Option, E> || ...),
            "tandem: this loader starts from another model than those of the query's objects");
    }
    template <class Option>
    static constexpr void check_option(...) {
        static_assert(!std::same_as<Option, Option>, "tandem: loaders are for queries of objects, not of columns");
    }
    template <class T, FixedString Alias>
    static constexpr RowField entity_fields[1] = {row_field_of<EntityField<T, Alias>>()};
    template <class... E>
    static constexpr RowField row_fields[sizeof...(E)] = {row_field_of<E>()...};
    template <class T, FixedString Alias>
    static constexpr std::span<const RowField> fields_of(Entity<T, Alias>*) {
        return entity_fields<T, Alias>;
    }
    template <class R, class... E>
        requires(is_entity_field<E> || ...)
    static constexpr std::span<const RowField> fields_of(Fields<R, E...>*) {
        return row_fields<E...>;
    }
    static constexpr std::span<const RowField> fields_of(...) { return {}; }
    template <class T, FixedString Alias>
    static constexpr const char* alias_of(Entity<T, Alias>*) {
        return Source<T, Alias>::alias;
    }
    static constexpr const char* alias_of(...) { return ""; }

    template <class P>
    auto with(P&& part) const {
        return Query<Scope<S...>, Result, Parts..., P>{result_, parts_.with(std::forward<P>(part)), state_};
    }
    auto paged() const {
        if constexpr (has_part<Paged>) return *this;
        else return with(Paged{});
    }
    template <class R, class Old, class... E>
    auto into_fields(const Fields<Old, E...>& fields) const {
        static_assert(!(is_entity_field<E> || ...), "tandem: into() is for columns; rows with objects come as tuples");
        return Query<Scope<S...>, Fields<R, E...>, Parts...>{{fields.expressions}, Pack<Parts...>{parts_}, state_};
    }

    static constexpr PartInfo part_infos[sizeof...(Parts) + 1] = {info_of<Parts>()..., {}};
    static constexpr SelectInfo info{&Result::sql, &bind_part<Result>, root_writer<typename FirstOf<S...>::type>::write,
        part_infos, sizeof...(Parts)};
    static constinit inline QueryTexts texts{};
    void bind_parts(Parameters& parameters, const SelectForm& form, bool with_fields = true) const {
        const void* parts[sizeof...(Parts) + 1]{};
        parts_.addresses(parts);
        bind_select(parameters, info, with_fields ? &result_ : nullptr, parts, form);
    }

public:
    // Behind what it names.
    static constexpr QueryFunctions functions{&texts,
        [](const void* query, Parameters& parameters, const SelectForm& form) {
            static_cast<const Query*>(query)->bind(parameters, form);
        },
        [](void* query) -> QueryState& { return static_cast<Query*>(query)->state_; },
        [](void* query) noexcept { delete static_cast<Query*>(query); }, &info, alias_of(static_cast<Result*>(nullptr)),
        fields_of(static_cast<Result*>(nullptr))};

private:
    [[no_unique_address]] Result result_{};
    [[no_unique_address]] Pack<Parts...> parts_{};
    QueryState state_{};
};

/// The scope of a query that starts with a column of source S.
template <class S>
constexpr Scope<S> scope_from(S*) {
    return {};
}
constexpr Scope<> scope_from(void*) { return {}; }

/// A query for rows of columns, aggregates and other expressions. It selects from the model of the first column; models
/// of the others have to be joined.
template <Expression... E>
auto select(E... expressions) {
    using InScope = decltype(scope_from(first_root<E...>()));
    return Query<InScope, Fields<AsTuple, E...>>{{{std::move(expressions)...}}, {}, {}};
}

/// A query for the objects of a model, by its `Model::c`, or of an alias.
template <EntityColumns A>
auto select(const A&) {
    using Field = typename A::tandem_entity;
    return Query<Scope<typename Field::source>, typename Field::result>{};
}
/// A query for rows of objects, or of objects and values; see entity.hpp.
template <class... E>
    requires(sizeof...(E) > 1 && ((Expression<E> || EntityColumns<E>)&&...) && (EntityColumns<E> || ...))
auto select(const E&... selected) {
    return select(row_field(selected)...);
}

}  // namespace tandem::orm

#include <tandem/orm/subquery.hpp>  // IWYU pragma: export

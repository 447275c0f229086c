/// Queries inside queries: `exists(query)`, `column.in(query)`, `query.scalar_subquery()`, `query.subquery<"name">()`,
/// `query.cte<"name">()` and `recursive<"name">(…)`.
///
/// Contract: a subquery uses its own models; those of the query around it only where it says so by
/// `correlate<Model>()`. A derived table's columns are asked for by what was selected, `totals[Post::c.user_id]`, or by
/// position, `totals.column<0>()`; an expression that should be asked for is given a `label` and kept in a variable.
///
///     const auto posts = count().label<"posts">();
///     const auto totals = select(Post::c.user_id, posts).group_by(Post::c.user_id).subquery<"totals">();
///     session.exec(select(User::c.username, totals[posts]).join(totals, totals[Post::c.user_id] == User::c.id)).all();
///     session.exec(User::select().where(
///         !exists(Post::select().correlate<User>().where(Post::c.user_id == User::c.id)))).all();
#pragma once

#include <cstddef>
#include <utility>

#include <tandem/orm/join.hpp>
#include <tandem/orm/query.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

/// Appends `"name"."c0"`.
void write_derived_column(SqlWriter& out, const char* name, std::size_t index);
void write_name(SqlWriter& out, const char* before, const char* name, const char* after);

/// What a query that stands in an expression has in common with others.
template <class Q>
struct QueryExpression {
    Q query;
    template <class... S>
    static constexpr bool uses_only = Q::template fits_in<S...>();
    template <class... G>
    static constexpr bool grouped_by = true;
    static constexpr bool has_aggregate = false;
    static constexpr void* root() { return nullptr; }
};

template <class Q>
struct Exists : QueryExpression<Q>, Operators<Exists<Q>, bool> {
    using tandem_value = bool;
    explicit Exists(Q of) : QueryExpression<Q>{std::move(of)} {}
    template <class... S>
    static constexpr bool nullable_in = false;
    static void sql(SqlWriter& out) {
        out.write("EXISTS (");
        Q::write_nested(out, &write_one);
        out.write(")");
    }
    void bind(Parameters& parameters) const { this->query.bind_nested(parameters, false); }
};
/// There is a row.
template <Selection Q>
auto exists(Q query) {
    return Exists<Q>{std::move(query)};
}

template <class Q, class V>
struct ScalarQuery : QueryExpression<Q>, Operators<ScalarQuery<Q, V>, V> {
    using tandem_value = V;
    explicit ScalarQuery(Q of) : QueryExpression<Q>{std::move(of)} {}
    template <class... S>
    static constexpr bool nullable_in = true;
    static void sql(SqlWriter& out) {
        out.write("(");
        Q::write_nested(out, &Q::tandem_result::sql);
        out.write(")");
    }
    void bind(Parameters& parameters) const { this->query.bind_nested(parameters, true); }
};

template <class E, class Q>
struct InSelect : QueryExpression<Q>, Operators<InSelect<E, Q>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] E column;
    InSelect(E left, Q of) : QueryExpression<Q>{std::move(of)}, column(std::move(left)) {}
    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...> && Q::template fits_in<S...>();
    template <class... S>
    static constexpr bool nullable_in = true;
    template <class... G>
    static constexpr bool grouped_by = E::template grouped_by<G...>;
    static constexpr bool has_aggregate = E::has_aggregate;
    static constexpr auto root() { return E::root(); }
    static void sql(SqlWriter& out) {
        out.write("(");
        E::sql(out);
        out.write(" IN (");
        Q::write_nested(out, &Q::tandem_result::sql);
        out.write("))");
    }
    void bind(Parameters& parameters) const {
        column.bind(parameters);
        this->query.bind_nested(parameters, true);
    }
};
template <class E>
struct InQuery {
    template <class Q>
    static auto of(const E& column, Q query) {
        using Found = typename Q::template scalar_type<typename Q::tandem_result>;
        static_assert(!std::is_void_v<Found>, "tandem: in() needs a query for one column");
        if constexpr (!std::is_void_v<Found>)
            static_assert(std::same_as<unwrap_optional_t<Found>, plain_value_t<E>> ||
                    (Number<unwrap_optional_t<Found>> && Number<plain_value_t<E>>),
                "tandem: in() needs a query for a column of the same type");
        return InSelect<E, Q>{column, std::move(query)};
    }
};

/// A column of a derived table.
template <FixedString Name, std::size_t I, class V>
struct DerivedColumn : SourceColumn<DerivedColumn<Name, I, V>, Source<void, Name>, V> {
    static void sql(SqlWriter& out) { write_derived_column(out, Name.text, I); }
};

template <FixedString Name, class Result, class InScope>
struct DerivedColumns {
    static_assert(
        !std::same_as<Result, Result>, "tandem: only select(columns…) can stand in FROM, not a query for objects");
};
template <FixedString Name, class R, class... E, class... S>
struct DerivedColumns<Name, Fields<R, E...>, Scope<S...>> {
    using source = Source<void, Name>;

    /// The column at a position, from 0.
    template <std::size_t I>
    [[nodiscard]] constexpr auto column() const {
        using Field = typename Pack<E...>::template type_at<I>;
        return DerivedColumn<Name, I, field_t<Field, S...>>{};
    }
    /// The column that was selected as this expression.
    template <Expression Field>
    [[nodiscard]] constexpr auto operator[](const Field&) const {
        constexpr std::size_t index = index_of<Field>();
        static_assert(index < sizeof...(E), "tandem: this subquery does not select that column");
        if constexpr (index < sizeof...(E)) return column<index>();
        else return Field{};
    }

private:
    template <class Field>
    static constexpr std::size_t index_of() {
        constexpr bool same[] = {std::same_as<Field, E>...};
        std::size_t at = 0;
        while (at < sizeof...(E) && !same[at]) ++at;
        return at;
    }
};

/// A query in FROM.
template <class Q, FixedString Name>
struct Derived : DerivedColumns<Name, typename Q::tandem_result, typename Q::tandem_scope> {
    using tandem_from = Derived;
    Q query;
    explicit Derived(Q of) : query(std::move(of)) {}
    static void sql(SqlWriter& out) {
        out.write("(");
        Q::write_nested(out, &Q::tandem_result::numbered_sql);
        write_name(out, ") AS ", Name.text, "");
    }
    void bind(Parameters& parameters) const { query.bind_nested(parameters, true); }
};
/// A query in front of SELECT, by its name in FROM.
template <class Q, FixedString Name>
struct Cte : DerivedColumns<Name, typename Q::tandem_result, typename Q::tandem_scope> {
    using tandem_from = Cte;
    Q query;
    explicit Cte(Q of) : query(std::move(of)) {}
    static void sql(SqlWriter& out) { write_name(out, "", Name.text, ""); }
    void bind(Parameters&) const {}
    static void with_sql(SqlWriter& out) {
        write_name(out, "", Name.text, " AS (");
        Q::write_nested(out, &Q::tandem_result::numbered_sql);
        out.write(")");
    }
    void bind_with(Parameters& parameters) const { query.bind_nested(parameters, true); }
};
/// The name of a recursive query inside itself.
template <FixedString Name, class Base>
struct CteName : DerivedColumns<Name, typename Base::tandem_result, typename Base::tandem_scope> {
    using tandem_from = CteName;
    static void sql(SqlWriter& out) { write_name(out, "", Name.text, ""); }
    void bind(Parameters&) const {}
};
template <class Base, class Step, FixedString Name>
struct RecursiveCte : DerivedColumns<Name, typename Base::tandem_result, typename Base::tandem_scope> {
    using tandem_from = RecursiveCte;
    Base base;
    Step step;
    RecursiveCte(Base first, Step next) : base(std::move(first)), step(std::move(next)) {}
    static void sql(SqlWriter& out) { write_name(out, "", Name.text, ""); }
    void bind(Parameters&) const {}
    static void with_sql(SqlWriter& out) {
        write_name(out, "", Name.text, " AS (");
        Base::write_nested(out, &Base::tandem_result::numbered_sql);
        out.write(" UNION ALL ");
        Step::write_nested(out, &Step::tandem_result::sql);
        out.write(")");
    }
    void bind_with(Parameters& parameters) const {
        base.bind_nested(parameters, true);
        step.bind_nested(parameters, true);
    }
};
/// A query that goes on from its own rows: `step(self)` makes the next rows of `self`, which has the columns of `base`.
/// It ends when a step finds nothing, so over a graph with circles it has to count, and stop by `where`.
///
///     const auto depth = literal(0).label<"depth">();
///     const auto tree = recursive<"tree">(select(Node::c.id, depth).where(Node::c.parent_id == std::nullopt),
///         [&](const auto& up) { return select(Node::c.id, up[depth] + 1).join(up, up[Node::c.id] ==
///         Node::c.parent_id); });
template <FixedString Name, Selection Base, class MakeStep>
auto recursive(Base base, MakeStep step) {
    auto next = step(CteName<Name, Base>{});
    return RecursiveCte<Base, decltype(next), Name>{std::move(base), std::move(next)};
}

}  // namespace tandem::orm

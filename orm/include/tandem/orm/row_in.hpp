/// Several columns at once in a list: `row(Seat::c.row, Seat::c.letter).in({{1, "x"}, {2, "x"}})`.
///
/// Contract: finds rows of which the columns, taken together, are one of the list's rows; its SQL text is the same for
/// any number of them, none included. `not_in` finds the others. `in` also takes a query for as many columns of the
/// same types. NULL follows SQL: a row of the list with an empty std::optional equals nothing, and a column that is
/// NULL makes neither `in` nor `not_in` true, unless another column differs already.
#pragma once

#include <concepts>
#include <initializer_list>
#include <tuple>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/column_operators.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/operation.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// Appends `(a, b) IN (…)` over one parameter that carries any number of rows.
void write_row_in(SqlWriter& out, const WriteFunction* columns);
/// Binds the rows of that parameter, whose values stand one behind the other.
void bind_rows(Parameters& parameters, const std::vector<Value>& values, const Kind* kinds, std::size_t width);

/// What stands for a column in a row of a list: numbers are as wide as they come, so that none is cut to the column's.
template <class V>
struct RowValue {
    using type = V;
};
template <std::signed_integral V>
struct RowValue<V> {
    using type = std::int64_t;
};
template <class V>
struct RowValue<std::optional<V>> {
    using type = std::optional<typename RowValue<V>::type>;
};
template <class C>
using row_value_t = typename RowValue<typename C::tandem_value>::type;

/// What expressions of several columns have in common.
template <class... C>
struct OverColumns {
    template <class... S>
    static constexpr bool uses_only = (C::template uses_only<S...> && ...);
    template <class... G>
    static constexpr bool grouped_by = (C::template grouped_by<G...> && ...);
    static constexpr bool has_aggregate = (C::has_aggregate || ...);
    static constexpr auto root() { return first_root<C...>(); }
};

/// `(a, b) IN (…)` of constant text for any number of rows.
template <class... C>
struct RowIn : OverColumns<C...>, Operators<RowIn<C...>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] Pack<C...> columns;
    std::vector<Value> values{};

    template <class Rows>
    RowIn(Pack<C...> of, const Rows& rows) : columns(std::move(of)) {
        values.reserve(sizeof...(C) * rows.size());
        for (const auto& row : rows) std::apply([this](const auto&... value) { (this->add(value), ...); }, row);
    }
    template <class... S>
    static constexpr bool nullable_in = true;
    static void sql(SqlWriter& out) { write_row_in(out, writers_of<C...>); }
    void bind(Parameters& parameters) const {
        static constexpr Kind kinds[] = {kind_of<plain_value_t<C>>...};
        columns.bind(parameters);
        bind_rows(parameters, values, kinds, sizeof...(C));
    }

private:
    template <class V>
    void add(const V& value) {
        Scratch scratch;
        values.push_back(to_value(view_of(value, scratch)));
    }
};

template <class E, class Q>
struct InSelect;

/// Some columns taken together.
template <class... C>
struct RowOf : OverColumns<C...> {
    using Row = std::tuple<row_value_t<C>...>;
    [[no_unique_address]] Pack<C...> columns;

    explicit RowOf(C... of) : columns{std::move(of)...} {}
    /// Together they are one of the rows.
    [[nodiscard]] auto in(std::initializer_list<Row> rows) const { return RowIn<C...>{columns, rows}; }
    /// The same for a range of tuples, or a query for as many columns.
    template <class Rows>
    [[nodiscard]] auto in(const Rows& rows) const {
        if constexpr (Selection<Rows>) {
            using Found = typename RowTypes<typename Rows::tandem_result>::type;
            constexpr bool fits = std::same_as<Found, std::tuple<plain_value_t<C>...>>;
            static_assert(fits, "tandem: row(…).in() needs a query for as many columns, of the same types");
            return InSelect<RowOf, Rows>{*this, rows};
        } else {
            using Given = std::remove_cvref_t<decltype(*std::begin(rows))>;
            constexpr bool fits = std::convertible_to<Given, Row>;
            static_assert(fits, "tandem: row(…).in() needs a range of std::tuple with a value for each column");
            if constexpr (std::same_as<Given, Row> || !fits) return RowIn<C...>{columns, rows};
            else return RowIn<C...>{columns, std::vector<Row>(std::begin(rows), std::end(rows))};
        }
    }
    /// Together they are none of the rows.
    [[nodiscard]] auto not_in(std::initializer_list<Row> rows) const { return !in(rows); }
    template <class Rows>
    [[nodiscard]] auto not_in(const Rows& rows) const {
        return !in(rows);
    }
    static void sql(SqlWriter& out) { write_pattern(out, "({, })", writers_of<C...>); }
    void bind(Parameters& parameters) const { columns.bind(parameters); }

private:
    template <class Result>
    struct RowTypes {
        using type = void;
    };
    template <template <class, class...> class Fields, class R, class... E>
    struct RowTypes<Fields<R, E...>> {
        using type = std::tuple<plain_value_t<E>...>;
    };
};
/// Some columns taken together, for `in` and `not_in`.
template <Expression... C>
    requires(sizeof...(C) > 1)
[[nodiscard]] auto row(C... columns) {
    return RowOf<C...>{std::move(columns)...};
}

}  // namespace tandem::orm

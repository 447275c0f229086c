/// Functions of expressions: aggregates, text and number functions, `case_`, `cast`, and any function by its name.
///
///     select(Post::c.user_id, count(), max(Post::c.title)).group_by(Post::c.user_id).having(count() > 1)
///     select(case_(when(User::c.email == std::nullopt, "none")).otherwise("some"))
///     User::select().order_by(function<"hex", std::string>(User::c.username))
///
/// Contract: results are typed. `count` is never NULL; `sum`, `avg`, `min` and `max` are std::optional, as they are
/// NULL for no rows. `sum` and `avg` of what is no number do not compile, nor does an aggregate in `where` (say
/// `having`). Pitfalls: `lower` and `upper` know ASCII letters only on SQLite; `length` counts characters up to a NUL
/// character; a sum beyond 64 bits is an error.
#pragma once

#include <cstddef>

#include <tandem/orm/expression.hpp>
#include <tandem/orm/timestamp.hpp>

namespace tandem::orm {

/// `count(*)`: rows.
inline auto count() { return Op<"count(*)", Aggregates<std::int64_t, NullRule::never>>{{}}; }
/// `count(column)`: rows in which the column is not NULL.
template <Expression E>
auto count(E column) {
    return make_op<"count({})", Aggregates<std::int64_t, NullRule::never>>(std::move(column));
}
/// How many different values there are, NULL left out.
template <Expression E>
auto count_distinct(E column) {
    return make_op<"count(DISTINCT {})", Aggregates<std::int64_t, NullRule::never>>(std::move(column));
}

/// Types that can be added up: numbers, and types with a Codec that stores a number.
template <class V>
concept Summable = Number<V> ||
    (!std::is_arithmetic_v<V> && !std::is_enum_v<V> && Storable<V> &&
        (kind_of<V> == Kind::integer || kind_of<V> == Kind::real || kind_of<V> == Kind::decimal ||
            kind_of<V> == Kind::duration));
template <class V>
struct sum_type {
    using type = V;
};
/// A Codec may name a wider type, in which more values add up.
template <class V>
    requires requires { typename Codec<V>::summed; }
struct sum_type<V> {
    using type = typename Codec<V>::summed;
};
template <std::integral V>
struct sum_type<V> {
    using type = std::int64_t;
};
template <std::floating_point V>
struct sum_type<V> {
    using type = double;
};

template <Expression E>
auto sum(E column) {
    using V = plain_value_t<E>;
    constexpr bool summable = Summable<V>;
    static_assert(summable, "tandem: sum() needs a column of numbers");
    if constexpr (summable)
        return make_op<"sum({})", Aggregates<std::optional<typename sum_type<V>::type>>>(std::move(column));
    else return count(std::move(column));  // the message above is enough
}
template <Expression E>
auto avg(E column) {
    constexpr bool number = Number<plain_value_t<E>>;
    static_assert(number, "tandem: avg() needs a column of numbers");
    return make_op<"avg({})", Aggregates<std::optional<double>>>(std::move(column));
}
template <Expression E>
auto min(E column) {
    return make_op<"min({})", Aggregates<std::optional<plain_value_t<E>>>>(std::move(column));
}
template <Expression E>
auto max(E column) {
    return make_op<"max({})", Aggregates<std::optional<plain_value_t<E>>>>(std::move(column));
}

template <FixedString Pattern, class V, class E>
auto text_function(E text) {
    static_assert(std::same_as<plain_value_t<E>, std::string>, "tandem: this function needs a text");
    return make_op<Pattern, Gives<V>>(std::move(text));
}
template <Expression E>
auto lower(E text) {
    return text_function<"lower({})", std::string>(std::move(text));
}
template <Expression E>
auto upper(E text) {
    return text_function<"upper({})", std::string>(std::move(text));
}
/// Without spaces at both ends.
template <Expression E>
auto trim(E text) {
    return text_function<"trim({})", std::string>(std::move(text));
}
/// In characters.
template <Expression E>
auto length(E text) {
    return text_function<"length({})", std::int64_t>(std::move(text));
}
template <Expression E>
auto abs(E number) {
    constexpr bool is_number = Number<plain_value_t<E>>;
    static_assert(is_number, "tandem: abs() needs a number");
    return make_op<"abs({})", Gives<sum_t<E, E>>>(std::move(number));
}
/// The first of the values that is not NULL.
template <Expression E, class... V>
auto coalesce(E first, V&&... others) {
    using What = Gives<plain_value_t<E>, NullRule::with_all_operands>;
    return make_op<"coalesce({, })", What>(std::move(first), operand<E>(std::forward<V>(others))...);
}
/// The database's current time.
inline auto current_timestamp() { return Op<"@now", Gives<Timestamp, NullRule::never>>{{}}; }

template <std::size_t N, std::size_t M>
constexpr FixedString<N + M - 1> operator+(const FixedString<N>& a, const FixedString<M>& b) {
    char text[N + M - 1];
    for (std::size_t i = 0; i + 1 < N; ++i) text[i] = a.text[i];
    for (std::size_t i = 0; i < M; ++i) text[N - 1 + i] = b.text[i];
    return text;
}
/// A value as an expression of its own: `literal(0)`, `literal("x")`.
template <class V>
auto literal(V&& value) {
    using Given = std::remove_cvref_t<V>;
    if constexpr (Expression<V>) return Given(std::forward<V>(value));
    else if constexpr (std::convertible_to<V, std::string_view>) return Literal<std::string>(std::string{value});
    else if constexpr (std::integral<Given> && !std::same_as<Given, bool> && !std::same_as<Given, std::uint64_t>)
        return Literal<std::int64_t>(static_cast<std::int64_t>(value));
    else return Literal<Given>(std::forward<V>(value));
}
template <class V>
using literal_t = decltype(literal(std::declval<V>()));
/// A function that Tandem does not know, by name: `function<"substr", std::string>(User::c.username, 1, 3)`. The name
/// is the database's own; V, which may be std::optional, is up to you.
template <FixedString Name, class V, class... Argument>
auto function(Argument&&... arguments) {
    return make_op<Name + FixedString{"({, })"}, Gives<V>>(literal(std::forward<Argument>(arguments))...);
}

/// What `cast<T>` makes.
template <class E, class T>
struct Cast : Operators<Cast<E, T>, T> {
    using tandem_value = T;
    [[no_unique_address]] E inner;

    explicit Cast(E value) : inner(std::move(value)) {}
    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...>;
    template <class... S>
    static constexpr bool nullable_in = E::template nullable_in<S...>;
    template <class... G>
    static constexpr bool grouped_by = (std::same_as<Cast, G> || ...) || E::template grouped_by<G...>;
    static constexpr bool has_aggregate = E::has_aggregate;
    static constexpr auto root() { return E::root(); }
    static void sql(SqlWriter& out) { write_cast(out, &E::sql, kind_of<T>); }
    void bind(Parameters& parameters) const { inner.bind(parameters); }
};
/// The value as a number, text or bool, as the database converts it: SQLite makes 0 of a text that is no number, other
/// databases an error.
template <class T, Expression E>
auto cast(E value) {
    static_assert(std::is_arithmetic_v<T> || std::same_as<T, std::string>,
        "tandem: cast<T>() makes numbers, bools and std::string");
    return Cast<E, T>{std::move(value)};
}

/// One branch of a `case_`.
template <class C, class V>
struct When {
    using tandem_value = typename V::tandem_value;
    [[no_unique_address]] C condition;
    [[no_unique_address]] V value;
    template <class... S>
    static constexpr bool uses_only = C::template uses_only<S...> && V::template uses_only<S...>;
    template <class... S>
    static constexpr bool nullable_in = V::template nullable_in<S...>;
    template <class... G>
    static constexpr bool grouped_by = C::template grouped_by<G...> && V::template grouped_by<G...>;
    static constexpr bool has_aggregate = C::has_aggregate || V::has_aggregate;
    static constexpr auto root() { return first_root<C, V>(); }
    static void sql(SqlWriter& out) { write_pattern(out, " WHEN {} THEN {}", writers_of<C, V>); }
    void bind(Parameters& parameters) const {
        condition.bind(parameters);
        value.bind(parameters);
    }
};
template <Expression C, class V>
auto when(C condition, V&& value) {
    static_assert(is_condition<C>, "tandem: when() needs a condition, e.g. when(User::c.id == 3, \"three\")");
    return When<C, literal_t<V>>{std::move(condition), literal(std::forward<V>(value))};
}
/// A `case_` of which the last branch is missing; as it stands, it is NULL where no condition holds.
template <class... W>
struct Case : Op<"CASE{*} END", Gives<std::optional<plain_value_t<typename Pack<W...>::first>>>, W...> {
    /// The value where no condition holds.
    template <class V>
    [[nodiscard]] auto otherwise(V&& value) const {
        using First = typename Pack<W...>::first;
        using Else = Op<" ELSE {}", Gives<plain_value_t<First>>, operand_t<First, V>>;
        return Op<"CASE{*} END", Gives<plain_value_t<First>>, W..., Else>{
            this->operands.with(Else{{operand<First>(std::forward<V>(value))}})};
    }
};
/// The value of the first branch whose condition holds: `case_(when(a, 1), when(b, 2)).otherwise(3)`.
template <class... C, class... V>
auto case_(When<C, V>... branches) {
    using First = typename Pack<When<C, V>...>::first;
    static_assert((std::same_as<plain_value_t<When<C, V>>, plain_value_t<First>> && ...),
        "tandem: the branches of a case_ give values of different types");
    return Case<When<C, V>...>{{{std::move(branches)...}}};
}

}  // namespace tandem::orm

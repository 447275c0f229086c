/// Expressions: `User::c.id == 3 && User::c.username.contains("an")`, `Post::c.price * 2`, `lower(User::c.email)`.
///
/// Contract: an expression's SQL text depends on its type alone (built once per query type); values are always bound,
/// never spliced in. A value of a wrong type does not compile, and the message says so.
///
/// NULL: comparing with `std::nullopt`, or with an empty std::optional, by `==` is IS NULL, by `!=` IS NOT NULL. All
/// else follows SQL: NULL equals and differs from nothing, so `!=` and `not_in` leave out rows that hold NULL
/// (`is_distinct_from` keeps them), and `not_in` of a list with a null in it finds nothing. NULL has no order: `<` with
/// it does not compile.
///
/// Numbers: `/` of two integers is an integer; a division by zero is NULL on SQLite and an error on other databases, so
/// `/` and `%` are nullable. `+` of texts joins them.
///
/// Letters: on SQLite `like`, `ilike`, `contains`, `starts_with` and `ends_with` take ASCII letters of either case as
/// equal and all others (Ż and ż) as different; other databases decide themselves, so say `lower(…)` on both sides
/// where it matters.
///
/// Pitfall: `&&` and `||` of expressions build SQL; C++'s short circuit does not apply.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/describe.hpp>
#include <tandem/orm/pack.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

/// SQL text under construction.
struct SqlWriter {
    /// While it is written, columns of a table that has no alias are written with this name.
    struct Rename {
        const Table* table;
        std::string name;
    };
    std::string text{};
    std::vector<Rename> renames{};
    int names = 0;  ///< made up so far

    void write(const char* sql);
};

/// Writes a pattern: `{}` is the next operand, `{*}` all of them, `{, }` all of them with commas. A pattern that starts
/// with `@` is a word of the dialect.
void write_pattern(SqlWriter& out, const char* pattern, const WriteFunction* operands);
/// Appends `CAST(value AS type)`.
void write_cast(SqlWriter& out, WriteFunction value, Kind kind);
/// Binds one value; copies what the view borrows only if the driver has to.
void bind_value(Parameters& parameters, const ValueView& value);
/// Appends ` IN (…)` over one parameter that carries any number of values.
void write_in_list(SqlWriter& out);
/// Binds the values of that parameter, all of one kind.
void bind_list(Parameters& parameters, const std::vector<Value>& values, Kind kind);
/// Binds a LIKE pattern. Throws ArgumentError for one that the database would refuse as too long.
void bind_pattern(Parameters& parameters, const std::string& pattern);

template <class E>
concept Expression = requires { typename std::remove_cvref_t<E>::tandem_value; };

template <class C>
using plain_value_t = unwrap_optional_t<typename std::remove_cvref_t<C>::tandem_value>;

template <class V>
concept Number = std::is_arithmetic_v<V> && !std::same_as<V, bool>;

/// Whether a C++ value of type V can stand beside a column of type C: numbers with numbers, otherwise what converts to
/// C.
template <class V, class C>
concept ComparableWith = (std::is_arithmetic_v<std::remove_cvref_t<V>> && std::is_arithmetic_v<C> &&
                             std::same_as<std::remove_cvref_t<V>, bool> == std::same_as<C, bool>) ||
    (!std::is_arithmetic_v<C> && std::convertible_to<V, C> && !std::same_as<std::remove_cvref_t<V>, std::nullptr_t>) ||
    (std::same_as<C, std::string> && std::convertible_to<V, std::string_view> &&
        !std::same_as<std::remove_cvref_t<V>, std::nullptr_t>) ||
    (is_optional<std::remove_cvref_t<V>> && std::convertible_to<V, std::optional<C>>);

/// Whether an expression is true or false.
template <class E>
inline constexpr bool is_condition = false;
template <Expression E>
inline constexpr bool is_condition<E> = std::same_as<plain_value_t<E>, bool>;

/// When the value of an operation may be NULL.
enum class NullRule : std::uint8_t { with_any_operand, with_all_operands, never };

/// What an operation gives.
template <class V, NullRule Rule = NullRule::with_any_operand>
struct Gives {
    using value = V;
    static constexpr NullRule rule = Rule;
    static constexpr bool aggregate = false;
};
/// The same for one that makes one value of many rows.
template <class V, NullRule Rule = NullRule::with_any_operand>
struct Aggregates : Gives<V, Rule> {
    static constexpr bool aggregate = true;
};

template <FixedString Pattern, class What, class... E>
struct Op;
template <class E>
struct In;
template <class E>
struct InQuery;
template <class E, FixedString Name>
struct Labelled;
template <class Q>
concept Selection = requires { typename Q::tandem_result; };
template <class C>
concept RelationProxy = requires { typename C::tandem_target; };

/// A sort key: an expression with its direction.
template <FixedString Pattern, class E>
struct Ordering {
    using tandem_ordering = E;
    [[no_unique_address]] E inner;

    [[nodiscard]] auto nulls_first() const { return Ordering<"{} NULLS FIRST", Ordering>{*this}; }
    [[nodiscard]] auto nulls_last() const { return Ordering<"{} NULLS LAST", Ordering>{*this}; }

    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...>;
    static void sql(SqlWriter& out) { write_pattern(out, Pattern.text, writers_of<E>); }
    void bind(Parameters& parameters) const { inner.bind(parameters); }
};
template <class E>
concept Orderable = Expression<E> || requires { typename E::tandem_ordering; };

template <Columnable V>
struct Literal;

template <class Left, class V>
constexpr auto operand(V&& value);
template <class Left, class V>
using operand_t = decltype(operand<Left>(std::declval<V>()));

/// Escapes `%`, `_` and `\` and adds `%` where asked.
[[nodiscard]] std::string like_pattern(std::string_view text, bool any_before, bool any_after);

/// `column LIKE pattern`, with `\` as escape character.
template <class E, FixedString Pattern>
struct Like;

/// What text expressions add.
template <class Self>
struct TextOperators {
    /// The text has `part` somewhere; `%` and `_` are plain characters. Which letters count as equal: see above.
    [[nodiscard]] auto contains(std::string_view part) const {
        return Like<Self, "@like">{self(), like_pattern(part, true, true)};
    }
    [[nodiscard]] auto starts_with(std::string_view part) const {
        return Like<Self, "@like">{self(), like_pattern(part, false, true)};
    }
    [[nodiscard]] auto ends_with(std::string_view part) const {
        return Like<Self, "@like">{self(), like_pattern(part, true, false)};
    }
    /// A pattern of your own, with `%` and `_`, and `\` to take either as it is.
    [[nodiscard]] auto like(std::string_view pattern) const {
        return Like<Self, "@like">{self(), std::string{pattern}};
    }
    /// The same with letters of either case taken as equal, as far as the database knows letters (SQLite: ASCII).
    [[nodiscard]] auto ilike(std::string_view pattern) const {
        return Like<Self, "@ilike">{self(), std::string{pattern}};
    }

private:
    const Self& self() const { return static_cast<const Self&>(*this); }
};
struct NoTextOperators {};

/// What every expression has.
template <class Self>
struct ColumnOperators {
    [[nodiscard]] constexpr auto is_null() const {
        return Op<"({} IS NULL)", Gives<bool, NullRule::never>, Self>{{{self()}}};
    }
    [[nodiscard]] auto is_not_null() const {
        return Op<"({} IS NOT NULL)", Gives<bool, NullRule::never>, Self>{{{self()}}};
    }
    /// Different, where NULL counts as a value: it is distinct from any other value, and not from NULL.
    template <class V>
    [[nodiscard]] auto is_distinct_from(V&& value) const {
        return null_safe<"@is_distinct_from">(std::forward<V>(value));
    }
    template <class V>
    [[nodiscard]] auto is_not_distinct_from(V&& value) const {
        return null_safe<"@is_not_distinct_from">(std::forward<V>(value));
    }
    /// Within both bounds, which are included.
    template <class Low, class High>
    [[nodiscard]] auto between(Low&& low, High&& high) const {
        using L = operand_t<Self, Low>;
        using H = operand_t<Self, High>;
        return Op<"({} BETWEEN {} AND {})", Gives<bool>, Self, L, H>{
            {{self()}, {operand<Self>(std::forward<Low>(low))}, {operand<Self>(std::forward<High>(high))}}};
    }
    [[nodiscard]] auto asc() const { return Ordering<"{} ASC", Self>{self()}; }
    [[nodiscard]] auto desc() const { return Ordering<"{} DESC", Self>{self()}; }
    /// Where rows with NULL go. Without it SQLite takes NULL as the smallest value, PostgreSQL as the largest.
    [[nodiscard]] auto nulls_first() const { return Ordering<"{} NULLS FIRST", Self>{self()}; }
    [[nodiscard]] auto nulls_last() const { return Ordering<"{} NULLS LAST", Self>{self()}; }
    /// The value is one of a range's, or of the rows of a query for one column. Any number of values: none finds
    /// nothing.
    template <class Values>
    [[nodiscard]] auto in(const Values& values) const {
        if constexpr (Selection<Values>) return InQuery<Self>::of(self(), values);
        else return In<Self>::of(self(), values);
    }
    template <class V>
    [[nodiscard]] auto in(std::initializer_list<V> values) const {
        return In<Self>::of(self(), values);
    }
    /// The value is none of them; rows with NULL are left out.
    template <class Values>
    [[nodiscard]] auto not_in(const Values& values) const {
        return !in(values);
    }
    template <class V>
    [[nodiscard]] auto not_in(std::initializer_list<V> values) const {
        return !in(values);
    }
    /// Names the expression in the result.
    template <FixedString Name>
    [[nodiscard]] auto label() const {
        return Labelled<Self, Name>{{self()}};
    }

private:
    const Self& self() const { return static_cast<const Self&>(*this); }
    template <FixedString Pattern, class V>
    auto null_safe(V&& value) const {
        using R = operand_t<Self, V>;
        return Op<Pattern, Gives<bool, NullRule::never>, Self, R>{{{self()}, {operand<Self>(std::forward<V>(value))}}};
    }
};
template <class Self, class V>
struct FullOperators
    : ColumnOperators<Self>,
      std::conditional_t<std::same_as<unwrap_optional_t<V>, std::string>, TextOperators<Self>, NoTextOperators> {};
template <class Self, class V>
struct Operators : FullOperators<Self, V> {};
// Conditions are seldom more than conditions.
template <class Self>
struct Operators<Self, bool> {
    [[nodiscard]] auto asc() const { return Ordering<"{} ASC", Self>{static_cast<const Self&>(*this)}; }
    [[nodiscard]] auto desc() const { return Ordering<"{} DESC", Self>{static_cast<const Self&>(*this)}; }
    template <FixedString Name>
    [[nodiscard]] auto label() const {
        return Labelled<Self, Name>{{static_cast<const Self&>(*this)}};
    }
};

/// A bound value.
template <Columnable V>
struct Literal : Operators<Literal<V>, V> {
    using tandem_value = V;
    V value{};

    Literal() = default;
    explicit Literal(V of) : value(std::move(of)) {}
    template <class...>
    static constexpr bool uses_only = true;
    template <class...>
    static constexpr bool nullable_in = is_optional<V>;
    template <class...>
    static constexpr bool grouped_by = true;
    static constexpr bool has_aggregate = false;
    static constexpr void* root() { return nullptr; }
    static void sql(SqlWriter& out) { out.write("?"); }
    void bind(Parameters& parameters) const {
        Scratch scratch;
        bind_value(parameters, view_of(value, scratch));
    }
};

/// The expression that stands for a C++ value beside an expression of type Left, or the expression itself.
template <class Left, class V>
constexpr auto operand(V&& value) {
    using Wanted = plain_value_t<Left>;
    using Given = std::remove_cvref_t<V>;
    if constexpr (Expression<V>) {
        using Found = plain_value_t<V>;
        static_assert(std::same_as<Found, Wanted> || (Number<Found> && Number<Wanted>),
            "tandem: comparing two columns of different types");
        return Given(std::forward<V>(value));
    } else {
        constexpr bool comparable = ComparableWith<V, Wanted>;
        static_assert(comparable, "tandem: this column cannot be compared with a value of that type");
        if constexpr (!comparable) return Literal<Wanted>{};  // the message above is enough
        else if constexpr (std::is_arithmetic_v<Wanted> && is_optional<Given>) return Literal<Given>(value);
        else if constexpr (std::is_arithmetic_v<Wanted>) return Literal<Given>(value);
        else if constexpr (is_optional<Given>) return Literal<std::optional<Wanted>>(std::forward<V>(value));
        else return Literal<Wanted>(Wanted(std::forward<V>(value)));
    }
}
template <class First, class... More>
constexpr auto first_root_of() {
    if constexpr (!std::same_as<decltype(First::root()), void*>) return First::root();
    else if constexpr (sizeof...(More) > 0) return first_root_of<More...>();
    else return static_cast<void*>(nullptr);
}
/// The first source that one of some expressions comes from, as a null pointer to it; `void*` if none does.
template <class... E>
constexpr auto first_root() {
    if constexpr (sizeof...(E) > 0) return first_root_of<E...>();
    else return static_cast<void*>(nullptr);
}

/// An operation: a pattern with operands.
template <FixedString Pattern, class What, class... E>
struct Op : Operators<Op<Pattern, What, E...>, typename What::value> {
    using tandem_value = typename What::value;
    [[no_unique_address]] Pack<E...> operands;

    constexpr Op(Pack<E...> of) : operands(std::move(of)) {}  // NOLINT(google-explicit-constructor)

    template <class... S>
    static constexpr bool uses_only = (E::template uses_only<S...> && ...);
    template <class... S>
    static constexpr bool nullable_in = is_optional<tandem_value> ||
        (What::rule == NullRule::with_any_operand           ? (E::template nullable_in<S...> || ...)
                : What::rule == NullRule::with_all_operands ? (E::template nullable_in<S...> && ...)
                                                            : false);
    template <class... G>
    static constexpr bool grouped_by =
        What::aggregate || (std::same_as<Op, G> || ...) || (E::template grouped_by<G...> && ...);
    static constexpr bool has_aggregate = What::aggregate || (E::has_aggregate || ...);
    static constexpr auto root() { return first_root<E...>(); }
    static void sql(SqlWriter& out) { write_pattern(out, Pattern.text, writers_of<E...>); }
    void bind(Parameters& parameters) const { operands.bind(parameters); }
};
/// Makes an operation of a pattern, what it gives, and its operands.
template <FixedString Pattern, class What, class... E>
constexpr auto make_op(E... operands) {
    return Op<Pattern, What, E...>{{{std::move(operands)}...}};
}

template <class E, FixedString Pattern>
struct Like : Operators<Like<E, Pattern>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] E inner;
    std::string pattern;

    Like(const E& text, std::string like) : inner(text), pattern(std::move(like)) {}
    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...>;
    template <class... S>
    static constexpr bool nullable_in = E::template nullable_in<S...>;
    template <class... G>
    static constexpr bool grouped_by = E::template grouped_by<G...>;
    static constexpr bool has_aggregate = E::has_aggregate;
    static constexpr auto root() { return E::root(); }
    static void sql(SqlWriter& out) { write_pattern(out, Pattern.text, writers_of<E>); }
    void bind(Parameters& parameters) const {
        inner.bind(parameters);
        bind_pattern(parameters, pattern);
    }
};

/// `column IN (…)` of constant text for any number of values, none included.
template <class E>
struct In : Operators<In<E>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] E inner;
    std::vector<Value> values{};

    explicit In(const E& column) : inner(column) {}
    template <class Range>
    static In of(const E& column, const Range& values) {
        using Wanted = plain_value_t<E>;
        In result{column};
        for (const auto& value : values) {
            constexpr bool comparable = ComparableWith<decltype(value), Wanted>;
            static_assert(comparable, "tandem: this column cannot be compared with a value of that type");
            if constexpr (comparable) result.add<Wanted>(value);
        }
        return result;
    }
    template <class... S>
    static constexpr bool uses_only = E::template uses_only<S...>;
    template <class... S>
    static constexpr bool nullable_in = true;
    template <class... G>
    static constexpr bool grouped_by = E::template grouped_by<G...>;
    static constexpr bool has_aggregate = E::has_aggregate;
    static constexpr auto root() { return E::root(); }
    static void sql(SqlWriter& out) {
        E::sql(out);
        write_in_list(out);
    }
    void bind(Parameters& parameters) const {
        inner.bind(parameters);
        bind_list(parameters, values, kind_of<plain_value_t<E>>);
    }

private:
    template <class Wanted, class V>
    void add(const V& value) {
        // A number keeps its own type, so that none is cut to the column's.
        using Given = unwrap_optional_t<V>;
        using Stored = std::conditional_t<std::is_arithmetic_v<Wanted>, Given, Wanted>;
        Scratch scratch;
        if constexpr (is_optional<V>) {
            if (!value) values.emplace_back();
            else values.push_back(to_value(view_of<Stored>(Stored(*value), scratch)));
        } else {
            values.push_back(to_value(view_of<Stored>(Stored(value), scratch)));
        }
    }
};

/// An expression with a name in the result.
template <class E, FixedString Name>
struct Labelled : E {
    using tandem_label = Labelled;
    static void name(SqlWriter& out) {
        out.write(" AS \"");
        out.write(Name.text);
        out.write("\"");
    }
};
template <class E>
concept HasLabel = requires { typename E::tandem_label; };

template <class V>
concept MaybeNull = std::same_as<std::remove_cvref_t<V>, std::nullopt_t> || is_optional<std::remove_cvref_t<V>>;
template <class V>
concept PlainValue = !Expression<V> && !MaybeNull<V>;

// Comparisons. `operator op(column, value)`; the value is a C++ value or another expression of the same type.
template <FixedString Pattern, class C, class V>
constexpr auto compare(const C& column, V&& value) {
    return Op<Pattern, Gives<bool>, C, operand_t<C, V>>{{{column}, {operand<C>(std::forward<V>(value))}}};
}
#define TANDEM_COMPARISON(op, pattern, mirrored)                                                                       \
    template <Expression L, Expression R>                                                                              \
    constexpr auto operator op(const L& left, const R& right) {                                                        \
        return compare<pattern>(left, right);                                                                          \
    }                                                                                                                  \
    template <Expression C, PlainValue V>                                                                              \
    constexpr auto operator op(const C& column, V&& value) {                                                           \
        return compare<pattern>(column, std::forward<V>(value));                                                       \
    }                                                                                                                  \
    template <PlainValue V, Expression C>                                                                              \
    constexpr auto operator op(V&& value, const C& column) {                                                           \
        return compare<mirrored>(column, std::forward<V>(value));                                                      \
    }
TANDEM_COMPARISON(==, "({} = {})", "({} = {})")
TANDEM_COMPARISON(!=, "({} <> {})", "({} <> {})")
TANDEM_COMPARISON(<, "({} < {})", "({} > {})")
TANDEM_COMPARISON(<=, "({} <= {})", "({} >= {})")
TANDEM_COMPARISON(>, "({} > {})", "({} < {})")
TANDEM_COMPARISON(>=, "({} >= {})", "({} <= {})")
#undef TANDEM_COMPARISON
// A std::optional that may be empty: one text for either case. Empty equals NULL; what has a value differs from it, but
// NULL differs from nothing.
template <Expression C, class V>
    requires is_optional<std::remove_cvref_t<V>>
constexpr auto operator==(const C& column, V&& value) {
    return column.is_not_distinct_from(std::forward<V>(value));
}
template <Expression C, class V>
    requires is_optional<std::remove_cvref_t<V>>
constexpr auto operator!=(const C& column, V&& value) {
    return column.is_distinct_from(std::forward<V>(value)) && column.is_not_null();
}
template <Expression C>
constexpr auto operator==(const C& column, std::nullopt_t) {
    return column.is_null();
}
template <Expression C>
constexpr auto operator!=(const C& column, std::nullopt_t) {
    return column.is_not_null();
}
#define TANDEM_NO_ORDER(op)                                                                                            \
    template <Expression C, MaybeNull V>                                                                               \
    constexpr auto operator op(const C& column, V&&) {                                                                 \
        static_assert(                                                                                                 \
            !Expression<C>, "tandem: NULL has no order: compare with a value (*optional), or ask for is_null()");      \
        return column.is_null();                                                                                       \
    }
TANDEM_NO_ORDER(<)
TANDEM_NO_ORDER(<=)
TANDEM_NO_ORDER(>)
TANDEM_NO_ORDER(>=)
#undef TANDEM_NO_ORDER

template <FixedString Pattern, class... E>
constexpr auto combine(E... conditions) {
    static_assert(
        (is_condition<E> && ...), "tandem: && || ! need conditions, e.g. User::c.id == 3 && User::c.age > 17");
    return make_op<Pattern, Gives<bool>>(std::move(conditions)...);
}
template <Expression L, Expression R>
constexpr auto operator&&(L left, R right) {
    return combine<"({} AND {})">(std::move(left), std::move(right));
}
template <Expression L, Expression R>
constexpr auto operator||(L left, R right) {
    return combine<"({} OR {})">(std::move(left), std::move(right));
}
template <Expression E>
constexpr auto operator!(E inner) {
    return combine<"(NOT {})">(std::move(inner));
}

// Arithmetic.
template <class L, class R>
using sum_t =
    std::conditional_t<std::is_floating_point_v<plain_value_t<L>> || std::is_floating_point_v<plain_value_t<R>>, double,
        std::int64_t>;
/// What becomes of `left op right` of numbers. `Partial`: NULL is possible whatever the operands.
template <FixedString Pattern, bool Partial, class L, class R>
constexpr auto calculate(L left, R right) {
    constexpr bool numbers = Number<plain_value_t<L>> && Number<plain_value_t<R>>;
    static_assert(numbers, "tandem: arithmetic needs numbers (texts are joined by +)");
    if constexpr (numbers) {
        using V = sum_t<L, R>;
        using What = Gives<std::conditional_t<Partial, std::optional<V>, V>>;
        return make_op<Pattern, What>(std::move(left), std::move(right));
    } else {
        return left;  // the message above is enough
    }
}
template <class L, class R>
constexpr auto add(L left, R right) {
    if constexpr (std::same_as<plain_value_t<L>, std::string> && std::same_as<plain_value_t<R>, std::string>)
        return make_op<"({} || {})", Gives<std::string>>(std::move(left), std::move(right));
    else return calculate<"({} + {})", false>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto subtract(L left, R right) {
    return calculate<"({} - {})", false>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto multiply(L left, R right) {
    return calculate<"({} * {})", false>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto divide(L left, R right) {
    return calculate<"({} / {})", true>(std::move(left), std::move(right));
}
template <class L, class R>
constexpr auto remainder(L left, R right) {
    return calculate<"({} % {})", true>(std::move(left), std::move(right));
}
#define TANDEM_ARITHMETIC(op, function)                                                                                \
    template <Expression C, class V>                                                                                   \
    constexpr auto operator op(const C& column, V&& value) {                                                           \
        return function(column, operand<C>(std::forward<V>(value)));                                                   \
    }                                                                                                                  \
    template <PlainValue V, Expression C>                                                                              \
    constexpr auto operator op(V&& value, const C& column) {                                                           \
        return function(operand<C>(std::forward<V>(value)), column);                                                   \
    }
TANDEM_ARITHMETIC(+, add)
TANDEM_ARITHMETIC(-, subtract)
TANDEM_ARITHMETIC(*, multiply)
TANDEM_ARITHMETIC(/, divide)
TANDEM_ARITHMETIC(%, remainder)
#undef TANDEM_ARITHMETIC
template <Expression C>
    requires Number<plain_value_t<C>>
constexpr auto operator-(const C& column) {
    return make_op<"(-{})", Gives<sum_t<C, C>>>(column);
}

}  // namespace tandem::orm

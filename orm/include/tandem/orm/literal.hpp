/// Values beside expressions: always bound, never part of the text.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/column_operators.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// Binds one value; copies what the view borrows only if the driver has to.
void bind_value(Parameters& parameters, const ValueView& value);

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
        if constexpr (is_plain_stored<V>) {
            bind_value(parameters, view_of(value));
        } else {
            Scratch scratch;
            bind_value(parameters, view_of(value, scratch));
        }
    }
};

/// The expression that stands for a C++ value beside an expression of type Left, or the expression itself.
template <class Left, class V>
constexpr auto operand(V&& value) {
    using Wanted = plain_value_t<Left>;
    using Given = std::remove_cvref_t<V>;
    if constexpr (Expression<V>) {
        using Found = plain_value_t<V>;
        constexpr bool comparable = std::same_as<Found, Wanted> || (Number<Found> && Number<Wanted>);
        static_assert(comparable, "tandem: comparing two columns of different types");
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

}  // namespace tandem::orm

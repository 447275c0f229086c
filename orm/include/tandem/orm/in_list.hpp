/// `column IN (…)` over a list of values.
#pragma once

#include <type_traits>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/column_operators.hpp>
#include <tandem/orm/expression_concepts.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// Appends ` IN (…)` over one parameter that carries any number of values.
void write_in_list(SqlWriter& out);

/// The values of a list.
class ValueList {
public:
    ValueList() noexcept;
    ValueList(const ValueList& other);
    ValueList(ValueList&& other) noexcept;
    ValueList& operator=(const ValueList& other);
    ValueList& operator=(ValueList&& other) noexcept;
    ~ValueList();

    void add(const ValueView& value);
    /// Binds them as one parameter, all of one kind.
    void bind(Parameters& parameters, Kind kind) const;

private:
    std::vector<Value> values_;
};

/// `column IN (…)` of constant text for any number of values, none included.
template <class E>
struct In : Operators<In<E>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] E inner;
    ValueList values{};

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
        values.bind(parameters, kind_of<plain_value_t<E>>);
    }

private:
    template <class Wanted, class V>
    void add(const V& value) {
        // A number keeps its own type, so that none is cut to the column's.
        using Given = unwrap_optional_t<V>;
        using Stored = std::conditional_t<std::is_arithmetic_v<Wanted>, Given, Wanted>;
        Scratch scratch;
        if constexpr (is_optional<V>) {
            if (!value) values.add({});
            else values.add(view_of<Stored>(Stored(*value), scratch));
        } else {
            values.add(view_of<Stored>(Stored(value), scratch));
        }
    }
};

}  // namespace tandem::orm

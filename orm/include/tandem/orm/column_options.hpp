/// Applies the options of a column that depend on its member's type: defaults, values at update, rules.
///
/// For the engine; the options themselves are in options.hpp and rules.hpp.
#pragma once

#include <type_traits>
#include <vector>

#include <tandem/orm/options.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

/// Stands for a column whose member is a V.
template <class V>
struct ColumnOf {};

/// Sets a member to an option's value: `now`, what a function returns, or the value itself.
template <class V, class F>
void set_member(V& member, const F& value) {
    using Plain = unwrap_optional_t<V>;
    if constexpr (std::is_same_v<F, options::Now>) {
        constexpr bool fits =
            std::is_same_v<Plain, Timestamp> || std::is_same_v<Plain, Date> || std::is_same_v<Plain, TimeOfDay>;
        static_assert(fits, "tandem: now is for a member of type tandem::Timestamp, Date or TimeOfDay");
        const Timestamp time = tandem::now();  // UTC, as everywhere
        const auto day = std::chrono::floor<std::chrono::days>(time);
        if constexpr (std::is_same_v<Plain, Timestamp>) member = time;
        else if constexpr (std::is_same_v<Plain, Date>) member = Date{day};
        else if constexpr (fits) member = TimeOfDay{time - day};
    } else if constexpr (std::is_invocable_v<const F&>) {
        constexpr bool fits = std::is_assignable_v<V&, std::invoke_result_t<const F&>>;
        static_assert(fits, "tandem: this option's function returns another type than the member's");
        if constexpr (fits) member = value();
    } else {
        constexpr bool fits = std::is_constructible_v<Plain, const F&>;
        static_assert(fits, "tandem: this option's value has another type than the member");
        if constexpr (std::is_arithmetic_v<Plain> && std::is_arithmetic_v<F>) member = static_cast<Plain>(value);
        else if constexpr (fits) member = Plain(value);
    }
}

template <class V>
void configure(ColumnOf<V>, Column&, const Option&) {}
template <class V, class F>
void configure(ColumnOf<V>, Column& column, const DefaultValue<F>& option) {
    column.client_default = [value = option.value](void* member) { set_member(*static_cast<V*>(member), value); };
}
template <class V, class F>
void configure(ColumnOf<V>, Column& column, const OnUpdate<F>& option) {
    column.on_update = [value = option.value](void* member) { set_member(*static_cast<V*>(member), value); };
}
/// Adds an option to a member's rules, if it is one.
template <class V, class O>
void take_rule(std::vector<Rule>& rules, const O& option) {
    if constexpr (RuleOption<O>) rules.push_back(make_rule<V>(option));
}
template <class V, RuleOption R>
void configure(ColumnOf<V>, Column& column, const R& rule) {
    take_rule<V>(column.rules, rule);
    if constexpr (std::is_same_v<R, MaxLengthRule>) column.max_length = rule.characters;
}

/// An option as those know it that know no types.
inline const Option& plain_option(const Option& option) { return option; }
template <class O>
Option plain_option(const O&) {
    return {Option::Kind::typed};
}

}  // namespace tandem::orm

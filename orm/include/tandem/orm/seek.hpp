/// Paging by key: `query.order_by(Post::c.title, Post::c.id).after(last_title, last_id).limit(15)`.
///
/// Contract: `after` takes a value for each column of the query's order_by() and keeps the rows that stand behind them
/// in that order. Unlike an offset it does not count through the rows before, and neither skips nor repeats rows when
/// others come or go. The columns must not be NULL, and have to tell rows apart: let the last one be the key.
#pragma once

#include <string_view>
#include <utility>

#include <tandem/orm/column.hpp>
#include <tandem/orm/expression.hpp>

namespace tandem::orm {

/// A column of ORDER BY that `after` can go by.
template <class E>
struct SeekKey {
    static constexpr bool usable = false;
};
template <ModelColumn C>
    requires(!is_optional<typename C::tandem_value>)
struct SeekKey<C> {
    using column = C;
    static constexpr bool usable = true;
    static constexpr bool descending = false;
};
template <FixedString Pattern, ModelColumn C>
    requires(!is_optional<typename C::tandem_value>)
struct SeekKey<Ordering<Pattern, C>> {
    using column = C;
    static constexpr bool descending = std::string_view{Pattern.text} == "{} DESC";
    static constexpr bool usable = descending || std::string_view{Pattern.text} == "{} ASC";
};

/// The rows behind these values.
template <class First, class... More, class V, class... Rest>
auto behind(V&& value, Rest&&... rest) {
    constexpr typename SeekKey<First>::column column{};
    const auto beyond = [&] {
        if constexpr (SeekKey<First>::descending) return column < value;
        else return column > value;
    }();
    if constexpr (sizeof...(More) == 0) return beyond;
    else return beyond || (column == value && behind<More...>(std::forward<Rest>(rest)...));
}

}  // namespace tandem::orm

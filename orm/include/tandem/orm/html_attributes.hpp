/// `html_attributes(User::c.username)`: what an HTML input of a column needs, so that the browser checks what the
/// server checks: `type`, `required`, `minlength`, `maxlength`, `min`, `max`, `step`, `pattern`.
///
///     for (const auto& [name, value] : tandem::html_attributes(User::c.username)) …
///
/// Pitfall: the server checks in any case; rules made by `check()` and `one_of()` have no attribute.
#pragma once

#include <tandem/orm/column.hpp>
#include <tandem/orm/validation.hpp>

namespace tandem {

template <class T, auto Pointer, FixedString Alias, class V>
[[nodiscard]] std::vector<HtmlAttribute> html_attributes(orm::ColumnProxy<T, Pointer, Alias, V>) {
    return orm::html_attributes(orm::table_of<T>().column_at(orm::offset_of<T, Pointer>()));
}

}  // namespace tandem

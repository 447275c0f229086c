/// `tandem::Json`, complete: for code that reads or builds JSON values (a model's dict(), a handler that takes any
/// form, a column of JSON).
///
/// Contract of columns: `tandem::Json` holds any JSON value, its null included; `std::optional<tandem::Json>` may also
/// be NULL: empty is SQL's NULL, `Json(nullptr)` is JSON's null. On pages and in dict() the column is JSON, not a
/// string. Pitfalls: text must be UTF-8; NaN and infinities are refused; values compare in SQL as their text.
///
///     tandem::Json Post::dict() const { auto d = Model::dict(); d["title"] = "…"; return d; }
#pragma once

#include <nlohmann/json.hpp>  // IWYU pragma: export

#include <tandem/orm/codec.hpp>
#include <tandem/orm/json_fwd.hpp>

namespace tandem {

template <>
struct Codec<Json> {
    using stored = orm::JsonText;
    static orm::JsonText store(const Json& value);
    static Json load(const orm::JsonText& stored);
};

}  // namespace tandem

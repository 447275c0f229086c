#include <algorithm>

#include <tandem/framework/decode.hpp>
#include <tandem/json.hpp>
#include <tandem/orm/base64.hpp>

namespace tandem {

namespace orm {

void require(const JsonView& in, JsonView::Type type) {
    if (in.type() == type) return;
    throw ValueError(type == JsonView::Type::list ? "must be a list"
            : type == JsonView::Type::object      ? "must be an object"
                                                  : "must be a single value");
}

void decode_scalar(const JsonView& in, void* member, const ColumnType& type) {
    if (type.kind == Kind::json) {
        const Json value = in.to_json();
        // NULL is for columns that can be; elsewhere null is a JSON value.
        if (value.is_null() && type.nullable) return type.assign(member, ValueView{});
        return type.assign(member, ValueView::json(Codec<Json>::store(value).text));
    }
    if (in.type() != JsonView::Type::scalar)
        throw ValueError("must be " + std::string{describe(type.kind)} +
            (in.type() == JsonView::Type::list ? ", not a list" : ", not an object"));
    const ValueView value = in.scalar();
    if (type.kind != Kind::blob || value.kind() != Kind::text) {
        type.assign(member, value);
        return;
    }
    const auto bytes = base64_decode(value.text());
    if (!bytes) throw ValueError("must be base64");
    type.assign(member, ValueView::blob(*bytes));
}

void decode_model(const JsonView& in, void* object, const Table& table) {
    require(in, JsonView::Type::object);
    FieldErrors errors;
    std::vector<const Column*> seen;
    in.each_member([&](std::string_view name, const JsonView& value) {
        const Column* column = table.find_column(name);
        const bool again = std::ranges::count(seen, column) != 0;
        if (!column) errors.add(name, "is no column of " + std::string{table.class_name});
        else if (again) errors.add(name, "is given twice");
        else if (column->primary_key || column->hidden || column->readonly) errors.add(name, "cannot be set by a form");
        else
            errors.check(
                name, [&] { decode_scalar(value, static_cast<char*>(object) + column->offset, *column->type); });
        if (column && !again) seen.push_back(column);
    });
    for (const Column& column : table.columns) {
        if (column.rules.empty() || column.primary_key || column.hidden || column.readonly) continue;
        if (errors.has(column.member)) continue;
        const std::string problem = problems_of(column.rules, static_cast<char*>(object) + column.offset);
        if (!problem.empty()) errors.add(column.member, problem);
    }
    errors.throw_if_any();
}

void decode_json(const JsonView& in, Json& out) { out = in.to_json(); }

}  // namespace orm
}  // namespace tandem

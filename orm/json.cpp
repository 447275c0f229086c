// Model objects to and from tandem::Json: what dict() and set() do. The cold path; pages are fed by the framework's own
// writer.
#include <algorithm>
#include <cmath>

#include <tandem/json.hpp>
#include <tandem/orm/attributes.hpp>
#include <tandem/orm/base64.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/node_access.hpp>

#include "graph.hpp"

namespace tandem {
namespace {

bool has_unwritable_number(const Json& json) {
    if (json.is_number_float()) return !std::isfinite(json.get<double>());
    return json.is_structured() && std::ranges::any_of(json, has_unwritable_number);
}

}  // namespace

orm::JsonText Codec<Json>::store(const Json& value) {
    if (has_unwritable_number(value)) throw ValueError("has a number that is NaN or infinite, which JSON cannot carry");
    try {
        return {value.dump()};
    } catch (const Json::exception&) { throw ValueError("has text that is not valid UTF-8, which JSON cannot carry"); }
}

Json Codec<Json>::load(const orm::JsonText& stored) {
    Json value = Json::parse(stored.text, nullptr, false);
    if (value.is_discarded()) throw ValueError("must be JSON, not \"" + stored.text.substr(0, 64) + "\"");
    return value;
}

}  // namespace tandem

namespace tandem::orm {

JsonText to_json_text(const ValueView& view) {
    switch (view.kind()) {
        case Kind::boolean: return {view.boolean() ? "true" : "false"};
        case Kind::integer: return {std::to_string(view.integer())};
        case Kind::real: return Codec<Json>::store(view.real());
        case Kind::json: return {std::string{view.text()}};
        case Kind::null:
        case Kind::blob: throw_wrong_kind(Kind::json, view);
        default: return Codec<Json>::store(to_text(view));
    }
}

namespace {

Json to_json(const ValueView& value) {
    switch (value.kind()) {
        case Kind::null: return nullptr;
        case Kind::boolean: return value.boolean();
        case Kind::integer: return value.integer();
        case Kind::real: return value.real();
        case Kind::text: return std::string{value.text()};
        case Kind::blob: return base64_encode(value.bytes());
        case Kind::json: return Codec<Json>::load({std::string{value.text()}});
        default: return to_text(value);
    }
}

/// The error names class and member.
Json column_to_json(const Table& table, const Column& column, const void* member, Scratch& scratch) {
    try {
        return to_json(column.type->view(member, scratch));
    } catch (const ValueError& error) {
        throw ValueError(std::string{table.class_name} + "." + column.member + " " + error.what());
    }
}

/// What a form's value is for a column; text and blobs borrow from the JSON or from `scratch`.
ValueView view_of_json(const Json& json, Scratch& scratch, const ColumnType& type) {
    // NULL is for columns that can be; elsewhere null is a JSON value.
    if (type.kind == Kind::json && !(json.is_null() && type.nullable)) {
        scratch.text = Codec<Json>::store(json).text;
        return ValueView::json(scratch.text);
    }
    switch (json.type()) {
        case Json::value_t::null: return {};
        case Json::value_t::boolean: return ValueView::of(json.get<bool>());
        case Json::value_t::number_integer: return ValueView::of(json.get<std::int64_t>());
        case Json::value_t::number_unsigned:
            if (json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
                throw_out_of_range(json.get<std::uint64_t>());
            return ValueView::of(json.get<std::int64_t>());
        case Json::value_t::number_float: return ValueView::of(json.get<double>());
        case Json::value_t::string: {
            const auto& text = json.get_ref<const std::string&>();
            if (type.kind != Kind::blob) return ValueView::of(std::string_view{text});
            auto decoded = base64_decode(text);
            if (!decoded) throw ValueError("must be base64");
            scratch.blob.bytes = std::move(*decoded);
            return ValueView::of(scratch.blob);
        }
        default: throw ValueError("must be " + std::string{describe(type.kind)} + ", not " + json.type_name());
    }
}

/// The column that a form's field sets, or why it cannot.
std::pair<const Column*, std::string> settable_column(const Table& table, const std::string& name) {
    const Column* column = table.find_column(name);
    if (!column) return {nullptr, "is no column of " + std::string{table.class_name}};
    if (column->primary_key || column->hidden || column->readonly) return {nullptr, "cannot be set by a form"};
    return {column, {}};
}

/// Sets a member; what is wrong with the value, if anything is.
std::string set_column(const Column& column, void* member, const Json& value) {
    try {
        Scratch scratch;
        column.type->assign(member, view_of_json(value, scratch, *column.type));
    } catch (const ValueError& error) { return error.what(); }
    return problems_of(column.rules, member);
}

}  // namespace

Json node_to_json(const Node* node) {
    const OpenObject open{node};  // also while a dict() of the class's own runs
    const auto& operations = *node->table->operations;
    return operations.dict ? operations.dict(node->object()) : object_to_json(*node->table, node->object());
}

Json object_to_json(const Table& table, const void* object) {
    const OpenObject open{object};
    const auto* base = static_cast<const char*>(object);
    Json json = Json::object();
    Scratch scratch;
    const Node* node = open_node(object);
    for (const Column& column : table.columns)
        if (!column.hidden && (!node || is_loaded(node, column)))
            json[column.member] = column_to_json(table, column, base + column.offset, scratch);
    for (const Relation& relation : table.relations) {
        if (relation.many) {
            const auto& many = *reinterpret_cast<const ManyBase*>(base + relation.offset);
            if (!RelationAccess::loaded(many)) continue;
            Json items = Json::array();
            for (const Node* item : RelationAccess::items(many))
                if (can_show(item)) items.push_back(node_to_json(item));
            json[relation.name] = std::move(items);
        } else {
            const auto& one = *reinterpret_cast<const OneBase*>(base + relation.offset);
            const Node* target = RelationAccess::target(one);
            if (!RelationAccess::loaded(one) || (target && !can_show(target))) continue;
            json[relation.name] = target ? node_to_json(target) : Json(nullptr);
        }
    }
    return json;
}

void assign_form(const Table& table, void* object, const Json& form) {
    if (!form.is_object())
        throw ValueError(std::string{table.class_name} + "::set() takes a JSON object, not " + form.type_name());
    auto* base = static_cast<char*>(object);
    std::vector<std::pair<const Column*, std::any>> before;
    ValidationError::Fields problems;
    for (const auto& [name, value] : form.items()) {
        auto [column, problem] = settable_column(table, name);
        if (column) {
            column->type->keep(base + column->offset, before.emplace_back(column, std::any{}).second, false);
            problem = set_column(*column, base + column->offset, value);
        }
        if (!problem.empty()) problems.emplace(name, problem);
    }
    if (problems.empty()) return;
    for (auto& [column, value] : before) column->type->keep(base + column->offset, value, true);
    std::string text;
    for (const auto& [name, problem] : problems)
        text += (text.empty() ? "" : "; ") + std::string{table.class_name} + "." + name + " " + problem;
    throw ValidationError(text, std::move(problems));
}

}  // namespace tandem::orm

// Model objects to and from tandem::Json: what dict() and set() do. The cold path; pages are fed by the framework's own
// writer.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <tandem/orm/base64.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/node_access.hpp>

#include "graph.hpp"

namespace tandem::orm {
namespace {

Json to_json(const ValueView& value) {
    switch (value.kind()) {
        case Kind::null: return nullptr;
        case Kind::boolean: return value.boolean();
        case Kind::integer: return value.integer();
        case Kind::real: return value.real();
        case Kind::text: return std::string{value.text()};
        case Kind::time: return isoformat(value.time());
        case Kind::blob: return base64_encode(value.bytes());
    }
    return nullptr;
}

Json node_to_json(const Node* node) {
    const OpenObject open{node->object()};  // also while a dict() of the class's own runs
    const auto& operations = *node->table->operations;
    return operations.dict ? operations.dict(node->object()) : object_to_json(*node->table, node->object());
}

ValueView view_of_json(const Json& json, Blob& bytes, Kind wanted) {
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
            if (wanted != Kind::blob) return ValueView::of(std::string_view{text});
            auto decoded = base64_decode(text);
            if (!decoded) throw ValueError("must be base64");
            bytes.bytes = std::move(*decoded);
            return ValueView::of(bytes);
        }
        default: throw ValueError("must be " + std::string{describe(wanted)} + ", not " + json.type_name());
    }
}

const Column& settable_column(const Table& table, const std::string& name) {
    const Column* column = table.find_column(name);
    if (!column) throw ValueError(std::string{table.class_name} + " has no column \"" + name + "\"");
    if (column->primary_key || column->hidden || column->readonly)
        throw ValueError(std::string{table.class_name} + "." + name + " cannot be set by a form");
    return *column;
}

}  // namespace

Json object_to_json(const Table& table, const void* object) {
    const OpenObject open{object};
    const auto* base = static_cast<const char*>(object);
    Json json = Json::object();
    Scratch scratch;
    for (const Column& column : table.columns)
        if (!column.hidden) json[column.member] = to_json(column.type->view(base + column.offset, scratch));
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
    std::vector<std::pair<const Column*, Value>> before;
    const auto undo = [&] {
        for (const auto& [column, value] : before) column->type->assign(base + column->offset, ValueView::from(value));
    };
    for (const auto& [name, value] : form.items()) {
        try {
            const Column& column = settable_column(table, name);
            Scratch scratch;
            Blob bytes;
            before.emplace_back(&column, to_value(column.type->view(base + column.offset, scratch)));
            try {
                column.type->assign(base + column.offset, view_of_json(value, bytes, column.type->kind));
            } catch (const ValueError& error) {
                throw ValueError(std::string{table.class_name} + "." + name + " " + error.what());
            }
        } catch (...) {
            undo();
            throw;
        }
    }
}

}  // namespace tandem::orm

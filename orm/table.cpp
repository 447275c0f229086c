#include <algorithm>
#include <cctype>

#include <tandem/orm/error.hpp>

#include "registry.hpp"

namespace tandem::orm {

Registry& registry() {
    static Registry instance;
    return instance;
}

std::string snake_case(std::string_view name) {
    std::string result;
    const auto at = [&](std::size_t i) { return i < name.size() ? static_cast<unsigned char>(name[i]) : 0; };
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool starts_word = std::isupper(at(i)) != 0 && i > 0 &&
            (std::isupper(at(i - 1)) == 0 || std::islower(at(i + 1)) != 0) && name[i - 1] != '_';
        if (starts_word) result += '_';
        result += static_cast<char>(std::tolower(at(i)));
    }
    return result;
}

std::string quoted(std::string_view identifier) {
    std::string result = "\"";
    for (const char c : identifier) {
        if (c == '"') result += '"';
        result += c;
    }
    return result + '"';
}

const Column& Table::column_at(std::uint32_t offset) const {
    const auto found = std::ranges::find(columns, offset, &Column::offset);
    if (found == columns.end()) throw MappingError(std::string{class_name} + " has no column there");
    return *found;
}
const Relation& Table::relation_at(std::uint32_t offset) const {
    const auto found = std::ranges::find(relations, offset, &Relation::offset);
    if (found == relations.end()) throw MappingError(std::string{class_name} + " has no relation there");
    return *found;
}
const Column* Table::find_column(std::string_view member) const {
    const auto found =
        std::ranges::find(columns, member, [](const Column& column) { return std::string_view{column.member}; });
    return found == columns.end() ? nullptr : &*found;
}
std::string Table::select_list() const { return select_list(name); }
std::string Table::select_list(std::string_view prefix) const {
    std::string list;
    for (const Column& column : columns)
        list += (list.empty() ? "" : ", ") + quoted(prefix) + '.' + quoted(column.name);
    return list;
}

Table& register_table(const void* tag, const char* class_name, const ObjectOperations* operations) {
    Registry& all = registry();
    const std::lock_guard lock{all.mutex};
    // A class in a namespace is named by its last part, as in the source.
    std::string_view name = class_name;
    if (const auto colon = name.rfind(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
    all.checked = false;
    Table& table = all.tables.emplace_back(Table{
        .name = snake_case(name), .class_name = class_name, .operations = operations, .index = all.tables.size()});
    all.by_tag.emplace(tag, &table);
    return table;
}

namespace {
/// `reference.target_table` holds the option's text, "table.column".
void add_foreign_key(Table& table, const char* member, ForeignKey reference, std::size_t column) {
    const auto dot = reference.target_table.find('.');
    if (dot == std::string::npos) {
        registry().errors.push_back(member_name(table, member) + ": foreign_key(\"" + reference.target_table +
            "\") has to name a table and a column, as in foreign_key(\"user.id\")");
        return;
    }
    reference.target_names = {reference.target_table.substr(dot + 1)};
    reference.target_table.resize(dot);
    reference.columns = {column};
    table.foreign_keys.push_back(std::move(reference));
}
}  // namespace

Column& add_column(
    Table& table, const char* name, std::uint32_t offset, const ColumnType* type, std::span<const Option> options) {
    Column column{.name = name, .member = name, .offset = offset, .type = type};
    std::optional<ForeignKey> reference;
    const auto foreign_key = [&reference](
                                 const Option&) -> ForeignKey& { return reference ? *reference : reference.emplace(); };
    for (const Option& option : options) {
        switch (option.kind) {
            case Option::Kind::primary_key: column.primary_key = true; break;
            case Option::Kind::unique: column.unique = true; break;
            case Option::Kind::index: column.index = true; break;
            case Option::Kind::hidden: column.hidden = true; break;
            case Option::Kind::readonly: column.readonly = true; break;
            case Option::Kind::version: column.version = true; break;
            case Option::Kind::deferred: column.deferred = true; break;
            case Option::Kind::inherited: column.inherited = true; break;
            case Option::Kind::not_null: column.not_null = true; break;
            case Option::Kind::autoincrement: column.autoincrement = true; break;
            case Option::Kind::client_key: column.client_key = true; break;
            case Option::Kind::sql_type: column.sql_type = option.text; break;
            case Option::Kind::foreign_key: foreign_key(option).target_table = option.text; break;
            case Option::Kind::on_delete: foreign_key(option).on_delete = option.action; break;
            case Option::Kind::on_update: foreign_key(option).on_update = option.action; break;
            case Option::Kind::deferrable: foreign_key(option).deferrable = true; break;
            case Option::Kind::server_default: column.server_default = option.text ? option.text : ""; break;
            case Option::Kind::column_name: column.name = option.text; break;
            case Option::Kind::typed: break;
            default:
                registry().errors.push_back(member_name(table, name) + ": an option that is not for columns");
                break;
        }
    }
    // A model that redefines `id` has its own column instead of the inherited one.
    if (const auto inherited = std::ranges::find(table.columns, column.name, &Column::name);
        inherited != table.columns.end()) {
        if (inherited->inherited) {
            column.primary_key = true;
            table.members[static_cast<std::size_t>(inherited - table.columns.begin())] = {
                column.offset, type->direct, column.hidden, type};
            *inherited = std::move(column);
            if (reference)
                add_foreign_key(table, name, *reference, static_cast<std::size_t>(inherited - table.columns.begin()));
            return *inherited;
        }
        registry().errors.push_back(member_name(table, name) + ": column \"" + column.name + "\" is listed twice");
    }
    table.members.push_back({offset, type->direct, column.hidden, type});
    table.columns.push_back(std::move(column));
    if (reference) add_foreign_key(table, name, *reference, table.columns.size() - 1);
    return table.columns.back();
}

void add_table_option(Table& table, TableOption option) {
    if (option.kind == TableOption::Kind::name) table.name = option.text;
    else table.constraints.push_back({std::move(option), {}});
}

void add_relation(Table& table, const char* name, std::uint32_t offset, bool many, const void* target,
    std::span<const Option> options) {
    Relation relation{.name = name, .offset = offset, .many = many, .target_tag = target};
    for (const Option& option : options) {
        switch (option.kind) {
            case Option::Kind::back_populates: relation.back_populates = option.text; break;
            case Option::Kind::loading: relation.loading = option.loading; break;
            case Option::Kind::foreign_key: relation.foreign_key = option.text; break;
            case Option::Kind::link: relation.link_name = option.text; break;
            case Option::Kind::order_by: relation.order_by = option.text; break;
            case Option::Kind::cascade_delete: relation.cascade_delete = true; break;
            case Option::Kind::delete_orphan: relation.cascade_delete = relation.delete_orphan = true; break;
            case Option::Kind::passive_deletes: relation.passive_deletes = true; break;
            case Option::Kind::no_save_update: relation.save_update = false; break;
            default:
                registry().errors.push_back(member_name(table, name) + ": an option that is not for relations");
                break;
        }
    }
    table.relations.push_back(relation);
}

}  // namespace tandem::orm

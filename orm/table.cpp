#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>

#include <tandem/orm/table.hpp>

namespace tandem::orm {
namespace {

/// All models of the program. Filled while static objects are made, read-only after check_models().
struct Registry {
    std::deque<Table> tables{};  // a deque keeps addresses
    std::unordered_map<const void*, Table*> by_tag{};
    std::vector<std::string> errors{};
    std::atomic<bool> checked{false};  // by check_models(), all of them
    std::mutex mutex{};
};
Registry& registry() {
    static Registry instance;
    return instance;
}

std::string member_name(const Table& table, const char* member) { return std::string{table.class_name} + "." + member; }

Table* find_table(const void* tag) {
    const auto found = registry().by_tag.find(tag);
    return found == registry().by_tag.end() ? nullptr : found->second;
}

/// The column of `from` whose foreign key refers to the key of `to`; a text that says what is wrong when there is not
/// exactly one.
std::optional<std::size_t> find_foreign_key(const Table& from, const Table& to, std::string& problem) {
    const std::string wanted = to.name + "." + to.key_column().name;
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < from.columns.size(); ++i) {
        if (from.columns[i].foreign_key != wanted) continue;
        if (found) {
            problem = "table \"" + from.name + "\" has several foreign keys to \"" + wanted + "\"";
            return std::nullopt;
        }
        found = i;
    }
    if (!found) problem = "table \"" + from.name + "\" has no column with foreign_key(\"" + wanted + "\")";
    return found;
}

void resolve(Table& table, Relation& relation, std::vector<std::string>& errors) {
    const std::string name = member_name(table, relation.name);
    const Table* target = find_table(relation.target_tag);
    if (!target) {
        errors.push_back(name + " leads to a class that is no model; give it a TANDEM_MODEL and include its header");
        return;
    }
    std::string problem;
    const auto column =
        relation.many ? find_foreign_key(*target, table, problem) : find_foreign_key(table, *target, problem);
    if (!column) {
        errors.push_back(name + " cannot be joined: " + problem);
        return;
    }
    relation.target = target;
    relation.local_column = relation.many ? table.key : *column;
    relation.remote_column = relation.many ? *column : target->key;
}

void link_reverse(const Table& table, Relation& relation, std::vector<std::string>& errors) {
    if (!relation.back_populates || !relation.target) return;
    const std::string name = member_name(table, relation.name);
    for (const Relation& candidate : relation.target->relations)
        if (std::strcmp(candidate.name, relation.back_populates) == 0) relation.reverse = &candidate;
    if (!relation.reverse)
        errors.push_back(name + ": back_populates names \"" + relation.back_populates + "\", which is no relation of " +
            relation.target->class_name);
    else if (relation.reverse->target != &table || relation.reverse->many == relation.many)
        errors.push_back(name + ": its partner " + member_name(*relation.target, relation.back_populates) +
            " does not lead back (one side is One<" + (relation.many ? table.class_name : relation.target->class_name) +
            ">, the other Many)");
    else if (!relation.reverse->back_populates || std::strcmp(relation.reverse->back_populates, relation.name) != 0)
        errors.push_back(name + ": its partner " + member_name(*relation.target, relation.back_populates) +
            " must say back_populates(\"" + relation.name + "\")");
}

void check_foreign_keys(const Table& table, std::vector<std::string>& errors) {
    for (const Column& column : table.columns) {
        if (!column.foreign_key) continue;
        const auto refers_to = [&](const Table& other) {
            return std::ranges::any_of(
                other.columns, [&](const Column& c) { return other.name + "." + c.name == *column.foreign_key; });
        };
        if (!std::ranges::any_of(registry().tables, refers_to))
            errors.push_back(member_name(table, column.member) + ": foreign_key(\"" + *column.foreign_key +
                "\") names no column of a model");
    }
}

void check_key(Table& table, std::vector<std::string>& errors) {
    const auto keys = std::ranges::count_if(table.columns, &Column::primary_key);
    if (keys == 0)
        errors.push_back(std::string{table.class_name} + " has no primary key; derive from tandem::Model<" +
            table.class_name + "> or mark a member primary_key");
    if (keys > 1)
        errors.push_back(std::string{table.class_name} +
            " has several primary keys; only one column can be the key (derive from Model<" + table.class_name +
            ", void> to leave out id)");
    const auto first = std::ranges::find_if(table.columns, &Column::primary_key);
    if (first == table.columns.end()) return;
    table.key = static_cast<std::size_t>(first - table.columns.begin());
    if (first->type->kind != Kind::integer && first->type->kind != Kind::text)
        errors.push_back(member_name(table, first->member) + ": a primary key is an integer or a text");
}

}  // namespace

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
std::string Table::select_list() const {
    std::string list;
    for (const Column& column : columns) list += (list.empty() ? "" : ", ") + quoted(name) + '.' + quoted(column.name);
    return list;
}

Table& register_table(const void* tag, const char* class_name, const ObjectOperations* operations) {
    Registry& all = registry();
    const std::lock_guard lock{all.mutex};
    // A class in a namespace is named by its last part, as in the source.
    std::string_view name = class_name;
    if (const auto colon = name.rfind(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
    all.checked = false;
    Table& table =
        all.tables.emplace_back(Table{.name = snake_case(name), .class_name = class_name, .operations = operations});
    all.by_tag.emplace(tag, &table);
    return table;
}

void add_column(
    Table& table, const char* name, std::uint32_t offset, const ColumnType* type, std::span<const Option> options) {
    Column column{.name = name, .member = name, .offset = offset, .type = type};
    for (const Option& option : options) {
        switch (option.kind) {
            case Option::Kind::primary_key: column.primary_key = true; break;
            case Option::Kind::unique: column.unique = true; break;
            case Option::Kind::index: column.index = true; break;
            case Option::Kind::hidden: column.hidden = true; break;
            case Option::Kind::readonly: column.readonly = true; break;
            case Option::Kind::foreign_key: column.foreign_key = option.text; break;
            case Option::Kind::server_default: column.server_default = option.text ? option.text : ""; break;
            case Option::Kind::column_name: column.name = option.text; break;
            default:
                registry().errors.push_back(member_name(table, name) + ": an option that is not for columns");
                break;
        }
    }
    // A model that redefines `id` has its own column instead of the inherited one.
    if (const auto inherited = std::ranges::find(table.columns, column.name, &Column::name);
        inherited != table.columns.end()) {
        if (inherited->primary_key) {
            column.primary_key = true;
            *inherited = std::move(column);
            return;
        }
        registry().errors.push_back(member_name(table, name) + ": column \"" + column.name + "\" is listed twice");
    }
    table.columns.push_back(std::move(column));
}

void add_relation(Table& table, const char* name, std::uint32_t offset, bool many, const void* target,
    std::span<const Option> options) {
    Relation relation{.name = name, .offset = offset, .many = many, .target_tag = target};
    for (const Option& option : options) {
        switch (option.kind) {
            case Option::Kind::back_populates: relation.back_populates = option.text; break;
            case Option::Kind::loading: relation.loading = option.loading; break;
            default:
                registry().errors.push_back(member_name(table, name) + ": an option that is not for relations");
                break;
        }
    }
    table.relations.push_back(relation);
}

std::vector<const Table*> tables_in_dependency_order() {
    std::vector<const Table*> order;
    std::vector<const Table*> visiting;
    const std::function<void(const Table&)> visit = [&](const Table& table) {
        if (std::ranges::count(order, &table) != 0 || std::ranges::count(visiting, &table) != 0) return;
        visiting.push_back(&table);
        for (const Column& column : table.columns) {
            if (!column.foreign_key) continue;
            const std::string target = column.foreign_key->substr(0, column.foreign_key->find('.'));
            for (const Table& other : registry().tables)
                if (other.name == target) visit(other);
        }
        order.push_back(&table);
    };
    for (const Table& table : registry().tables) visit(table);
    return order;
}

void check_models() {
    Registry& all = registry();
    if (all.checked) return;
    const std::lock_guard lock{all.mutex};
    if (all.checked) return;
    std::vector<std::string> errors = all.errors;
    for (std::size_t i = 0; i < all.tables.size(); ++i) {
        Table& table = all.tables[i];
        for (std::size_t j = 0; j < i; ++j)
            if (all.tables[j].name == table.name)
                errors.push_back(std::string{all.tables[j].class_name} + " and " + table.class_name +
                    " are both table \"" + table.name + "\"");
        check_key(table, errors);
    }
    for (Table& table : all.tables) {
        check_foreign_keys(table, errors);
        for (Relation& relation : table.relations) resolve(table, relation, errors);
    }
    for (Table& table : all.tables)
        for (Relation& relation : table.relations) link_reverse(table, relation, errors);
    if (!errors.empty()) {
        std::string text =
            "the models have " + std::to_string(errors.size()) + (errors.size() == 1 ? " error:" : " errors:");
        for (const std::string& error : errors) text += "\n  " + error;
        throw MappingError(text);
    }
    for (Table& table : all.tables) {
        table.shown_names.clear();
        for (const Column& column : table.columns)
            if (!column.hidden) table.shown_names.push_back(column.member);
        for (const Relation& relation : table.relations) table.shown_names.push_back(relation.name);
    }
    all.checked = true;
}

}  // namespace tandem::orm

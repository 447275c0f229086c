#include "schema.hpp"

#include <tandem/orm/table.hpp>

#include "schema_names.hpp"

namespace tandem::orm {
namespace {

std::string literal(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') result += c;
        result += c;
    }
    return result + '\'';
}

std::string one_of_labels(const Column& column) {
    std::string list;
    for (const std::string_view label : column.type->sql.labels) list += (list.empty() ? "" : ", ") + literal(label);
    return quoted(column.name) + " IN (" + list + ")";
}

std::string action(const char* event, ForeignKeyAction action) {
    switch (action) {
        case ForeignKeyAction::no_action: return "";
        case ForeignKeyAction::restrict: return std::string{event} + "RESTRICT";
        case ForeignKeyAction::cascade: return std::string{event} + "CASCADE";
        case ForeignKeyAction::set_null: return std::string{event} + "SET NULL";
        case ForeignKeyAction::set_default: return std::string{event} + "SET DEFAULT";
    }
    return "";
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quoted(name);
    return list;
}

std::vector<std::string> column_names(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const std::size_t column : columns) names.push_back(table.columns[column].name);
    return names;
}

/// What one table consists of in the database, names aside.
struct TableSchema {
    struct Part {
        NameMaker::Place name;
        std::string text;  ///< a constraint, without its name; an index from its columns on
        bool unique = false;
    };
    const Table* table = nullptr;
    NameMaker::Place primary_key = 0;
    std::vector<Part> constraints{};
    std::vector<Part> indexes{};
};

class SchemaBuilder {
public:
    explicit SchemaBuilder(const Dialect& dialect) : dialect_(dialect) {
        for (const Table* table : tables_in_dependency_order()) {
            names_.reserve(table->name);
            add(*table);
        }
        names_.make();
    }

    [[nodiscard]] std::vector<std::string> statements() const {
        std::vector<std::string> statements;
        for (const TableSchema& schema : tables_) {
            statements.push_back(create_table(schema));
            for (const auto& index : schema.indexes)
                statements.push_back(std::string{index.unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX"} +
                    " IF NOT EXISTS " + quoted(names_.name(index.name)) + " ON " + quoted(schema.table->name) + " " +
                    index.text);
        }
        return statements;
    }

private:
    void add(const Table& table) {
        TableSchema& schema = tables_.emplace_back(TableSchema{.table = &table});
        schema.primary_key = names_.add({"pk", table.name});
        if (table.key.size() > 1)
            schema.constraints.push_back(
                {schema.primary_key, "PRIMARY KEY (" + quoted_list(column_names(table, table.key)) + ")"});
        for (const Column& column : table.columns) {
            const std::string only = "(" + quoted(column.name) + ")";
            if (column.unique)
                schema.constraints.push_back({names_.add({"uq", table.name, column.name}), "UNIQUE " + only});
            if (!column.type->sql.labels.empty() && column.sql_type.empty())
                schema.constraints.push_back(
                    {names_.add({"ck", table.name, column.name}), "CHECK (" + one_of_labels(column) + ")"});
            if (column.index) schema.indexes.push_back({names_.add({"ix", table.name, column.name}), only});
        }
        for (const TableConstraint& constraint : table.constraints) add(schema, constraint);
        for (const ForeignKey& key : table.foreign_keys) add(schema, key);
    }

    void add(TableSchema& schema, const TableConstraint& constraint) {
        const TableOption& option = constraint.option;
        const Table& table = *schema.table;
        const auto columns = column_names(table, constraint.columns);
        const auto name = [&](const char* prefix, std::vector<std::string> parts) {
            parts.insert(parts.begin(), {prefix, table.name});
            return names_.add(std::move(parts), option.constraint_name);
        };
        switch (option.kind) {
            case TableOption::Kind::unique:
                schema.constraints.push_back({name("uq", columns), "UNIQUE (" + quoted_list(columns) + ")"});
                break;
            case TableOption::Kind::check:
                schema.constraints.push_back({name("ck", {words_of(option.text)}), "CHECK (" + option.text + ")"});
                break;
            case TableOption::Kind::index: {
                auto parts = columns;
                std::string list = quoted_list(columns);
                for (const std::string& expression : option.expressions) {
                    parts.push_back(words_of(expression));
                    list += (list.empty() ? "" : ", ") + expression;
                }
                std::string text = "(" + list + ")";
                if (!option.condition.empty()) text += " WHERE " + option.condition;
                schema.indexes.push_back({name("ix", parts), text, option.is_unique});
                break;
            }
            default: break;
        }
    }

    void add(TableSchema& schema, const ForeignKey& key) {
        const auto columns = column_names(*schema.table, key.columns);
        std::vector<std::string> parts{"fk", schema.table->name};
        parts.insert(parts.end(), columns.begin(), columns.end());
        parts.push_back(key.target_table);
        schema.constraints.push_back({names_.add(std::move(parts), key.name),
            "FOREIGN KEY (" + quoted_list(columns) + ") REFERENCES " + quoted(key.target_table) + " (" +
                quoted_list(key.target_names) + ")" + action(" ON DELETE ", key.on_delete) +
                action(" ON UPDATE ", key.on_update) + (key.deferrable ? " DEFERRABLE INITIALLY DEFERRED" : "")});
    }

    [[nodiscard]] std::string create_table(const TableSchema& schema) const {
        std::string text;
        for (const Column& column : schema.table->columns)
            text += (text.empty() ? "    " : ",\n    ") + column_definition(schema, column);
        for (const auto& constraint : schema.constraints)
            text += ",\n    CONSTRAINT " + quoted(names_.name(constraint.name)) + ' ' + constraint.text;
        return "CREATE TABLE IF NOT EXISTS " + quoted(schema.table->name) + " (\n" + text + "\n)";
    }

    [[nodiscard]] std::string column_definition(const TableSchema& schema, const Column& column) const {
        SqlType type = column.type->sql;
        if (type.name == SqlType::Name::text) type.length = column.max_length;
        std::string text =
            quoted(column.name) + ' ' + (column.sql_type.empty() ? dialect_.type_name(type) : column.sql_type);
        if (column.is_required()) text += " NOT NULL";
        if (column.primary_key && schema.table->key.size() == 1) {
            text += " CONSTRAINT " + quoted(names_.name(schema.primary_key)) + " PRIMARY KEY";
            if (column.autoincrement) text += std::string{" "} + std::string{dialect_.autoincrement()};
        }
        if (column.server_default) text += " DEFAULT " + dialect_.default_value(type, *column.server_default);
        return text;
    }

    const Dialect& dialect_;
    NameMaker names_{};
    std::vector<TableSchema> tables_{};
};

}  // namespace

std::vector<std::string> create_statements(const Dialect& dialect) { return SchemaBuilder{dialect}.statements(); }

}  // namespace tandem::orm

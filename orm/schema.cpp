#include "schema.hpp"

#include <tandem/orm/table.hpp>

namespace tandem::orm {
namespace {

std::string column_definition(const Column& column, bool alone, const Dialect& dialect) {
    std::string text = quoted(column.name) + ' ' + std::string{dialect.type_name(column.type->kind)};
    if (!column.type->nullable) text += " NOT NULL";
    if (column.primary_key && alone) text += " PRIMARY KEY";
    if (column.server_default) {
        const std::string& sql = *column.server_default;
        text += " DEFAULT " + (sql.empty() ? std::string{dialect.current_time()} : "(" + sql + ")");
    }
    return text;
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

std::string names(const Table& table, const std::vector<std::size_t>& columns) {
    std::string list;
    for (const std::size_t column : columns) list += (list.empty() ? "" : ", ") + quoted(table.columns[column].name);
    return list;
}

std::string constraints(const Table& table) {
    std::string text;
    if (table.key.size() > 1)
        text += ",\n    CONSTRAINT " + quoted("pk_" + table.name) + " PRIMARY KEY (" + names(table, table.key) + ")";
    for (const Column& column : table.columns)
        if (column.unique)
            text += ",\n    CONSTRAINT " + quoted("uq_" + table.name + "_" + column.name) + " UNIQUE (" +
                quoted(column.name) + ")";
    for (const ForeignKey& key : table.foreign_keys) {
        std::string targets;
        for (const std::string& name : key.target_names) targets += (targets.empty() ? "" : ", ") + quoted(name);
        text += ",\n    CONSTRAINT " +
            quoted("fk_" + table.name + "_" + table.columns[key.columns.front()].name + "_" + key.target_table) +
            " FOREIGN KEY (" + names(table, key.columns) + ") REFERENCES " + quoted(key.target_table) + " (" + targets +
            ")" + action(" ON DELETE ", key.on_delete) + action(" ON UPDATE ", key.on_update) +
            (key.deferrable ? " DEFERRABLE INITIALLY DEFERRED" : "");
    }
    return text;
}

}  // namespace

std::vector<std::string> create_statements(const Dialect& dialect) {
    std::vector<std::string> statements;
    for (const Table* table : tables_in_dependency_order()) {
        std::string columns;
        for (const Column& column : table->columns)
            columns +=
                (columns.empty() ? "    " : ",\n    ") + column_definition(column, table->key.size() == 1, dialect);
        statements.push_back(
            "CREATE TABLE IF NOT EXISTS " + quoted(table->name) + " (\n" + columns + constraints(*table) + "\n)");
        for (const Column& column : table->columns)
            if (column.index)
                statements.push_back("CREATE INDEX IF NOT EXISTS " + quoted("ix_" + table->name + "_" + column.name) +
                    " ON " + quoted(table->name) + " (" + quoted(column.name) + ")");
    }
    return statements;
}

}  // namespace tandem::orm

#include "schema.hpp"

#include <tandem/orm/table.hpp>

namespace tandem::orm {
namespace {

std::string column_definition(const Column& column, const Dialect& dialect) {
    std::string text = quoted(column.name) + ' ' + std::string{dialect.type_name(column.type->kind)};
    if (!column.type->nullable) text += " NOT NULL";
    if (column.primary_key) text += " PRIMARY KEY";
    if (column.server_default) {
        const std::string& sql = *column.server_default;
        text += " DEFAULT " + (sql.empty() ? std::string{dialect.current_time()} : "(" + sql + ")");
    }
    return text;
}

std::string constraints(const Table& table) {
    std::string text;
    for (const Column& column : table.columns) {
        if (column.unique)
            text += ",\n    CONSTRAINT " + quoted("uq_" + table.name + "_" + column.name) + " UNIQUE (" +
                quoted(column.name) + ")";
        if (!column.foreign_key) continue;
        const auto dot = column.foreign_key->find('.');
        const std::string target = column.foreign_key->substr(0, dot);
        text += ",\n    CONSTRAINT " + quoted("fk_" + table.name + "_" + column.name + "_" + target) +
            " FOREIGN KEY (" + quoted(column.name) + ") REFERENCES " + quoted(target) + " (" +
            quoted(column.foreign_key->substr(dot + 1)) + ")";
    }
    return text;
}

}  // namespace

std::vector<std::string> create_statements(const Dialect& dialect) {
    std::vector<std::string> statements;
    for (const Table* table : tables_in_dependency_order()) {
        std::string columns;
        for (const Column& column : table->columns)
            columns += (columns.empty() ? "    " : ",\n    ") + column_definition(column, dialect);
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

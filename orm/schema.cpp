#include "schema.hpp"

#include <tandem/orm/table.hpp>

namespace tandem::orm {
namespace {

std::string column_definition(const Column& column, const Dialect& dialect) {
    std::string text = quoted(column.name) + ' ' + dialect.type_name(column.type->sql);
    if (!column.type->nullable) text += " NOT NULL";
    if (column.primary_key) text += " PRIMARY KEY";
    if (column.server_default) {
        const std::string& sql = *column.server_default;
        text += " DEFAULT " + (sql.empty() ? std::string{dialect.current_time()} : "(" + sql + ")");
    }
    return text;
}

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

std::string constraints(const Table& table) {
    std::string text;
    for (const Column& column : table.columns) {
        if (!column.type->sql.labels.empty())
            text += ",\n    CONSTRAINT " + quoted("ck_" + table.name + "_" + column.name) + " CHECK (" +
                one_of_labels(column) + ")";
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

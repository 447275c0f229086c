#include "row_writer.hpp"

#include <algorithm>
#include <string>

#include "text_cache.hpp"

namespace tandem::orm {
namespace {

/// "INSERT INTO … (columns) VALUES (?, …) RETURNING the others", for the columns that have values.
std::string insert_text(const Table& table, std::span<const std::size_t> given, std::span<const std::size_t> returned) {
    std::string names;
    std::string places;
    for (const std::size_t i : given) {
        names += (names.empty() ? "" : ", ") + quoted(table.columns[i].name);
        places += places.empty() ? "?" : ", ?";
    }
    std::string sql = "INSERT INTO " + quoted(table.name) +
        (given.empty() ? " DEFAULT VALUES" : " (" + names + ") VALUES (" + places + ")");
    const char* glue = " RETURNING ";
    for (const std::size_t i : returned) sql += std::exchange(glue, ", ") + quoted(table.columns[i].name);
    return sql;
}

/// "a = ? AND b = ?".
std::string condition(const Table& table, std::span<const std::size_t> columns) {
    std::string text;
    for (const std::size_t column : columns)
        text += (text.empty() ? "" : " AND ") + quoted(table.columns[column].name) + " = ?";
    return text;
}

/// The condition for an object's row: its key, and its version where it has one.
std::string row_condition(const Table& table) {
    std::string text = condition(table, table.key);
    if (table.version) text += " AND " + condition(table, std::span{&*table.version, 1});
    return text;
}

std::string update_text(const Table& table, std::span<const std::size_t> columns) {
    std::string sql = "UPDATE " + quoted(table.name);
    const char* glue = " SET ";
    for (const std::size_t i : columns) sql += std::exchange(glue, ", ") + quoted(table.columns[i].name) + " = ?";
    return sql + " WHERE " + row_condition(table);
}

}  // namespace

template <class Text>
SharedText RowWriter::sql(Verb verb, const Table& table, std::span<const std::size_t> columns, Text text) {
    TextKey key;
    key.add(static_cast<std::size_t>(verb)).add(&table).add(&session_.dialect());
    for (const std::size_t column : columns) key.add(column);
    return cached_text(key, text);
}

template <class Text>
Statement& RowWriter::statement(Verb verb, const Table& table, std::span<const std::size_t> columns, Text text) {
    // Compared one by one: there are few, and a call of memcmp() costs more.
    const auto are_the_same = [&] {
        if (columns_.size() != columns.size()) return false;
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (columns_[i] != columns[i]) return false;
        return true;
    };
    if (!statement_ || verb_ != verb || table_ != &table || !are_the_same()) {
        session_.prepare_write();  // what it looks for can only have come with a hook
        statement_ = &session_.prepare(*sql(verb, table, columns, text));
        verb_ = verb;
        table_ = &table;
        columns_.assign(columns.begin(), columns.end());
    }
    return *statement_;
}

Statement& RowWriter::insert(
    const Table& table, std::span<const std::size_t> given, std::span<const std::size_t> returned) {
    // What is not given is returned, or it is the key that the connection knows: the columns given say it all.
    return statement(Verb::insert, table, given, [&] { return insert_text(table, given, returned); });
}
Statement& RowWriter::update(const Table& table, std::span<const std::size_t> columns) {
    return statement(Verb::update, table, columns, [&] { return update_text(table, columns); });
}
SharedText RowWriter::insert_sql(
    const Table& table, std::span<const std::size_t> given, std::span<const std::size_t> returned) {
    return sql(Verb::insert, table, given, [&] { return insert_text(table, given, returned); });
}
SharedText RowWriter::update_sql(const Table& table, std::span<const std::size_t> columns) {
    return sql(Verb::update, table, columns, [&] { return update_text(table, columns); });
}
Statement& RowWriter::erase(const Table& table) {
    return statement(
        Verb::erase, table, {}, [&] { return "DELETE FROM " + quoted(table.name) + " WHERE " + row_condition(table); });
}
Statement& RowWriter::link(const Table& table, std::span<const std::size_t> columns, bool add) {
    if (add) return statement(Verb::link, table, columns, [&] { return insert_text(table, columns, {}); });
    return statement(Verb::unlink, table, columns,
        [&] { return "DELETE FROM " + quoted(table.name) + " WHERE " + condition(table, columns); });
}

void RowWriter::throw_unbindable(const Table& table, std::size_t column, const ColumnError& error) {
    throw ValueError(std::string{table.class_name} + "." + table.columns[column].member + " " + error.what());
}

}  // namespace tandem::orm

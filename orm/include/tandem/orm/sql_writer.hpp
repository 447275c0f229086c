/// SQL text under construction, and what writes parts of it.
///
/// Contract: for the query language's own use; written once per query type.
#pragma once

#include <string>
#include <vector>

#include <tandem/orm/pack.hpp>
#include <tandem/orm/value.hpp>

namespace tandem::orm {

class Dialect;
struct Table;
struct RootExtras;

/// SQL text under construction, in the words of one database.
struct SqlWriter {
    explicit SqlWriter(const Dialect& of) : dialect(&of) {}

    /// While it is written, columns of a table that has no alias are written with this name.
    struct Rename {
        const Table* table;
        std::string name;
    };
    const Dialect* dialect;
    std::string text{};
    std::vector<Rename> renames{};
    int names = 0;  ///< made up so far
    const RootExtras* extras = nullptr;

    void write(const char* sql);
};

/// Writes a pattern: `{}` is the next operand, `{*}` all of them, `{, }` all of them with commas. A pattern that starts
/// with `@` is a word of the dialect.
void write_pattern(SqlWriter& out, const char* pattern, const WriteFunction* operands);
/// Appends `CAST(value AS type)`.
void write_cast(SqlWriter& out, WriteFunction value, Kind kind);

}  // namespace tandem::orm

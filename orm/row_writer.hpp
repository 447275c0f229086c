// The statements that write rows, each text made once per thread and found again by what it is for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "column_values.hpp"
#include "session_core.hpp"

namespace tandem::orm {

/// Writes the rows of one flush. Keeps the statement of the last row, for the next one that writes the same columns of
/// the same table.
class RowWriter {
public:
    explicit RowWriter(SessionCore& session) : session_(session) {}

    /// An INSERT of the given columns that returns others.
    Statement& insert(const Table& table, std::span<const std::size_t> given, std::span<const std::size_t> returned);
    /// The text of insert(), and that of update().
    std::shared_ptr<const std::string> insert_sql(
        const Table& table, std::span<const std::size_t> given, std::span<const std::size_t> returned);
    std::shared_ptr<const std::string> update_sql(const Table& table, std::span<const std::size_t> columns);
    /// An UPDATE of some columns; the parameters behind them are the key's columns, then the version.
    Statement& update(const Table& table, std::span<const std::size_t> columns);
    /// A DELETE; its parameters are the key's columns, then the version.
    Statement& erase(const Table& table);
    /// An INSERT of a link's row, or the DELETE of those with given values: `columns` are the parameters.
    Statement& link(const Table& table, std::span<const std::size_t> columns, bool add);

    /// Binds columns of an object to the parameters from `first` on. The error names class and member.
    static void bind(Statement& statement, const Node* node, std::span<const std::size_t> columns, int first) {
        try {
            statement.bind_members(node->table->members, columns, first, node->object());
        } catch (const ColumnError& error) { throw_unbindable(*node->table, columns[error.column()], error); }
    }

    /// Forgets the statement, which the connection may have dropped when a hook ran others.
    void forget_statement() { statement_ = nullptr; }

    // Which columns the row at hand writes and gets back; kept so that a row costs no allocation.
    InsertColumns insert_columns{};
    std::vector<std::size_t> changed{};
    std::vector<std::uint64_t> hashes{};

private:
    [[noreturn]] static void throw_unbindable(const Table& table, std::size_t column, const ColumnError& error);
    enum class Verb : std::uint8_t { insert, update, erase, link, unlink };
    template <class Text>
    Statement& statement(Verb verb, const Table& table, std::span<const std::size_t> columns, Text text);
    template <class Text>
    std::shared_ptr<const std::string> sql(
        Verb verb, const Table& table, std::span<const std::size_t> columns, Text text);

    SessionCore& session_;
    Statement* statement_ = nullptr;
    Verb verb_ = Verb::insert;
    const Table* table_ = nullptr;
    std::vector<std::size_t> columns_{};
};

}  // namespace tandem::orm

// A query whose rows are read a batch at a time, with what their objects bring along: streams, and rows of objects and
// values.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include <tandem/orm/result.hpp>

#include "load_operation.hpp"
#include "object_shape.hpp"
#include "session_core.hpp"

namespace tandem::orm {

class RowCursor final : public OpenCursor {
public:
    static constexpr std::size_t all = static_cast<std::size_t>(-1);

    /// Of a query that is not run yet, and has to outlive it; rows go into `out`.
    RowCursor(PendingQuery& query, const RowSink& sink, void* out);
    RowCursor(const RowCursor&) = delete;
    RowCursor& operator=(const RowCursor&) = delete;
    ~RowCursor() override { close(); }

    /// Throws InvalidStateError when something else than the last row has ended it.
    void check() const;

    /// Adds the next rows, at most so many; none when there are no more.
    void read(std::size_t most);
    /// How many rows the query finds; instead of reading them.
    [[nodiscard]] std::int64_t count();
    /// From here on, objects of rows read before leave the session once nobody holds them.
    void lets_go() { lets_go_ = true; }

    // What the transaction does with it.
    [[nodiscard]] const SessionCore* session() const override { return session_; }
    [[nodiscard]] bool is_running() const override { return statement_ != nullptr; }
    void end(const char* why) noexcept override;
    void read_rest() override;

private:
    struct Field {
        const Table* table;  ///< null: a value
        const char* alias;
        ObjectShape shape;
        std::vector<const Criterion*> criteria;
        int first;  ///< its first column
    };
    SessionCore& use();
    Statement& start(const SelectForm& form);
    void open();
    void reset() noexcept;
    void close() noexcept;
    void add_fields(const LoadOperation& operation);
    std::size_t read_rows(std::size_t most);
    void take_fields(Columns& columns, Node* const* nodes);
    std::size_t read_batch(std::size_t most);
    [[nodiscard]] std::string place() const;

    PendingQuery& query_;
    RowSink sink_;
    void* out_;
    SessionCore* session_ = nullptr;  ///< once it was used
    std::shared_ptr<const LoadOptions> options_{};
    std::vector<Field> fields_{};
    std::string sql_{};
    Statement* statement_ = nullptr;  ///< while there are more rows
    bool is_listed_ = false;          ///< with the transaction, until it is closed
    std::uint32_t origin_ = 0;
    enum class State : std::uint8_t { fresh, open, done, ended } state_ = State::fresh;
    const char* why_ = "";  ///< it ended
    bool lets_go_ = false;
    bool is_reading_ = false;
};

/// Throws the error again, with the name of the column.
[[noreturn]] void throw_in_column(
    const ValueError& error, const Statement& statement, int column, std::string_view sql);

}  // namespace tandem::orm

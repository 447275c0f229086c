// What the ORM asks of a database: statements, transactions, and the few words in which dialects differ. A new database
// implements these three classes; nothing above this folder knows which one is behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/orm/sql_type.hpp>
#include <tandem/orm/value.hpp>

namespace tandem::orm {

/// A prepared statement. Values borrowed by bind() are copied; values borrowed from column() are good until the next
/// step or reset.
class Statement {
public:
    Statement() = default;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    virtual ~Statement() = default;

    [[nodiscard]] virtual int parameter_count() const = 0;
    /// The position of `:name`, from 1; 0 when there is none.
    [[nodiscard]] virtual int parameter_index(std::string_view name) const = 0;
    /// The name of a parameter (from 1), without the colon; empty when it has none.
    [[nodiscard]] virtual std::string_view parameter_name(int index) const = 0;
    virtual void bind(int index, const ValueView& value) = 0;
    /// A list for the parameter of Dialect::in_list(), of values of one kind (as to_value() makes them).
    virtual void bind_list(int index, std::span<const Value> values, Kind kind) = 0;
    /// Rows for the parameter of Dialect::in_rows(): the values of each stand one behind the other, of the given kinds.
    virtual void bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) = 0;
    /// True when there is a row. Throws what the database refuses; the statement is then reset.
    virtual bool step() = 0;
    virtual void reset() noexcept = 0;

    [[nodiscard]] virtual int column_count() const = 0;
    [[nodiscard]] virtual std::string_view column_name(int index) const = 0;
    /// The value of a column (from 0) as the wanted kind, where the database stores that kind in another way (time as
    /// text).
    [[nodiscard]] virtual ValueView column(int index, Kind wanted) = 0;
    /// The value as it is stored.
    [[nodiscard]] virtual ValueView column(int index) = 0;
    [[nodiscard]] virtual bool is_readonly() const = 0;
};

/// Resets a statement when a scope ends, also by an error.
class StatementUse {
public:
    explicit StatementUse(Statement& statement) : statement_(statement) {}
    StatementUse(const StatementUse&) = delete;
    StatementUse& operator=(const StatementUse&) = delete;
    ~StatementUse() { statement_.reset(); }

private:
    Statement& statement_;
};

/// Told of statements as they start.
using StatementObserver = std::function<void(std::string_view sql)>;

/// A connection to a database; used by one thread at a time.
class Connection {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    /// A statement of this text, prepared once and kept by the connection.
    virtual Statement& prepare(std::string_view sql) = 0;
    /// Runs a script without parameters.
    virtual void run(const std::string& sql) = 0;
    /// Begins a transaction; `writes` takes the writer's lock now, waiting for it up to the busy timeout.
    virtual void begin(bool writes) = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
    virtual void savepoint() = 0;
    virtual void release_savepoint() = 0;
    virtual void rollback_to_savepoint() noexcept = 0;
    /// False once the database has ended the transaction by itself.
    [[nodiscard]] virtual bool in_transaction() const = 0;
    /// How many rows the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] virtual std::int64_t changed_rows() const = 0;
    [[nodiscard]] virtual std::vector<std::string> table_names() = 0;
    /// Calls `observer` with the text of every statement as it starts, transaction control included; null: nobody
    /// watches.
    virtual void observe(std::shared_ptr<const StatementObserver> observer) = 0;
};

/// The words in which databases differ.
class Dialect {
public:
    Dialect() = default;
    Dialect(const Dialect&) = delete;
    Dialect& operator=(const Dialect&) = delete;
    virtual ~Dialect() = default;

    /// The name of a column's type, as CREATE TABLE takes it.
    [[nodiscard]] virtual std::string type_name(const SqlType& type) const = 0;
    /// What follows the PRIMARY KEY of an integer key that is never used again.
    [[nodiscard]] virtual std::string_view autoincrement() const = 0;
    /// An expression for the current time, as a column's default.
    [[nodiscard]] virtual std::string_view current_time() const = 0;
    /// ` IN (…)` over one parameter bound by Statement::bind_list().
    [[nodiscard]] virtual std::string_view in_list() const = 0;
    /// An operation that databases write in different ways, with {} for its operands: "like", "ilike", "now",
    /// "is_distinct_from", "is_not_distinct_from". As it is, standard SQL.
    [[nodiscard]] virtual std::string_view pattern(std::string_view operation) const;
    /// How many bytes a LIKE pattern may have.
    [[nodiscard]] virtual std::size_t longest_pattern() const { return static_cast<std::size_t>(-1); }
    /// The same for rows of `width` values, bound by Statement::bind_rows().
    [[nodiscard]] virtual std::string in_rows(std::size_t width) const = 0;
};

/// Opens connections to one database.
class Driver {
public:
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    virtual ~Driver() = default;
    [[nodiscard]] virtual std::unique_ptr<Connection> connect() = 0;
};

/// The driver for a URL; throws ArgumentError for a scheme that is not supported.
[[nodiscard]] std::unique_ptr<Driver> make_driver(const std::string& url);
/// The dialect that query texts are written in.
[[nodiscard]] const Dialect& dialect();

}  // namespace tandem::orm

// What the ORM asks of a database: statements, transactions, and the few words in which dialects differ. A new database
// implements these three classes; nothing above this folder knows which one is behind them.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tandem/orm/error.hpp>
#include <tandem/orm/row_lock.hpp>
#include <tandem/orm/sql_type.hpp>
#include <tandem/orm/value.hpp>

namespace tandem::orm {

struct StoredMember;

/// A value that does not fit a member, with the place of its column among those that were asked for. The caller, who
/// knows the class, says it in full.
class ColumnError : public ValueError {
public:
    ColumnError(std::size_t column, const std::string& text) : ValueError(text), column_(column) {}
    [[nodiscard]] std::size_t column() const { return column_; }

private:
    std::size_t column_;
};

class Statement;

/// What is to be done with each row of a result: refers to a function of the caller's, which has to outlive it.
class RowTaker {
public:
    template <class F>
        requires(std::invocable<F&, Statement&> && !std::same_as<std::remove_const_t<F>, RowTaker>)
    RowTaker(F& function)  // NOLINT(google-explicit-constructor): a function is one
        : function_(&function),
          call_([](const void* f, Statement& row) { (*const_cast<F*>(static_cast<const F*>(f)))(row); }) {}
    void operator()(Statement& row) const { call_(function_, row); }

private:
    const void* function_;
    void (*call_)(const void* function, Statement& row);
};

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
    /// As bind(), but text and bytes may be borrowed instead of copied: they have to stay as they are until reset().
    virtual void bind_borrowed(int index, const ValueView& value) { bind(index, value); }
    /// Binds members of an object to the parameters from `first` on: those of `members` that `picked` names by their
    /// places. The object has to stay as it is until reset(). Throws ColumnError with a place in `picked`.
    virtual void bind_members(
        std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, const void* object);
    /// A list for the parameter of Dialect::in_list(), of values of one kind (as to_value() makes them).
    virtual void bind_list(int index, std::span<const Value> values, Kind kind) = 0;
    /// The same for integers, as keys mostly are.
    virtual void bind_integers(int index, std::span<const std::int64_t> values);
    /// Rows for the parameter of Dialect::in_rows(): the values of each stand one behind the other, of the given kinds.
    virtual void bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) = 0;
    /// True when there is a row. Throws what the database refuses; the statement is then reset.
    virtual bool step() = 0;
    /// Steps to the end and hands each row to `take`, to which the statement stands on it.
    virtual void each_row(const RowTaker& take) {
        while (step()) take(*this);
    }
    virtual void reset() noexcept = 0;

    [[nodiscard]] virtual int column_count() const = 0;
    [[nodiscard]] virtual std::string_view column_name(int index) const = 0;
    /// The value of a column (from 0) as the wanted kind, where the database stores that kind in another way (time as
    /// text).
    [[nodiscard]] virtual ValueView column(int index, Kind wanted) = 0;
    /// The value as it is stored.
    [[nodiscard]] virtual ValueView column(int index) = 0;
    /// Sets members of an object from the row's columns from `first` on: all of `members`, or those that `picked` names
    /// by their places. Throws ColumnError with a place in `members` or in `picked`; members before it are set then.
    virtual void read(std::span<const StoredMember> members, int first, void* object);
    virtual void read_picked(
        std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, void* object);
    [[nodiscard]] virtual bool is_readonly() const = 0;
    /// How many bytes a LIKE pattern may have.
    [[nodiscard]] virtual std::size_t longest_pattern() const { return static_cast<std::size_t>(-1); }
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

/// Rows to be written by one text.
struct WriteBatch {
    std::string_view
        sql;  ///< the statement for one row: an INSERT, or an UPDATE of which the last parameter is the key
    std::span<const StoredMember> members;
    std::span<const std::size_t> parameters;  ///< the members that are its parameters, by their places
    std::span<const void* const> objects;     ///< one for each row, each once
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

    /// A statement of this text, prepared once and kept by the connection. Good until 200 others were prepared, and
    /// while it stands on a row; asking again for the text asked for last is cheap. While it stands on a row, other
    /// statements may run, and asking for its text gives another one.
    virtual Statement& prepare(std::string_view sql) = 0;
    /// The same for a SELECT of which each_row() will read every row, in any order: one without DISTINCT, GROUP BY,
    /// ORDER BY and LIMIT of its own. A driver may have a faster way for those.
    virtual Statement& prepare_whole(std::string_view sql) { return prepare(sql); }
    /// Writes many rows in a faster way than one by one, where the driver has one and nothing is in the way of it.
    /// False: nothing was written, and the rows are to be written one by one, which also finds the row at fault.
    /// `keys`, unless null, takes the integer keys that the database makes, one for each row. Throws what ends the
    /// transaction.
    virtual bool insert_all(const WriteBatch& /*batch*/, std::int64_t* /*keys*/) { return false; }
    virtual bool update_all(const WriteBatch& /*batch*/) { return false; }
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
    /// The key that the database made for the row inserted last; where Dialect::keeps_last_key() says so.
    [[nodiscard]] virtual std::int64_t last_insert_key() const = 0;
    /// False once an error makes it unwise to go on with this connection; the pool then closes it.
    [[nodiscard]] virtual bool is_sound() const = 0;
    [[nodiscard]] virtual std::vector<std::string> table_names() = 0;
    /// Calls `observer` with the text of every statement as it starts, transaction control included; null: nobody
    /// watches.
    virtual void observe(std::shared_ptr<const StatementObserver> observer) = 0;
};

/// The words in which databases differ. A dialect lives as long as the program: texts are kept by its address.
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
    /// The SQL of a column's default as this database keeps such values; empty text stands for the current time.
    [[nodiscard]] virtual std::string default_value(const SqlType& type, std::string_view sql) const;
    /// ` IN (…)` over one parameter bound by Statement::bind_list().
    [[nodiscard]] virtual std::string_view in_list() const = 0;
    /// An operation that databases write in different ways, with {} for its operands: "like", "ilike", "now",
    /// "is_distinct_from", "is_not_distinct_from". As it is, standard SQL.
    [[nodiscard]] virtual std::string_view pattern(std::string_view operation) const;
    /// The same for rows of `width` values, bound by Statement::bind_rows().
    [[nodiscard]] virtual std::string in_rows(std::size_t width) const = 0;
    /// What follows a SELECT that locks its rows; empty where the database knows no such locks.
    [[nodiscard]] virtual std::string_view row_lock(RowLock lock) const;
    /// How an INSERT tells the integer key that it made: true when Connection::last_insert_key() knows it, which is
    /// faster than RETURNING; false when the INSERT has to return it. (True in SQLite for a column that is exactly
    /// INTEGER PRIMARY KEY.)
    [[nodiscard]] virtual bool keeps_last_key() const = 0;
};

/// Opens connections to one database.
class Driver {
public:
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    virtual ~Driver() = default;
    [[nodiscard]] virtual std::unique_ptr<Connection> connect() = 0;
    [[nodiscard]] virtual const Dialect& dialect() const = 0;
};

/// The driver for a URL; throws ArgumentError for a scheme that is not supported. `busy_timeout` is how long a
/// statement waits for another program's lock.
[[nodiscard]] std::unique_ptr<Driver> make_driver(const std::string& url, std::chrono::milliseconds busy_timeout);

}  // namespace tandem::orm

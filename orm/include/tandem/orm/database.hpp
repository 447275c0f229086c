/// `Database`: a database by its URL, and the pool of its connections.
///
/// URLs: `sqlite:///relative.db`, `sqlite:////absolute/path.db`, `sqlite:///:memory:` or `sqlite://` (in memory, gone
/// with the Database). SQLite runs with WAL and foreign keys on; statements are cached on each connection.
/// Connections: a session takes one with its first statement and gives it back when its transaction ends; when all are
/// taken it waits, in the order of asking, then throws TimeoutError naming who has them. Sessions that say they write
/// take turns in the same way. Readers never wait for a writer, nor a writer for readers.
/// Thread rules: a Database may be used from any thread; each of its sessions belongs to the thread that uses it first.
/// It must outlive its sessions: one that is used later throws InvalidStateError.
/// Errors: an unknown scheme throws ArgumentError naming what is supported; a file that cannot be opened throws
/// OperationalError.
///
///     tandem::Database db{"sqlite:///app.db", {.connections = 4, .timeout = std::chrono::seconds{2}}};
///     db.create_tables();
///     auto session = db.session();
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

#include <tandem/orm/hooks.hpp>
#include <tandem/orm/session.hpp>

namespace tandem {

/// Says that a session will write: it takes the writer's lock at its first statement and never meets a Conflict.
struct WriteTag {};
inline constexpr WriteTag write{};

/// What happens when relations are loaded lazily in a loop over one result.
enum class LazyLoops { ignore, warn, fail };

namespace orm {
class ConnectionPool;
class Driver;
}  // namespace orm

/// Limits of a Database.
struct DatabaseOptions {
    /// How many connections there may be at a time: one per session that has begun a transaction.
    std::size_t connections = 16;
    /// How long a session waits for a connection before TimeoutError.
    std::chrono::milliseconds timeout{30'000};
    /// How long a writer waits for its turn (TimeoutError), and a statement for a lock of another program
    /// (OperationalError).
    std::chrono::milliseconds busy_timeout{5'000};
};

class Database {
public:
    /// Checks the models (MappingError), opens the database and makes its file if there is none.
    explicit Database(const std::string& url, const DatabaseOptions& options = {});
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] Session session(std::source_location place = std::source_location::current());
    [[nodiscard]] Session session(WriteTag, std::source_location place = std::source_location::current());
    [[nodiscard]] Session session(SessionOptions options, std::source_location place = std::source_location::current());
    [[nodiscard]] Session session(
        WriteTag, SessionOptions options, std::source_location place = std::source_location::current());
    /// Makes the tables of all models that do not exist yet; existing ones are left as they are.
    void create_tables();
    /// Whether the database has no table at all.
    [[nodiscard]] bool is_empty();
    [[nodiscard]] const std::string& url() const { return url_; }
    /// Calls `observer` with the text of every statement as it starts (values not filled in, BEGIN and COMMIT
    /// included), on the thread that runs it; empty: nobody watches. Running transactions take note with their next
    /// statement. The observer must not throw. While it or echo() watches, rows that one statement would write are
    /// written one by one.
    void on_statement(std::function<void(std::string_view sql)> observer);
    /// Writes a line per statement to `sink` when it is done: its time, its text, its values, transaction control
    /// included; empty: no echo, which is how it starts, and then it costs nothing. Long texts are shortened, bytes
    /// shown as their number. Values that belong to `hidden` columns are shown as ***: those stored in or compared with
    /// one, and raw SQL's parameters of its name (a value under another name, inside an expression that does not name
    /// the column, is shown). Running transactions take note with their next statement. The sink is called on the
    /// thread that runs the statement, so on several at once.
    ///
    ///     db.echo([](std::string_view line) { std::clog << line << '\n'; });
    void echo(std::function<void(std::string_view line)> sink);
    /// Calls `observer` with what is no error but should not go unnoticed, such as an object loaded lazily for each of
    /// many; empty: one line to stderr each, which is how it starts. It is called on the thread that works, so on
    /// several at once, and must not throw.
    void on_warning(std::function<void(std::string_view text)> observer);
    /// What to do when a relation is loaded on access for object after object of one result, with a SELECT each
    /// ("N+1"): when it happens for the `from`-th of them. Warnings name the query's place and the line to write
    /// instead, once per place and relation; `fail` throws LazyLoadForbidden with the same text, for tests.
    void on_lazy_loop(LazyLoops policy, std::size_t from = 3);

    /// Hooks of one model's rows, and of all sessions that are opened from now on; see hooks.hpp.
    template <orm::ModelClass T>
    [[nodiscard]] ModelHooks<T> on() {
        return ModelHooks<T>{hooks()};
    }
    void after_begin(SessionHook hook);
    void before_commit(SessionHook hook);
    void before_flush(SessionHook hook);
    void after_flush(SessionHook hook);
    void after_commit(std::function<void()> hook);
    void after_rollback(std::function<void()> hook);

    /// For the engine: a database behind a driver of one's own.
    Database(std::unique_ptr<orm::Driver> driver, const DatabaseOptions& options);
    [[nodiscard]] orm::ConnectionPool& pool() { return *pool_; }

private:
    [[nodiscard]] orm::HookRegistry& hooks();
    std::string url_;
    std::shared_ptr<orm::ConnectionPool> pool_;
};

}  // namespace tandem

/// `Database`: a database by its URL, and the pool of its connections.
///
/// URLs: `sqlite:///relative.db`, `sqlite:////absolute/path.db`, `sqlite:///:memory:` or `sqlite://` (in memory, gone
/// with the Database). SQLite runs with WAL, foreign keys on and a busy timeout of 5 s; statements are cached on each
/// connection. Thread rules: a Database may be used from any thread, its sessions each from one. It must outlive them.
/// Errors: an unknown scheme throws ArgumentError naming what is supported; a file that cannot be opened throws
/// OperationalError.
///
///     tandem::Database db{"sqlite:///app.db"};
///     db.create_tables();
///     auto session = db.session();
#pragma once

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

namespace orm {
class ConnectionPool;
}

class Database {
public:
    /// Checks the models (MappingError), opens the database and makes its file if there is none.
    explicit Database(const std::string& url);
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
    /// statement. The observer must not throw.
    void on_statement(std::function<void(std::string_view sql)> observer);

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

    /// For the engine.
    [[nodiscard]] orm::ConnectionPool& pool() { return *pool_; }

private:
    [[nodiscard]] orm::HookRegistry& hooks();
    std::string url_;
    std::unique_ptr<orm::ConnectionPool> pool_;
};

}  // namespace tandem

#include <tandem/orm/database.hpp>

#include "connection_pool.hpp"
#include "schema.hpp"
#include "session_core.hpp"

namespace tandem {

namespace {

std::unique_ptr<orm::Driver> driver_of(const std::string& url, const DatabaseOptions& options) {
    orm::check_models();
    return orm::make_driver(url, options.busy_timeout);
}

}  // namespace

Database::Database(const std::string& url, const DatabaseOptions& options)
    : Database(driver_of(url, options), options) {
    url_ = url;
}
Database::Database(std::unique_ptr<orm::Driver> driver, const DatabaseOptions& options) {
    orm::check_models();
    if (options.connections == 0) throw ArgumentError("a Database needs at least one connection");
    if (options.timeout.count() < 0 || options.busy_timeout.count() < 0)
        throw ArgumentError("a Database's timeouts cannot be negative");
    pool_ = std::make_shared<orm::ConnectionPool>(std::move(driver), options);
    // A file that cannot be opened is better found now.
    const auto connection = pool_->take(std::source_location::current());
}
Database::~Database() {
    if (pool_) pool_->close();
}

Session Database::session(std::source_location place) { return session(SessionOptions{}, place); }
Session Database::session(WriteTag tag, std::source_location place) { return session(tag, {}, place); }
Session Database::session(SessionOptions options, std::source_location place) {
    return Session{std::make_unique<orm::SessionCore>(*pool_, orm::Access::upgrade, options, place)};
}
Session Database::session(WriteTag /*tag*/, SessionOptions options, std::source_location place) {
    return Session{std::make_unique<orm::SessionCore>(*pool_, orm::Access::write, options, place)};
}

void Database::create_tables() {
    const auto place = std::source_location::current();
    const auto turn = pool_->take_turn(place);
    const auto connection = pool_->take(place);
    connection->begin(true);
    try {
        for (const std::string& statement : orm::create_statements(pool_->dialect())) connection->run(statement);
        connection->commit();
    } catch (...) {
        connection->rollback();
        throw;
    }
}

void Database::on_statement(std::function<void(std::string_view sql)> observer) {
    pool_->observe(observer ? std::make_shared<const orm::StatementObserver>(std::move(observer)) : nullptr);
}

void Database::on_warning(std::function<void(std::string_view text)> observer) {
    pool_->warnings().observe(observer ? std::make_shared<const orm::WarningObserver>(std::move(observer)) : nullptr);
}
void Database::on_lazy_loop(LazyLoops policy, std::size_t from) { pool_->warnings().set_lazy_loops(policy, from); }

orm::HookRegistry& Database::hooks() { return pool_->hooks(); }

namespace {
void add_hook(orm::HookRegistry& registry, orm::SessionEvent event, SessionHook hook) {
    registry.change(
        [&](orm::Hooks& hooks) { hooks.session[static_cast<std::size_t>(event)].push_back(std::move(hook)); });
}
}  // namespace

void Database::after_begin(SessionHook hook) { add_hook(hooks(), orm::SessionEvent::after_begin, std::move(hook)); }
void Database::before_commit(SessionHook hook) { add_hook(hooks(), orm::SessionEvent::before_commit, std::move(hook)); }
void Database::before_flush(SessionHook hook) { add_hook(hooks(), orm::SessionEvent::before_flush, std::move(hook)); }
void Database::after_flush(SessionHook hook) { add_hook(hooks(), orm::SessionEvent::after_flush, std::move(hook)); }
void Database::after_commit(std::function<void()> hook) {
    hooks().change([&](orm::Hooks& hooks) { hooks.after_commit.push_back(std::move(hook)); });
}
void Database::after_rollback(std::function<void()> hook) {
    hooks().change([&](orm::Hooks& hooks) { hooks.after_rollback.push_back(std::move(hook)); });
}

void Database::echo(std::function<void(std::string_view line)> sink) {
    pool_->echo(sink ? std::make_shared<const orm::EchoSink>(std::move(sink)) : nullptr);
}

bool Database::is_empty() { return pool_->take(std::source_location::current())->table_names().empty(); }

}  // namespace tandem

#include <tandem/orm/database.hpp>

#include "schema.hpp"
#include "session_core.hpp"

namespace tandem {

Database::Database(const std::string& url) : url_(url) {
    orm::check_models();
    pool_ = std::make_unique<orm::ConnectionPool>(url);
    const auto connection = pool_->take();  // a file that cannot be opened is better found now
}
Database::~Database() = default;

Session Database::session(std::source_location place) { return session(SessionOptions{}, place); }
Session Database::session(WriteTag tag, std::source_location place) { return session(tag, {}, place); }
Session Database::session(SessionOptions options, std::source_location place) {
    return Session{std::make_unique<orm::SessionCore>(*pool_, orm::Access::upgrade, options, place)};
}
Session Database::session(WriteTag /*tag*/, SessionOptions options, std::source_location place) {
    return Session{std::make_unique<orm::SessionCore>(*pool_, orm::Access::write, options, place)};
}

void Database::create_tables() {
    const auto connection = pool_->take();
    connection->begin(true);
    try {
        for (const std::string& statement : orm::create_statements(orm::dialect())) connection->run(statement);
        connection->commit();
    } catch (...) {
        connection->rollback();
        throw;
    }
}

void Database::on_statement(std::function<void(std::string_view sql)> observer) {
    pool_->observe(observer ? std::make_shared<const orm::StatementObserver>(std::move(observer)) : nullptr);
}

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

bool Database::is_empty() { return pool_->take()->table_names().empty(); }

}  // namespace tandem

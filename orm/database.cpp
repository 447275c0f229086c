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

bool Database::is_empty() { return pool_->take()->table_names().empty(); }

}  // namespace tandem

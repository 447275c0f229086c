#include "support/oracle.hpp"

#include <array>
#include <stdexcept>

#include <sqlite3.h>
#include <unistd.h>

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tandem-orm-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Oracle::Oracle(const std::string& file) {
    if (sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK)
        throw std::runtime_error("the oracle cannot open " + file);
}
Oracle::~Oracle() { sqlite3_close(db_); }

void Oracle::run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(std::string{sqlite3_errmsg(db_)} + " in the oracle's " + sql);
}

std::vector<std::string> Oracle::rows(const std::string& sql) {
    std::vector<std::string> found;
    const auto take = [](void* out, int count, char** values, char** /*names*/) {
        std::string& row = static_cast<std::vector<std::string>*>(out)->emplace_back();
        for (int i = 0; i < count; ++i) row += (i > 0 ? "|" : "") + std::string{values[i] ? values[i] : "null"};
        return 0;
    };
    if (sqlite3_exec(db_, sql.c_str(), take, &found, nullptr) != SQLITE_OK)
        throw std::runtime_error(std::string{sqlite3_errmsg(db_)} + " in the oracle's " + sql);
    return found;
}
std::string Oracle::row(const std::string& sql) {
    const auto found = rows(sql);
    if (found.size() > 1) throw std::runtime_error("more than one row in the oracle's " + sql);
    return found.empty() ? "" : found.front();
}

Fixture::Fixture() : db("sqlite:///" + file()), oracle(file()) {
    db.on_warning([](std::string_view) {});  // tests that want warnings say so
    db.create_tables();
}

BlogFixture::BlogFixture() {
    oracle.run("INSERT INTO user (id, username, email) VALUES (1, 'ana', 'ana@x.io'), (2, 'ben', 'ben@x.io'), (3, "
               "'cy', ''), (4, 'dee', 'dee@y.io');"
               "INSERT INTO post (id, title, body, user_id) VALUES (1, 'p1', '', 1), (2, 'p2', '', 2), (3, 'p3', '', "
               "2), (4, 'p4', '', 2), (5, 'p5', '', 3);"
               "INSERT INTO flag (id, post_id, user_id, message) VALUES (1, 1, 2, 'f1'), (2, 1, 3, 'f2'), (3, 3, 1, "
               "'f3'), (4, 3, 3, 'f4'), (5, 5, 1, 'f5'),"
               " (6, 5, 2, 'f6');");
}

StatementLog::StatementLog(tandem::Database& db) : db_(db) {
    db.on_statement([this](std::string_view sql) {
        constexpr std::array control{"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"};
        for (const std::string_view word : control)
            if (sql.starts_with(word)) return;
        statements_.emplace_back(sql);
    });
}
StatementLog::~StatementLog() { db_.on_statement({}); }
std::size_t StatementLog::count(std::string_view word) const {
    std::size_t found = 0;
    for (const std::string& statement : statements_) found += statement.starts_with(word) ? 1U : 0U;
    return found;
}

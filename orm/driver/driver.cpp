#include "driver/driver.hpp"

#include <stdexcept>

#include <tandem/orm/error.hpp>

#include "driver/sqlite.hpp"

namespace tandem::orm {

std::unique_ptr<Driver> make_driver(const std::string& url, std::chrono::milliseconds busy_timeout) {
    constexpr std::string_view supported =
        "supported are sqlite:///relative.db, sqlite:////absolute/path.db and sqlite:///:memory:";
    const auto scheme_end = url.find("://");
    const std::string scheme = url.substr(0, scheme_end);
    if (scheme_end == std::string::npos)
        throw ArgumentError("database URL \"" + url + "\" has no scheme; " + std::string{supported});
    if (scheme != "sqlite")
        throw ArgumentError("database scheme \"" + scheme + "\" is not supported; " + std::string{supported});
    std::string rest = url.substr(scheme_end + 3);
    if (rest.empty()) return make_sqlite_driver(":memory:", busy_timeout);
    if (rest.front() != '/' || rest.size() == 1)
        throw ArgumentError("database URL \"" + url +
            "\" names no file (a file's URL has three slashes before a relative path, four before an absolute one); " +
            std::string{supported});
    return make_sqlite_driver(rest.substr(1), busy_timeout);
}

std::string_view Dialect::pattern(std::string_view operation) const {
    if (operation == "like") return "({} LIKE ? ESCAPE '\\')";
    if (operation == "ilike") return "({} ILIKE ? ESCAPE '\\')";
    if (operation == "is_distinct_from") return "({} IS DISTINCT FROM {})";
    if (operation == "is_not_distinct_from") return "({} IS NOT DISTINCT FROM {})";
    if (operation == "now") return "now()";
    throw std::logic_error("no SQL is known for " + std::string{operation});
}

std::string Dialect::default_value(const SqlType&, std::string_view sql) const {
    return sql.empty() ? std::string{current_time()} : "(" + std::string{sql} + ")";
}

std::string_view Dialect::row_lock(RowLock lock) const {
    switch (lock) {
        case RowLock::wait: return " FOR UPDATE";
        case RowLock::nowait: return " FOR UPDATE NOWAIT";
        case RowLock::skip_locked: return " FOR UPDATE SKIP LOCKED";
    }
    return {};
}

}  // namespace tandem::orm

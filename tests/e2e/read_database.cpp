// read_database FILE SQL: runs a query on a SQLite file, which it opens read-only, and prints the rows as a JSON list
// of objects. The page tests' oracle: it knows nothing of Tandem.
#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(sqlite3_stmt* statement, int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

Json value_of(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL: return nullptr;
        case SQLITE_INTEGER: return sqlite3_column_int64(statement, column);
        case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
        default: return text_of(statement, column);
    }
}

Json rows_of(sqlite3* database, const char* sql) {
    sqlite3_stmt* raw = nullptr;
    const int prepared = sqlite3_prepare_v2(database, sql, -1, &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
    if (prepared != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database));
    Json rows = Json::array();
    int result = sqlite3_step(raw);
    for (; result == SQLITE_ROW; result = sqlite3_step(raw)) {
        Json row = Json::object();
        for (int i = 0; i < sqlite3_column_count(raw); ++i) row[sqlite3_column_name(raw, i)] = value_of(raw, i);
        rows.push_back(std::move(row));
    }
    if (result != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
    return rows;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: read_database FILE SQL\n";
        return 2;
    }
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(argv[1], &raw, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, sqlite3_close);
    try {
        if (opened != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(raw));
        sqlite3_busy_timeout(raw, 5000);
        std::cout << rows_of(raw, argv[2]).dump() << '\n';
    } catch (const std::exception& error) {
        std::cerr << "read_database: " << error.what() << '\n';
        return 1;
    }
    return 0;
}

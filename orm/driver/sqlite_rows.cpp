#include "driver/sqlite_rows.hpp"

#include <algorithm>
#include <utility>

#include <tandem/orm/error.hpp>

#include "driver/sqlite_error.hpp"
#include "driver/sqlite_statement.hpp"

namespace tandem::orm {
namespace {

constexpr std::string_view select = "SELECT ";
constexpr std::string_view from = " FROM ";
constexpr std::string_view opening = "SELECT tandem_rows(";
constexpr std::size_t most_columns = 100;  // SQLITE_MAX_FUNCTION_ARG as it is documented

/// The part of a text up to `end`, or up to the parenthesis that ends it, outside of quotes and parentheses.
struct List {
    std::size_t end = std::string_view::npos;  ///< npos: there is no such end, or it cannot be told for sure
    std::size_t columns = 1;
    bool has_names = false;  ///< `… AS name`
};

List read_list(std::string_view text, std::string_view end) {
    List list;
    int depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote) quote = 0;  // a doubled one ends and begins
            continue;
        }
        const std::string_view rest = text.substr(i);
        if (c == '[' || c == '`' || rest.starts_with("--") || rest.starts_with("/*")) return list;
        if (depth == 0 && rest.starts_with(end)) {
            list.end = i;
            return list;
        }
        if (c == '"' || c == '\'') quote = c;
        else if (c == '(') ++depth;
        else if (c == ')' && --depth < 0) return list;
        else if (depth == 0 && c == ',') ++list.columns;
        else if (depth == 0 && rest.starts_with(" AS ")) list.has_names = true;
    }
    return list;
}

}  // namespace

void SqliteRows::add_to(sqlite3* db) {
    const int code = sqlite3_create_function_v2(
        db, "tandem_rows", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, this, nullptr, &take_row, [](sqlite3_context*) {},
        nullptr);
    if (code != SQLITE_OK) throw_sqlite(db, code, "");
}

std::optional<std::string> SqliteRows::collecting(std::string_view sql) {
    if (!sql.starts_with(select)) return std::nullopt;
    const std::string_view rest = sql.substr(select.size());
    if (rest.starts_with("DISTINCT ") || rest.starts_with('*')) return std::nullopt;
    const List list = read_list(rest, from);
    if (list.end == std::string_view::npos || list.has_names || list.columns > most_columns) return std::nullopt;
    std::string text;
    text.reserve(sql.size() + opening.size());
    text.append(opening).append(rest.substr(0, list.end)).append(1, ')').append(rest.substr(list.end));
    return text;
}

std::string SqliteRows::as_written(std::string_view sql) {
    if (!sql.starts_with(opening)) return std::string{sql};
    const std::string_view rest = sql.substr(opening.size());
    const List list = read_list(rest, ")");
    if (list.end == std::string_view::npos) return std::string{sql};
    std::string text{select};
    text.append(rest.substr(0, list.end)).append(rest.substr(list.end + 1));
    return text;
}

void SqliteRows::run(SqliteStatement& statement, const RowTaker& take) {
    Run run{statement, take};
    Run* const outer = std::exchange(run_, &run);
    try {
        statement.step();  // the one row that the function itself makes
    } catch (...) {
        run_ = outer;
        statement.row_ = nullptr;
        if (run.error) std::rethrow_exception(run.error);
        throw;
    }
    run_ = outer;
    statement.row_ = nullptr;
    if (run.error) std::rethrow_exception(run.error);
}

void SqliteRows::take_row(sqlite3_context* context, int, sqlite3_value** values) {
    auto& rows = *static_cast<SqliteRows*>(sqlite3_user_data(context));
    // What is taken from a row may run other statements, whose rows are not for this run.
    Run* const run = std::exchange(rows.run_, nullptr);
    if (!run) {
        sqlite3_result_error(context, "tandem_rows() is for Tandem's own statements", -1);
        return;
    }
    if (!run->error) {
        run->statement.row_ = values;
        try {
            run->take(run->statement);
        } catch (...) {  // SQLite is C, which nothing is thrown through
            run->error = std::current_exception();
            sqlite3_result_error(context, "a row was not taken", -1);
        }
    }
    rows.run_ = run;
}

}  // namespace tandem::orm

// Any SQL text: nothing that ends or begins transactions passes the check, parameters are bound by name or refused, and
// only Tandem's errors come out.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sqlite3.h>

#include <tandem/orm/database.hpp>

#include "blog.hpp"
#include "echo.hpp"

namespace {

[[noreturn]] void broken(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

/// SQLite's own opinion of a text.
class Judge {
public:
    Judge() {
        sqlite3_open(":memory:", &db_);
        sqlite3_set_authorizer(
            db_,
            [](void* self, int action, const char*, const char*, const char*, const char*) {
                if (action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT || action == SQLITE_ATTACH ||
                    action == SQLITE_DETACH)
                    static_cast<Judge*>(self)->controls_ = true;
                return SQLITE_OK;
            },
            this);
    }
    /// Whether the first statement of the text controls transactions.
    bool controls(const std::string& text) {
        controls_ = false;
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(db_, text.data(), static_cast<int>(text.size()), &statement, nullptr);
        const bool runs = statement && sqlite3_stmt_isexplain(statement) == 0;
        sqlite3_finalize(statement);
        return runs && controls_;
    }

private:
    sqlite3* db_ = nullptr;
    bool controls_ = false;
};

void execute(tandem::Session& session, const std::string& text) {
    try {
        session.execute(tandem::unchecked_sql(text), {{"a", 1}, {"b", "x"}});
    } catch (const tandem::Error&) {}
    try {
        session.execute(tandem::unchecked_sql(text), {{"username", "x"}, {"id", nullptr}});
    } catch (const tandem::Error&) {}
    try {
        session.execute(tandem::unchecked_sql(text));
    } catch (const tandem::Error&) {}
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Judge judge;
    static tandem::Database db{"sqlite://"};
    [[maybe_unused]] static const bool made = (db.create_tables(), true);
    const std::string text{reinterpret_cast<const char*>(data), size};
    if (judge.controls(text) && !tandem::orm::controls_transactions(text))
        broken("a statement that controls transactions was let through");
    (void)tandem::orm::secret_parameters(text);
    auto session = db.session();
    execute(session, "EXPLAIN " + text);  // prepared and bound, but without effect
    return 0;
}

// A disk that is full, broken or read-only, files that are damaged, tables that are not what the models say: each is a
// typed error that says what to do, and what was committed before is intact.
#include <filesystem>
#include <fstream>
#include <optional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sqlite3.h>

#include <tandem/orm/database.hpp>

#include "blog.hpp"
#include "support/fault_vfs.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::Database;
using tandem::OperationalError;

namespace {

/// A file with a hundred users, ana to be changed; made anew for each case.
class Disk {
public:
    Disk() {
        Faults::install();
        Database db{url()};
        db.create_tables();
        auto session = db.session(tandem::write);
        session.add(User{.username = "ana", .email = "old"});
        for (int i = 0; i < 100; ++i)
            session.add(User{.username = "user" + std::to_string(i), .email = std::string(200, 'e')});
        session.commit();
    }
    [[nodiscard]] std::string file() const { return (folder_.path() / "disk.db").string(); }
    [[nodiscard]] std::string url() const { return "sqlite:///" + file(); }
    /// What another program finds: how many users, ana's email, and whether the file is whole.
    [[nodiscard]] std::string stored() const {
        Oracle oracle{file()};
        return oracle.row("SELECT count(*) || ' ' || min(CASE username WHEN 'ana' THEN email END) FROM user") + " " +
            oracle.row("PRAGMA integrity_check");
    }

private:
    TemporaryFolder folder_{};
};

constexpr const char* old_state = "101 old ok";
constexpr const char* new_state = "151 new ok";

/// Changes one row and adds fifty.
void write_all(tandem::Session& session) {
    session.exec(User::select().where(User::c.username == "ana")).one()->email = "new";
    for (int i = 0; i < 50; ++i)
        session.add(User{.username = "more" + std::to_string(i), .email = std::string(300, 'n')});
    session.commit();
}

}  // namespace

TEST_CASE("a transaction is stored whole or not at all, whichever of its writes fails", "[fault]") {
    const int code = GENERATE(SQLITE_FULL, SQLITE_IOERR_WRITE);
    const bool from_then_on = GENERATE(false, true);
    CAPTURE(code, from_then_on);
    int failures = 0;
    for (int nth = 1;; ++nth) {
        CAPTURE(nth);
        const Disk disk;
        Database db{disk.url()};
        bool threw = false;
        bool fired = false;
        {
            auto session = db.session(tandem::write);
            (void)session.get<User>(1);  // the connection is open
            {
                const Faults faults{{.operations = fail_write, .nth = nth, .code = code, .from_then_on = from_then_on}};
                try {
                    write_all(session);
                } catch (const OperationalError& error) {
                    threw = true;
                    CHECK_THAT(
                        error.what(), ContainsSubstring(code == SQLITE_FULL ? "disk is full" : "Check the disk"));
                }
                fired = Faults::fired();
            }
            REQUIRE(disk.stored() == (threw ? old_state : new_state));
            if (threw) {
                ++failures;
                session.rollback();
                CHECK(session.get<User>(1)->email == "old");
                write_all(session);
            }
        }
        REQUIRE(disk.stored() == new_state);
        if (!fired) break;
        REQUIRE(nth < 1000);
    }
    CHECK(failures > 3);
}

TEST_CASE("a failing sync, truncate or file size loses nothing", "[fault]") {
    const unsigned operation = GENERATE(unsigned{fail_sync}, unsigned{fail_truncate}, unsigned{fail_size});
    CAPTURE(operation);
    for (int nth = 1;; ++nth) {
        CAPTURE(nth);
        const Disk disk;
        bool fired = false;
        bool stored = false;
        {
            const Faults faults{
                {.operations = operation, .nth = nth, .code = SQLITE_IOERR_FSYNC, .from_then_on = true}};
            try {
                Database db{disk.url()};
                auto session = db.session(tandem::write);
                session.execute("PRAGMA wal_autocheckpoint = 1");  // so that a commit syncs
                write_all(session);
                stored = true;
            } catch (const OperationalError&) {}
            fired = Faults::fired();
        }
        REQUIRE(disk.stored() == (stored ? new_state : old_state));
        if (!fired) break;
        REQUIRE(nth < 1000);
    }
}

TEST_CASE("a read that fails is an OperationalError, and the session can go on", "[fault]") {
    int failures = 0;
    for (int nth = 1;; ++nth) {
        CAPTURE(nth);
        const Disk disk;
        Database db{disk.url()};
        auto session = db.session();
        bool fired = false;
        {
            const Faults faults{{.operations = fail_read, .nth = nth, .code = SQLITE_IOERR_READ}};
            try {
                const auto users = session.exec(User::select()).all();
                CHECK(users.size() == 101);
            } catch (const OperationalError& error) {
                ++failures;
                CHECK_THAT(error.what(), ContainsSubstring("Check the disk"));
            }
            fired = Faults::fired();
        }
        session.rollback();
        CHECK(session.exec(User::select()).all().size() == 101);
        if (!fired) break;
        REQUIRE(nth < 1000);
    }
    CHECK(failures > 0);
}

TEST_CASE("a database that cannot be opened, or read while it is opened, says so and names its file", "[fault]") {
    const unsigned operation = GENERATE(unsigned{fail_open}, unsigned{fail_read});
    const Disk disk;
    int failures = 0;
    for (int nth = 1;; ++nth) {
        CAPTURE(operation, nth);
        bool fired = false;
        {
            const Faults faults{{.operations = operation,
                .nth = nth,
                .code = operation == fail_open ? SQLITE_CANTOPEN : SQLITE_IOERR_READ,
                .from_then_on = true}};
            try {
                Database db{disk.url()};
                auto session = db.session();
                (void)session.get<User>(1);
            } catch (const OperationalError& error) {
                ++failures;
                if (nth == 1) CHECK_THAT(error.what(), ContainsSubstring(disk.file()));
            }
            fired = Faults::fired();
        }
        REQUIRE(disk.stored() == old_state);
        if (!fired) break;
        REQUIRE(nth < 1000);
    }
    CHECK(failures > 0);
}

TEST_CASE("a connection that a disk error spoiled is replaced by a new one", "[fault]") {
    const Disk disk;
    Database db{disk.url(), {.connections = 1}};
    for (int i = 0; i < 3; ++i) {
        {
            auto session = db.session(tandem::write);
            (void)session.get<User>(1);
            const Faults faults{{.operations = fail_write, .code = SQLITE_IOERR_WRITE, .from_then_on = true}};
            CHECK_THROWS_AS(write_all(session), OperationalError);
        }
        auto session = db.session();
        CHECK(session.get<User>(1)->email == "old");
    }
}

TEST_CASE("a file that can only be read can be read, and a write says what to check", "[fault]") {
    const Disk disk;
    const Faults faults{{.read_only = true}};
    Database db{disk.url()};
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "new";
    CHECK_THAT(error_of<OperationalError>([&] { session.commit(); }),
        ContainsSubstring("cannot be written") && ContainsSubstring("permissions"));
    session.rollback();
    CHECK(ana->email == "old");
    CHECK(session.exec(User::select()).all().size() == 101);
}

TEST_CASE("a file that is no database says so", "[fault]") {
    const TemporaryFolder folder;
    const auto file = (folder.path() / "x.db").string();
    std::ofstream{file} << std::string(5000, 'x');
    CHECK_THAT(error_of<OperationalError>([&] { Database{"sqlite:///" + file}; }),
        ContainsSubstring(file) && ContainsSubstring("not a SQLite database"));
    CHECK(std::filesystem::file_size(file) == 5000);
}

TEST_CASE("a damaged page is an OperationalError; what lies elsewhere can be read", "[fault]") {
    const Disk disk;
    std::int64_t root = 0;
    {
        Oracle oracle{disk.file()};
        oracle.run("INSERT INTO country (id, name) VALUES ('pl', 'Poland')");
        oracle.run("PRAGMA wal_checkpoint(TRUNCATE)");
        root = std::stoll(oracle.row("SELECT rootpage FROM sqlite_master WHERE name = 'user'"));
    }
    {
        std::fstream file{disk.file(), std::ios::in | std::ios::out | std::ios::binary};
        file.seekp((root - 1) * 4096);
        file << std::string(4096, '\xff');
    }
    Database db{disk.url()};
    auto session = db.session();
    CHECK_THAT(error_of<OperationalError>([&] { (void)session.exec(User::select()).all(); }),
        ContainsSubstring("damaged") && ContainsSubstring("backup"));
    session.rollback();
    CHECK(session.get<types::Country>("pl")->name == "Poland");
}

TEST_CASE_METHOD(BlogFixture, "a table without a column of its model says which, and what to do", "[fault]") {
    oracle.run("ALTER TABLE user DROP COLUMN email");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::SqlError>([&] { (void)session.get<User>(1); }),
        ContainsSubstring("email") && ContainsSubstring("migration"));
    session.rollback();
    session.add(User{.username = "eva"});
    CHECK_THAT(error_of<tandem::SqlError>([&] { session.flush(); }),
        ContainsSubstring("email") && ContainsSubstring("migration"));
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
    CHECK(session.get<blog::Flag>(1)->message == "f1");
}

TEST_CASE("a missing table says which, and that create_tables() makes it", "[fault]") {
    Database db{"sqlite://"};
    auto session = db.session();
    CHECK_THAT(error_of<tandem::SqlError>([&] { (void)session.get<User>(1); }),
        ContainsSubstring("user") && ContainsSubstring("create_tables()"));
    session.rollback();
    db.create_tables();
    CHECK_FALSE(session.get<User>(1));
}

TEST_CASE_METHOD(BlogFixture, "a stored value that does not fit names class, member and table", "[fault]") {
    oracle.run("UPDATE user SET email = x'00ff' WHERE id = 2");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.exec(User::select()).all(); }),
        ContainsSubstring("User.email") && ContainsSubstring("\"user\""));
    CHECK(session.get<User>(1)->username == "ana");
}

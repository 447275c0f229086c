#include <filesystem>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/database.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::Database;

TEST_CASE("a new database is empty until its tables are made") {
    const TemporaryFolder folder;
    Database db{"sqlite:///" + (folder.path() / "new.db").string()};
    CHECK(db.is_empty());
    db.create_tables();
    CHECK_FALSE(db.is_empty());
}

TEST_CASE("any table makes a database not empty") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "other.db").string();
    Oracle{path}.run("CREATE TABLE sqliteish (x)");
    CHECK_FALSE(Database{"sqlite:///" + path}.is_empty());
}

TEST_CASE_METHOD(BlogFixture, "making tables again changes nothing") {
    const auto schema = oracle.rows("SELECT sql FROM sqlite_master ORDER BY name");
    db.create_tables();
    CHECK(oracle.rows("SELECT sql FROM sqlite_master ORDER BY name") == schema);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(Fixture, "the file is in WAL mode and foreign keys are enforced") {
    CHECK(oracle.row("PRAGMA journal_mode") == "wal");
    auto session = db.session();
    CHECK(session.execute("PRAGMA foreign_keys").scalar() == tandem::Value{std::int64_t{1}});
}

TEST_CASE("three slashes make a relative path, four an absolute one") {
    const TemporaryFolder folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    { Database{"sqlite:///relative.db"}.create_tables(); }
    std::filesystem::current_path(before);
    CHECK(std::filesystem::exists(folder.path() / "relative.db"));
    const std::string url = "sqlite:///" + (folder.path() / "absolute.db").string();
    REQUIRE(url.starts_with("sqlite:////"));
    { Database{url}.create_tables(); }
    CHECK(std::filesystem::exists(folder.path() / "absolute.db"));
}

TEST_CASE("a path may have blanks, percent signs, question marks and letters of any script") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "my żółw? 100%20#.db";
    { Database{"sqlite:///" + path.string()}.create_tables(); }
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("two Databases in memory are separate; sessions of one share its data") {
    Database first{"sqlite:///:memory:"};
    Database second{"sqlite://"};
    first.create_tables();
    CHECK(second.is_empty());
    second.create_tables();
    {
        auto session = first.session();
        session.add(User{.username = "ana"});
        session.commit();
    }
    auto other = first.session();
    CHECK(other.get<User>(1)->username == "ana");
    auto elsewhere = second.session();
    CHECK_FALSE(elsewhere.get<User>(1));
}

TEST_CASE("a scheme that is not supported is refused, naming what is") {
    for (const auto* url : {"oracle://x", "postgresql://x/y", "app.db", "", "sqlite:/x.db"}) {
        INFO(url);
        CHECK_THAT(error_of<tandem::ArgumentError>([&] { Database{url}; }), ContainsSubstring("sqlite:///relative.db"));
    }
    CHECK_THAT(error_of<tandem::ArgumentError>([] { Database{"oracle://x"}; }), ContainsSubstring("\"oracle\""));
}

TEST_CASE("a URL without a file is refused, telling how many slashes are needed") {
    CHECK_THAT(
        error_of<tandem::ArgumentError>([] { Database{"sqlite://app.db"}; }), ContainsSubstring("three slashes"));
    CHECK_THROWS_AS(Database{"sqlite:///"}, tandem::ArgumentError);
}

TEST_CASE("a file that cannot be opened is an OperationalError that names it") {
    const TemporaryFolder folder;
    const auto missing = (folder.path() / "no" / "such" / "app.db").string();
    CHECK_THAT(error_of<tandem::OperationalError>([&] { Database{"sqlite:///" + missing}; }),
        ContainsSubstring(missing) && ContainsSubstring("folder"));
    const auto directory = folder.path().string();
    CHECK_THAT(
        error_of<tandem::OperationalError>([&] { Database{"sqlite:///" + directory}; }), ContainsSubstring(directory));
}

TEST_CASE_METHOD(BlogFixture, "an observer is told of every statement as it starts") {
    std::vector<std::string> seen;
    db.on_statement([&](std::string_view sql) { seen.emplace_back(sql); });
    {
        auto session = db.session();
        session.execute("UPDATE user SET email = :email WHERE id = 1", {{"email", "x"}});
        session.commit();
    }
    CHECK(seen == std::vector<std::string>{"BEGIN", "UPDATE user SET email = :email WHERE id = 1", "COMMIT"});
    db.on_statement({});
    auto session = db.session();
    (void)session.get<User>(1);
    CHECK(seen.size() == 3);
}

TEST_CASE_METHOD(Fixture, "eight threads that count in one row lose nothing") {
    oracle.run("INSERT INTO account (id, name, password_hash, balance) VALUES (1, 'a', '', 0)");
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([this] {
            for (int i = 0; i < 25; ++i) {
                auto session = db.session(tandem::write);
                session.get<types::Account>(1)->balance += 1;
                session.commit();
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(oracle.row("SELECT balance FROM account") == "200");
}

TEST_CASE_METHOD(Fixture, "sessions on several threads have connections of their own") {
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([this, t] {
            auto session = db.session();
            session.add(User{.username = "user" + std::to_string(t)});
            session.commit();
        });
    for (auto& thread : threads) thread.join();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

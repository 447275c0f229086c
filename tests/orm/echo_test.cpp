// Echo: what a listener reads of the statements.
#include "echo.hpp"

#include <regex>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/database.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using tandem::orm::secret_parameters;
using types::Account;

namespace {

class Echo : public BlogFixture {
public:
    Echo() {
        db.echo([this](std::string_view line) { lines.emplace_back(line); });
    }
    /// The lines without their times.
    std::vector<std::string> texts() {
        std::vector<std::string> found;
        for (const std::string& line : lines) {
            std::smatch match;
            REQUIRE(std::regex_match(line, match, std::regex{"[0-9]+\\.[0-9]{3} ms  (.*)"}));
            found.push_back(match[1]);
        }
        return found;
    }
    bool mentions(const std::string& text) {
        for (const std::string& line : lines)
            if (line.find(text) != line.npos) return true;
        return false;
    }
    std::vector<std::string> lines{};
};

}  // namespace

TEST_CASE_METHOD(Echo, "a statement is echoed with its time and values, transaction words included", "[echo]") {
    {
        auto session = db.session(tandem::write);
        session.execute("UPDATE user SET email = :email WHERE id = :id", {{"email", "it's"}, {"id", 1}});
        session.execute("UPDATE user\n    SET email = :email", {{"email", "x"}});
    }
    const auto found = texts();
    REQUIRE(found.size() == 4);
    CHECK(found[0] == "BEGIN (to write)");
    CHECK(found[1] == "UPDATE user SET email = :email WHERE id = :id  [email='it''s', id=1]");
}

TEST_CASE_METHOD(Echo, "a statement that fails is echoed as failed", "[echo]") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute("INSERT INTO user (username, email) VALUES (:name, '')", {{"name", "ana"}}),
        tandem::IntegrityError);
    const auto found = texts();
    REQUIRE(found.size() == 2);
    CHECK(found[1] == "INSERT INTO user (username, email) VALUES (:name, '')  [name='ana']  failed");
}

TEST_CASE_METHOD(Echo, "queries and the unit of work are echoed, and commit", "[echo]") {
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.commit();
    CHECK(eva->id == 5);
    (void)session.exec(User::select().where(User::c.id.in(std::vector<std::int64_t>{1, 2}))).all();
    const auto found = texts();
    REQUIRE(found.size() == 5);
    CHECK(found[0] == "BEGIN");
    CHECK_THAT(found[1], StartsWith("INSERT INTO \"user\"") && ContainsSubstring("'eva'"));
    CHECK(found[2] == "COMMIT");
    CHECK(found[3] == "BEGIN");
    CHECK_THAT(found[4], StartsWith("SELECT ") && ContainsSubstring("[(1, 2)]"));
}

TEST_CASE_METHOD(Echo, "long texts are cut between characters, bytes are counted, lines stay lines", "[echo]") {
    auto session = db.session();
    std::string longest(79, 'x');
    for (int i = 0; i < 1000; ++i) longest += "ż";
    session.execute("SELECT :long, :blob, :lines",
        {{"long", longest}, {"blob", tandem::Blob{{std::byte{1}, std::byte{2}}}}, {"lines", "a\nb\x1b[31m"}});
    const auto found = texts();
    REQUIRE(found.size() == 2);
    CHECK(found[1] ==
        "SELECT :long, :blob, :lines  [long='" + std::string(79, 'x') +
            "… (2079 bytes)', blob=<2 bytes>, lines='a\\x0ab\\x1b[31m']");
}

TEST_CASE_METHOD(Echo, "values of hidden columns are masked wherever they are bound", "[echo]") {
    auto session = db.session();
    const auto account = session.add(Account{.name = "acc", .password_hash = "s3cret-1"});
    session.flush();
    account->password_hash = "s3cret-2";
    session.flush();
    (void)session.exec(Account::select().where(Account::c.password_hash == "s3cret-3")).all();
    (void)session.exec(Account::select().where(Account::c.password_hash.in(std::vector<std::string>{"s3cret-4"})))
        .all();
    (void)session.exec(Account::select().where(Account::c.password_hash.contains("s3cret-5"))).all();
    (void)session.exec(Account::select().where(Account::c.name == "acc" && Account::c.password_hash == "s3cret-6"))
        .all();
    session.execute("UPDATE account SET password_hash = :password_hash", {{"password_hash", "s3cret-7"}});
    session.execute("UPDATE account SET password_hash = :p WHERE name = :n", {{"p", "s3cret-8"}, {"n", "acc"}});
    session.execute(
        "INSERT INTO account (name, password_hash, balance) VALUES (:a, :b, 1)", {{"a", "n"}, {"b", "s3cret-9"}});
    CHECK(lines.size() >= 10);
    CHECK(mentions("***"));
    CHECK_FALSE(mentions("s3cret"));
    CHECK(mentions("'acc'"));
}

TEST_CASE_METHOD(Echo, "echo can be switched off, and on while a session works", "[echo]") {
    db.echo({});
    auto session = db.session();
    (void)session.get<User>(1);
    CHECK(lines.empty());
    db.echo([this](std::string_view line) { lines.emplace_back(line); });
    (void)session.get<User>(2);
    CHECK(lines.size() == 1);
    db.echo({});
    (void)session.get<User>(3);
    session.commit();
    CHECK(lines.size() == 1);
}

TEST_CASE_METHOD(Echo, "a sink that throws does not disturb the session", "[echo]") {
    db.echo([](std::string_view) { throw std::runtime_error("full"); });
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE("which parameters are secret follows from the text", "[echo]") {
    using Flags = std::vector<bool>;
    tandem::orm::check_models();
    // `password_hash` of Account is the hidden column.
    CHECK(secret_parameters("SELECT 1").empty());
    CHECK(secret_parameters(R"(SELECT "a"."password_hash" FROM a WHERE id = ?)") == Flags{false});
    CHECK(secret_parameters(R"(SELECT * FROM a WHERE id = ? AND "a"."password_hash" = ? AND x = ?)") ==
        Flags{false, true, false});
    CHECK(secret_parameters(R"(SELECT * FROM a WHERE ? = PASSWORD_HASH)") == Flags{true});
    CHECK(secret_parameters(R"(SELECT * FROM a WHERE "password_hash" BETWEEN ? AND ? AND x = ?)") ==
        Flags{true, true, false});
    CHECK(secret_parameters(R"(SELECT * FROM a WHERE "password_hash" IN (?, ?) OR x = ?)") == Flags{true, true, false});
    CHECK(secret_parameters(R"(SELECT * FROM a WHERE "password_hash" IN (SELECT value FROM json_each(?)))") ==
        Flags{true});
    CHECK(secret_parameters(R"(UPDATE a SET x = ?, "password_hash" = ?, y = ? WHERE id = ?)") ==
        Flags{false, true, false, false});
    CHECK(secret_parameters(R"(INSERT INTO a (x, "password_hash") VALUES (?, ?), (?, ?))") ==
        Flags{false, true, false, true});
    CHECK(secret_parameters(
              R"(INSERT INTO a (x, "password_hash") VALUES ('a, b', ?) ON CONFLICT (x) DO UPDATE SET x = ?)") ==
        Flags{true, false});
    CHECK(secret_parameters("INSERT INTO a VALUES (?, ?)") == Flags{true, true});
    CHECK(secret_parameters("INSERT INTO a (x) VALUES (lower(?))") == Flags{false});
    CHECK(
        secret_parameters("SELECT :password_hash, :other, '?', \"?\" -- ?\n, ? /* ? */") == Flags{true, false, false});
}

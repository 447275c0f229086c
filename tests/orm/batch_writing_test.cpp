// Many rows at once: a driver may have a way of its own to write them, which nobody is to notice but by the clock.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "driver/driver.hpp"
#include "driver/sqlite_batch.hpp"
#include "support/oracle.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using tandem::orm::SqliteBatch;

namespace batches {

enum class Size { small, large };
TANDEM_ENUM(Size, small, large)

struct Parcel : tandem::Model<Parcel> {
    std::string name;
    std::int64_t weight = 0;
    std::int32_t pieces = 0;
    std::uint8_t level = 0;
    bool fragile = false;
    double ratio = 0;
    std::optional<std::string> note{};
    std::optional<std::int64_t> shelf{};
    std::optional<double> height{};
    std::optional<bool> seen{};
    tandem::Timestamp sent{};
    std::optional<tandem::Timestamp> arrived{};
    tandem::Date day = 2000y / 1 / 1;
    tandem::TimeOfDay hour{};
    std::chrono::microseconds lasted{};
    tandem::Decimal<10, 2> price{};
    tandem::Blob label{};
    tandem::Json data{};
    tandem::Uuid token{};
    Size size = Size::small;
    TANDEM_MODEL(Parcel, name, weight, pieces, level, fragile, ratio, note, shelf, height, seen, sent, arrived, day,
        hour, lasted, price, label, data, token, size)
};

struct Voucher : tandem::Model<Voucher> {
    std::string code;
    std::int64_t count = 0;
    double rate = 0;
    TANDEM_MODEL(Voucher, (code, unique, max_length(20)), count, rate)
    TANDEM_TABLE(Voucher, check("count < 1000"))
};

struct Knot : tandem::Model<Knot> {
    std::string name;
    std::optional<std::int64_t> parent_id{};
    tandem::One<Knot> parent{};
    TANDEM_MODEL(Knot, name, (parent_id, foreign_key("knot.id")), parent)
};

struct Stub : tandem::Model<Stub> {
    std::string name;
    std::int64_t voucher_id = 0;
    tandem::One<Voucher> voucher{};
    TANDEM_MODEL(Stub, (name, unique), (voucher_id, foreign_key("voucher.id")), voucher)
};

struct Emblem : tandem::Model<Emblem, std::string> {
    std::string text;
    TANDEM_MODEL(Emblem, text)
};

Parcel parcel(int i) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    Parcel made;
    made.name = i % 5 == 0 ? "" : i % 5 == 1 ? std::string{"a\0b", 3} : "päckchen 📦 " + std::to_string(i);
    made.weight = i % 3 == 0 ? most : i % 3 == 1 ? least : i;
    made.pieces = -i;
    made.level = static_cast<std::uint8_t>(i * 7);
    made.fragile = i % 2 == 0;
    made.ratio = i % 4 == 0 ? -0.0 : i % 4 == 1 ? 1e308 : i / 3.0;
    if (i % 2 == 1) made.note = i % 3 == 0 ? "" : "it's \"quoted\"; ?";
    if (i % 3 == 1) made.shelf = least + i;
    if (i % 3 == 2) made.height = 4.9e-324;
    if (i % 4 != 0) made.seen = i % 4 == 1;
    made.sent = tandem::Timestamp{std::chrono::microseconds{1'700'000'000'000'000 + i}};
    if (i % 2 == 0) made.arrived = tandem::Timestamp{std::chrono::microseconds{-1 - i}};
    made.day = tandem::Date{std::chrono::sys_days{std::chrono::days{i * 100 - 1000}}};
    made.hour = tandem::TimeOfDay{std::chrono::microseconds{i * 1'000'001}};
    made.lasted = std::chrono::microseconds{-i};
    made.price = tandem::Decimal<10, 2>::from_units(i * 101);
    if (i % 2 == 0) made.label = tandem::Blob{{std::byte{0}, std::byte{0xff}, static_cast<std::byte>(i)}};
    made.data = tandem::Json{{"i", i}, {"list", {1, nullptr, "ü"}}};
    made.token = tandem::Uuid::parse("00000000-0000-4000-8000-0000000000" + std::to_string(10 + i)).value();
    made.size = i % 2 == 0 ? Size::small : Size::large;
    return made;
}

/// Two databases: in one rows are written together, in the other one by one, as whoever watches sees them.
struct TwoDatabases {
    TwoDatabases() {
        each.db.echo([this](std::string_view line) { echoed += line; });
    }
    template <class F>
    void both(F f) {
        f(together.db);
        f(each.db);
    }
    [[nodiscard]] bool are_equal(const std::string& sql) { return together.oracle.rows(sql) == each.oracle.rows(sql); }
    Fixture together;
    Fixture each;
    std::string echoed{};
};

std::vector<tandem::Ref<Voucher>> add_vouchers(tandem::Session& session, int count) {
    std::vector<tandem::Ref<Voucher>> vouchers;
    vouchers.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) vouchers.push_back(session.add(Voucher{.code = "t" + std::to_string(i)}));
    return vouchers;
}

template <class F>
std::string message_of(F f) {
    try {
        f();
    } catch (const tandem::Error& error) { return error.what(); }
    return "";
}

}  // namespace batches

using namespace batches;

TEST_CASE_METHOD(TwoDatabases, "rows of every kind are the same whether they are written together or not", "[batch]") {
    std::string columns = "id, typeof(id)";
    for (const char* name : {"weight", "pieces", "level", "fragile", "ratio", "note", "shelf", "height", "seen", "sent",
             "arrived", "day", "hour", "lasted", "price", "data", "token", "size"})
        columns += ", " + std::string{name} + ", typeof(" + name + ")";
    columns += ", hex(name), typeof(name), hex(label), typeof(label)";
    const std::string all = "SELECT " + columns + " FROM parcel ORDER BY id";
    both([](tandem::Database& db) {
        auto session = db.session(tandem::write);
        for (int i = 0; i < 60; ++i) session.add(parcel(i));
        session.commit();
    });
    CHECK(together.oracle.rows(all).size() == 60);
    CHECK(are_equal(all));
    both([](tandem::Database& db) {
        auto session = db.session(tandem::write);
        for (const auto& stored : session.exec(Parcel::select().order_by(Parcel::c.weight)).all()) {
            const std::int64_t id = stored->id;
            static_cast<Parcel&>(*stored) = parcel(static_cast<int>(59 - id % 60));
            stored->id = id;
        }
        session.commit();
    });
    CHECK(are_equal(all));
    CHECK(echoed.find("INSERT INTO") != std::string::npos);
    CHECK(echoed.find("tandem_") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "every object has the key of its own row", "[batch]") {
    auto session = db.session(tandem::write);
    auto vouchers = add_vouchers(session, 500);
    session.flush();
    session.execute("DELETE FROM voucher WHERE id > 400");
    for (int i = 500; i < 900; ++i) vouchers.push_back(session.add(Voucher{.code = "t" + std::to_string(i)}));
    session.commit();
    for (int i = 0; i < 900; ++i) {
        if (i >= 400 && i < 500) continue;
        const std::string id = oracle.row("SELECT id FROM voucher WHERE code = 't" + std::to_string(i) + "'");
        REQUIRE(id == std::to_string(vouchers[static_cast<std::size_t>(i)]->id));
    }
}

TEST_CASE_METHOD(Fixture, "a trigger that writes rows of its own does not mix up the keys", "[batch]") {
    oracle.run("CREATE TABLE history (id INTEGER PRIMARY KEY, code TEXT)");
    oracle.run("INSERT INTO history VALUES (5000, 'old')");
    oracle.run("CREATE TRIGGER watch AFTER INSERT ON voucher BEGIN INSERT INTO history (code) VALUES (new.code); END");
    oracle.run("CREATE TRIGGER spy AFTER UPDATE ON voucher BEGIN INSERT INTO history (code) VALUES ('+'); END");
    auto session = db.session(tandem::write);
    auto vouchers = add_vouchers(session, 50);
    session.flush();
    for (auto& voucher : vouchers) ++voucher->count;
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM history WHERE code LIKE 't%'") == "50");
    CHECK(oracle.row("SELECT count(*) FROM history WHERE code = '+'") == "50");
    for (const auto& voucher : vouchers)
        REQUIRE(oracle.row("SELECT code FROM voucher WHERE id = " + std::to_string(voucher->id)) == voucher->code);
}

TEST_CASE_METHOD(Fixture, "the row at fault is named, and nothing of the others is left", "[batch]") {
    {
        auto session = db.session(tandem::write);
        session.add(Voucher{.code = "taken"});
        session.commit();
    }
    auto session = db.session(tandem::write);
    std::vector<tandem::Ref<Voucher>> vouchers;
    vouchers.reserve(1000);
    for (int i = 0; i < 30; ++i)
        vouchers.push_back(session.add(Voucher{.code = i == 20 ? "taken" : "t" + std::to_string(i)}));
    CHECK_THAT(message_of([&] { session.flush(); }), ContainsSubstring("Voucher") && ContainsSubstring("code"));
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM voucher") == "1");
    for (const auto& voucher : vouchers) {
        REQUIRE(tandem::state_of(voucher) == tandem::ObjectState::transient);
        REQUIRE(voucher->id == 0);
    }
    vouchers[20]->code = "free";
    for (const auto& voucher : vouchers) session.add(voucher);
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM voucher") == "31");

    for (const auto& voucher : vouchers) voucher->count = voucher->code == "t7" ? 5000 : 5;
    const std::string refused = message_of([&] { session.flush(); });
    CHECK_THAT(refused, ContainsSubstring("Voucher#" + std::to_string(vouchers[7]->id) + " cannot be updated"));
    session.rollback();
    CHECK(oracle.row("SELECT sum(count) FROM voucher") == "0");
    for (const auto& voucher : vouchers) REQUIRE(voucher->count == 0);

    for (const auto& voucher : vouchers) voucher->rate = voucher->code == "t9" ? std::nan("") : 1;
    CHECK_THAT(message_of([&] { session.flush(); }), ContainsSubstring("Voucher.rate is NaN"));
    session.rollback();
    CHECK(oracle.row("SELECT sum(rate) FROM voucher") == "0.0");
}

TEST_CASE_METHOD(Fixture, "a row that is gone is noticed among many", "[batch]") {
    auto session = db.session(tandem::write);
    auto vouchers = add_vouchers(session, 30);
    session.commit();
    for (const auto& voucher : vouchers) CHECK(voucher->count == 0);
    oracle.run("DELETE FROM voucher WHERE code = 't11'");
    for (const auto& voucher : vouchers) voucher->count = 3;
    try {
        session.commit();
        FAIL("a row was missing");
    } catch (const tandem::StaleData& error) { CHECK_THAT(error.what(), ContainsSubstring("Voucher#12 ")); }
    session.rollback();
    CHECK(oracle.row("SELECT sum(count) FROM voucher") == "0");
}

TEST_CASE_METHOD(TwoDatabases, "mixed changes, some of them none, come to the same rows", "[batch]") {
    both([](tandem::Database& db) {
        auto session = db.session(tandem::write);
        auto vouchers = add_vouchers(session, 200);
        session.commit();
        std::ranges::reverse(vouchers);
        for (std::size_t i = 0; i < vouchers.size(); ++i) {
            if (i % 50 < 20) vouchers[i]->count = static_cast<std::int64_t>(i);
            else if (i % 50 < 40) vouchers[i]->rate = static_cast<double>(i), vouchers[i]->code += "x";
            else if (i % 2 == 0) vouchers[i]->count = 999;
        }
        session.commit();
        // Once more, so that what was written is known to be.
        for (const auto& voucher : vouchers) voucher->count = 1;
        session.commit();
    });
    const std::string all = "SELECT * FROM voucher ORDER BY id";
    CHECK(together.oracle.rows(all).size() == 200);
    CHECK(are_equal(all));
    CHECK(together.oracle.row("SELECT code, count, rate FROM voucher WHERE id = 1") == "t0|1|0.0");
    CHECK(together.oracle.row("SELECT code, count, rate FROM voucher WHERE id = 175") == "t174x|1|25.0");
}

TEST_CASE_METHOD(Fixture, "unique values move from row to row in the order of the changes", "[batch]") {
    auto session = db.session(tandem::write);
    std::vector<tandem::Ref<Voucher>> vouchers;
    vouchers.reserve(1000);
    for (int i = 0; i < 20; ++i) {
        Voucher voucher{.code = "t" + std::to_string(i)};
        voucher.id = 100 - i;  // the order of the keys is another one
        vouchers.push_back(session.add(voucher));
    }
    session.commit();
    for (std::size_t i = 0; i < vouchers.size(); ++i)
        vouchers[i]->code = i == 0 ? "first" : "t" + std::to_string(i - 1);
    session.commit();
    CHECK(oracle.row("SELECT group_concat(code) FROM (SELECT code FROM voucher ORDER BY id DESC LIMIT 3)") ==
        "first,t0,t1");
}

TEST_CASE_METHOD(TwoDatabases, "constraints and triggers of a table work as they do row by row", "[batch]") {
    enum class Change { down, clash, up_from_the_last };
    struct Case {
        std::string constraint;  ///< of the code
        std::string trigger;     ///< or ""
        Change change;
        bool is_refused;  ///< by SQLite itself, or because a row is gone
    };
    const std::string insert = "CREATE TRIGGER t AFTER INSERT ON voucher ";
    const std::string update = "CREATE TRIGGER t AFTER UPDATE ON voucher ";
    const std::string next = "BEGIN UPDATE voucher SET rate = rate + 100 WHERE id = new.id + 1; END";
    const std::string next_code = "BEGIN UPDATE voucher SET code = 'set' WHERE id = new.id + 1; END";
    const Case given = GENERATE_COPY(values<Case>({
        {"UNIQUE ON CONFLICT FAIL", "", Change::down, false},
        {"UNIQUE ON CONFLICT FAIL", "", Change::clash, true},
        {"UNIQUE ON CONFLICT FAIL", "", Change::up_from_the_last, false},
        {"UNIQUE ON CONFLICT REPLACE", "", Change::down, false},
        {"UNIQUE ON CONFLICT REPLACE", "", Change::clash, true},
        {"UNIQUE ON CONFLICT REPLACE", "", Change::up_from_the_last, false},
        {"UNIQUE ON CONFLICT IGNORE", "", Change::clash, true},
        {"UNIQUE", insert + "WHEN new.id = 9 BEGIN SELECT RAISE(FAIL, 'limit reached'); END", Change::down, true},
        {"UNIQUE", update + "WHEN new.id = 7 BEGIN SELECT RAISE(FAIL, 'must grow'); END", Change::down, true},
        {"", insert + "BEGIN INSERT INTO history (code) VALUES (new.code); END", Change::down, false},
        {"", update + "BEGIN INSERT INTO history (code) VALUES (new.code); END", Change::up_from_the_last, false},
        {"", update + next, Change::down, false},
        {"", update + next_code, Change::down, false},
        {"", update + next_code, Change::up_from_the_last, false},
    }));
    CAPTURE(given.constraint, given.trigger, given.change);
    std::vector<std::string> messages;
    std::vector<std::string> kept;
    const auto run = [&](Fixture& in) {
        in.oracle.run("DROP TABLE voucher");
        in.oracle.run("CREATE TABLE voucher (id INTEGER PRIMARY KEY, code TEXT " + given.constraint +
            ", count INTEGER, rate REAL); CREATE TABLE history (id INTEGER PRIMARY KEY, code TEXT)");
        if (!given.trigger.empty()) in.oracle.run(given.trigger);
        messages.push_back(message_of([&] {
            auto session = in.db.session(tandem::write);
            for (int i = 1; i <= 20; ++i) {
                Voucher voucher{.code = "t" + std::to_string(i)};
                voucher.id = i;
                session.add(voucher);
            }
            session.commit();
        }));
        messages.push_back(message_of([&] {
            auto session = in.db.session(tandem::write);
            auto vouchers = session.exec(Voucher::select().order_by(Voucher::c.id)).all();
            if (given.change == Change::up_from_the_last) std::ranges::reverse(vouchers);
            const int step = given.change == Change::up_from_the_last ? 1 : -1;
            for (const auto& voucher : vouchers) {
                if (given.change != Change::clash) voucher->code = "t" + std::to_string(voucher->id + step);
                else voucher->code = voucher->id == 10 ? "t15" : voucher->code + "+";
            }
            session.commit();
        }));
        kept.emplace_back();
        for (const char* sql : {"SELECT * FROM voucher ORDER BY id", "SELECT * FROM history ORDER BY id"})
            for (const std::string& row : in.oracle.rows(sql)) kept.back() += row + '\n';
    };
    run(together);
    run(each);
    CHECK(messages[0] == messages[2]);
    CHECK(messages[1] == messages[3]);
    CAPTURE(messages);
    CHECK((messages[2] + messages[3]).empty() != given.is_refused);
    CHECK(kept[0] == kept[1]);
}

TEST_CASE_METHOD(Fixture, "an error that ends the transaction says whose rows were written", "[batch]") {
    oracle.run("CREATE TRIGGER t AFTER INSERT ON emblem WHEN new.text = 'x9' BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    auto session = db.session(tandem::write);
    for (int i = 0; i < 20; ++i) {
        Emblem emblem{.text = "x" + std::to_string(i)};
        emblem.id = std::to_string(i);
        session.add(emblem);
    }
    CHECK_THAT(message_of([&] { session.flush(); }), ContainsSubstring("20 objects of Emblem cannot be inserted"));
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM emblem") == "0");
    // What was being written is forgotten with it.
    const auto vouchers = add_vouchers(session, 20);
    session.commit();
    for (int i = 0; i < 20; ++i) REQUIRE(vouchers[static_cast<std::size_t>(i)]->id == i + 1);
}

TEST_CASE_METHOD(Fixture, "objects of a batch that failed can be added again, with what they refer to", "[batch]") {
    auto session = db.session(tandem::write);
    std::vector<tandem::Ref<Stub>> stubs;
    const auto vouchers = add_vouchers(session, 20);
    stubs.reserve(vouchers.size());
    for (const auto& voucher : vouchers) {
        auto stub = session.add(Stub{.name = voucher->code == "t12" ? "t3" : voucher->code});
        stub->voucher = voucher;
        stubs.push_back(stub);
    }
    CHECK_THAT(message_of([&] { session.flush(); }), ContainsSubstring("Stub (new) cannot be inserted"));
    session.rollback();
    session.add(Voucher{.code = "before the others"});
    session.flush();
    stubs[12]->name = "t12";
    for (const auto& stub : stubs) session.add(stub);
    session.commit();
    CHECK(oracle.row(
              "SELECT count(*), min(voucher_id) FROM stub JOIN voucher ON voucher_id = voucher.id AND name = code") ==
        "20|2");
}

TEST_CASE_METHOD(Fixture, "objects that refer to each other, and keys of other kinds, are written as ever", "[batch]") {
    auto session = db.session(tandem::write);
    tandem::Ref<Knot> last;
    for (int i = 0; i < 30; ++i) {
        auto knot = session.add(Knot{.name = "k" + std::to_string(i)});
        knot->parent = last;
        last = knot;
    }
    for (int i = 0; i < 30; ++i) {
        Emblem emblem{.text = "b"};
        emblem.id = "key " + std::to_string(i);
        session.add(emblem);
    }
    for (int i = 0; i < 30; ++i) {
        Voucher voucher{.code = "own" + std::to_string(i)};
        voucher.id = 1000 - i;
        session.add(voucher);
    }
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM knot AS k JOIN knot AS p ON k.parent_id = p.id WHERE k.name = "
                     "'k' || (CAST(substr(p.name, 2) AS INTEGER) + 1)") == "29");
    CHECK(oracle.row("SELECT count(*) FROM emblem WHERE id LIKE 'key %'") == "30");
    CHECK(oracle.row("SELECT code FROM voucher WHERE id = 971") == "own29");
    for (const auto& emblem : session.exec(Emblem::select()).all()) emblem->text = "c";
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM emblem WHERE text = 'c'") == "30");
}

TEST_CASE_METHOD(Fixture, "savepoints undo rows that were written together", "[batch]") {
    auto session = db.session(tandem::write);
    std::vector<tandem::Ref<Voucher>> kept;
    kept.reserve(1000);
    for (int i = 0; i < 20; ++i) kept.push_back(session.add(Voucher{.code = "kept" + std::to_string(i)}));
    session.flush();
    {
        auto savepoint = session.savepoint();
        for (int i = 0; i < 20; ++i) session.add(Voucher{.code = "gone" + std::to_string(i)});
        for (const auto& voucher : kept) voucher->count = 7;
        session.flush();
        savepoint.rollback();
    }
    for (const auto& voucher : kept) REQUIRE(voucher->count == 0);
    session.commit();
    CHECK(oracle.row("SELECT count(*), sum(count) FROM voucher") == "20|0");
}

TEST_CASE_METHOD(Fixture, "the table and the function of batches are not for others", "[batch]") {
    auto session = db.session(tandem::write);
    CHECK_THROWS_AS(session.execute("SELECT tandem_value(0, 0)"), tandem::SqlError);
    CHECK(session.execute("SELECT count(*) FROM tandem_batch").scalar() == tandem::Value{std::int64_t{0}});
}

TEST_CASE("only statements as the engine writes them become statements for many rows", "[batch]") {
    CHECK(SqliteBatch::inserting(R"(INSERT INTO "a VALUES (?" ("b", "c?") VALUES (?, ?))") ==
        R"(INSERT INTO "a VALUES (?" ("b", "c?") SELECT tandem_value(0, n), tandem_value(1, n) FROM tandem_batch)");
    CHECK(SqliteBatch::updating(R"(UPDATE "t?" SET "a WHERE ""x"" = ?" = ?, "b" = ? WHERE "id" = ?)") ==
        R"(UPDATE "t?" SET "a WHERE ""x"" = ?" = tandem_value(0, "id"), "b" = tandem_value(1, "id") WHERE "id" IN (SELECT key FROM tandem_batch))");
    for (const char* text : {"", "INSERT INTO t DEFAULT VALUES", "INSERT INTO t (a) VALUES (?) RETURNING a",
             "INSERT INTO t (a) VALUES (1)", "INSERT INTO t (a) VALUES (?, x)", "INSERT INTO t (a) VALUES (?"})
        CHECK_FALSE(SqliteBatch::inserting(text));
    for (const char* text : {"", "UPDATE t SET a = ?", R"(UPDATE t SET a = ? WHERE "id" = ? AND "version" = ?)",
             "UPDATE t SET a = ? WHERE id = ?"})
        CHECK_FALSE(SqliteBatch::updating(text));
}

TEST_CASE("the driver writes rows together, unless something is in the way", "[batch]") {
    const auto driver = tandem::orm::make_driver("sqlite:///:memory:", std::chrono::seconds{1});
    const auto connection = driver->connect();
    connection->run("CREATE TABLE voucher (id INTEGER PRIMARY KEY, code TEXT UNIQUE, count INTEGER)");
    const tandem::orm::Table& table = tandem::orm::table_of<Voucher>();  // id, code, count, rate
    std::vector<Voucher> vouchers(3);
    std::vector<const void*> objects;
    for (std::size_t i = 0; i < vouchers.size(); ++i) {
        vouchers[i].code = "v" + std::to_string(i);
        objects.push_back(&vouchers[i]);
    }
    const auto number = [&](const char* sql) {
        tandem::orm::Statement& statement = connection->prepare(sql);
        const tandem::orm::StatementUse use{statement};
        REQUIRE(statement.step());
        return statement.column(0).integer();
    };
    const std::vector<std::size_t> inserted{1, 2};
    const std::string insert = R"(INSERT INTO "voucher" ("code", "count") VALUES (?, ?))";
    std::vector<std::int64_t> keys(3);
    connection->begin(true);
    CHECK(connection->insert_all({insert, table.members, inserted, objects}, keys.data()));
    CHECK(keys == std::vector<std::int64_t>{1, 2, 3});
    CHECK_FALSE(connection->insert_all({insert, table.members, inserted, objects}, keys.data()));  // not unique
    CHECK(number("SELECT count(*) FROM voucher") == 3);
    CHECK_FALSE(
        connection->insert_all({"INSERT INTO nothing (a) VALUES (?)", table.members, inserted, objects}, nullptr));

    const std::vector<std::size_t> updated{2, 0};
    const std::string update = R"(UPDATE "voucher" SET "count" = ? WHERE "id" = ?)";
    for (std::size_t i = 0; i < vouchers.size(); ++i) {
        vouchers[i].id = static_cast<std::int64_t>(i + 1);
        vouchers[i].count = static_cast<std::int64_t>(10 * i);
    }
    CHECK(connection->update_all({update, table.members, updated, objects}));
    CHECK(number("SELECT group_concat(count, '') = '01020' FROM (SELECT count FROM voucher ORDER BY id)") == 1);
    std::swap(vouchers[0].id, vouchers[1].id);  // SQLite would not keep to this order
    CHECK_FALSE(connection->update_all({update, table.members, updated, objects}));
    std::swap(vouchers[0].id, vouchers[1].id);
    vouchers[2].id = 77;
    CHECK_FALSE(connection->update_all({update, table.members, updated, objects}));

    // An error that ends the transaction leaves nothing behind.
    connection->run("CREATE TRIGGER u AFTER UPDATE ON voucher BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    for (std::size_t i = 0; i < vouchers.size(); ++i) vouchers[i].id = static_cast<std::int64_t>(i);
    connection->run("INSERT INTO voucher (id) VALUES (0)");
    CHECK_THROWS_AS(connection->update_all({update, table.members, updated, objects}), tandem::IntegrityError);
    connection->begin(true);
    CHECK(connection->insert_all({insert, table.members, inserted, objects}, keys.data()));
    CHECK(keys == std::vector<std::int64_t>{1, 2, 3});

    // Here SQLite takes all values before it writes a row, and does not tell the keys one by one.
    connection->run("CREATE TRIGGER t AFTER INSERT ON voucher BEGIN SELECT 1; END");
    for (Voucher& voucher : vouchers) voucher.code += "+";
    CHECK_FALSE(connection->insert_all({insert, table.members, inserted, objects}, keys.data()));
    CHECK(number("SELECT count(*) FROM voucher") == 3);
    connection->observe(std::make_shared<const tandem::orm::StatementObserver>([](std::string_view) {}));
    CHECK_FALSE(connection->insert_all({insert, table.members, inserted, objects}, nullptr));
    connection->rollback();
}

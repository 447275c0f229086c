// What the driver interface promises, asked of SQLite's driver: rows and members of every type, borrowed values,
// statements that are kept, generated keys.
#include "driver/driver.hpp"

#include <limits>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "blog.hpp"
#include "driver/stored_time.hpp"

using Catch::Matchers::ContainsSubstring;
using tandem::Timestamp;
using tandem::orm::ColumnError;
using tandem::orm::Kind;
using tandem::orm::StatementUse;
using tandem::orm::Table;
using tandem::orm::ValueView;
using types::Everything;

namespace {

class Memory {
public:
    Memory() { connection->run("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c)"); }
    std::unique_ptr<tandem::orm::Driver> driver = tandem::orm::make_driver("sqlite://", std::chrono::seconds{5});
    std::unique_ptr<tandem::orm::Connection> connection = driver->connect();
};

const Table& everything() { return tandem::orm::table_of<Everything>(); }

std::vector<std::size_t> all_columns(const Table& table) {
    std::vector<std::size_t> all(table.columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

/// "SELECT ?, ?, …": what goes in comes out of the row, through SQLite.
std::string echo_text(std::size_t count) {
    std::string sql = "SELECT ?";
    for (std::size_t i = 1; i < count; ++i) sql += ", ?";
    return sql;
}

/// The object as SQLite gives it back.
Everything through_sqlite(tandem::orm::Connection& connection, const Everything& object) {
    const auto& columns = everything().columns;
    tandem::orm::Statement& statement = connection.prepare(echo_text(columns.size()));
    const StatementUse use{statement};
    statement.bind_members(everything().members, all_columns(everything()), 1, &object);
    REQUIRE(statement.step());
    Everything read;
    statement.read(everything().members, 0, &read);
    return read;
}

void check_equal(const Everything& a, const Everything& b) {
    tandem::orm::Scratch left;
    tandem::orm::Scratch right;
    for (const auto& column : everything().columns) {
        INFO(column.member);
        const auto at = [&](const Everything& object) {
            return reinterpret_cast<const char*>(&object) + column.offset;
        };
        CHECK(tandem::orm::to_value(column.type->view(at(a), left)) ==
            tandem::orm::to_value(column.type->view(at(b), right)));
    }
}

}  // namespace

TEST_CASE_METHOD(Memory, "members of every type go through a statement unchanged", "[driver]") {
    Everything given;
    SECTION("defaults: every optional is empty") {}
    SECTION("extremes") {
        given.flag = true;
        given.i8 = std::numeric_limits<std::int8_t>::min();
        given.i32 = std::numeric_limits<std::int32_t>::min();
        given.i64 = std::numeric_limits<std::int64_t>::min();
        given.u32 = std::numeric_limits<std::uint32_t>::max();
        given.real = std::numeric_limits<double>::denorm_min();
        given.text = std::string("\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87 \xF0\x9F\x98\x80 a\0b", 16);
        given.time = Timestamp{std::chrono::microseconds{-62135596800000000 + 1}};
        given.blob = {{std::byte{0}, std::byte{255}}};
        given.maybe_flag = false;
        given.maybe_number = std::numeric_limits<std::int32_t>::max();
        given.maybe_real = std::numeric_limits<double>::infinity();
        given.maybe_text = "";
        given.maybe_time = Timestamp{std::chrono::microseconds{253402300799999999}};
        given.maybe_blob = tandem::Blob{};
    }
    check_equal(through_sqlite(*connection, given), given);
}

TEST_CASE_METHOD(Memory, "an optional that held a value is empty after a NULL was read into it", "[driver]") {
    Everything given;
    tandem::orm::Statement& statement = connection->prepare(echo_text(everything().columns.size()));
    const StatementUse use{statement};
    statement.bind_members(everything().members, all_columns(everything()), 1, &given);
    REQUIRE(statement.step());
    Everything read;
    read.maybe_flag = true;
    read.maybe_number = 1;
    read.maybe_real = 1.5;
    read.maybe_text = "x";
    read.maybe_time = Timestamp{};
    statement.read(everything().members, 0, &read);
    check_equal(read, given);
}

TEST_CASE_METHOD(Memory, "values of another kind that fit are converted, as the codecs do", "[driver]") {
    const auto& columns = everything().columns;
    const auto place = [&](const char* member) {
        return static_cast<std::size_t>(everything().find_column(member) - columns.data());
    };
    tandem::orm::Statement& statement =
        connection->prepare("SELECT 3, 2.0, '7', 1, '2026-01-31T12:00:00+01:00', 4, '5.5', 'on', '2026-01-31'");
    const StatementUse use{statement};
    REQUIRE(statement.step());
    Everything read;
    const std::vector<std::size_t> picked{place("real"), place("i64"), place("i32"), place("flag"), place("time"),
        place("maybe_real"), place("single"), place("maybe_flag"), place("maybe_time")};
    statement.read_picked(everything().members, picked, 0, &read);
    CHECK(read.real == 3.0);
    CHECK(read.i64 == 2);
    CHECK(read.i32 == 7);
    CHECK(read.flag);
    CHECK(read.time == tandem::orm::from_stored("2026-01-31 11:00:00.000000"));
    CHECK(read.maybe_real == 4.0);
    CHECK(read.single == 5.5F);
    CHECK(read.maybe_flag == true);
    CHECK(read.maybe_time == tandem::orm::from_stored("2026-01-31 00:00:00.000000"));
}

TEST_CASE_METHOD(Memory, "a value that does not fit names its column's place and why", "[driver]") {
    struct Case {
        const char* member;
        const char* sql;
        const char* why;
    };
    for (const auto& [member, sql, why] : {Case{"i64", "SELECT 1, NULL", "is required"},
             Case{"i32", "SELECT 1, 2147483648", "does not fit"}, Case{"flag", "SELECT 1, 5", "true or false"},
             Case{"real", "SELECT 1, 'x'", "a number"}, Case{"text", "SELECT 1, x'00'", "text"},
             Case{"text", "SELECT 1, 5", "text"}, Case{"time", "SELECT 1, 'yesterday'", "yesterday"},
             Case{"time", "SELECT 1, '2026-02-30 00:00:00.000000'", "2026-02-30"},
             Case{"maybe_number", "SELECT 1, 1.5", "an integer"}, Case{"maybe_flag", "SELECT 1, 2", "true or false"}}) {
        INFO(sql);
        const auto column = static_cast<std::size_t>(everything().find_column(member) - everything().columns.data());
        tandem::orm::Statement& statement = connection->prepare(sql);
        const StatementUse use{statement};
        REQUIRE(statement.step());
        Everything read;
        std::size_t failed = 99;
        std::string text;
        try {
            statement.read_picked(everything().members, std::vector<std::size_t>{0, column}, 0, &read);
        } catch (const ColumnError& error) {
            failed = error.column();
            text = error.what();
        }
        CHECK(failed == 1);
        CHECK_THAT(text, ContainsSubstring(why));
    }
}

TEST_CASE_METHOD(Memory, "NaN is refused where it is bound, with its column's place", "[driver]") {
    Everything given;
    given.real = std::numeric_limits<double>::quiet_NaN();
    const auto real = static_cast<std::size_t>(everything().find_column("real") - everything().columns.data());
    tandem::orm::Statement& statement = connection->prepare("SELECT ?, ?");
    try {
        statement.bind_members(everything().members, std::vector<std::size_t>{0, real}, 1, &given);
        FAIL("NaN was bound");
    } catch (const ColumnError& error) {
        CHECK(error.column() == 1);
        CHECK_THAT(error.what(), ContainsSubstring("NaN"));
    }
}

TEST_CASE_METHOD(Memory, "a copied value outlives its owner, also beside borrowed ones", "[driver]") {
    tandem::orm::Statement& statement = connection->prepare("SELECT ?, ?, ?");
    const StatementUse use{statement};
    const std::string kept(1000, 'k');
    {
        std::string passing(1000, 'p');
        statement.bind(1, ValueView::of(std::string_view{passing}));
        passing.assign(1000, 'x');
    }
    statement.bind_borrowed(2, ValueView::of(std::string_view{kept}));
    const Timestamp time{std::chrono::microseconds{1}};
    statement.bind_borrowed(3, ValueView::of(time));
    REQUIRE(statement.step());
    CHECK(statement.column(0).text() == std::string(1000, 'p'));
    CHECK(statement.column(1).text() == kept);
    CHECK(statement.column(2).text() == "1970-01-01 00:00:00.000001");
    CHECK(statement.column(2, Kind::time).time() == time);
}

TEST_CASE_METHOD(Memory, "a text is prepared once; while it stands on a row, asking for it gives another", "[driver]") {
    connection->run("INSERT INTO t (a) VALUES (1), (2), (3)");
    tandem::orm::Statement& outer = connection->prepare("SELECT a FROM t ORDER BY a");
    CHECK(&connection->prepare("SELECT a FROM t ORDER BY a") == &outer);
    CHECK(&connection->prepare("SELECT 1") != &outer);
    CHECK(&connection->prepare("SELECT a FROM t ORDER BY a") == &outer);
    std::vector<std::int64_t> pairs;
    const StatementUse use{outer};
    while (outer.step()) {
        tandem::orm::Statement& inner = connection->prepare("SELECT a FROM t ORDER BY a");
        REQUIRE(&inner != &outer);
        const StatementUse inner_use{inner};
        while (inner.step()) pairs.push_back(outer.column(0).integer() * 10 + inner.column(0).integer());
    }
    CHECK(pairs == std::vector<std::int64_t>{11, 12, 13, 21, 22, 23, 31, 32, 33});
}

TEST_CASE_METHOD(Memory, "a loop keeps its statement however many others are prepared meanwhile", "[driver]") {
    connection->run("INSERT INTO t (a) VALUES (1), (2)");
    tandem::orm::Statement& loop = connection->prepare("SELECT a FROM t ORDER BY a");
    const StatementUse use{loop};
    REQUIRE(loop.step());
    for (int i = 0; i < 1000; ++i) {
        tandem::orm::Statement& other = connection->prepare("SELECT " + std::to_string(i));
        const StatementUse other_use{other};
        REQUIRE(other.step());
        REQUIRE(other.column(0).integer() == i);
    }
    REQUIRE(loop.step());
    CHECK(loop.column(0).integer() == 2);
}

TEST_CASE_METHOD(Memory, "a statement that its last user left without reset is ready for the next", "[driver]") {
    connection->prepare("SELECT ?").bind(1, ValueView::of(std::int64_t{1}));
    tandem::orm::Statement& statement = connection->prepare("SELECT ?");
    REQUIRE(statement.step());
    REQUIRE_FALSE(statement.step());
    tandem::orm::Statement& again = connection->prepare("SELECT ?");
    const StatementUse use{again};
    again.bind(1, ValueView::of(std::int64_t{2}));
    REQUIRE(again.step());
    CHECK(again.column(0).integer() == 2);
}

TEST_CASE_METHOD(Memory, "a plain INSERT tells the key that the database made", "[driver]") {
    REQUIRE(driver->dialect().keeps_last_key());
    connection->run("INSERT INTO t (id, a) VALUES (9223372036854775806, 1)");
    CHECK(connection->last_insert_key() == 9223372036854775806);
    tandem::orm::Statement& statement = connection->prepare("INSERT INTO t (a) VALUES (?)");
    const StatementUse use{statement};
    statement.bind(1, ValueView::of(std::int64_t{1}));
    CHECK_FALSE(statement.step());
    CHECK(connection->last_insert_key() == 9223372036854775807);
}

TEST_CASE("times keep their microseconds from year 0 to 9999, and SQLite's functions read them", "[driver]") {
    using tandem::orm::from_stored;
    using tandem::orm::to_stored;
    for (const char* text : {"0000-01-01 00:00:00.000000", "0001-01-01 00:00:00.000001", "1969-12-31 23:59:59.999999",
             "2000-02-29 12:30:45.123456", "2026-01-31 23:59:59.000000", "9999-12-31 23:59:59.999999"}) {
        const auto time = from_stored(text);
        REQUIRE(time);
        CHECK(to_stored(*time).view() == text);
        std::string iso = text;
        iso[10] = 'T';
        CHECK(tandem::parse_timestamp(iso + "Z") == time);
    }
    CHECK(from_stored("2026-01-31T23:59:59.000000") == from_stored("2026-01-31 23:59:59.000000"));
    // Of the same length, and other forms.
    CHECK(from_stored("2026-01-31T23:59:59.00000Z") == from_stored("2026-01-31 23:59:59"));
    CHECK(from_stored("2026-01-31 23:59:59.5") == from_stored("2026-01-31 23:59:59.500000"));
    for (const char* text : {"2026-13-31 23:59:59.000000", "2026-02-29 00:00:00.000000", "2026-01-31 24:00:00.000000",
             "2026-01-31 00:60:00.000000", "2026-01-31 00:00:60.000000", "2026-01-31 00:00:00.00000x", "",
             "x026-01-31 00:00:00.000000"}) {
        INFO(text);
        CHECK_FALSE(from_stored(text));
    }
    CHECK_THROWS_AS(to_stored(Timestamp{std::chrono::microseconds{253402300800000000}}), tandem::ValueError);
}

// Results that are read whole, in any order: a driver may have a way of its own for them, which nobody is to notice.
#include <algorithm>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm.hpp>

#include "driver/sqlite_rows.hpp"

namespace {

using tandem::orm::SqliteRows;

struct Stone : tandem::Model<Stone> {
    std::string name;
    std::int64_t weight = 0;
    std::optional<double> price{};
    TANDEM_MODEL(Stone, name, weight, price)
};

struct Heap {
    std::string name;
    std::int64_t weight = 0;
    TANDEM_STRUCT(Heap, name, weight)
};

/// What a codec does as it reads: anything that a program may do.
std::function<void()> while_reading;

}  // namespace

namespace stones {
struct Mark {
    std::string text;
};
}  // namespace stones

template <>
struct tandem::Codec<stones::Mark> {
    using stored = std::string;
    static const std::string& store(const stones::Mark& mark) { return mark.text; }
    static stones::Mark load(std::string text) {
        if (const auto work = std::exchange(while_reading, {})) work();
        return {std::move(text)};
    }
};

namespace {

struct Carving : tandem::Model<Carving> {
    stones::Mark mark{};
    TANDEM_MODEL(Carving, mark)
};
struct Ledge : tandem::Model<Ledge> {
    std::string name;
    TANDEM_MODEL(Ledge, name)
};
struct MarkOnly {
    stones::Mark mark{};
    TANDEM_STRUCT(MarkOnly, mark)
};

struct StoneDatabase {
    StoneDatabase() {
        db.create_tables();
        auto session = db.session(tandem::write);
        for (int i = 0; i < 300; ++i)
            session.add(Stone{.name = i % 7 == 0 ? "" : "stone 🪨 " + std::to_string(i), .weight = i});
        for (int i = 0; i < 200; ++i) session.add(Carving{.mark = {std::to_string(i)}});
        session.commit();
    }
    tandem::Database db{"sqlite:///:memory:"};
};

std::string collecting(std::string_view sql) { return SqliteRows::collecting(sql).value_or(""); }

}  // namespace

TEST_CASE_METHOD(StoneDatabase, "a result without an order has the rows of one with an order", "[result]") {
    auto session = db.session();
    auto any = session.exec(tandem::select(Stone::c.id, Stone::c.name, Stone::c.price)).all();
    std::ranges::sort(any);
    CHECK(any == session.exec(tandem::select(Stone::c.id, Stone::c.name, Stone::c.price).order_by(Stone::c.id)).all());
    CHECK(any.size() == 300);
    std::vector<std::int64_t> weights;
    for (const auto& stone : session.exec(Stone::select()).all()) weights.push_back(stone->weight);
    std::ranges::sort(weights);
    CHECK(weights == session.exec(tandem::select(Stone::c.weight).order_by(Stone::c.weight)).scalars());
    CHECK(session.exec(tandem::select(Stone::c.name).where(Stone::c.id < 0)).all().empty());
    // Aggregates, and functions that only the database knows as such, are results of their own.
    CHECK(session.exec(tandem::select(tandem::count(), tandem::max(Stone::c.weight))).one() ==
        std::tuple{std::int64_t{300}, std::optional<std::int64_t>{299}});
    CHECK(session.exec(tandem::select(tandem::function<"total", double>(Stone::c.weight))).scalar() == 44850.0);
}

TEST_CASE_METHOD(StoneDatabase, "a value that does not fit is named, and the session goes on", "[result]") {
    {
        auto session = db.session(tandem::write);
        session.execute("UPDATE stone SET weight = 'heavy' WHERE id = 200");
        session.commit();
    }
    auto session = db.session();
    const auto message = [](auto read) -> std::string {
        try {
            read();
        } catch (const tandem::ValueError& error) { return error.what(); }
        return "";
    };
    const std::string of_object = message([&] { (void)session.exec(Stone::select()).all(); });
    CHECK(of_object.find("Stone.weight") != std::string::npos);
    const std::string of_struct =
        message([&] { (void)session.exec(tandem::select(Stone::c.name, Stone::c.weight).into<Heap>()).all(); });
    CHECK(of_struct.find("column \"weight\"") != std::string::npos);
    CHECK(of_struct.find("SELECT \"stone\".\"name\", \"stone\".\"weight\" FROM \"stone\"") != std::string::npos);
    CHECK(session.exec(Stone::select().where(Stone::c.id != 200)).all().size() == 299);
}

TEST_CASE_METHOD(StoneDatabase, "what a row sets off runs beside the result, which stays whole", "[result]") {
    auto session = db.session(tandem::write);
    std::size_t found = 0;
    while_reading = [&] {
        found = session.exec(Stone::select()).all().size() + session.exec(tandem::select(Stone::c.weight)).all().size();
        session.execute("UPDATE stone SET weight = 1");
        // The first objects of a table that the session has not met yet.
        for (int i = 0; i < 20; ++i) session.add(Ledge{.name = "l"});
        session.flush();
    };
    const auto carvings = session.exec(Carving::select()).all();
    REQUIRE(carvings.size() == 200);
    CHECK(carvings[199]->mark.text == "199");
    CHECK(found == 600);
    CHECK(session.get<Carving>(17)->mark.text == "16");
    CHECK(session.exec(tandem::select(tandem::sum(Stone::c.weight))).scalar() == 300);

    // Other rows than its own are refused, and cost the result none of its own.
    std::string refused;
    const auto try_out = [&] {
        try {
            session.execute("SELECT tandem_rows(id) FROM stone");
        } catch (const tandem::SqlError& error) { refused = error.what(); }
    };
    while_reading = try_out;
    CHECK(session.exec(tandem::select(Carving::c.mark).into<MarkOnly>()).all().size() == 200);
    CHECK(refused.find("tandem_rows()") != std::string::npos);
    auto other = db.session();
    refused = "";
    while_reading = try_out;
    CHECK(other.exec(Carving::select()).all().size() == 200);
    CHECK_FALSE(refused.empty());
}

TEST_CASE_METHOD(StoneDatabase, "what a codec throws comes out, and the session goes on", "[result]") {
    auto session = db.session();
    while_reading = [] { throw 7; };
    CHECK_THROWS_AS((void)session.exec(tandem::select(Carving::c.mark)).all(), int);
    CHECK(session.exec(tandem::select(Carving::c.mark)).all().size() == 200);
}

TEST_CASE_METHOD(StoneDatabase, "observers see statements as they were written, those inside a row too", "[result]") {
    std::vector<std::string> seen;
    db.on_statement([&seen](std::string_view sql) { seen.emplace_back(sql); });
    auto session = db.session(tandem::write);
    while_reading = [&] {
        (void)session.exec(tandem::select(Stone::c.id)).all();
        session.execute("UPDATE stone SET weight = 2");
    };
    (void)session.exec(tandem::select(Carving::c.mark)).all();
    CHECK(seen ==
        std::vector<std::string>{"BEGIN IMMEDIATE", R"(SELECT "carving"."mark" FROM "carving")",
            R"(SELECT "stone"."id" FROM "stone")", "UPDATE stone SET weight = 2"});
}

TEST_CASE_METHOD(StoneDatabase, "whole results are told in the echo, and in errors, as they were written", "[result]") {
    std::string echoed;
    tandem::Database loud{"sqlite:///:memory:"};
    loud.create_tables();
    loud.echo([&echoed](std::string_view line) { echoed += line; });
    (void)loud.session().exec(Stone::select()).all();
    CHECK(echoed.find("SELECT \"stone\".\"id\"") != std::string::npos);
    CHECK(echoed.find("tandem_rows") == std::string::npos);

    auto session = db.session(tandem::write);
    session.execute("DROP TABLE stone");
    try {
        (void)session.exec(Stone::select()).all();
        FAIL("the table is not there");
    } catch (const tandem::SqlError& error) {
        CHECK(std::string{error.what()}.find("stone") != std::string::npos);
        CHECK(std::string{error.what()}.find("tandem_rows") == std::string::npos);
    }
}

TEST_CASE_METHOD(StoneDatabase, "the function that collects rows is not for others", "[result]") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute("SELECT tandem_rows(id) FROM stone"), tandem::SqlError);
    CHECK(session.exec(Stone::select()).all().size() == 300);
}

TEST_CASE("only what is a plain list of columns is collected", "[result]") {
    CHECK(collecting("SELECT a, b FROM t WHERE c = ?") == "SELECT tandem_rows(a, b) FROM t WHERE c = ?");
    CHECK(collecting(R"(SELECT "a FROM ""b", (SELECT x FROM y), 'it''s, FROM' FROM t)") ==
        R"(SELECT tandem_rows("a FROM ""b", (SELECT x FROM y), 'it''s, FROM') FROM t)");
    for (const char* text : {"SELECT a AS b FROM t", "SELECT DISTINCT a FROM t", "WITH x AS (SELECT 1) SELECT a FROM x",
             "SELECT a", "SELECT a /* ' */ FROM t", "SELECT [a] FROM t", "SELECT `a` FROM t", "SELECT a) FROM t", "",
             "SELECT 'a FROM t", "DELETE FROM t", "SELECT * FROM t"})
        CHECK(collecting(text).empty());
    std::string many = "SELECT a";
    for (int i = 1; i < 100; ++i) many += ", a";
    CHECK_FALSE(collecting(many + " FROM t").empty());
    CHECK(collecting(many + ", a FROM t").empty());
}

TEST_CASE("what was collected is told as it was written", "[result]") {
    for (const char* text : {"SELECT a FROM t", R"(SELECT "a)b", ')', (a + (b)) FROM t WHERE d IN (SELECT (1)))"})
        CHECK(SqliteRows::as_written(collecting(text)) == text);
    CHECK(SqliteRows::as_written("SELECT a FROM t") == "SELECT a FROM t");
    CHECK(SqliteRows::as_written("SELECT tandem_rows('") == "SELECT tandem_rows('");
}

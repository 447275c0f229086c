// What a row gets besides what the program set: defaults, values at update, keys; and what explicit NULL means.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "support/oracle.hpp"

using Catch::Matchers::ContainsSubstring;
using tandem::Ref;

namespace defaults {

inline int made_codes = 0;
inline std::string make_code() { return "code-" + std::to_string(++made_codes); }

/// The table of the scenarios: client default 5, server default 7, client default 1 that becomes 99 at each update, and
/// server default 3 in a column that is NOT NULL.
struct Defaulted : tandem::Model<Defaulted> {
    std::optional<std::int64_t> first{};
    std::optional<std::int64_t> second{};
    std::optional<std::int64_t> third{};
    std::optional<std::int64_t> fourth{};
    TANDEM_MODEL(Defaulted, (first, default_value(5)), (second, server_default("7")),
        (third, default_value(1), onupdate(99)), (fourth, not_null, server_default("3")))
};

struct Document : tandem::Model<Document, void> {
    std::string code;
    std::string title;
    std::optional<tandem::Timestamp> created_at{};
    tandem::Timestamp updated_at{};
    TANDEM_MODEL(Document, (code, primary_key, default_value(make_code)), title, (created_at, default_value(now)),
        (updated_at, onupdate(now)))
};

struct Priced : tandem::Model<Priced> {
    std::optional<tandem::Decimal<10, 2>> price{};
    std::optional<std::chrono::minutes> length{};
    std::optional<tandem::Date> day{};
    std::optional<tandem::TimeOfDay> at{};
    std::optional<tandem::Date> made{};
    TANDEM_MODEL(Priced, (price, server_default("1.5")), (length, server_default("'PT1H'")), (day, server_default(now)),
        (at, server_default(now)), (made, default_value(now)))
};

struct Ticket : tandem::Model<Ticket, tandem::Uuid> {
    std::string text;
    TANDEM_MODEL(Ticket, text)
};
struct Comment : tandem::Model<Comment> {
    std::optional<tandem::Uuid> ticket_id{};
    tandem::One<Ticket> ticket{};
    TANDEM_MODEL(Comment, (ticket_id, foreign_key("ticket.id")), ticket)
};

struct Seat : tandem::Model<Seat, void> {
    std::int64_t number = 0;
    std::string label;
    TANDEM_MODEL(Seat, (number, primary_key, client_key), label)
};
struct Word : tandem::Model<Word, void> {
    std::string text;
    TANDEM_MODEL(Word, (text, primary_key, client_key))
};
struct Invoice : tandem::Model<Invoice, void> {
    std::int64_t number = 0;
    TANDEM_MODEL(Invoice, (number, primary_key, autoincrement))
};
struct Nameless : tandem::Model<Nameless, std::string> {
    TANDEM_MODEL(Nameless)
};

}  // namespace defaults

using defaults::Defaulted;
using defaults::Document;
using defaults::Ticket;

TEST_CASE_METHOD(Fixture, "S058 defaults fire for what is unset, and a value at update with every update", "[values]") {
    auto session = db.session();
    const auto row = session.add(Defaulted{});
    CHECK_FALSE(row->first);
    CHECK_FALSE(row->second);
    CHECK_FALSE(row->third);
    CHECK_FALSE(row->fourth);
    session.flush();
    StatementLog log{db};
    CHECK(row->first == 5);
    CHECK(row->second == 7);
    CHECK(row->third == 1);
    CHECK(row->fourth == 3);
    CHECK(log.size() == 0);
    row->first = 6;
    session.flush();
    REQUIRE(log.statements().size() == 1);
    CHECK(log.statements().front() == R"(UPDATE "defaulted" SET "first" = ?, "third" = ? WHERE "id" = ?)");
    CHECK(row->third == 99);
    session.commit();
    CHECK(oracle.row("SELECT first, second, third, fourth FROM defaulted") == "6|7|99|3");
}

TEST_CASE_METHOD(Fixture, "S059 an explicit null is NULL, what is unset takes its default", "[values]") {
    auto session = db.session();
    const auto nulls = session.add(Defaulted{});
    tandem::set_null(nulls, Defaulted::c.first);
    tandem::set_null(nulls, Defaulted::c.second);
    const auto unset = session.add(Defaulted{});
    session.commit();
    CHECK(
        oracle.rows("SELECT first, second FROM defaulted ORDER BY id") == std::vector<std::string>{"null|null", "5|7"});
    CHECK_FALSE(nulls->first);
    CHECK_FALSE(nulls->second);
    CHECK(unset->first == 5);
    CHECK(unset->second == 7);
}

TEST_CASE_METHOD(
    Fixture, "set_null works before add, gives way to a later value, and on a stored object is nullopt", "[values]") {
    auto session = db.session();
    const Ref<Defaulted> early{Defaulted{.second = 1}};
    tandem::set_null(early, Defaulted::c.first);
    tandem::set_null(early, Defaulted::c.second);
    session.add(early);
    const auto late = session.add(Defaulted{});
    tandem::set_null(late, Defaulted::c.first);
    late->first = 8;
    session.commit();
    CHECK(
        oracle.rows("SELECT first, second FROM defaulted ORDER BY id") == std::vector<std::string>{"null|null", "8|7"});
    tandem::set_null(late, Defaulted::c.first);
    session.commit();
    CHECK(oracle.row("SELECT first FROM defaulted WHERE id = 2") == "null");
}

TEST_CASE_METHOD(Fixture, "an explicit null in a NOT NULL column is the database's error", "[values]") {
    auto session = db.session();
    const auto row = session.add(Defaulted{});
    tandem::set_null(row, Defaulted::c.fourth);
    CHECK_THROWS_AS(session.flush(), tandem::IntegrityError);
}

TEST_CASE_METHOD(Fixture, "a value given by the program beats every default, 0 included", "[values]") {
    auto session = db.session();
    session.add(Defaulted{.first = 0, .second = 0, .third = 0, .fourth = 0});
    session.commit();
    CHECK(oracle.row("SELECT first, second, third, fourth FROM defaulted") == "0|0|0|0");
}

TEST_CASE_METHOD(
    Fixture, "a value at update leaves alone what the program sets itself, and does not cause an update", "[values]") {
    auto session = db.session();
    const auto row = session.add(Defaulted{});
    session.flush();
    StatementLog log{db};
    (void)row->first;
    session.flush();
    CHECK(log.size() == 0);
    CHECK(row->third == 1);
    row->third = 50;
    session.flush();
    CHECK(row->third == 50);
    session.commit();
    CHECK(oracle.row("SELECT third FROM defaulted") == "50");
}

TEST_CASE_METHOD(Fixture, "functions and the current time make defaults, once for each object", "[values]") {
    const auto before = tandem::now();
    auto session = db.session();
    const auto first = session.add(Document{.title = "a"});
    const auto second = session.add(Document{.title = "b"});
    session.flush();
    CHECK(first->code.starts_with("code-"));
    CHECK(second->code.starts_with("code-"));
    CHECK(first->code != second->code);
    CHECK(first->created_at >= before);
    CHECK(first->created_at <= tandem::now());
    const auto created = first->created_at;
    first->title = "changed";
    session.commit();
    CHECK(first->updated_at >= *created);
    CHECK(first->created_at == created);
    auto other = db.session();
    CHECK(other.get<Document>(first->code)->updated_at == first->updated_at);
}

TEST_CASE_METHOD(Fixture, "server defaults are literals of the column's type, and now is of its kind", "[values]") {
    const auto today = std::chrono::floor<std::chrono::days>(tandem::now());
    auto session = db.session();
    const auto row = session.add(defaults::Priced{});
    session.commit();
    CHECK(row->price == tandem::Decimal<10, 2>{"1.50"});
    CHECK(row->length == std::chrono::minutes{60});
    REQUIRE(row->day);
    CHECK(std::chrono::sys_days{*row->day} >= today);
    CHECK(std::chrono::sys_days{*row->day} <= today + std::chrono::days{1});
    CHECK(row->made >= tandem::Date{today});
    CHECK(row->at);
    CHECK(oracle.row("SELECT price, length, day = date('now') OR day = date('now', '-1 day') FROM priced") ==
        "150|3600000000|1");
}

TEST_CASE_METHOD(Fixture, "a UUID key is made before the INSERT, and refers like any other", "[values]") {
    auto session = db.session();
    const auto ticket = session.add(Ticket{.text = "a"});
    CHECK(ticket->id.is_nil());
    const auto comment = session.add(defaults::Comment{.ticket = ticket});
    session.commit();
    REQUIRE_FALSE(ticket->id.is_nil());
    CHECK(comment->ticket_id == ticket->id);
    auto other = db.session();
    const auto found = other.get<Ticket>(ticket->id);
    REQUIRE(found);
    CHECK(found->text == "a");
    CHECK(other.exec(defaults::Comment::select()).one()->ticket->text == "a");
    CHECK(oracle.row("SELECT id FROM ticket") == ticket->id.to_string());
}

TEST_CASE_METHOD(
    Fixture, "a UUID given by the program is kept, and a made one is taken back by a rollback", "[values]") {
    const auto id = *tandem::Uuid::parse("00000000-0000-0000-0000-000000000005");
    auto session = db.session();
    Ticket ticket{.text = "given"};
    ticket.id = id;
    const auto given = session.add(std::move(ticket));
    const auto made = session.add(Ticket{.text = "made"});
    session.flush();
    CHECK(given->id == id);
    CHECK_FALSE(made->id.is_nil());
    session.rollback();
    CHECK(given->id == id);
    CHECK(made->id.is_nil());
    CHECK(made->text == "made");
}

TEST_CASE_METHOD(Fixture, "client_key makes 0 and \"\" keys like any other", "[values]") {
    auto session = db.session();
    session.add(defaults::Seat{.number = 0, .label = "nought"});
    session.add(defaults::Word{.text = ""});
    session.commit();
    CHECK(oracle.row("SELECT number, label FROM seat") == "0|nought");
    CHECK(oracle.row("SELECT text FROM word").empty());
    auto other = db.session();
    REQUIRE(other.get<defaults::Seat>(0));
    CHECK(other.get<defaults::Seat>(0)->label == "nought");
    CHECK(other.get<defaults::Word>(std::string{}));
}

TEST_CASE_METHOD(Fixture, "an autoincrement key is never used again", "[values]") {
    auto session = db.session();
    const auto first = session.add(defaults::Invoice{});
    session.commit();
    session.remove(first);
    session.commit();
    const auto second = session.add(defaults::Invoice{});
    session.commit();
    CHECK(second->number == 2);
}

TEST_CASE_METHOD(Fixture, "a text key that nobody gives is an error that says what to do", "[values]") {
    auto session = db.session();
    session.add(defaults::Nameless{});
    CHECK_THAT(error_of<tandem::ArgumentError>([&] { session.flush(); }),
        ContainsSubstring("Nameless.id") && ContainsSubstring("give it a value"));
}

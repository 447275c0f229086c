// Column types: what is stored comes back, compares and sorts, through the database and through JSON.
#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "support/oracle.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using tandem::Json;

namespace kinds {

enum class Color { red, blue };
TANDEM_ENUM(Color, red, blue)
enum class Stage { draft, in_review, done };
TANDEM_ENUM(Stage, draft, (in_review, "in review"), done)
enum class Level : std::uint8_t { low = 1, high = 9 };

/// A type of the user's own, stored as text.
struct Email {
    std::string address;
    bool operator==(const Email&) const = default;
};

}  // namespace kinds

template <>
struct tandem::Codec<kinds::Email> {
    using stored = std::string;
    static const std::string& store(const kinds::Email& email) { return email.address; }
    static kinds::Email load(std::string address) {
        if (address.find('@') == std::string::npos) throw tandem::ValueError("must be an address with an @");
        return {std::move(address)};
    }
};

namespace kinds {

using Price = tandem::Decimal<10, 2>;

struct Sample : tandem::Model<Sample> {
    double real = 0;
    std::string text;
    tandem::Blob blob{};
    bool flag = false;
    Color color = Color::red;
    Stage stage = Stage::draft;
    Level level = Level::low;
    Json data{};
    tandem::Uuid token{};
    Price price{};
    std::chrono::microseconds duration{};
    std::chrono::minutes minutes{};
    tandem::Date day = 2000y / 1 / 1;
    tandem::TimeOfDay at{};
    Email email{"a@x.io"};
    std::optional<Color> maybe_color{};
    std::optional<Json> maybe_data{};
    std::optional<tandem::Uuid> maybe_token{};
    std::optional<Price> maybe_price{};
    std::optional<std::chrono::microseconds> maybe_duration{};
    std::optional<tandem::Date> maybe_day{};
    std::optional<tandem::TimeOfDay> maybe_at{};
    std::optional<tandem::Timestamp> maybe_time{};
    std::optional<Email> maybe_email{};
    std::optional<tandem::Blob> maybe_blob{};
    TANDEM_MODEL(Sample, real, text, blob, flag, color, stage, level, data, token, price, duration, minutes, day, at,
        email, maybe_color, maybe_data, maybe_token, maybe_price, maybe_duration, maybe_day, maybe_at, maybe_time,
        maybe_email, maybe_blob)
};

}  // namespace kinds

using kinds::Color;
using kinds::Email;
using kinds::Price;
using kinds::Sample;
using kinds::Stage;

namespace {

std::int64_t store(tandem::Database& db, const Sample& value) {
    auto session = db.session();
    const auto stored = session.add(value);
    session.commit();
    return stored->id;
}
/// Stores a row and reads it in another session.
Sample round_trip(tandem::Database& db, const Sample& value) {
    const auto id = store(db, value);
    auto session = db.session();
    return *session.get<Sample>(id);
}
template <class Query>
std::vector<std::int64_t> ids(tandem::Database& db, const Query& query) {
    auto session = db.session();
    std::vector<std::int64_t> result;
    for (const auto& row : session.exec(query).all()) result.push_back(row->id);
    return result;
}
using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE_METHOD(Fixture, "S133 doubles survive bit by bit; NaN is an error; the sign of zero is not kept", "[types]") {
    for (const double real : {0.1, std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
             std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::infinity(),
             -std::numeric_limits<double>::infinity()}) {
        const double read = round_trip(db, Sample{.real = real}).real;
        CHECK(std::bit_cast<std::uint64_t>(read) == std::bit_cast<std::uint64_t>(real));
    }
    const auto rows = oracle.row("SELECT count(*) FROM sample");
    CHECK_THAT(error_of<tandem::ValueError>([&] { store(db, Sample{.real = std::nan("")}); }),
        ContainsSubstring("Sample.real") && ContainsSubstring("NaN"));
    CHECK(oracle.row("SELECT count(*) FROM sample") == rows);
    // SQLite keeps whole reals as integers, which have no negative zero; the value is equal.
    const double zero = round_trip(db, Sample{.real = -0.0}).real;
    CHECK(zero == 0.0);
    CHECK_FALSE(std::signbit(zero));
}

TEST_CASE_METHOD(Fixture, "S134 text and blobs are exact, and found by equality", "[types]") {
    const std::string nul("a\0b", 3);
    const tandem::Blob bytes{{std::byte{0}, std::byte{255}, std::byte{0}}};
    for (const std::string& text : {std::string{"żółć 漢字 😀"}, nul, std::string{}, std::string("\0", 1)}) {
        const auto id = store(db, Sample{.text = text, .blob = bytes});
        auto session = db.session();
        CHECK(session.get<Sample>(id)->text == text);
        CHECK(session.get<Sample>(id)->blob == bytes);
        CHECK(ids(db, Sample::select().where(Sample::c.text == text)) == Ids{id});
        // SQLite's length() stops at a NUL; nothing of the text is lost.
        if (text == nul) CHECK(oracle.row("SELECT length(text), length(CAST(text AS BLOB)) FROM sample") == "1|3");
        oracle.run("DELETE FROM sample WHERE 1");
    }
    const auto found = store(db, Sample{.blob = bytes, .maybe_blob = tandem::Blob{}});
    store(db, Sample{.blob = {{std::byte{0}}}});
    CHECK(ids(db, Sample::select().where(Sample::c.blob == bytes)) == Ids{found});
    CHECK(oracle.row("SELECT maybe_blob IS NULL, length(maybe_blob) FROM sample WHERE id = " + std::to_string(found)) ==
        "0|0");
    auto session = db.session();
    CHECK(session.get<Sample>(found)->maybe_blob == tandem::Blob{});
    std::string large(5'000'000, 'x');
    large[2'500'000] = '\0';
    CHECK(round_trip(db, Sample{.text = large}).text == large);
}

TEST_CASE_METHOD(Fixture, "S136 an enum is stored by name, and a label it does not have is refused", "[types]") {
    const auto id = store(db, Sample{.color = Color::blue, .stage = Stage::in_review, .maybe_color = Color::red});
    CHECK(oracle.row("SELECT color, stage, level, maybe_color, typeof(color) FROM sample") ==
        "blue|in review|1|red|text");
    auto session = db.session();
    const auto sample = session.get<Sample>(id);
    CHECK(sample->color == Color::blue);
    CHECK(sample->stage == Stage::in_review);

    sample->color = static_cast<Color>(7);
    CHECK_THAT(error_of<tandem::ValueError>([&] { session.flush(); }),
        ContainsSubstring("Sample.color") && ContainsSubstring("7") && ContainsSubstring("red or blue"));
    CHECK(oracle.row("SELECT color FROM sample") == "blue");
    CHECK_THAT(error_of<tandem::ValueError>([&] {
        sample->set({{"color", "green"}});
    }),
        ContainsSubstring("color") && ContainsSubstring("must be red or blue, not \"green\""));
    CHECK_THROWS_AS(sample->set({{"color", 1}}), tandem::ValueError);
}

TEST_CASE_METHOD(
    Fixture, "S136 the table refuses an unknown label, and a row that has one is an error to read", "[types]") {
    store(db, Sample{});
    CHECK_THROWS_WITH(oracle.run("UPDATE sample SET color = 'green'"), ContainsSubstring("ck_sample_color"));
    oracle.run("PRAGMA ignore_check_constraints = ON");
    oracle.run("UPDATE sample SET color = 'green'");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.get<Sample>(1); }),
        ContainsSubstring("Sample.color") && ContainsSubstring("red or blue") && ContainsSubstring("\"green\""));
}

TEST_CASE_METHOD(Fixture, "S136 a bool is 0 or 1, and a time given as text must be one", "[types]") {
    Sample sample;
    CHECK_THAT(error_of<tandem::ValueError>([&] { sample.set({{"flag", 5}}); }), ContainsSubstring("true or false"));
    CHECK_THAT(error_of<tandem::ValueError>([&] {
        sample.set({{"maybe_time", "yesterday"}});
    }),
        ContainsSubstring("maybe_time") && ContainsSubstring("a time") && ContainsSubstring("yesterday"));
    CHECK_THROWS_AS(sample.set({{"maybe_time", 1700000000}}), tandem::ValueError);
    CHECK_FALSE(sample.flag);
    CHECK_FALSE(sample.maybe_time);
    store(db, Sample{});
    oracle.run("UPDATE sample SET flag = 5");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.get<Sample>(1); }),
        ContainsSubstring("Sample.flag") && ContainsSubstring("true or false"));
}

TEST_CASE_METHOD(Fixture, "S137 JSON survives, and JSON's null is not SQL's", "[types]") {
    const Json value = {{"a", {1, nullptr, "x"}}};
    for (const Json& json : {value, Json("text"), Json(5), Json(1.5), Json(true), Json::array(), Json(UINT64_MAX),
             Json("żółć \"😀\" \\ \n")}) {
        const Sample read = round_trip(db, Sample{.data = json, .maybe_data = json});
        CHECK(read.data == json);
        CHECK(read.maybe_data == json);
    }
    oracle.run("DELETE FROM sample WHERE 1");
    const auto json_null = store(db, Sample{.maybe_data = Json(nullptr)});
    const auto sql_null = store(db, Sample{});
    CHECK(oracle.rows("SELECT data, maybe_data, maybe_data IS NULL, typeof(maybe_data) FROM sample ORDER BY id") ==
        std::vector<std::string>{"null|null|0|text", "null|null|1|null"});
    auto session = db.session();
    REQUIRE(session.get<Sample>(json_null)->maybe_data);
    CHECK(session.get<Sample>(json_null)->maybe_data->is_null());
    CHECK_FALSE(session.get<Sample>(sql_null)->maybe_data);
    CHECK(ids(db, Sample::select().where(Sample::c.maybe_data.is_null())) == Ids{sql_null});
    CHECK(ids(db, Sample::select().where(Sample::c.maybe_data == Json(nullptr))) == Ids{json_null});
}

TEST_CASE_METHOD(Fixture, "JSON is text that SQLite's functions read, whatever the value", "[types]") {
    store(db, Sample{.data = 123});
    store(db, Sample{.data = {{"a", {{"b", "1.0"}}}}});
    CHECK(oracle.rows("SELECT typeof(data), json_valid(data), json_extract(data, '$.a.b') FROM sample ORDER BY id") ==
        std::vector<std::string>{"text|1|null", "text|1|1.0"});
    CHECK_THROWS_AS(store(db, Sample{.data = std::nan("")}), tandem::ValueError);
    CHECK_THROWS_AS(store(db, Sample{.data = {{"deep", {1, HUGE_VAL}}}}), tandem::ValueError);
    CHECK_THAT(error_of<tandem::ValueError>([&] { store(db, Sample{.data = "\xFF"}); }), ContainsSubstring("UTF-8"));
    oracle.run("UPDATE sample SET data = '{broken'");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.get<Sample>(1); }),
        ContainsSubstring("Sample.data") && ContainsSubstring("{broken"));
}

TEST_CASE_METHOD(Fixture, "a change inside of a JSON column is written", "[types]") {
    const auto id = store(db, Sample{.data = {{"n", 1}}});
    auto session = db.session();
    const auto sample = session.get<Sample>(id);
    sample->data["n"] = 2;
    session.commit();
    CHECK(oracle.row("SELECT data FROM sample") == R"({"n":2})");
    StatementLog log{db};
    sample->data["n"] = 2;
    session.flush();
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(Fixture, "S137 UUIDs, decimals and durations are exact", "[types]") {
    const auto uuid = *tandem::Uuid::parse("00000000-0000-0000-0000-000000000005");
    for (const char* price : {"123.45", "12345678.99", "1.005", "-99999999.99", "0.00"}) {
        const Sample read = round_trip(db,
            Sample{.token = uuid,
                .price = Price{price},
                .duration = 24h + 7us,
                .minutes = -90min,
                .maybe_token = uuid,
                .maybe_price = Price{price},
                .maybe_duration = std::chrono::microseconds::min()});
        CHECK(read.token == uuid);
        CHECK(read.maybe_token == uuid);
        CHECK(read.price == Price{price});
        CHECK(read.maybe_price == Price{price});
        CHECK(read.duration == 24h + 7us);
        CHECK(read.maybe_duration == std::chrono::microseconds::min());
        CHECK(read.minutes == -90min);
    }
    CHECK(oracle.row("SELECT token, price, duration, minutes FROM sample WHERE id = 3") ==
        "00000000-0000-0000-0000-000000000005|101|86400000007|-5400000000");
}

TEST_CASE_METHOD(Fixture, "dates and times of day survive as text that SQLite's functions read", "[types]") {
    const Sample read = round_trip(db, Sample{.day = 2024y / 2 / 29, .at = 9h + 30min + 7us, .maybe_at = 23h});
    CHECK(read.day == 2024y / 2 / 29);
    CHECK(read.at == tandem::TimeOfDay{9h + 30min + 7us});
    CHECK(read.maybe_at == tandem::TimeOfDay{23h});
    CHECK_FALSE(read.maybe_day);
    CHECK(oracle.row("SELECT day, at, maybe_at, date(day, '+1 day'), time(at) FROM sample") ==
        "2024-02-29|09:30:00.000007|23:00:00.000000|2024-03-01|09:30:00");
    CHECK_THAT(error_of<tandem::ValueError>([&] { store(db, Sample{.day = {}}); }),
        ContainsSubstring("is no date of the calendar"));
    oracle.run("UPDATE sample SET at = '25:00'");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.get<Sample>(1); }),
        ContainsSubstring("Sample.at") && ContainsSubstring("25:00"));
}

TEST_CASE_METHOD(Fixture, "empty optionals of every type are NULL", "[types]") {
    const Sample read = round_trip(db, Sample{});
    CHECK_FALSE(read.maybe_color);
    CHECK_FALSE(read.maybe_data);
    CHECK_FALSE(read.maybe_token);
    CHECK_FALSE(read.maybe_price);
    CHECK_FALSE(read.maybe_duration);
    CHECK_FALSE(read.maybe_day);
    CHECK_FALSE(read.maybe_at);
    CHECK_FALSE(read.maybe_email);
    CHECK(oracle.row("SELECT coalesce(maybe_color, maybe_data, maybe_token, maybe_price, maybe_duration, maybe_day, "
                     "maybe_at, maybe_time, maybe_email) IS NULL FROM sample") == "1");
}

TEST_CASE_METHOD(Fixture, "a type of the user's own is a column, also optional, and checks what it reads", "[types]") {
    const auto id = store(db, Sample{.email = {"ana@x.io"}, .maybe_email = Email{"ben@x.io"}});
    auto session = db.session();
    CHECK(session.get<Sample>(id)->email.address == "ana@x.io");
    CHECK(session.get<Sample>(id)->maybe_email == Email{"ben@x.io"});
    CHECK(ids(db, Sample::select().where(Sample::c.email == Email{"ana@x.io"})) == Ids{id});
    oracle.run("UPDATE sample SET email = 'nobody'");
    auto other = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)other.get<Sample>(id); }),
        ContainsSubstring("Sample.email") && ContainsSubstring("with an @"));
}

TEST_CASE_METHOD(Fixture, "every type compares, sorts and is found in a list", "[types]") {
    const auto one = store(db,
        Sample{.color = Color::blue,
            .token = *tandem::Uuid::parse("00000000-0000-0000-0000-000000000001"),
            .price = Price{"9.50"},
            .duration = 9s,
            .day = 999y / 12 / 31,
            .at = 9h});
    const auto two = store(db,
        Sample{.color = Color::red,
            .token = *tandem::Uuid::parse("00000000-0000-0000-0000-000000000002"),
            .price = Price{"10.00"},
            .duration = 10s,
            .day = 2026y / 11 / 22,
            .at = 9h + 1us});
    const auto three = store(db,
        Sample{.token = *tandem::Uuid::parse("00000000-0000-0000-0000-000000000003"),
            .price = Price{"-100.00"},
            .duration = -1h,
            .day = 2026y / 11 / 23,
            .at = 10h});
    const auto& c = Sample::c;
    const auto all = Sample::select();
    CHECK(ids(db, all.where(c.color == Color::blue)) == Ids{one});
    CHECK(ids(db, all.where(c.color != Color::blue)) == Ids{two, three});
    CHECK(ids(db, all.where(c.color.in(std::vector{Color::blue}))) == Ids{one});
    CHECK(ids(db, all.where(c.level == kinds::Level::low)).size() == 3);
    CHECK(ids(db, all.where(c.price >= Price{"9.50"})) == Ids{one, two});
    CHECK(ids(db, all.where(c.price == 10)) == Ids{two});
    CHECK(ids(db, all.where(c.price.in(std::vector{Price{"-100"}, Price{"9.50"}}))) == Ids{one, three});
    CHECK(ids(db, all.order_by(c.price)) == Ids{three, one, two});
    CHECK(ids(db, all.where(c.duration > 9s)) == Ids{two});
    CHECK(ids(db, all.where(c.duration.in(std::vector<std::chrono::microseconds>{-1h}))) == Ids{three});
    CHECK(ids(db, all.order_by(c.duration)) == Ids{three, one, two});
    CHECK(ids(db, all.where(c.day < 2026y / 11 / 23)) == Ids{one, two});
    CHECK(ids(db, all.where(c.day.in(std::vector<tandem::Date>{2026y / 11 / 23}))) == Ids{three});
    CHECK(ids(db, all.order_by(c.day.desc())) == Ids{three, two, one});
    CHECK(ids(db, all.where(c.at <= 9h)) == Ids{one});
    CHECK(ids(db, all.where(c.at.in(std::vector<tandem::TimeOfDay>{9h + 1us, 10h}))) == Ids{two, three});
    CHECK(ids(db, all.order_by(c.at.desc())) == Ids{three, two, one});
    const auto token = *tandem::Uuid::parse("00000000-0000-0000-0000-000000000002");
    CHECK(ids(db, all.where(c.token == token)) == Ids{two});
    CHECK(ids(db, all.where(c.token.in(std::vector{token}))) == Ids{two});
    CHECK(ids(db, all.where(c.maybe_price == std::nullopt)).size() == 3);
    CHECK(ids(db, all.where(c.maybe_price == std::optional<Price>{})).size() == 3);
    CHECK(oracle.row("SELECT sum(price) FROM sample") == "-8050");
    auto session = db.session();
    const auto [total, time, least] =
        session.exec(tandem::select(tandem::sum(c.price), tandem::sum(c.duration), tandem::min(c.day))).one();
    CHECK(total == tandem::Decimal<18, 2>{"-80.50"});
    CHECK(time == 19s - 1h);
    CHECK(least == 999y / 12 / 31);
}

TEST_CASE_METHOD(Fixture, "columns are read into tuples as their types", "[types]") {
    store(db,
        Sample{.color = Color::blue, .data = {{"a", 1}}, .price = Price{"1.50"}, .duration = 3s, .day = 2026y / 1 / 2});
    auto session = db.session();
    const auto& c = Sample::c;
    const auto [color, price, duration, day, data] =
        session.exec(tandem::select(c.color, c.price, c.duration, c.day, c.data)).one();
    CHECK(color == Color::blue);
    CHECK(price == Price{"1.50"});
    CHECK(duration == 3s);
    CHECK(day == 2026y / 1 / 2);
    CHECK(data == Json{{"a", 1}});
}

TEST_CASE_METHOD(Fixture, "what is whole in the database but not in the member's unit is an error", "[types]") {
    store(db, Sample{});
    oracle.run("UPDATE sample SET minutes = 61000000");
    auto session = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)session.get<Sample>(1); }),
        ContainsSubstring("Sample.minutes") && ContainsSubstring("PT1M1S"));
    oracle.run("UPDATE sample SET minutes = 0, price = 1.5");
    auto other = db.session();
    CHECK_THAT(error_of<tandem::ValueError>([&] { (void)other.get<Sample>(1); }), ContainsSubstring("Sample.price"));
}

TEST_CASE("dict has strings for what JSON has no type for, and set reads them back", "[types]") {
    Sample sample{.color = Color::blue,
        .stage = Stage::in_review,
        .data = {{"a", {1, nullptr}}},
        .token = *tandem::Uuid::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        .price = Price{"-0.05"},
        .duration = 24h + 7us,
        .minutes = 90min,
        .day = 2026y / 11 / 22,
        .at = 9h + 30min,
        .email = {"ana@x.io"},
        .maybe_data = Json("x")};
    const Json json = sample.dict();
    CHECK(json["color"] == "blue");
    CHECK(json["stage"] == "in review");
    CHECK(json["level"] == 1);
    CHECK(json["data"] == Json{{"a", {1, nullptr}}});
    CHECK(json["maybe_data"] == "x");
    CHECK(json["token"] == "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    CHECK(json["price"] == "-0.05");
    CHECK(json["duration"] == "P1DT0.000007S");
    CHECK(json["minutes"] == "PT1H30M");
    CHECK(json["day"] == "2026-11-22");
    CHECK(json["at"] == "09:30:00");
    CHECK(json["email"] == "ana@x.io");
    CHECK(json["maybe_price"] == nullptr);

    Json form = json;
    form.erase("id");
    Sample copy;
    copy.set(form);
    CHECK(copy.dict() == json);
}

TEST_CASE("set takes numbers for decimals, any JSON for JSON, and empty fields for none", "[types]") {
    Sample sample;
    sample.set({{"price", 12}});
    CHECK(sample.price == Price{12});
    sample.set({{"price", 1.005}});
    CHECK(sample.price == Price{"1.01"});
    sample.set({{"data", {{"k", {1, 2}}}}});
    CHECK(sample.data == Json{{"k", {1, 2}}});
    sample.set({{"data", nullptr}});
    CHECK(sample.data.is_null());
    sample.set({{"data", "[1]"}});
    CHECK(sample.data == Json("[1]"));  // a string, not what it might read as
    sample.maybe_data = 5;
    sample.maybe_color = Color::red;
    sample.maybe_token = tandem::Uuid::random();
    sample.maybe_day = 2026y / 1 / 1;
    sample.set({{"maybe_data", nullptr}, {"maybe_color", ""}, {"maybe_token", ""}, {"maybe_day", ""}});
    CHECK_FALSE(sample.maybe_data);
    CHECK_FALSE(sample.maybe_color);
    CHECK_FALSE(sample.maybe_token);
    CHECK_FALSE(sample.maybe_day);
}

TEST_CASE("set refuses what a type cannot hold, changing nothing", "[types]") {
    const Sample before{.data = "kept", .price = Price{"1.00"}, .day = 2026y / 1 / 1, .maybe_data = Json("text")};
    const auto refused = [&](const char* name, const Json& value, const char* why) {
        Sample sample = before;
        INFO(name);
        CHECK_THAT(error_of<tandem::ValueError>([&] {
            sample.set({{"data", {1}}, {"maybe_data", {2}}, {name, value}});
        }),
            ContainsSubstring(name) && ContainsSubstring(why));
        CHECK(sample.dict() == before.dict());
    };
    refused("price", "1e9", "decimal number");
    refused("price", 100000000, "at most 8 digits");
    refused("price", true, "decimal number");
    refused("day", "2026-02-30", "a date");
    refused("day", 20260101, "a date");
    refused("at", "25:00", "time of day");
    refused("duration", "1 hour", "a duration");
    refused("duration", 5, "a duration");
    refused("minutes", "PT1S", "whole number");
    refused("token", "me", "UUID");
    refused("stage", "in_review", "in review");
    refused("email", "nobody", "with an @");
}

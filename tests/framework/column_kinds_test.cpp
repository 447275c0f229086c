// Kinds of columns on the wire and in undo images, and rules of models and forms in what a client sends.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/framework/decode.hpp>
#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "image_json.hpp"
#include "json_parser.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using tandem::Json;

namespace kinds_on_the_wire {

enum class Color { red, blue };
TANDEM_ENUM(Color, red, (blue, "dark blue"))
using Price = tandem::Decimal<10, 2>;

struct Goods : tandem::Model<Goods> {
    std::string name{"x"};
    Json data{};
    std::optional<Json> maybe_data{};
    Price price{};
    tandem::Date day = 2000y / 1 / 1;
    std::string secret;
    TANDEM_MODEL(Goods, (name, min_length(1), max_length(5)), data, maybe_data, (price, min(0)), day,
        (secret, hidden, min_length(3)))
};
struct Form {
    std::string message;
    std::optional<int> stars{};
    TANDEM_STRUCT(Form, (message, min_length(1), max_length(10)), (stars, min(1), max(5)))
};

}  // namespace kinds_on_the_wire

using namespace kinds_on_the_wire;

namespace {

std::string page_of(const std::string& image) {
    std::string json;
    tandem::ImageReader in{image};
    tandem::append_json(json, in);
    return json;
}
template <class V>
std::string sent(const V& value) {
    std::string image;
    tandem::ImageWriter out{image};
    tandem::write_image(out, value);
    return page_of(image);
}
template <class V>
void receive(const std::string& json, V& value) {
    static tandem::JsonParser parser{1 << 20, 32};
    const auto view = parser.parse("[" + json + "]");
    if (!view) throw std::runtime_error("no JSON: " + json);
    view->each_element([&](const tandem::JsonView& element) { tandem::decode(element, value); });
}
template <class V>
V received(const std::string& json) {
    V value{};
    receive(json, value);
    return value;
}
template <class V>
tandem::ValidationError::Fields problems(const std::string& json) {
    V value{};
    try {
        receive(json, value);
    } catch (const tandem::ValidationError& error) { return error.fields(); }
    return {};
}
/// Through an image for undo, which is not for pages.
template <class V>
V undone(const V& value) {
    std::string image;
    tandem::NodeTable nodes;
    tandem::ImageWriter out{image, nodes};
    tandem::write_image(out, value);
    V result{};
    tandem::ImageReader in{image, nodes.nodes()};
    tandem::read_image(in, result);
    return result;
}
template <class V>
void check(const V& value, const std::string& json) {
    INFO(json);
    CHECK(sent(value) == json);
    CHECK(received<V>(json) == value);
    CHECK(undone(value) == value);
}

}  // namespace

TEST_CASE("decimals, UUIDs, enums, dates, times and durations are strings") {
    check(Price{"-0.05"}, "\"-0.05\"");
    check(Price{"12345678.99"}, "\"12345678.99\"");
    check(*tandem::Uuid::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), "\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"");
    check(Color::blue, "\"dark blue\"");
    check(tandem::Date{2026y / 11 / 22}, "\"2026-11-22\"");
    check(tandem::TimeOfDay{9h + 30min + 7us}, "\"09:30:00.000007\"");
    check(std::chrono::microseconds{24h + 7us}, "\"P1DT0.000007S\"");
    check(std::chrono::seconds{-90s}, "\"-PT1M30S\"");
    check(std::optional<Price>{}, "null");
    check(std::optional{Color::red}, "\"red\"");
}

TEST_CASE("a JSON value travels as JSON, not as a string") {
    check(Json{{"a", {1, nullptr, "x", 1.5, true}}}, R"({"a":[1,null,"x",1.5,true]})");
    check(Json("text"), "\"text\"");
    check(Json("~tilde"), "\"~~tilde\"");
    check(Json(5), "5");
    check(Json(nullptr), "null");
    check(Json(INT64_MAX), "\"~i9223372036854775807\"");
    check(std::optional<Json>{}, "null");
}

TEST_CASE("undo tells JSON's null from none, and a JSON string from its text") {
    CHECK(undone(std::optional{Json(nullptr)}) == std::optional{Json(nullptr)});
    CHECK(undone(std::optional<Json>{}) == std::nullopt);
    CHECK(undone(Json("null")) == Json("null"));
    CHECK(undone(Json("[1]")) == Json("[1]"));
}

TEST_CASE("a model's columns of JSON are expanded on the page") {
    const tandem::Database checks_the_models{"sqlite://"};
    const tandem::Ref<Goods> goods{Goods{.data = {{"k", {1, 2}}}, .price = Price{"1.50"}, .day = 2026y / 1 / 2}};
    CHECK(
        sent(goods) == R"({"id":0,"name":"x","data":{"k":[1,2]},"maybe_data":null,"price":"1.50","day":"2026-01-02"})");
}

TEST_CASE("a client's text of a wrong kind is refused by field") {
    const auto fields = problems<Goods>(R"({"price":"1e9","day":"2026-02-30","data":{"any":["thing"]}})");
    CHECK(fields.size() == 2);
    CHECK_THAT(fields.at("price"), ContainsSubstring("decimal number"));
    CHECK_THAT(fields.at("day"), ContainsSubstring("a date"));
}

TEST_CASE("a model's rules hold for what a client sends, all failures together, hidden columns aside") {
    CHECK(problems<Goods>(R"({"name":"too long","price":-1})") ==
        tandem::ValidationError::Fields{
            {"name", "must have at most 5 characters"}, {"price", "must be at least 0.00"}});
    CHECK(problems<Goods>(R"({"name":"","day":"x"})").size() == 2);
    CHECK(problems<Goods>(R"({"name":"ok"})").empty());
}

TEST_CASE("a form's rules hold as well") {
    CHECK(problems<Form>(R"({"message":"","stars":6})") ==
        tandem::ValidationError::Fields{{"message", "must have at least 1 character"}, {"stars", "must be at most 5"}});
    CHECK(problems<Form>(R"({"message":"fine","stars":5})").empty());
    CHECK(problems<Form>(R"({"message":"fine"})").empty());
    CHECK(problems<Form>(R"({"stars":0})") ==
        tandem::ValidationError::Fields{{"message", "is required"}, {"stars", "must be at least 1"}});
}

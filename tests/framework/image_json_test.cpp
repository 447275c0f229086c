// Every row of protocol.md's table of values, out and back in.
#include "image_json.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include <tandem/tandem.hpp>

#include "json_parser.hpp"

using tandem::Json;

namespace wire {

enum class Color { red = 1, green = 2 };
struct Inner {
    std::string text;
    std::optional<std::int64_t> number{};
    bool operator==(const Inner&) const = default;
    TANDEM_STRUCT(Inner, text, number)
};
struct Outer {
    std::int64_t id = 0;
    Inner inner;
    std::vector<Inner> list;
    std::map<std::string, std::vector<Inner>> map;
    bool operator==(const Outer&) const = default;
    TANDEM_STRUCT(Outer, id, inner, list, map)
};
/// Somebody else's struct.
struct Imu {
    float x = 0;
    float y = 0;
};

}  // namespace wire
TANDEM_DESCRIBE(wire::Imu, x, y)

namespace {

template <class V>
std::string json_of(const V& value) {
    std::string image;
    tandem::ImageWriter out{image};
    tandem::write_image(out, value);
    std::string json;
    tandem::ImageReader in{image};
    tandem::append_json(json, in);
    CHECK(in.position() == image.data() + image.size());
    return json;
}

template <class V>
V from_json(const std::string& json) {
    static tandem::JsonParser parser{1 << 20, 32};
    const auto view = parser.parse("[" + json + "]");
    if (!view) throw std::runtime_error("no JSON: " + json);
    V value{};
    view->each_element([&](const tandem::JsonView& element) { tandem::decode(element, value); });
    return value;
}

/// Whether a value is sent as this JSON, and comes back as itself.
template <class V>
void check(const V& value, const std::string& json) {
    INFO(json);
    CHECK(json_of(value) == json);
    CHECK(from_json<V>(json) == value);
}

constexpr std::int64_t exact = 9007199254740991;  // 2^53 - 1

}  // namespace

TEST_CASE("booleans and absent values") {
    check(true, "true");
    check(false, "false");
    check(std::optional<bool>{}, "null");
    check(std::optional<std::string>{"x"}, "\"x\"");
    check(std::optional<std::vector<std::int64_t>>{}, "null");
    CHECK(json_of(tandem::Value{}) == "null");
}

TEST_CASE("integers are numbers up to 2^53 - 1, and tagged strings beyond") {
    check(std::int64_t{0}, "0");
    check(std::int64_t{-1}, "-1");
    check(exact, "9007199254740991");
    check(-exact, "-9007199254740991");
    check(exact + 1, "\"~i9007199254740992\"");
    check(-exact - 1, "\"~i-9007199254740992\"");
    check(std::numeric_limits<std::int64_t>::max(), "\"~i9223372036854775807\"");
    check(std::numeric_limits<std::int64_t>::min(), "\"~i-9223372036854775808\"");
    check(std::numeric_limits<std::int8_t>::min(), "-128");
    check(std::numeric_limits<std::uint32_t>::max(), "4294967295");
    check(static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()), "\"~i9223372036854775807\"");
    check(wire::Color::green, "2");
}

TEST_CASE("reals are the shortest text that reads back equal") {
    check(0.1, "0.1");
    check(5.0, "5");
    check(1e22, "1e+22");
    check(std::numeric_limits<double>::max(), "1.7976931348623157e+308");
    check(std::numeric_limits<double>::lowest(), "-1.7976931348623157e+308");
    check(std::numeric_limits<double>::min(), "2.2250738585072014e-308");
    check(std::numeric_limits<double>::denorm_min(), "5e-324");
    check(std::nextafter(1.0, 2.0), "1.0000000000000002");
    check(0.5F, "0.5");
    CHECK(json_of(-0.0) == "-0");
    CHECK(std::signbit(from_json<double>("-0.0")));
    check(0x1p63, "9223372036854775808");
    check(-0x1p63, "-9223372036854775808");
    check(0x1p53, "9007199254740992");
}

TEST_CASE("100,000 reals of any size come back bit for bit") {
    std::mt19937_64 random{7};
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const double value = std::bit_cast<double>(random());
        if (!std::isfinite(value)) continue;
        const std::string json = json_of(value);
        // Another reader agrees with ours.
        if (from_json<double>(json) != value || std::strtod(json.c_str(), nullptr) != value) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("NaN and infinities are refused") {
    std::string image;
    tandem::ImageWriter out{image};
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        CHECK_THROWS_AS(tandem::write_image(out, value), tandem::ValueError);
        CHECK_THROWS_AS(tandem::write_image(out, std::vector<std::optional<double>>{1.0, value}), tandem::ValueError);
        CHECK_THROWS_AS(tandem::write_image(out, static_cast<float>(value)), tandem::ValueError);
    }
}

TEST_CASE("texts are escaped, and begin with one more ~ when they begin with one") {
    check(std::string{}, "\"\"");
    check(std::string{"a\"b\\c/d"}, R"("a\"b\\c/d")");
    check(std::string{"\n\r\t"}, R"("\n\r\t")");
    check(std::string("\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\x7f\"");
    check(std::string{"~"}, "\"~~\"");
    check(std::string{"~~"}, "\"~~~\"");
    check(std::string{"~i5"}, "\"~~i5\"");
    check(std::string{"a~"}, "\"a~\"");
    check(std::string{"null"}, "\"null\"");
    check(std::string{"äöü€\U0001F469\u200D\U0001F467\u2028\uFFFF"}, "\"äöü€\U0001F469\u200D\U0001F467\u2028\uFFFF\"");
}

TEST_CASE("what is no UTF-8 becomes U+FFFD, and the JSON stays valid") {
    const std::string mark = "\xEF\xBF\xBD";
    for (const auto& [text, sent] :
        std::vector<std::pair<std::string, std::string>>{{"\xff", mark}, {"a\x80z", "a" + mark + "z"},
            {"\xC0\x80", mark + mark}, {"\xE2\x82", mark + mark}, {"\xE2\x82(", mark + mark + "("},
            {"\xED\xA0\x80", mark + mark + mark}, {"\xF0\x9F\x91", mark + mark + mark},
            {"\xF4\x90\x80\x80", mark + mark + mark + mark}, {"\xF8", mark}, {"ä\xC3", "ä" + mark}}) {
        CHECK(json_of(text) == "\"" + sent + "\"");
    }
    std::mt19937_64 random{11};
    tandem::JsonParser parser{1 << 20, 32};
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t length = random() % 12; length > 0; --length)
            text += static_cast<char>(random() % 4 ? 0x70 + random() % 0x90 : random());
        const std::string json = "[" + json_of(text) + "]";
        REQUIRE(parser.parse(json));                // ours checks UTF-8,
        REQUIRE_NOTHROW(Json::parse(json).dump());  // and so does another
    }
}

TEST_CASE("times are ISO 8601 in UTC, with microseconds when there are any") {
    const auto time = [](const char* text) { return *tandem::parse_timestamp(text); };
    check(time("2026-11-22T10:30:00Z"), "\"2026-11-22T10:30:00Z\"");
    check(time("2026-11-22T10:30:00.000001Z"), "\"2026-11-22T10:30:00.000001Z\"");
    check(time("2026-11-22T10:30:00.5Z"), "\"2026-11-22T10:30:00.500000Z\"");
    check(tandem::Timestamp{}, "\"1970-01-01T00:00:00Z\"");
    check(time("1969-12-31T23:59:59.999999Z"), "\"1969-12-31T23:59:59.999999Z\"");
}

TEST_CASE("bytes are base64") {
    const auto blob = [](const std::vector<int>& values) {
        tandem::Blob result;
        result.bytes.reserve(values.size());
        for (const int value : values) result.bytes.push_back(static_cast<std::byte>(value));
        return result;
    };
    check(blob({}), "\"\"");
    check(blob({0}), "\"AA==\"");
    check(blob({0, 255}), "\"AP8=\"");
    check(blob({0xFB, 0xFF, 0xFE}), "\"+//+\"");
}

TEST_CASE("structs, maps and lists nest") {
    check(wire::Inner{"x", 5}, R"({"text":"x","number":5})");
    check(std::vector<bool>{true, false}, "[true,false]");
    check(std::vector<std::vector<std::string>>{{"a"}, {}, {"b", "~"}}, R"([["a"],[],["b","~~"]])");
    check(std::map<std::string, std::int64_t>{{"", 1}, {"a\"", 2}, {"~k", 3}}, R"({"":1,"a\"":2,"~k":3})");
    check(wire::Outer{.id = 1, .inner = {"i"}, .list = {{"l", 2}}, .map = {{"m", {{"n"}}}}},
        R"({"id":1,"inner":{"text":"i","number":null},"list":[{"text":"l","number":2}],"map":{"m":[{"text":"n","number":null}]}})");
    check(std::map<std::string, std::int64_t>{}, "{}");
    check(std::vector<std::int64_t>{}, "[]");
    CHECK(json_of(wire::Imu{0.5F, -2}) == R"({"x":0.5,"y":-2})");
    CHECK(json_of(std::vector<tandem::Row>{{std::int64_t{1}, 2.5, std::string{"~x"}, std::monostate{},
              tandem::Blob{}}}) == R"([[1,2.5,"~~x",null,""]])");
}

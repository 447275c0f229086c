// The conversation with one page: what it may say, and what it is told.
#include "channel.hpp"

#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/tandem.hpp>

#include "support/test_client.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using tandem::Json;
using tandem::testing::TestClient;
using tandem::testing::TestEngine;

namespace channel {

struct Account : tandem::Model<Account> {
    std::string name;
    std::string password;
    std::int64_t credit = 0;
    std::optional<double> rate{};
    TANDEM_MODEL(Account, name, (password, hidden), (credit, readonly), rate)
};

struct Address {
    std::string street;
    std::int32_t number = 0;
    std::optional<std::string> suffix{};
    TANDEM_STRUCT(Address, street, number, suffix)
};
struct Form {
    std::string name;
    std::int8_t level = 0;
    std::optional<std::int64_t> age{};
    Address address;
    std::vector<Address> others;
    TANDEM_STRUCT(Form, name, level, age, address, others)
};

int runs = 0;  // how often a handler's body ran, whatever became of it

struct Desk : tandem::State<Desk> {
    std::int64_t count = 0;
    std::string note;
    std::int8_t small = 0;
    std::uint32_t positive = 0;
    double real = 0;
    bool flag = false;
    std::vector<std::int64_t> numbers;
    std::map<std::string, std::int64_t> counts;
    Form form;
    std::string shown;
    std::string secret = "kept";

    void on_load() { note = "loaded"; }
    void add(std::int64_t n) {
        ++runs;
        count += n;
    }
    void set_small_to(std::int8_t n) { small = n; }
    void set_positive_to(std::uint32_t n) { positive = n; }
    void set_real_to(double n) { real = n; }
    void take_flag(bool on) { flag = on; }
    void take_text(std::string text) { note = std::move(text); }
    void take_form(Form sent) { form = std::move(sent); }
    void take_numbers(std::vector<std::int64_t> sent) { numbers = std::move(sent); }
    void take_flags(std::vector<bool> sent) { numbers.assign(sent.begin(), sent.end()); }
    void take_counts(std::map<std::string, std::int64_t> sent) { counts = std::move(sent); }
    void take_optional(std::optional<std::int64_t> n) { count = n.value_or(-1); }
    // Handlers as they are written: what was sent is theirs. NOLINTBEGIN(performance-unnecessary-value-param)
    void take_json(tandem::Json json) { shown = json.dump(); }
    void take_time(tandem::Timestamp time) { shown = tandem::isoformat(time); }
    void take_blob(tandem::Blob blob) { count = static_cast<std::int64_t>(blob.bytes.size()); }
    void take_account(Account account) {
        shown = account.name + "," + account.password + "," + std::to_string(account.credit) + "," +
            std::to_string(account.id) + "," + (account.rate ? "rate" : "no rate");
    }
    void take_three(std::string a, std::int64_t b, bool c) { shown = a + std::to_string(b) + (c ? "yes" : "no"); }
    // NOLINTEND(performance-unnecessary-value-param)
    void take_nothing() { ++count; }
    void throw_text() { throw std::runtime_error("the password is hunter2"); }
    void throw_number() {
        count = 99;
        throw 42;
    }
    void throw_in_session() {
        auto session = tandem::session();
        session.add(Account{.name = "never"});
        session.flush();
        throw std::runtime_error("half way");
    }
    void not_listed() { count = 99; }
    std::int64_t accounts() const {
        auto session = tandem::session();
        return session.exec(tandem::select(tandem::count(Account::c.id))).scalar();
    }
    double double_count() const {
        if (count == 13) throw 42;
        return 2.0 * static_cast<double>(count);
    }
    TANDEM_STATE(Desk, count, (note, settable), (small, settable), (positive, settable), (real, settable),
        (flag, settable), (numbers, settable), (counts, settable), (form, settable), shown, (secret, backend), add,
        set_small_to, set_positive_to, set_real_to, take_flag, take_text, take_form, take_numbers, take_flags,
        take_counts, take_optional, take_json, take_time, take_blob, take_account, take_three, take_nothing, throw_text,
        throw_number, throw_in_session, accounts, double_count)
};

}  // namespace channel

using channel::runs;

namespace {

const Json protocol_bye = Json::parse(R"(["bye", {"code": "protocol", "retry_ms": null}])");

Json fields(const Json& outcome) {
    CHECK(outcome.at("code") == "invalid");
    return outcome.value("fields", Json::object());
}

}  // namespace

// --- frames
// ------------------------------------------------------------------------------------------------------------

TEST_CASE("what is out of place or malformed is answered with bye, and nothing more is heard") {
    const std::string deep(40, '[');
    const std::string deep_end(40, ']');
    const std::string depth_bomb(100'000, '[');
    for (const std::string& frame :
        std::vector<std::string>{"", " ", "nonsense", "{", "[", "[]", "{}", "null", "1", "\"event\"", "[1]", "[null]",
            R"([["event"]])", R"(["~event"])", R"(["~i5"])", R"(["unknown"])", R"(["Event",1,"desk.add",[1]])",
            R"({"event":1})", R"(["hello",{"proto":1,"tab":"cccccccccccccccccccccccccccccccc"}])", R"(["event"])",
            R"(["event",1])", R"(["event",1,"desk.add"])", R"(["event",1,"desk.add",{}])",
            R"(["event",1,"desk.add","x"])", R"(["event",1,"desk.add",1])", R"(["event",1,"desk.add",null])",
            R"(["event","1","desk.add",[1]])", R"(["event","~i1","desk.add",[1]])", R"(["event",null,"desk.add",[1]])",
            R"(["event",1,5,[1]])", R"(["event",1,null,[1]])", R"(["event",1,["desk.add"],[1]])",
            R"(["event",0,"desk.add",[1]])", R"(["event",-1,"desk.add",[1]])", R"(["event",1.5,"desk.add",[1]])",
            R"(["event",2,"desk.add",[1]])", R"(["event",9223372036854775807,"desk.add",[1]])",
            R"(["event",9223372036854775808,"desk.add",[1]])", R"(["event",18446744073709551615,"desk.add",[1]])",
            R"(["event",18446744073709551616,"desk.add",[1]])", R"(["event",1e400,"desk.add",[1]])",
            R"(["event",01,"desk.add",[1]])", R"(["event",1,"desk.add",[1]]x)", R"(["event",1,"desk.add",[1],])",
            R"(["event",1,"desk.add",[1]] ["event",2,"desk.add",[1]])", R"(["event",1,"desk.add",[NaN]])",
            "[\"event\",1,\"desk.add\",[\"\xff\"]]", "[\"event\",1,\"desk.add\",[\"\n\"]]",
            R"(["event",1,"desk.take_json",[)" + deep + deep_end + "]]", depth_bomb}) {
        INFO(frame.substr(0, 200));
        TestEngine engine;
        TestClient client{engine};
        const Json before = client.tree();
        runs = 0;
        const auto answers = client.exchange(frame);
        REQUIRE(answers.size() == 1);
        CHECK(answers[0] == protocol_bye);
        CHECK(client.close_code() == 1002);
        CHECK(runs == 0);
        CHECK(client.exchange(R"(["event",1,"desk.add",[1]])").empty());
        client.reconnect();
        CHECK(client.welcome().at("n") == 0);
        CHECK(client.tree() == before);
    }
}

TEST_CASE("nothing is heard before a right hello") {
    for (const char* frame :
        {R"(["event",1,"desk.add",[1]])", R"(["resync"])", R"(["seen",1])", R"(["hello"])", R"(["hello",null])",
            R"(["hello",[]])", R"(["hello",{}])", R"(["hello",{"proto":1}])",
            R"(["hello",{"proto":2,"tab":"cccccccccccccccccccccccccccccccc"}])",
            R"(["hello",{"proto":"1","tab":"cccccccccccccccccccccccccccccccc"}])",
            R"(["hello",{"proto":1,"tab":"ccc"}])", R"(["hello",{"proto":1,"tab":"CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"}])",
            R"(["hello",{"proto":1,"tab":"cccccccccccccccccccccccccccccccg"}])", R"(["hello",{"proto":1,"tab":null}])",
            R"(["hello",{"proto":1,"tab":12345678901234567890123456789012}])"}) {
        INFO(frame);
        struct Inbox final : tandem::Peer {
            void send(std::string text) override { frames.push_back(std::move(text)); }
            void close(std::uint16_t close_code) override { code = close_code; }
            std::vector<std::string> frames{};
            int code = 0;
        };
        TestEngine engine;
        Inbox inbox;
        tandem::Channel channel{*engine.engine, inbox};
        channel.receive(frame);
        REQUIRE(inbox.frames.size() == 1);
        CHECK(Json::parse(inbox.frames[0]) == protocol_bye);
        CHECK(inbox.code == 1002);
        CHECK(engine.engine->client_count() == 0);
    }
}

TEST_CASE("fields beyond those that are known, and reserved frames, are ignored") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.exchange(R"(["seen",1])").empty());
    CHECK(client.exchange(R"(["seen"])").empty());
    CHECK(client.exchange(R"(["cancel",1,{"more":true}])").empty());
    const auto answers = client.exchange(R"(["event",1,"desk.add",[2],{"later":1},"x"])");
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].at(2) == "ok");
}

TEST_CASE("lists may be nested as deep as the limit, and not deeper") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    TestEngine engine;
    const std::size_t most = engine.config.limits.message_depth - 2;  // the frame and its arguments are two levels
    TestClient client{engine};
    CHECK(client.exchange(R"(["event",1,"desk.take_json",[)" + nested(most) + "]]").at(0).at(2) == "ok");
    CHECK(client.exchange(R"(["event",2,"desk.take_json",[)" + nested(most + 1) + "]]").at(0) == protocol_bye);
}

// --- numbers and receipts
// ----------------------------------------------------------------------------------------------

TEST_CASE("an event that is sent again is answered from its receipt, and not run twice") {
    TestEngine engine;
    TestClient client{engine};
    runs = 0;
    CHECK(client.call("desk.add", {1}) == "ok");
    const Json failed = client.call("desk.throw_text");
    for (int i = 0; i < 3; ++i) {
        const auto again = client.exchange(R"(["event",1,"desk.add",[1]])");
        REQUIRE(again.size() == 1);
        CHECK(again[0].at(2) == "ok");
        CHECK(again[0].at(4) == Json::array());
        // The receipt counts, whatever the second asking says.
        CHECK(client.exchange(R"(["event",2,"desk.add",[100]])").at(0).at(2) == failed);
    }
    CHECK(runs == 1);
    CHECK(client.fresh_tree()["desk"]["count"] == 1);
}

TEST_CASE("receipts are kept for as many events as may be in flight; one asked for later is a protocol error") {
    TestEngine engine;
    engine.config.limits.in_flight = 5;
    TestClient client{engine};
    for (int i = 0; i < 20; ++i) REQUIRE(client.call("desk.add", {1}) == "ok");
    for (int n = 16; n <= 20; ++n) CHECK(client.exchange(Json{"event", n, "desk.add", {1}}.dump()).at(0).at(2) == "ok");
    CHECK(client.exchange(R"(["event",15,"desk.add",[1]])").at(0) == protocol_bye);
    client.reconnect();
    CHECK(client.tree()["desk"]["count"] == 20);
}

TEST_CASE("every answer raises seq by one, also those to repeated and unknown events") {
    TestEngine engine;
    TestClient client{engine};
    const auto seq = client.welcome().at("seq").get<int>();
    CHECK(client.exchange(R"(["event",1,"desk.add",[1]])").at(0).at(3) == seq + 1);
    CHECK(client.exchange(R"(["event",1,"desk.add",[1]])").at(0).at(3) == seq + 2);
    CHECK(client.exchange(R"(["event",2,"desk.none",[1]])").at(0).at(3) == seq + 3);
    CHECK(client.exchange(R"(["resync"])").at(0).at(1) == seq + 4);
    client.reconnect();
    CHECK(client.welcome().at("seq").get<int>() > seq + 4);
}

// --- names
// -------------------------------------------------------------------------------------------------------------

TEST_CASE("only listed handlers and settable vars can be called; anything else is refused and changes nothing") {
    TestEngine engine;
    TestClient client{engine};
    const Json before = client.tree();
    for (const std::string& name : std::vector<std::string>{"", ".", "desk", "desk.", ".add", "add", "desk.add.",
             "desk..add", "desk.add ", " desk.add", "Desk.add", "desk.Add", "none.add", "desk.none", "desk.not_listed",
             "desk.on_load", "desk.join", "desk.get_state", "desk.state_set", "desk.tandem_members", "desk.tandem_name",
             "desk.tandem_registered", "desk.~Desk", "~desk.add", "~~desk.add", "~i5", "desk.~add",
             "desk.operator=", "desk.count", "desk.note", "desk.secret", "desk.double_count", "desk.set_count",
             "desk.set_secret", "desk.set_shown", "desk.set_double_count", "desk.set_", "desk.set", "desk.set_none",
             "desk.set_set_note", "set_note", "desk.set_note.x", std::string("desk\0.add", 9), "constructor",
             "__proto__", "__proto__.add", "desk.__proto__", std::string(100'000, 'x'),
             "desk." + std::string(100'000, 'x'), std::string(99, 'x') + "\xc3\xa4"}) {
        INFO(name.substr(0, 100));
        const Json outcome = client.call(name, {1});
        CHECK(outcome.at("code") == "unknown_handler");
        CHECK(outcome.dump().size() < 1000);
        CHECK(client.last_ops().empty());
    }
    CHECK(client.fresh_tree() == before);
    CHECK(client.call("desk.add", {1}) == "ok");
    CHECK(client.welcome().at("states").at("desk").at("settable") ==
        Json::parse(R"(["note","small","positive","real","flag","numbers","counts","form"])"));
    CHECK_FALSE(client.welcome().at("states").at("desk").at("handlers").dump().find("on_load") != std::string::npos);
}

// --- settable vars
// -----------------------------------------------------------------------------------------------------

TEST_CASE("a page sets a settable var") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.call("desk.set_note", {"typed"}) == "ok");
    CHECK(client.tree()["desk"]["note"] == "typed");
    CHECK(client.call("desk.set_numbers", {{1, 2, 3}}) == "ok");
    CHECK(client.tree()["desk"]["numbers"] == Json::parse("[1,2,3]"));
    CHECK(client.call("desk.set_counts", {{{"a", 1}}}) == "ok");
    CHECK(client.tree()["desk"]["counts"] == Json::parse(R"({"a":1})"));
    CHECK(client.call("desk.set_flag", {"on"}) == "ok");
    CHECK(client.tree()["desk"]["flag"] == true);
}

TEST_CASE("a var that is set to what it cannot hold stays as it was, and the field is named") {
    TestEngine engine;
    TestClient client{engine};
    const Json before = client.tree();
    CHECK(fields(client.call("desk.set_small", {"many"})).contains("small"));
    CHECK(fields(client.call("desk.set_small", {128})).contains("small"));
    CHECK(fields(client.call("desk.set_positive", {-1})).contains("positive"));
    CHECK(fields(client.call("desk.set_note", {5})).contains("note"));
    CHECK(fields(client.call("desk.set_note", Json::array({nullptr}))).contains("note"));
    CHECK(fields(client.call("desk.set_numbers", {5})).contains("numbers"));
    CHECK(client.call("desk.set_note").at("code") == "invalid");
    CHECK(client.call("desk.set_note", {"a", "b"}).at("code") == "invalid");
    CHECK(client.call("desk.set_numbers", {{1, "x"}}).at("code") == "invalid");
    CHECK(client.tree() == before);
    CHECK(client.fresh_tree() == before);
}

// --- arguments
// ---------------------------------------------------------------------------------------------------------

TEST_CASE("a handler takes as many arguments as it has, and says so") {
    TestEngine engine;
    TestClient client{engine};
    CHECK_THAT(
        client.call("desk.add").at("message").get<std::string>(), ContainsSubstring("takes 1 argument, 0 were sent"));
    CHECK_THAT(client.call("desk.add", {1, 2}).at("message").get<std::string>(),
        ContainsSubstring("takes 1 argument, 2 were sent"));
    CHECK_THAT(client.call("desk.take_nothing", {1}).at("message").get<std::string>(),
        ContainsSubstring("takes 0 arguments, 1 were sent"));
    CHECK_THAT(client.call("desk.take_three", {"a", 1}).at("message").get<std::string>(),
        ContainsSubstring("takes 3 arguments, 2 were sent"));
    CHECK(client.call("desk.take_three", {"a", 1, true}) == "ok");
    CHECK(client.tree()["desk"]["shown"] == "a1yes");
    CHECK_THAT(client.call("desk.take_three", {"a", "b", true}).at("message").get<std::string>(),
        ContainsSubstring("argument 2"));
}

TEST_CASE("numbers and booleans may come as text, as forms send them") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.call("desk.add", {"5"}) == "ok");
    CHECK(client.tree()["desk"]["count"] == 5);
    CHECK(client.call("desk.set_real_to", {"-1.5e3"}) == "ok");
    CHECK(client.tree()["desk"]["real"] == -1500.0);
    CHECK(client.call("desk.take_flag", {"on"}) == "ok");
    CHECK(client.tree()["desk"]["flag"] == true);
    CHECK(client.call("desk.take_flag", {0}) == "ok");
    CHECK(client.tree()["desk"]["flag"] == false);
    CHECK(client.call("desk.add", {3.0}) == "ok");
    CHECK(client.tree()["desk"]["count"] == 8);
    for (const Json& wrong : {Json("5x"), Json(" 5"), Json(""), Json("0x5"), Json("1e3"), Json(1.5), Json(nullptr),
             Json(true), Json::array(), Json::object(), Json("~x")}) {
        INFO(wrong);
        CHECK(client.call("desk.add", Json::array({wrong})).at("code") == "invalid");
    }
    for (const Json& wrong : {Json("nan"), Json("inf"), Json("1e999"), Json("1,5"), Json(""), Json("0x1p3")}) {
        INFO(wrong);
        CHECK(client.call("desk.set_real_to", Json::array({wrong})).at("code") == "invalid");
    }
    for (const Json& wrong : {Json(2), Json("yes"), Json(1.0), Json("")}) {
        INFO(wrong);
        CHECK(client.call("desk.take_flag", Json::array({wrong})).at("code") == "invalid");
    }
    CHECK(client.fresh_tree() == client.tree());
}

TEST_CASE("integers must fit the argument's type") {
    TestEngine engine;
    TestClient client{engine};
    for (const int n : {-128, 127}) CHECK(client.call("desk.set_small_to", {n}) == "ok");
    for (const int n : {-129, 128, 1'000'000}) CHECK(client.call("desk.set_small_to", {n}).at("code") == "invalid");
    CHECK(client.tree()["desk"]["small"] == 127);
    for (const std::int64_t n : {0LL, 4294967295LL}) CHECK(client.call("desk.set_positive_to", {n}) == "ok");
    for (const std::int64_t n : {-1LL, 4294967296LL})
        CHECK(client.call("desk.set_positive_to", {n}).at("code") == "invalid");
    CHECK(client.tree()["desk"]["positive"] == 4294967295);
    CHECK(client.call("desk.take_optional", {"~i9223372036854775807"}) == "ok");
    CHECK(client.tree()["desk"]["count"] == "~i9223372036854775807");
    CHECK(client.call("desk.take_optional", {"~i-9223372036854775808"}) == "ok");
    CHECK(client.tree()["desk"]["count"] == "~i-9223372036854775808");
    for (const char* wrong : {"~i9223372036854775808", "~i", "~i-", "~i1.0", "~i 1", "~i+1", "~i1x", "~", "~x"}) {
        INFO(wrong);
        CHECK(client.call("desk.take_optional", {wrong}).at("code") == "invalid");
    }
}

TEST_CASE("numbers beyond 64-bit integers are reals, as JavaScript writes them, and no integers") {
    TestEngine engine;
    TestClient client{engine};
    int n = 0;
    const auto send = [&](const std::string& handler, const std::string& number) {
        const auto answers =
            client.exchange("[\"event\"," + std::to_string(++n) + ",\"" + handler + "\",[" + number + "]]");
        REQUIRE(answers.size() == 1);
        REQUIRE(answers[0].at(0) == "ack");
        return answers[0].at(2);
    };
    for (const auto& [text, value] :
        std::vector<std::pair<std::string, double>>{{"100000000000000000000", 1e20}, {"-100000000000000000000", -1e20},
            {"999999999999999900000", 9.999999999999999e20}, {"9223372036854775808", 0x1p63},
            {"18446744073709551616", 0x1p64}, {"1e+21", 1e21}, {"1.7976931348623157e+308", 1.7976931348623157e308},
            {"5e-324", 5e-324}, {"0.1234567890123456789012345", 0.12345678901234568}, {"1.5e19", 1.5e19}}) {
        INFO(text);
        CHECK(send("desk.set_real_to", text) == "ok");
        CHECK(client.fresh_tree()["desk"]["real"].get<double>() == value);
    }
    CHECK(send("desk.add", "100000000000000000000").at("code") == "invalid");
    CHECK(send("desk.add", "9223372036854775808").at("code") == "invalid");
    CHECK(send("desk.take_json",
              R"({"text": "100000000000000000000 \" 100000000000000000000", "n": [100000000000000000000,1]})") == "ok");
    CHECK(client.fresh_tree()["desk"]["shown"] ==
        R"({"n":[1e+20,1],"text":"100000000000000000000 \" 100000000000000000000"})");
}

TEST_CASE("a struct's wrong fields are reported together, by name, with their place") {
    TestEngine engine;
    TestClient client{engine};
    const Json before = client.tree();
    const Json right = {
        {"name", "Ann"}, {"level", 3}, {"address", {{"street", "High"}, {"number", 5}}}, {"others", Json::array()}};
    CHECK(client.call("desk.take_form", {right}) == "ok");
    CHECK(client.tree()["desk"]["form"] ==
        Json::parse(
            R"({"name":"Ann","level":3,"age":null,"address":{"street":"High","number":5,"suffix":null},"others":[]})"));
    const Json good = client.tree();

    Json wrong = right;
    wrong["level"] = 1000;
    wrong["age"] = "old";
    wrong["extra"] = 1;
    wrong["address"] = {{"street", 7}, {"number", "x"}, {"zip", 1}};
    wrong["others"] = {{{"street", "A"}, {"number", 1}}, {{"street", "B"}}, 5};
    wrong.erase("name");
    const Json named = fields(client.call("desk.take_form", {wrong}));
    std::vector<std::string> names;
    for (const auto& [name, text] : named.items()) names.push_back(name);
    CHECK(names ==
        std::vector<std::string>{"address.number", "address.street", "address.zip", "age", "extra", "level", "name",
            "others.1.number", "others.2"});
    CHECK(named["name"] == "is required");
    CHECK(named["others.1.number"] == "is required");
    CHECK(client.call("desk.take_form", {5}).at("code") == "invalid");
    CHECK(client.call("desk.take_form", {Json::array()}).at("code") == "invalid");
    CHECK(client.call("desk.take_form", Json::array({nullptr})).at("code") == "invalid");
    CHECK(client.tree() == good);
    CHECK(client.fresh_tree() == good);
}

TEST_CASE("a field that is given twice is refused") {
    TestEngine engine;
    TestClient client{engine};
    const auto answers = client.exchange(
        R"(["event",1,"desk.take_form",[{"name":"a","name":"b","level":1,"address":{"street":"","number":1},"others":[]}]])");
    CHECK(fields(answers.at(0).at(2)) == Json::parse(R"({"name": "is given twice"})"));
    const auto model = client.exchange(R"(["event",2,"desk.take_account",[{"name":"a","name":"b"}]])");
    CHECK(fields(model.at(0).at(2)) == Json::parse(R"({"name": "is given twice"})"));
}

TEST_CASE("however many fields are wrong, the answer stays small") {
    TestEngine engine;
    TestClient client{engine};
    Json many = Json::array();
    for (int i = 0; i < 50'000; ++i) many.push_back("x");
    CHECK(client.call("desk.take_numbers", {many}).dump().size() < 50'000);
    Json unknown = Json::object();
    for (int i = 0; i < 5'000; ++i) unknown["unknown" + std::string(100, 'x') + std::to_string(i)] = 1;
    CHECK(client.call("desk.take_form", {unknown}).dump().size() < 50'000);
    CHECK(client.call("desk.take_account", {unknown}).dump().size() < 50'000);
    CHECK(client.call("desk.take_form", {{{std::string(500'000, 'x'), 1}}}).dump().size() < 50'000);
    CHECK(client.call("desk.add", {std::string(500'000, 'x')}).dump().size() < 1'000);
    CHECK(client.call("desk.take_time", {std::string(500'000, 'x')}).dump().size() < 1'000);
}

TEST_CASE("lists, maps, optionals, times, bytes and JSON are arguments too") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.call("desk.take_numbers", {{1, "2", "~i3"}}) == "ok");
    CHECK(client.tree()["desk"]["numbers"] == Json::parse("[1,2,3]"));
    CHECK(client.call("desk.take_numbers", {Json::array()}) == "ok");
    CHECK(client.tree()["desk"]["numbers"].empty());
    CHECK(client.call("desk.take_flags", {{true, false, "on"}}) == "ok");
    CHECK(client.tree()["desk"]["numbers"] == Json::parse("[1,0,1]"));
    CHECK(fields(client.call("desk.take_numbers", {{1, "x", 3, nullptr}})) ==
        Json::parse(R"({"1": "must be an integer, not \"x\"", "3": "is required"})"));
    CHECK(client.call("desk.take_counts", {{{"a", 1}, {"~b", 2}, {"", 3}}}) == "ok");
    CHECK(client.tree()["desk"]["counts"] == Json::parse(R"({"": 3, "a": 1, "~b": 2})"));
    CHECK(fields(client.call("desk.take_counts", {{{"a", "x"}}})).contains("a"));
    CHECK(client.call("desk.take_counts", {Json::array()}).at("code") == "invalid");
    CHECK(client.call("desk.take_optional", Json::array({nullptr})) == "ok");
    CHECK(client.tree()["desk"]["count"] == -1);
    CHECK(client.call("desk.take_optional", {""}) == "ok");  // an empty field of a form
    CHECK(client.tree()["desk"]["count"] == -1);
    CHECK(client.call("desk.take_time", {"2026-11-22T10:30:00.000001Z"}) == "ok");
    CHECK(client.tree()["desk"]["shown"] == "2026-11-22T10:30:00.000001Z");
    CHECK(client.call("desk.take_time", {"yesterday"}).at("code") == "invalid");
    CHECK(client.call("desk.take_blob", {"AAECAw=="}) == "ok");
    CHECK(client.tree()["desk"]["count"] == 4);
    CHECK(client.call("desk.take_blob", {"not base64!"}).at("code") == "invalid");
    CHECK(client.call("desk.take_json",
              {{{"b", {1, 2.5, nullptr, true}}, {"a", "~~x"}, {"big", "~i9007199254740993"}}}) == "ok");
    CHECK(client.tree()["desk"]["shown"] == R"({"a":"~x","b":[1,2.5,null,true],"big":9007199254740993})");
    CHECK(client.call("desk.take_text", {"~~tilde"}) == "ok");
    CHECK(client.tree()["desk"]["note"] == "~~tilde");
    CHECK(client.call("desk.take_text", {std::string("nul\0 inside", 11)}) == "ok");
    CHECK(client.tree()["desk"]["note"] == std::string("nul\0 inside", 11));
}

TEST_CASE("a model as argument takes columns, but never its key, hidden or readonly ones") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.call("desk.take_account", {{{"name", "Ann"}, {"rate", ""}}}) == "ok");
    CHECK(client.tree()["desk"]["shown"] == "Ann,,0,0,no rate");
    CHECK(
        fields(
            client.call("desk.take_account",
                {{{"name", "Ann"}, {"id", 7}, {"password", "x"}, {"credit", 1000}, {"nothing", 1}, {"rate", "fast"}}}))
            .size() == 5);
    CHECK(client.call("desk.take_account", {{{"name", {"a"}}}}).at("code") == "invalid");
    CHECK(client.call("desk.take_account", {"Ann"}).at("code") == "invalid");
    CHECK(client.tree()["desk"]["shown"] == "Ann,,0,0,no rate");
}

// --- failures
// ----------------------------------------------------------------------------------------------------------

TEST_CASE("the text of a failure reaches the page in development only") {
    for (const bool development : {false, true}) {
        TestEngine engine;
        engine.config.development = development;
        TestClient client{engine};
        const Json outcome = client.call("desk.throw_text");
        CHECK(outcome.at("code") == "failed");
        CHECK((outcome.dump().find("hunter2") != std::string::npos) == development);
    }
}

TEST_CASE("a handler may throw anything; it is undone all the same") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.call("desk.throw_number").at("code") == "failed");
    CHECK(client.fresh_tree()["desk"]["count"] == 0);
    CHECK(client.call("desk.throw_in_session").at("code") == "failed");
    CHECK(client.call("desk.add", {1}) == "ok");
    CHECK(client.tree()["desk"]["accounts"] == 0);
}

TEST_CASE("a computed var may throw anything; its event is done, and it keeps its last value") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.call("desk.add", {12}) == "ok");
    CHECK(client.tree()["desk"]["double_count"] == 24);
    engine.log.clear();
    CHECK(client.call("desk.add", {1}) == "ok");
    CHECK(client.tree()["desk"]["count"] == 13);
    CHECK(client.tree()["desk"]["double_count"] == 24);
    CHECK(client.fresh_tree() == client.tree());
    REQUIRE_FALSE(engine.log.empty());
    CHECK_THAT(engine.log[0], ContainsSubstring("Desk.double_count"));
    CHECK(client.call("desk.add", {1}) == "ok");
    CHECK(client.tree()["desk"]["double_count"] == 28);
}

// --- clients
// -----------------------------------------------------------------------------------------------------------

TEST_CASE("a client beyond the limit is told to come back later; one that is known is welcome") {
    struct Inbox final : tandem::Peer {
        void send(std::string text) override { frames.push_back(Json::parse(text)); }
        void close(std::uint16_t close_code) override { code = close_code; }
        std::vector<Json> frames{};
        int code = 0;
    };
    TestEngine engine;
    engine.config.limits.clients = 2;
    TestClient first{engine, std::string(32, '1')};
    TestClient second{engine, std::string(32, '2')};
    Inbox inbox;
    {
        tandem::Channel third{*engine.engine, inbox};
        third.receive(Json{"hello", {{"proto", 1}, {"tab", std::string(32, '3')}}}.dump());
        REQUIRE(inbox.frames.size() == 1);
        CHECK(inbox.frames[0].at(1).at("code") == "too_many");
        CHECK(inbox.frames[0].at(1).at("retry_ms").get<int>() > 0);
        CHECK(inbox.code == 1013);
    }
    first.reconnect();
    CHECK(first.welcome().at("fresh") == false);
    CHECK(engine.engine->client_count() == 2);
}

TEST_CASE("a client without a connection is remembered for its time, and forgotten then") {
    TestEngine engine;
    engine.config.limits.client_memory = 1s;
    TestClient client{engine};
    client.call("desk.add", {1});
    client.reconnect();
    CHECK(client.welcome().at("fresh") == false);
    { TestClient other{engine, std::string(32, 'b')}; }
    CHECK(engine.engine->client_count() == 2);
    std::this_thread::sleep_for(1100ms);
    engine.engine->expire();
    CHECK(engine.engine->client_count() == 1);  // who is connected stays
    CHECK(client.call("desk.add", {1}) == "ok");
    TestClient other{engine, std::string(32, 'b')};
    CHECK(other.welcome().at("fresh") == true);
    CHECK(other.welcome().at("n") == 0);
}

// The server over real sockets: what it serves, to whom, and what it refuses.
#include "server/server.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/framework/resources.hpp>
#include <tandem/tandem.hpp>

#include "support/wire.hpp"
#include "transcript_states.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using tandem::App;
using tandem::Config;
using tandem::Json;
using tandem::testing::HttpAnswer;
using tandem::testing::pump;
using tandem::testing::WebSocket;
using tandem::testing::Wire;

namespace {

constexpr std::string_view page_file =
    "<!doctype html><html><head><title>Served</title><script src=\"/assets/own.js\"></script></head>"
    "<body class=\"wide\"><h1 v-if=\"ready\">{{ board.count }} & more</h1></body></html>";
constexpr std::string_view style_file = "h1 { color: teal }";

[[maybe_unused]] const bool registered = tandem::register_resources("served_app",
    {{tandem::Resource::Kind::page, "/", "/nonexistent/index.html", page_file},
        {tandem::Resource::Kind::asset, "/assets/app.css", "/nonexistent/app.css", style_file}});

struct Served {
    explicit Served(Config config = {}) : app(prepared(std::move(config))) { app.start(); }

    [[nodiscard]] Wire wire() { return {app.port(), pump(app)}; }
    [[nodiscard]] WebSocket socket() { return {app.port(), pump(app)}; }
    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(app.port()); }
    HttpAnswer get(const std::string& target, const std::string& more_headers = {}) {
        return ask("GET " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + more_headers + "\r\n");
    }
    HttpAnswer ask(const std::string& request) {
        Wire asking = wire();
        asking.send(request);
        return asking.http(request.starts_with("HEAD"));
    }
    /// The answer to an attempt to upgrade.
    HttpAnswer upgrade(
        const std::string& as_host, const std::string& origin, const std::string& subprotocol = "tandem.1") {
        return ask(WebSocket::upgrade_request(as_host, origin, subprotocol));
    }

    std::vector<std::string> log{};
    App app;

private:
    Config prepared(Config config) {
        config.app_name = "served_app";
        config.db_url = "";
        config.port = 0;
        config.log = [this](tandem::LogLevel, std::string_view text) { log.emplace_back(text); };
        return config;
    }
};

std::string tab(int number) {
    std::string digits = std::to_string(number);
    return std::string(32 - digits.size(), '0') + digits;
}

Json event(int n, const std::string& handler, Json arguments = Json::array()) {
    return {"event", n, handler, std::move(arguments)};
}

/// What stands between two texts.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto start = text.find(before);
    REQUIRE(start != std::string::npos);
    const auto end = text.find(after, start + before.size());
    REQUIRE(end != std::string::npos);
    return text.substr(start + before.size(), end - start - before.size());
}

}  // namespace

// --- HTTP
// --------------------------------------------------------------------------------------------------------------

TEST_CASE("a page carries its template as inert text, and the browser client with the header's nonce") {
    Served served;
    const HttpAnswer answer = served.get("/");
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("content-type") == "text/html; charset=utf-8");
    CHECK(answer.headers.at("cache-control") == "no-store");
    CHECK(answer.headers.at("x-content-type-options") == "nosniff");
    const std::string inert = between(answer.body, "<script type=\"text/x-template\" id=\"tandem-page\">", "</script>");
    CHECK(inert == "<h1 v-if=\"ready\">{{ board.count }} & more</h1>");
    const std::string policy = answer.headers.at("content-security-policy");
    const std::string nonce = between(policy, "'nonce-", "'");
    CHECK(nonce.size() >= 22);  // 128 bits in base64
    CHECK_THAT(answer.body, ContainsSubstring("<script nonce=\"" + nonce + "\" defer src=\"/_tandem/tandem.js"));
    CHECK_THAT(answer.body, ContainsSubstring("<script nonce=\"" + nonce + "\" src=\"/assets/own.js\">"));
    CHECK_THAT(policy, !ContainsSubstring("unsafe"));
    CHECK_THAT(policy, ContainsSubstring("default-src 'self'"));
    CHECK_THAT(policy, ContainsSubstring("frame-ancestors 'none'"));
    CHECK_THAT(policy, !ContainsSubstring("http"));
}

TEST_CASE("every answer with a page has a nonce of its own") {
    Served served;
    std::set<std::string> nonces;
    for (int i = 0; i < 50; ++i)
        nonces.insert(between(served.get("/").headers.at("content-security-policy"), "'nonce-", "'"));
    CHECK(nonces.size() == 50);
}

TEST_CASE("an asset has a type and an ETag, and is not sent again to who has it") {
    Served served;
    const HttpAnswer first = served.get("/assets/app.css");
    CHECK(first.status == 200);
    CHECK(first.body == style_file);
    CHECK(first.headers.at("content-type") == "text/css; charset=utf-8");
    CHECK(first.headers.at("x-content-type-options") == "nosniff");
    const HttpAnswer again = served.get("/assets/app.css", "If-None-Match: " + first.headers.at("etag") + "\r\n");
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(again.headers.at("etag") == first.headers.at("etag"));
    CHECK(served.get("/assets/app.css", "If-None-Match: \"other\"\r\n").status == 200);
}

TEST_CASE("the browser client is served, whatever the query says") {
    Served served;
    for (const char* path :
        {"/_tandem/tandem.js", "/_tandem/core.js", "/_tandem/tandem.js?v=1", "/_tandem/tandem.js?"}) {
        const HttpAnswer answer = served.get(path);
        CHECK(answer.status == 200);
        CHECK(answer.headers.at("content-type") == "text/javascript; charset=utf-8");
        CHECK(answer.body.size() > 1000);
    }
}

TEST_CASE("a target that names nothing is not found, however odd it is") {
    Served served;
    for (const char* target : {"/none", "/index.html", "/assets", "/assets/", "/assets/../assets/app.css",
             "/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/app.css/", "//assets/app.css",
             "/assets/app.css%00", "/.git/config", "//", "/_tandem/", "/_tandem/socket", "*", "http://127.0.0.1/", "/%",
             "/\\", "?", "/assets\\app.css", "/nonexistent/app.css"}) {
        INFO(target);
        const HttpAnswer answer = served.get(target);
        CHECK(answer.status == 404);
        CHECK_FALSE(answer.body.empty());
    }
}

TEST_CASE("HEAD answers as GET does, without the body") {
    Served served;
    const HttpAnswer get = served.get("/assets/app.css");
    const HttpAnswer head = served.ask("HEAD /assets/app.css HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(head.status == 200);
    CHECK(head.headers.at("content-length") == std::to_string(style_file.size()));
    CHECK(head.headers.at("etag") == get.headers.at("etag"));
    Wire wire = served.wire();
    wire.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /none HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(wire.http(true).status == 200);
    CHECK(wire.http().status == 404);
}

TEST_CASE("methods other than GET and HEAD are not allowed") {
    Served served;
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "NONSENSE"}) {
        INFO(method);
        const HttpAnswer answer = served.ask(std::string{method} + " / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(answer.status == 405);
        CHECK(answer.headers.at("allow") == "GET, HEAD");
    }
}

TEST_CASE("a request's head that is too long gets 431, and the connection is closed") {
    Config config;
    config.limits.http_header_bytes = 2000;
    Served served{config};
    Wire wire = served.wire();
    wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + std::string(100'000, 'x') + "\r\n\r\n");
    CHECK(wire.http().status == 431);
    CHECK(wire.closes_within());
    CHECK(served.get("/").status == 200);
    CHECK(served.get("/" + std::string(5000, 'a')).status == 431);
    CHECK(served.get("/", "X-Short: " + std::string(1000, 'x') + "\r\n").status == 200);
}

TEST_CASE("a request with a body is refused, and the connection is closed") {
    Served served;
    for (const std::string body : {"Content-Length: 5\r\n\r\nhello", "Content-Length: 1000000000000\r\n\r\nhello",
             "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"}) {
        for (const char* method : {"GET", "POST"}) {
            INFO(method << " " << body);
            Wire wire = served.wire();
            wire.send(std::string{method} + " / HTTP/1.1\r\nHost: localhost\r\n" + body);
            CHECK(wire.http().status == 413);
            CHECK(wire.closes_within());
        }
    }
}

TEST_CASE("what a large refused body would have been does not tear down the answer") {
    Served served;
    Wire wire = served.wire();
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'x'));
    CHECK(wire.http().status == 413);
    CHECK(wire.closes_within());
}

TEST_CASE("what is no HTTP closes the connection") {
    Served served;
    for (const std::string& text :
        {std::string{"hello\r\n\r\n"}, std::string{"\x16\x03\x01\x02\x00\x01\x00\x01", 8} + std::string(50, 'x'),
            std::string{"GET / HTTP/9.9\r\n\r\n"}, std::string{"GET  /\r\n\r\n"}, std::string(100, '\0'),
            std::string{"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"}}) {
        Wire wire = served.wire();
        wire.send(text);
        CHECK(wire.closes_within());
    }
    CHECK(served.get("/").status == 200);
}

TEST_CASE("requests that are sent in one go are answered in order") {
    Served served;
    Wire wire = served.wire();
    std::string requests;
    for (int i = 0; i < 50; ++i)
        requests +=
            std::string{"GET "} + (i % 2 ? "/none" : "/assets/app.css") + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    wire.send(requests);
    for (int i = 0; i < 50; ++i) CHECK(wire.http().status == (i % 2 ? 404 : 200));
}

TEST_CASE("a connection is kept for more requests, unless the client says close") {
    Served served;
    Wire wire = served.wire();
    for (int i = 0; i < 3; ++i) {
        wire.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(wire.http().status == 200);
    }
    wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    CHECK(wire.http().status == 200);
    CHECK(wire.closes_within(2s));
}

TEST_CASE("a request that comes byte by byte is answered; one whose head never ends is cut off") {
    Config config;
    config.limits.http_timeout = 2s;
    Served served{config};
    Wire slow = served.wire();
    for (const char byte : std::string{"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
        slow.send({&byte, 1});
        slow.run();
    }
    CHECK(slow.http().status == 200);
    Wire loris = served.wire();
    loris.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    const auto start = std::chrono::steady_clock::now();
    bool closed = false;
    while (!closed && std::chrono::steady_clock::now() - start < 15s) {
        loris.send("X-A: b\r\n");
        closed = loris.closes_within(50ms);
    }
    CHECK(closed);
    CHECK(std::chrono::steady_clock::now() - start >= 2s);
    Wire silent = served.wire();
    CHECK(silent.closes_within(15s));
}

TEST_CASE("a large answer reaches a client that reads it only after the time for requests") {
    Config config;
    config.limits.http_timeout = 3s;
    Served served{config};
    Wire wire = served.wire();
    // The time for an answer starts with the answer, not with the connection's last request.
    const auto idle_until = std::chrono::steady_clock::now() + 2s;
    while (std::chrono::steady_clock::now() < idle_until) wire.run();
    std::string requests;
    for (int i = 0; i < 40; ++i) requests += "GET /_tandem/tandem.js HTTP/1.1\r\nHost: localhost\r\n\r\n";
    wire.send(requests);
    const auto read_at = std::chrono::steady_clock::now() + 2s;
    while (std::chrono::steady_clock::now() < read_at) wire.run();
    for (int i = 0; i < 40; ++i) REQUIRE(wire.http().status == 200);
}

TEST_CASE("the app answers under addresses, localhost, .local and configured names, and under no other") {
    Config config;
    config.allowed_hosts = {"app.example.com"};
    Served served{config};
    const auto status = [&](const std::string& host) {
        return served.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
    };
    for (const char* host : {"127.0.0.1", "localhost", "[::1]", "robot.local", "app.example.com",
             "App.Example.COM:1234", "localhost:8000", "[::1]:8000", "192.168.1.20:80"}) {
        INFO(host);
        CHECK(status(host) == 200);
    }
    for (const char* host : {"evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example",
             "app.example.com.evil", ""}) {
        INFO(host);
        CHECK(status(host) == 421);
    }
    CHECK(served.ask("GET / HTTP/1.0\r\n\r\n").status == 421);
}

// --- WebSocket
// ---------------------------------------------------------------------------------------------------------

TEST_CASE("a page of this app may connect; what comes from elsewhere is refused with 403") {
    Served served;
    const std::string host = served.host();
    CHECK(served.upgrade(host, "http://" + host).status == 101);
    CHECK(served.upgrade(host, "http://" + host).headers.at("sec-websocket-protocol") == "tandem.1");
    CHECK(served.upgrade("robot.local", "https://robot.local").status == 101);
    CHECK(served.upgrade(host, "http://" + host, "other.1, tandem.1").status == 101);

    CHECK(served.upgrade(host, "").status == 403);
    CHECK(served.upgrade(host, "null").status == 403);
    CHECK(served.upgrade(host, "http://evil.example").status == 403);
    CHECK(served.upgrade(host, "http://127.0.0.1").status == 403);  // another port is another origin
    CHECK(served.upgrade(host, "http://" + host + ".evil.example").status == 403);
    CHECK(served.upgrade(host, "ws://" + host).status == 403);
    CHECK(served.upgrade("evil.example", "http://evil.example").status == 403);  // DNS rebinding
    CHECK(served.upgrade(host, "http://" + host, "").status == 403);
    CHECK(served.upgrade(host, "http://" + host, "tandem.2").status == 403);
    CHECK(served.upgrade(host, "http://" + host, "tandem.12").status == 403);
}

TEST_CASE("an upgrade of another version or without a key is refused") {
    Served served;
    std::string request = WebSocket::upgrade_request(served.host(), "http://" + served.host());
    std::string old_version = request;
    old_version.replace(old_version.find("Version: 13"), 11, "Version: 12");
    CHECK(served.ask(old_version).status >= 400);
    std::string no_key = request;
    const auto key = no_key.find("Sec-WebSocket-Key");
    no_key.erase(key, no_key.find("\r\n", key) + 2 - key);
    CHECK(served.ask(no_key).status >= 400);
}

TEST_CASE("a page speaks the protocol over a WebSocket") {
    Served served;
    WebSocket page = served.socket();
    const Json welcome = page.hello(tab(1));
    CHECK(welcome.at("fresh") == true);
    CHECK(welcome.at("n") == 0);
    CHECK(welcome.at("tree").at("board").at("count") == 0);
    page.send(event(1, "board.add", {2}));
    CHECK(page.json() ==
        Json::parse(R"(["ack", 1, "ok", 2, [["s", ["board", "count"], 2], ["s", ["board", "label"], "2 of 0"]]])"));
}

TEST_CASE("a message of exactly the limit is accepted; one byte more closes with 1009, and others go on") {
    Config config;
    config.limits.message_bytes = 5000;
    Served served{config};
    WebSocket other = served.socket();
    other.hello(tab(2));
    WebSocket page = served.socket();
    page.hello(tab(1));
    const auto message = [](std::size_t size) {
        const std::string start = R"(["event",1,"board.append",[")";
        const std::string end = R"("]])";
        return start + std::string(size - start.size() - end.size(), 'x') + end;
    };
    page.send(WebSocket::text_opcode, message(5000));
    CHECK(page.json().at(2) == "ok");
    page.send(WebSocket::text_opcode, message(5001));
    CHECK(page.close_code() == 1009);
    other.send(event(1, "board.add", {1}));
    CHECK(other.json().at(2) == "ok");
}

TEST_CASE("a long message in many small fragments is bounded too") {
    Config config;
    config.limits.message_bytes = 5000;
    Served served{config};
    WebSocket page = served.socket();
    page.hello(tab(1));
    page.send(WebSocket::text_opcode, "[", false);
    for (int i = 0; i < 60; ++i) page.send(0, std::string(100, ' '), false);
    CHECK(page.close_code() == 1009);
}

TEST_CASE("a message in fragments is put together, also with a ping in between") {
    Served served;
    WebSocket page = served.socket();
    page.hello(tab(1));
    page.send(WebSocket::text_opcode, R"(["event",1,"boa)", false);
    page.send(WebSocket::ping_opcode, "are you there?");
    page.send(0, R"(rd.add",[1]])");
    const auto pong = page.next();
    REQUIRE(pong);
    CHECK(pong->opcode == WebSocket::pong_opcode);
    CHECK(pong->payload == "are you there?");
    CHECK(page.json().at(2) == "ok");
}

TEST_CASE("a binary frame closes with 1003, and nothing after it is handled") {
    Served served;
    WebSocket page = served.socket();
    page.hello(tab(1));
    page.send(WebSocket::binary_opcode, "\x01\x02");
    page.send(event(1, "board.add", {1}));
    CHECK(page.close_code() == 1003);
    WebSocket again = served.socket();
    CHECK(again.hello(tab(1)).at("n") == 0);
}

TEST_CASE("text that is no UTF-8 closes with 1007") {
    Served served;
    for (const char* text : {"[\"event\xff\"]", "[\"\xc0\x80\"]", "[\"\xed\xa0\x80\"]"}) {
        WebSocket page = served.socket();
        page.hello(tab(1));
        page.send(WebSocket::text_opcode, text);
        CHECK(page.close_code() == 1007);
    }
}

TEST_CASE("frames that break RFC 6455 close with 1002") {
    Served served;
    WebSocket reserved = served.socket();
    reserved.send(3, "");
    CHECK(reserved.close_code() == 1002);
    WebSocket unmasked = served.socket();
    unmasked.wire().send("\x81\x02[]");
    CHECK(unmasked.close_code() == 1002);
    WebSocket long_ping = served.socket();
    long_ping.send(WebSocket::ping_opcode, std::string(126, 'x'));
    CHECK(long_ping.close_code() == 1002);
    WebSocket loose = served.socket();
    loose.send(0, "continued what?");
    CHECK(loose.close_code() == 1002);
}

TEST_CASE("a protocol error is answered with bye and close code 1002") {
    Served served;
    WebSocket page = served.socket();
    page.send(WebSocket::text_opcode, "no JSON");
    CHECK(page.json() == Json::parse(R"(["bye", {"code": "protocol", "retry_ms": null}])"));
    CHECK(page.close_code() == 1002);
}

TEST_CASE("a silent WebSocket is asked, kept while it answers, and closed when it does not") {
    Config config;
    config.limits.socket_idle = 2s;
    Served served{config};
    WebSocket page = served.socket();
    page.hello(tab(1));
    const auto ping = page.next();
    REQUIRE(ping);
    CHECK(ping->opcode == WebSocket::ping_opcode);
    page.send(WebSocket::pong_opcode, ping->payload);
    const auto second_ping = page.next();
    REQUIRE(second_ping);
    CHECK(second_ping->opcode == WebSocket::ping_opcode);
    CHECK(page.wire().closes_within(15s));
}

TEST_CASE("a WebSocket that never says hello is closed, however often it pings") {
    Config config;
    config.limits.http_timeout = 2s;
    Served served{config};
    WebSocket page = served.socket();
    WebSocket good = served.socket();
    good.hello(tab(1));
    const auto start = std::chrono::steady_clock::now();
    bool closed = false;
    while (!closed && std::chrono::steady_clock::now() - start < 15s) {
        page.send(WebSocket::ping_opcode, "");
        closed = page.wire().closes_within(100ms);
    }
    CHECK(closed);
    good.send(event(1, "board.add", {1}));
    CHECK(good.json().at(2) == "ok");
}

TEST_CASE("a tab that was cut off and comes back has its state, and its events are not run twice") {
    Served served;
    for (const bool by_reset : {true, false}) {
        const std::string id = tab(by_reset ? 1 : 2);
        {
            WebSocket page = served.socket();
            page.hello(id);
            page.send(event(1, "board.add", {5}));
            CHECK(page.json().at(2) == "ok");
            if (by_reset) page.wire().reset();
        }
        WebSocket page = served.socket();
        const Json welcome = page.hello(id);
        CHECK(welcome.at("fresh") == false);
        CHECK(welcome.at("n") == 1);
        CHECK(welcome.at("tree").at("board").at("count") == 5);
        page.send(event(1, "board.add", {5}));
        const Json again = page.json();
        CHECK(again.at(2) == "ok");
        CHECK(again.at(4) == Json::array());
        page.send(event(2, "board.add", {1}));
        CHECK(page.json().at(4).at(0) == Json::parse(R"(["s", ["board", "count"], 6])"));
    }
}

TEST_CASE("a tab that connects again while it is connected replaces its first connection") {
    Served served;
    WebSocket first = served.socket();
    first.hello(tab(1));
    first.send(event(1, "board.add", {1}));
    CHECK(first.json().at(2) == "ok");
    WebSocket second = served.socket();
    CHECK(second.hello(tab(1)).at("n") == 1);
    CHECK(first.json() == Json::parse(R"(["bye", {"code": "replaced", "retry_ms": null}])"));
    CHECK(first.close_code() == 1008);
    second.send(event(2, "board.add", {1}));
    CHECK(second.json().at(2) == "ok");
}

TEST_CASE("a client that never reads is cut off at its limit, and others are not affected") {
    Config config;
    config.limits.send_queue_bytes = 3'000'000;
    Served served{config};
    WebSocket page = served.socket();
    WebSocket other = served.socket();
    page.hello(tab(1));
    other.hello(tab(2));
    page.send(event(1, "board.append", {std::string(500'000, 'x')}));
    const auto is_cut_off = [&] {
        return std::ranges::any_of(
            served.log, [](const std::string& text) { return text.find("too slowly") != std::string::npos; });
    };
    for (int i = 0; i < 100 && !is_cut_off(); ++i) {
        page.send(Json::array({"resync"}));
        page.wire().run();
        other.send(event(i + 1, "board.add", {1}));
        REQUIRE(other.json().at(2) == "ok");
    }
    REQUIRE(is_cut_off());
    CHECK(page.wire().closes_within());
    WebSocket again = served.socket();
    CHECK(again.hello(tab(1)).at("tree").at("board").at("note").get<std::string>().size() == 500'000);
}

TEST_CASE("a connection whose other half is closed, and that reads nothing, does not stay") {
    Config config;
    config.limits.clients = 1;
    config.limits.client_memory = 0s;
    Served served{config};
    WebSocket page = served.socket();
    page.hello(tab(1));
    page.send(event(1, "board.append", {std::string(900'000, 'x')}));
    for (int i = 0; i < 12; ++i) page.send(Json::array({"resync"}));
    page.wire().finish_sending();
    for (int i = 0; i < 200; ++i) page.wire().run();
    // There is room for one client only: this one is welcome when the other is gone.
    Json answer;
    for (int i = 0; i < 50 && answer.empty(); ++i) {
        served.app.poll(20ms);
        WebSocket other = served.socket();
        other.send(Json{"hello", {{"proto", 1}, {"tab", tab(2)}}});
        const Json got = other.json();
        if (got.at(0) == "welcome") answer = got;
    }
    CHECK_FALSE(answer.empty());
}

TEST_CASE("200 clients at once each have their own state and their own answers") {
    Served served;
    std::vector<std::unique_ptr<WebSocket>> pages;
    for (int i = 0; i < 200; ++i) {
        pages.push_back(std::make_unique<WebSocket>(served.app.port(), pump(served.app)));
        pages.back()->hello(tab(i));
    }
    for (int n = 1; n <= 3; ++n)
        for (int i = 0; i < 200; ++i) pages[static_cast<std::size_t>(i)]->send(event(n, "board.add", {i}));
    for (int n = 1; n <= 3; ++n) {
        for (int i = 0; i < 200; ++i) {
            const Json ack = pages[static_cast<std::size_t>(i)]->json();
            REQUIRE(ack.at(1) == n);
            REQUIRE(ack.at(2) == "ok");
            if (i > 0) REQUIRE(ack.at(4).at(0).at(2) == i * n);
        }
    }
}

TEST_CASE("connections beyond the limit are closed at once, and there is room again when others leave") {
    Config config;
    config.limits.connections = 3;
    Served served{config};
    {
        std::vector<std::unique_ptr<Wire>> held;
        for (int i = 0; i < 3; ++i) {
            held.push_back(std::make_unique<Wire>(served.app.port(), pump(served.app)));
            held.back()->send("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n");
            CHECK(held.back()->http().status == 404);
        }
        Wire late = served.wire();
        CHECK(late.closes_within(5s));
    }
    for (int i = 0; i < 20; ++i) served.app.poll(5ms);
    CHECK(served.get("/none").status == 404);
}

TEST_CASE("stopping tells every client to come back, and closes with 1012") {
    Served served;
    WebSocket page = served.socket();
    page.hello(tab(1));
    WebSocket unknown = served.socket();
    WebSocket stuck = served.socket();
    stuck.hello(tab(2));
    const auto start = std::chrono::steady_clock::now();
    served.app.stop();
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    for (WebSocket* socket : {&page, &unknown, &stuck}) {
        CHECK(socket->json() == Json::parse(R"(["bye", {"code": "restart", "retry_ms": 1000}])"));
        CHECK(socket->close_code() == 1012);
    }
}

TEST_CASE("a client that closes in good order is answered with its code, and remembered") {
    Served served;
    WebSocket page = served.socket();
    page.hello(tab(1));
    page.send(WebSocket::close_opcode, std::string{"\x03\xe9", 2});  // 1001: going away
    CHECK(page.close_code() == 1001);
    CHECK(page.wire().closes_within());
    WebSocket again = served.socket();
    CHECK(again.hello(tab(1)).at("fresh") == false);
}

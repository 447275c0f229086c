// Who may talk to the app.
#include "door.hpp"

#include <catch2/catch_test_macros.hpp>

using tandem::is_allowed_host;
using tandem::is_same_origin;

TEST_CASE("addresses, localhost, .local and configured names are allowed, with or without a port") {
    const std::vector<std::string> configured{"app.example.com", "Intranet"};
    for (const char* host : {"127.0.0.1", "127.0.0.1:8000", "0.0.0.0", "255.255.255.255:1", "192.168.178.20:80",
             "localhost", "LOCALHOST:8000", "app.localhost", "robot.local", "Robot.Local:8080", "a.b.local", "[::1]",
             "[::1]:8000", "[fe80::1]", "[::ffff:127.0.0.1]:80", "[2001:DB8::1]", "app.example.com",
             "APP.example.com:443", "intranet", "intranet:8000"}) {
        INFO(host);
        CHECK(is_allowed_host(host, configured));
    }
}

TEST_CASE("every other host is refused") {
    const std::vector<std::string> configured{"app.example.com"};
    for (const char* host :
        {"", ":", ":80", "evil.example", "evil.example:80", "example.com", "x.app.example.com", "app.example.com.evil",
            "app.example.com.", "local", "localhost.evil", "evil-local", "notlocalhost", "127.0.0.1.evil", "127.0.0.1.",
            "127.0.0", "127.1", "127.0.0.0.1", "256.0.0.1", "1.2.3.4444", "0x7f.0.0.1", "2130706433", "-1.0.0.1",
            "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:80x", "127.0.0.1:123456", "localhost:", "::1", "[::1", "::1]", "[]",
            "[:]x", "[::1]x", "[::1]:", "[evil.example]", "[::g]", "[::1%25eth0]", "user@localhost", "localhost/x",
            "localhost ", " localhost", "localhost\\evil", "evil.example#.local:80/", "robot.local\n"}) {
        INFO(host);
        CHECK_FALSE(is_allowed_host(host, configured));
    }
    CHECK_FALSE(is_allowed_host(std::string(100'000, '1') + ".local\n", {}));
    CHECK_FALSE(is_allowed_host(std::string(100'000, ':'), {}));
    CHECK_FALSE(is_allowed_host(std::string("localhost\0", 10), {}));
}

TEST_CASE("an origin is the page's own when scheme, name and port are the host's, compared whole") {
    CHECK(is_same_origin("http://127.0.0.1:8000", "127.0.0.1:8000"));
    CHECK(is_same_origin("https://robot.local", "robot.local"));
    CHECK(is_same_origin("http://[::1]:8000", "[::1]:8000"));
    CHECK(is_same_origin("http://Robot.local", "robot.LOCAL"));
}

TEST_CASE("any other origin is foreign") {
    for (const char* origin : {"", "null", "127.0.0.1:8000", "//127.0.0.1:8000", "http://", "https://",
             "http://127.0.0.1", "http://127.0.0.1:80", "http://127.0.0.1:80000", "http://127.0.0.1:8000/",
             "http://127.0.0.1:8000.evil.example", "http://evil.example/127.0.0.1:8000",
             "http://127.0.0.1:8000@evil.example", "http://user@127.0.0.1:8000", "ftp://127.0.0.1:8000",
             "ws://127.0.0.1:8000", "file://", "chrome-extension://127.0.0.1:8000",
             "http://127.0.0.1:8000 http://evil.example", " http://127.0.0.1:8000"}) {
        INFO(origin);
        CHECK_FALSE(is_same_origin(origin, "127.0.0.1:8000"));
    }
    CHECK_FALSE(is_same_origin("http://", ""));
    CHECK_FALSE(is_same_origin("", ""));
}

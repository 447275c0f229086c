#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/uuid.hpp>

#include "support/oracle.hpp"

using Catch::Matchers::ContainsSubstring;
using tandem::Uuid;

namespace {
constexpr const char* canonical = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
}

TEST_CASE("a UUID is read in its usual forms and written in the canonical one") {
    for (const char* text : {canonical, "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae7dec11d0a76500a0c91e6bf6",
             "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}) {
        INFO(text);
        REQUIRE(Uuid::parse(text));
        CHECK(Uuid::parse(text)->to_string() == canonical);
    }
    CHECK(Uuid::parse(canonical)->bytes()[0] == 0xF8);
    CHECK(Uuid::parse(canonical)->bytes()[15] == 0xF6);
}

TEST_CASE("what is no UUID is not read") {
    for (const char* text : {"", "x", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "g81d4fae-7dec-11d0-a765-00a0c91e6bf6",
             "f81d4fae-7dec-11d0-a765-00a0c91e6bf67", "f81d4fae_7dec_11d0_a765_00a0c91e6bf6",
             "f81d4fae7-dec-11d0-a765-00a0c91e6bf6", "{}", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}) {
        INFO(text);
        CHECK_FALSE(Uuid::parse(text));
    }
    CHECK_THAT(error_of<tandem::ValueError>([] { (void)tandem::Codec<Uuid>::load("me"); }),
        ContainsSubstring("must be a UUID") && ContainsSubstring("\"me\""));
}

TEST_CASE("a random UUID is of version 4 and unlike the others") {
    std::set<Uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        const Uuid id = Uuid::random();
        CHECK(id.to_string()[14] == '4');
        CHECK(std::string_view{"89ab"}.find(id.to_string()[19]) != std::string_view::npos);
        seen.insert(id);
    }
    CHECK(seen.size() == 1000);
}

TEST_CASE("a new UUID is nil") {
    CHECK(Uuid{}.is_nil());
    CHECK(Uuid{}.to_string() == "00000000-0000-0000-0000-000000000000");
    CHECK_FALSE(Uuid::parse(canonical)->is_nil());
}

#include <cstdint>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/base64.hpp>

using tandem::orm::base64_decode;
using tandem::orm::base64_encode;

namespace {
std::vector<std::byte> bytes(std::string_view text) {
    std::vector<std::byte> result;
    for (const char c : text) result.push_back(static_cast<std::byte>(c));
    return result;
}
}  // namespace

TEST_CASE("base64 encodes the vectors of RFC 4648") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        CHECK(base64_encode(bytes(plain)) == encoded);
        CHECK(base64_decode(encoded) == bytes(plain));
    }
}

TEST_CASE("base64 gives back any bytes") {
    std::mt19937 random{7};
    for (std::size_t size = 0; size < 100; ++size) {
        std::vector<std::byte> data(size);
        for (auto& byte : data) byte = static_cast<std::byte>(random() & 0xffU);
        CHECK(base64_decode(base64_encode(data)) == data);
    }
}

TEST_CASE("text that is not base64 is refused") {
    for (const auto* text :
        {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v=", "Z=g=", "Zm 9", "Zm9-", "Zm9\xff"}) {
        INFO(text);
        CHECK_FALSE(base64_decode(text));
    }
}

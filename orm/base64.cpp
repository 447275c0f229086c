#include <cstdint>

#include <tandem/orm/base64.hpp>

namespace tandem::orm {
namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string base64_encode(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = (group << 8) | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) text += k <= count ? alphabet[(group >> (18 - 6 * k)) & 63U] : '=';
    }
    return text;
}

std::optional<std::vector<std::byte>> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        std::size_t padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const char c = text[i + k];
            const auto value = alphabet.find(c);
            if (c == '=' && i + 4 == text.size() && k >= 2) ++padding;
            else if (value == std::string_view::npos || padding > 0) return std::nullopt;
            group = (group << 6) | (c == '=' ? 0U : static_cast<std::uint32_t>(value));
        }
        for (std::size_t k = 0; k + padding < 3; ++k)
            bytes.push_back(static_cast<std::byte>((group >> (16 - 8 * k)) & 0xffU));
    }
    return bytes;
}

}  // namespace tandem::orm

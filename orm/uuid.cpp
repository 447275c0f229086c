#include <cstring>

#include <unistd.h>

#include <tandem/orm/error.hpp>
#include <tandem/orm/uuid.hpp>

namespace tandem {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The canonical form has a dash before these bytes.
constexpr bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

std::string_view without_wrapping(std::string_view text) {
    constexpr std::string_view urn = "urn:uuid:";
    if (text.starts_with(urn)) return text.substr(urn.size());
    if (text.size() > 2 && text.front() == '{' && text.back() == '}') return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace

Uuid Uuid::random() {
    std::array<std::uint8_t, 16> bytes{};
    if (getentropy(bytes.data(), bytes.size()) != 0)
        throw OperationalError(std::string{"the operating system gives no random numbers: "} + std::strerror(errno));
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);  // the variant of RFC 9562
    return Uuid{bytes};
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    text = without_wrapping(text);
    const bool dashed = text.size() == 36;
    if (!dashed && text.size() != 32) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dashed && dash_before(i) && text[at++] != '-') return std::nullopt;
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return Uuid{bytes};
}

std::string Uuid::to_string() const {
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        if (dash_before(i)) text += '-';
        text += hex_digits[bytes_[i] >> 4U];
        text += hex_digits[bytes_[i] & 15U];
    }
    return text;
}

Uuid Codec<Uuid>::load(std::string_view text) {
    const auto value = Uuid::parse(text);
    if (!value)
        throw ValueError("must be a UUID such as f81d4fae-7dec-11d0-a765-00a0c91e6bf6, not \"" +
            std::string{text.substr(0, 64)} + "\"");
    return *value;
}

}  // namespace tandem

std::size_t std::hash<tandem::Uuid>::operator()(const tandem::Uuid& value) const noexcept {
    const auto& bytes = value.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

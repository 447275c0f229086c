/// `Uuid`: 128-bit identifiers (RFC 9562), also as keys that the program makes itself.
///
/// Contract: text is the canonical form, 36 lower-case characters; a new `Uuid{}` is nil. As the primary key of a
/// model, nil means "assign one": the ORM draws a random one before the INSERT. Pitfall: random keys scatter a table's
/// index; where rows come by the million, prefer integers.
///
///     struct Ticket : tandem::Model<Ticket, tandem::Uuid> { std::string text; TANDEM_MODEL(Ticket, text) };
///     auto id = tandem::Uuid::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tandem/orm/codec.hpp>

namespace tandem {

class Uuid {
public:
    constexpr Uuid() = default;
    constexpr explicit Uuid(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
    /// A random one (version 4), from the operating system's generator.
    [[nodiscard]] static Uuid random();
    /// Reads the canonical form in either case, also without its dashes, in braces, or after `urn:uuid:`. Empty for
    /// anything else.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] constexpr bool is_nil() const { return *this == Uuid{}; }
    [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
    auto operator<=>(const Uuid&) const = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
};

template <>
struct Codec<Uuid> {
    using stored = std::string;
    static constexpr orm::SqlType sql_type{orm::SqlType::Name::uuid};
    static std::string store(const Uuid& value) { return value.to_string(); }
    static Uuid load(std::string_view text);
    static bool is_unset(const Uuid& value) { return value.is_nil(); }
    static Uuid generate() { return Uuid::random(); }
};

}  // namespace tandem

template <>
struct std::hash<tandem::Uuid> {
    std::size_t operator()(const tandem::Uuid& value) const noexcept;
};

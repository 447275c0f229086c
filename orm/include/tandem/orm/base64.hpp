/// Base64 (RFC 4648, with padding): how blobs travel in JSON.
///
///     tandem::orm::base64_encode(bytes);   // "aGk="
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::orm {

[[nodiscard]] std::string base64_encode(std::span<const std::byte> bytes);
/// Empty for text that is not base64 (wrong characters, length or padding).
[[nodiscard]] std::optional<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace tandem::orm

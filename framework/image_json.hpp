// Images as JSON text, in the encodings of protocol.md.
#pragma once

#include <string>
#include <string_view>

#include <tandem/framework/image.hpp>

namespace tandem {

/// Appends the value that `in` stands on, and steps over it.
void append_json(std::string& out, ImageReader& in);
/// Appends a scalar.
void append_json(std::string& out, const orm::ValueView& value);
/// Appends a string in quotes, escaped for JSON; nothing else is encoded.
void append_json_text(std::string& out, std::string_view text);

}  // namespace tandem

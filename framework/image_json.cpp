#include "image_json.hpp"

#include <array>
#include <charconv>

#include <tandem/orm/base64.hpp>

namespace tandem {

using orm::Kind;
using orm::ValueView;

namespace {

constexpr std::int64_t largest_exact = 9007199254740991;  // 2^53 - 1: what a JavaScript number holds exactly

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> text;
    const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
    out.append(text.data(), result.ptr);
}

void append_escape(std::string& out, unsigned char c) {
    switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: {
            constexpr std::string_view digits = "0123456789abcdef";
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
}

/// The length of the valid UTF-8 sequence at the start of a text; 0 when it is not valid (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// Appends text escaped for JSON. What is not UTF-8 becomes U+FFFD: a WebSocket text frame must be valid, or the page
/// would be cut off.
void append_escaped(std::string& out, std::string_view text) {
    std::size_t clean = 0;  // start of what needs no escape
    std::size_t i = 0;
    const auto flush = [&] { out.append(text.substr(clean, i - clean)); };
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            ++i;
            continue;
        }
        const std::size_t length = c < 0x80 ? 0 : utf8_length(text.substr(i));
        if (length > 0) {
            i += length;
            continue;
        }
        flush();
        if (c < 0x80) append_escape(out, c);
        else out += "\xEF\xBF\xBD";
        clean = ++i;
    }
    flush();
}

void append_real(std::string& out, double value) { append_number(out, value); }

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

void append_json(std::string& out, const ValueView& value) {
    switch (value.kind()) {
        case Kind::null: out += "null"; break;
        case Kind::boolean: out += value.boolean() ? "true" : "false"; break;
        case Kind::integer:
            // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the kind says which member is set
            if (value.integer() > largest_exact || value.integer() < -largest_exact) {
                out += "\"~i";
                append_number(out, value.integer());
                out += '"';
            } else {
                append_number(out, value.integer());
            }
            break;
        case Kind::real: append_real(out, value.real()); break;
        case Kind::text:
            out += value.text().starts_with('~') ? "\"~" : "\"";
            append_escaped(out, value.text());
            out += '"';
            break;
        case Kind::json: out += value.text(); break;
        case Kind::time:
        case Kind::date:
        case Kind::time_of_day:
        case Kind::duration:
        case Kind::decimal:
            out += '"';
            out += orm::to_text(value);
            out += '"';
            break;
        case Kind::blob:
            out += '"';
            out += orm::base64_encode(value.bytes());
            out += '"';
            break;
    }
}

void append_json(std::string& out, ImageReader& in) {
    switch (in.tag()) {
        case Tag::list: {
            const auto [count, keyed] = in.list();
            out += '[';
            for (std::uint32_t i = 0; i < count; ++i) {
                if (i > 0) out += ',';
                if (keyed) in.skip();
                append_json(out, in);
            }
            out += ']';
            break;
        }
        case Tag::object: {
            const Shape& shape = in.object();
            char glue = '{';
            for (const char* name : shape) {
                if (in.tag() == Tag::absent) {
                    in.skip();
                    continue;
                }
                out += glue;
                glue = ',';
                append_json_text(out, name);
                out += ':';
                append_json(out, in);
            }
            out += glue == '{' ? "{}" : "}";
            break;
        }
        case Tag::map: {
            const std::uint32_t count = in.map();
            out += '{';
            for (std::uint32_t i = 0; i < count; ++i) {
                if (i > 0) out += ',';
                append_json_text(out, in.value().text());
                out += ':';
                append_json(out, in);
            }
            out += '}';
            break;
        }
        default: append_json(out, in.value()); break;
    }
}

}  // namespace tandem

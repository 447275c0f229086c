#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <tandem/framework/json_view.hpp>
#include <tandem/orm/error.hpp>

#include "json_parser.hpp"

namespace tandem {

using orm::ValueView;
using simdjson::dom::element;

namespace {

static_assert(sizeof(element) == sizeof(JsonView::Storage) && std::is_trivially_copyable_v<element>);

element to_element(const JsonView& view) { return std::bit_cast<element>(view.storage()); }
JsonView to_view(element value) { return JsonView{std::bit_cast<JsonView::Storage>(value)}; }

ValueView decode_text(std::string_view text) {
    if (!text.starts_with('~')) return ValueView::of(text);
    if (text.starts_with("~~")) return ValueView::of(text.substr(1));
    if (text.starts_with("~i")) {
        std::int64_t integer = 0;
        const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), integer);
        if (error == std::errc{} && end == text.data() + text.size()) return ValueView::of(integer);
    }
    throw ValueError("is a string with \"~\" in front that encodes no value");
}

/// JavaScript writes numbers up to 1e21 without exponent, and the parser knows no integers of that size: `.0` makes
/// them reals.
std::string with_long_integers_as_reals(std::string_view text) {
    constexpr std::size_t always_fits = 18;  // digits
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string out;
    out.reserve(text.size() + 64);
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        if (text[i] == '"') {
            while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
            end = std::min(end + 1, text.size());
        } else if (is_digit(text[i])) {
            // A number from its first digit; its fraction and exponent too, which would look like integers.
            bool is_integer = true;
            for (; end < text.size() &&
                 (is_digit(text[end]) || std::string_view{".eE+-"}.find(text[end]) != std::string_view::npos);
                 ++end)
                is_integer = is_integer && is_digit(text[end]);
            out.append(text, i, end - i);
            if (is_integer && end - i > always_fits) out += ".0";
            i = end;
            continue;
        }
        out.append(text, i, end - i);
        i = end;
    }
    return out;
}

}  // namespace

JsonView::Type JsonView::type() const {
    const element value = to_element(*this);
    if (value.is_array()) return Type::list;
    return value.is_object() ? Type::object : Type::scalar;
}

ValueView JsonView::scalar() const {
    const element value = to_element(*this);
    switch (value.type()) {
        case simdjson::dom::element_type::BOOL: return ValueView::of(bool{value.get_bool().value_unsafe()});
        case simdjson::dom::element_type::INT64: return ValueView::of(std::int64_t{value.get_int64().value_unsafe()});
        case simdjson::dom::element_type::UINT64:
            return ValueView::of(static_cast<double>(std::uint64_t{value.get_uint64().value_unsafe()}));
        case simdjson::dom::element_type::DOUBLE: return ValueView::of(double{value.get_double().value_unsafe()});
        case simdjson::dom::element_type::STRING: return decode_text(value.get_string().value_unsafe());
        default: return {};
    }
}

std::optional<std::string_view> JsonView::plain_text() const {
    const auto text = to_element(*this).get_string();
    if (text.error() != simdjson::SUCCESS) return std::nullopt;
    return text.value_unsafe();
}

std::size_t JsonView::size() const {
    const element value = to_element(*this);
    if (value.is_array()) return value.get_array().value_unsafe().size();
    return value.is_object() ? value.get_object().value_unsafe().size() : 0;
}

void JsonView::visit_elements(void* context, void (*visit)(void*, const JsonView&)) const {
    // Named: value_unsafe() refers into the result, which a loop over a temporary would outlive (C++20).
    const auto array = to_element(*this).get_array();
    for (const element item : array.value_unsafe()) visit(context, to_view(item));
}
void JsonView::visit_members(void* context, void (*visit)(void*, std::string_view, const JsonView&)) const {
    const auto object = to_element(*this).get_object();
    for (const auto& [name, value] : object.value_unsafe()) visit(context, name, to_view(value));
}

Json JsonView::to_json() const {
    switch (type()) {
        case Type::list: {
            Json list = Json::array();
            each_element([&](const JsonView& value) { list.push_back(value.to_json()); });
            return list;
        }
        case Type::object: {
            Json object = Json::object();
            each_member(
                [&](std::string_view name, const JsonView& value) { object[std::string{name}] = value.to_json(); });
            return object;
        }
        case Type::scalar: break;
    }
    const ValueView value = scalar();
    switch (value.kind()) {
        case orm::Kind::boolean: return value.boolean();
        case orm::Kind::integer: return value.integer();
        case orm::Kind::real: return value.real();
        case orm::Kind::text: return std::string{value.text()};
        default: return nullptr;
    }
}

struct JsonParser::Parser {
    simdjson::dom::parser parser{};
};

JsonParser::JsonParser(std::size_t max_bytes, std::size_t max_depth)
    : parser_(std::make_unique<Parser>()), max_bytes_(max_bytes), max_depth_(max_depth) {}
JsonParser::~JsonParser() = default;

std::optional<JsonView> JsonParser::parse(std::string_view text) {
    if (text.size() > max_bytes_) return std::nullopt;
    if (parser_->parser.max_depth() != max_depth_ || parser_->parser.capacity() < text.size())
        if (parser_->parser.allocate(std::max<std::size_t>(text.size(), 4096), max_depth_) != simdjson::SUCCESS)
            return std::nullopt;
    element value;
    // The parser copies the text, as it needs readable bytes behind it.
    auto error = parser_->parser.parse(text.data(), text.size(), true).get(value);
    if (error == simdjson::NUMBER_ERROR) error = parser_->parser.parse(with_long_integers_as_reals(text)).get(value);
    if (error != simdjson::SUCCESS) return std::nullopt;
    return to_view(value);
}

}  // namespace tandem

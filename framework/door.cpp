#include "door.hpp"

#include <algorithm>
#include <cctype>

namespace tandem {
namespace {

std::string lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

bool is_digits(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest &&
        std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_ipv4(std::string_view text) {
    int parts = 0;
    while (true) {
        const auto dot = text.find('.');
        const std::string_view part = text.substr(0, dot);
        if (!is_digits(part, 3) || std::stoi(std::string{part}) > 255) return false;
        ++parts;
        if (dot == std::string_view::npos) return parts == 4;
        text.remove_prefix(dot + 1);
    }
}

bool is_ipv6_literal(std::string_view text) {
    if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
    text.remove_prefix(1);
    text.remove_suffix(1);
    return text.find(':') != std::string_view::npos &&
        std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':' || c == '.'; });
}

/// The name of "name:port" or "[address]:port"; empty when it is neither.
std::string_view name_of(std::string_view host) {
    const auto colon = host.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (host.front() != '[' || host[colon - (colon > 0 ? 1 : 0)] == ']');
    if (!has_port) return host;
    return is_digits(host.substr(colon + 1), 5) ? host.substr(0, colon) : std::string_view{};
}

}  // namespace

bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed) {
    if (host.empty()) return false;
    const std::string name = lower(name_of(host));
    if (name.empty()) return false;
    if (name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local") || is_ipv4(name) ||
        is_ipv6_literal(name))
        return true;
    return std::ranges::any_of(allowed, [&](const std::string& other) { return lower(other) == name; });
}

bool is_same_origin(std::string_view origin, std::string_view host) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (origin.starts_with(scheme)) return !host.empty() && lower(origin.substr(scheme.size())) == lower(host);
    return false;
}

}  // namespace tandem

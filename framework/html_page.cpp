#include "html_page.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <random>

#include <tandem/orm/base64.hpp>
#include <tandem/orm/error.hpp>

namespace tandem {
namespace {

std::size_t find_tag(std::string_view html, std::string_view tag, std::size_t from = 0) {
    const auto equal = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    const auto found =
        std::search(html.begin() + static_cast<std::ptrdiff_t>(from), html.end(), tag.begin(), tag.end(), equal);
    return found == html.end() ? std::string_view::npos : static_cast<std::size_t>(found - html.begin());
}

/// The `>` that ends the tag which starts at `from`, as far as it is not inside quotes.
std::size_t find_tag_end(std::string_view html, std::size_t from) {
    char quote = 0;
    for (std::size_t i = from; i < html.size(); ++i) {
        const char c = html[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i;
        }
    }
    return std::string_view::npos;
}

}  // namespace

HtmlPage::HtmlPage(std::string_view html, std::string_view file) {
    const auto require = [&](bool condition, const char* problem) {
        if (!condition) throw ArgumentError("page " + std::string{file} + " " + problem);
    };
    const std::size_t head_end = find_tag(html, "</head>");
    require(head_end != std::string_view::npos, "has no </head>; a page is a whole HTML document");
    const std::size_t body = find_tag(html, "<body", head_end);
    const std::size_t body_open = body == std::string_view::npos ? body : find_tag_end(html, body);
    require(body_open != std::string_view::npos, "has no <body>; its content is the page's template");
    std::size_t body_end = find_tag(html, "</body>", body_open);
    require(body_end != std::string_view::npos, "has no </body>");
    template_ = html.substr(body_open + 1, body_end - body_open - 1);
    require(find_tag(template_, "<script") == std::string_view::npos &&
            find_tag(template_, "</script") == std::string_view::npos,
        "has a script in its body, which is a template; put scripts into a file and load it from the head");
    head_ = html.substr(0, head_end);
    body_tag_ = html.substr(head_end, body_open + 1 - head_end);
    tail_ = html.substr(body_end);
}

std::string HtmlPage::render(std::string_view nonce, std::string_view build) const {
    std::string out;
    out.reserve(head_.size() + template_.size() + 1024);
    // Scripts that the author loads from the head get the nonce too.
    for (std::size_t at = 0; at < head_.size();) {
        const std::size_t script = std::min(find_tag(head_, "<script", at), head_.size());
        out.append(head_, at, script - at);
        at = script;
        if (at == head_.size()) break;
        out += "<script nonce=\"";
        out += nonce;
        out += '"';
        at += std::strlen("<script");
    }
    out += "<meta name=\"tandem-build\" content=\"";
    out += build;
    out += "\">\n";
    out += body_tag_;
    out += "<noscript><p>This page needs JavaScript.</p></noscript>\n<div id=\"tandem\"></div>\n<script "
           "type=\"text/x-template\" id=\"tandem-page\">";
    out += template_;
    out += "</script>\n<script nonce=\"";
    out += nonce;
    out += "\" defer src=\"/_tandem/tandem.js?v=";
    out += build;
    out += "\"></script>\n";
    out += tail_;
    return out;
}

std::string content_security_policy(std::string_view nonce) {
    return "default-src 'self'; script-src 'nonce-" + std::string{nonce} +
        "'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'";
}

std::string random_nonce() {
    // random_device is the system's generator (getrandom) in libstdc++ and libc++.
    std::random_device device;
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(unsigned)) {
        const unsigned word = device();
        std::memcpy(bytes.data() + i, &word, sizeof word);
    }
    return orm::base64_encode(bytes);
}

}  // namespace tandem

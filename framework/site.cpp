#include "site.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>

#include <tandem/framework/app.hpp>
#include <tandem/framework/resources.hpp>

bool tandem_browser_client();  // made by tandem_embed()

namespace tandem {
namespace {

std::string_view media_type(std::string_view path) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 14> types{{
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".html", "text/html; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".gif", "image/gif"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".wasm", "application/wasm"},
        {".webmanifest", "application/manifest+json"},
    }};
    for (const auto& [ending, type] : types)
        if (path.ends_with(ending)) return type;
    return "application/octet-stream";
}

std::string entity_tag(std::string_view content) {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    std::ostringstream text;
    text << '"' << std::hex << hash << '"';
    return text.str();
}

std::optional<std::string> read_file(std::string_view path) {
    std::ifstream file{std::string{path}, std::ios::binary};
    if (!file) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

Response plain(unsigned status, std::string text) {
    return {status, std::move(text), {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}}};
}

}  // namespace

Site::Site(const Config& config, std::string build) : development_(config.development), build_(std::move(build)) {
    // Called, not a static object: nothing else refers to that part of the library.
    tandem_browser_client();
    for (const std::string_view app : {std::string_view{config.app_name}, std::string_view{"tandem"}}) {
        for (const Resource& resource : resources_of(app)) {
            if (resource.kind == Resource::Kind::page) {
                pages_.emplace(resource.path, HtmlPage{resource.content, resource.source});
                page_sources_.emplace(resource.path, resource.source);
            } else {
                assets_.emplace(resource.path, Asset{resource.content, resource.source, entity_tag(resource.content)});
            }
        }
    }
}

Response Site::get(std::string_view path, std::string_view etag) const {
    if (const auto found = pages_.find(path); found != pages_.end()) {
        if (!development_) return page(found->second);
        const std::string_view source = page_sources_.find(path)->second;
        const auto html = read_file(source);
        if (!html) return page(found->second);
        try {
            return page(HtmlPage{*html, source});
        } catch (const ArgumentError& error) { return plain(500, error.what()); }
    }
    if (const auto found = assets_.find(path); found != assets_.end()) return asset(path, found->second, etag);
    return plain(404, "There is nothing here.\n");
}

Response Site::page(const HtmlPage& page) const {
    const std::string nonce = random_nonce();
    return {200, page.render(nonce, build_),
        {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"},
            {"Content-Security-Policy", content_security_policy(nonce)}, {"Referrer-Policy", "same-origin"}}};
}

Response Site::asset(std::string_view path, const Asset& asset, std::string_view etag) const {
    Response response{200, {}, {{"Content-Type", std::string{media_type(path)}}, {"Cache-Control", "no-cache"}}};
    std::optional<std::string> fresh;
    if (development_) fresh = read_file(asset.source);
    const std::string tag = fresh ? entity_tag(*fresh) : asset.etag;
    response.headers.emplace_back("ETag", tag);
    if (tag == etag) response.status = 304;
    else response.body = fresh ? std::move(*fresh) : std::string{asset.content};
    return response;
}

}  // namespace tandem

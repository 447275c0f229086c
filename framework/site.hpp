// What an app serves over HTTP: its pages and assets, and the browser client.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "html_page.hpp"

namespace tandem {

struct Config;

struct Response {
    unsigned status = 200;
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

class Site {
public:
    /// Throws ArgumentError for a page that cannot be served.
    Site(const Config& config, std::string build);

    /// The answer to a GET for a path without query. `etag`: the request's If-None-Match.
    [[nodiscard]] Response get(std::string_view path, std::string_view etag) const;

private:
    struct Asset {
        std::string_view content;
        std::string_view source;
        std::string etag;
    };
    [[nodiscard]] Response page(const HtmlPage& page) const;
    [[nodiscard]] Response asset(std::string_view path, const Asset& asset, std::string_view etag) const;

    bool development_;
    std::string build_;
    std::map<std::string, HtmlPage, std::less<>> pages_{};
    std::map<std::string, std::string_view, std::less<>> page_sources_{};
    std::map<std::string, Asset, std::less<>> assets_{};
};

}  // namespace tandem

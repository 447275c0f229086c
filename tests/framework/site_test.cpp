// What an app serves, from the binary and, in development, from its source files.
#include "site.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <unistd.h>

#include <tandem/framework/app.hpp>
#include <tandem/framework/resources.hpp>
#include <tandem/orm/error.hpp>

using Catch::Matchers::ContainsSubstring;
using tandem::Config;
using tandem::Resource;
using tandem::Response;
using tandem::Site;

namespace {

/// Source files on disk, as an author edits them.
struct Sources {
    Sources() { std::filesystem::create_directories(folder); }
    Sources(const Sources&) = delete;
    Sources& operator=(const Sources&) = delete;
    ~Sources() { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const { std::ofstream{folder / name} << text; }

    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("tandem_site_" + std::to_string(getpid()));
};

const std::string& page_source() {
    static const std::string path = Sources{}.folder / "index.html";
    return path;
}
const std::string& style_source() {
    static const std::string path = Sources{}.folder / "app.css";
    return path;
}

[[maybe_unused]] const bool registered = tandem::register_resources("site_app",
    {{Resource::Kind::page, "/", page_source(), "<head></head><body>embedded page</body>"},
        {Resource::Kind::asset, "/app.css", style_source(), "embedded style"},
        {Resource::Kind::asset, "/data.bin", "/nonexistent", "bytes"}});
[[maybe_unused]] const bool wrong_registered =
    tandem::register_resources("wrong_app", {{Resource::Kind::page, "/", "pages/wrong.html", "<p>no document</p>"}});

std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

}  // namespace

TEST_CASE("outside development the embedded files are served, whatever lies on the disk") {
    const Sources sources;
    sources.write("index.html", "<head></head><body>edited page</body>");
    sources.write("app.css", "edited style");
    const Site site{Config{.app_name = "site_app"}, "build"};
    CHECK_THAT(site.get("/", "").body, ContainsSubstring("embedded page"));
    CHECK(site.get("/app.css", "").body == "embedded style");
}

TEST_CASE("in development pages and assets are read from their files at each request") {
    const Sources sources;
    const Site site{Config{.app_name = "site_app", .development = true}, "build"};
    CHECK_THAT(site.get("/", "").body, ContainsSubstring("embedded page"));  // no source file: what was embedded
    CHECK(site.get("/app.css", "").body == "embedded style");
    const std::string embedded_tag = header(site.get("/app.css", ""), "ETag");
    sources.write("index.html", "<head></head><body>first edit</body>");
    sources.write("app.css", "first style");
    CHECK_THAT(site.get("/", "").body, ContainsSubstring("first edit"));
    const Response style = site.get("/app.css", embedded_tag);
    CHECK(style.status == 200);
    CHECK(style.body == "first style");
    CHECK(site.get("/app.css", header(style, "ETag")).status == 304);
    sources.write("index.html", "<head></head><body>second edit</body>");
    CHECK_THAT(site.get("/", "").body, ContainsSubstring("second edit"));
}

TEST_CASE("in development a page that cannot be served says what is wrong with it") {
    const Sources sources;
    sources.write("index.html", "<p>half a page</p>");
    const Site site{Config{.app_name = "site_app", .development = true}, "build"};
    const Response response = site.get("/", "");
    CHECK(response.status == 500);
    CHECK_THAT(response.body, ContainsSubstring(page_source()));
    CHECK_THAT(header(response, "Content-Type"), ContainsSubstring("text/plain"));
}

TEST_CASE("an embedded page that cannot be served is an error at start, naming the file") {
    CHECK_THROWS_AS(Site(Config{.app_name = "wrong_app"}, "build"), tandem::ArgumentError);
    CHECK_THROWS_WITH(Site(Config{.app_name = "wrong_app"}, "build"), ContainsSubstring("pages/wrong.html"));
}

TEST_CASE("files of other apps in the same binary are not served") {
    const Site site{Config{.app_name = "no_such_app"}, "build"};
    CHECK(site.get("/", "").status == 404);
    CHECK(site.get("/app.css", "").status == 404);
    CHECK(site.get("/_tandem/tandem.js", "").status == 200);
}

TEST_CASE("what has no known type is served as bytes") {
    const Site site{Config{.app_name = "site_app"}, "build"};
    CHECK(header(site.get("/data.bin", ""), "Content-Type") == "application/octet-stream");
}

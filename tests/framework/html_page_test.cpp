// An author's HTML file, made into the document that is served.
#include "html_page.hpp"

#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/error.hpp>

using Catch::Matchers::ContainsSubstring;
using tandem::HtmlPage;

namespace {

std::string served(const std::string& html) { return HtmlPage{html, "pages/test.html"}.render("NONCE", "build7"); }

/// What the browser finds in the inert template.
std::string template_of(const std::string& document) {
    const std::string start = "<script type=\"text/x-template\" id=\"tandem-page\">";
    const auto at = document.find(start);
    REQUIRE(at != std::string::npos);
    return document.substr(at + start.size(), document.find("</script>", at) - at - start.size());
}

std::size_t count(const std::string& text, const std::string& word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("the body becomes an inert template; head and body tag stay as they are") {
    const std::string document = served("<!doctype html>\n<html lang=\"de\"><head><title>T</title></head>\n<body "
                                        "id=\"b\" class=\"c\">\n<p>{{ x < 1 && y }}</p>\n</body></html>\n");
    CHECK(template_of(document) == "\n<p>{{ x < 1 && y }}</p>\n");
    CHECK_THAT(document, ContainsSubstring("<!doctype html>\n<html lang=\"de\"><head><title>T</title>"));
    CHECK_THAT(document, ContainsSubstring("</head>\n<body id=\"b\" class=\"c\">"));
    CHECK(document.ends_with("</body></html>\n"));
    CHECK(count(document, "{{ x < 1 && y }}") == 1);
    CHECK_THAT(document, ContainsSubstring("<meta name=\"tandem-build\" content=\"build7\">"));
    CHECK_THAT(document, ContainsSubstring("<noscript>"));
    CHECK_THAT(document, ContainsSubstring("<div id=\"tandem\"></div>"));
    CHECK_THAT(
        document, ContainsSubstring("<script nonce=\"NONCE\" defer src=\"/_tandem/tandem.js?v=build7\"></script>"));
}

TEST_CASE("tags may be upper case, and their attributes in any order, with anything in quotes") {
    CHECK(template_of(served("<HTML><HEAD></HEAD><BODY><P>1</P></BODY></HTML>")) == "<P>1</P>");
    CHECK(template_of(served("<head></head><body data-b=\"x > y\" class='a > b'>T</body>")) == "T");
    CHECK(template_of(served("<head></head><body\n  class=\"a\"\n>T</body>")) == "T");
    CHECK(template_of(served("<head></head><body></body>")).empty());
    const std::string document = served("<head></head><body v-on:click=\"a > b ? c() : d()\">T</body>");
    CHECK_THAT(document, ContainsSubstring("<body v-on:click=\"a > b ? c() : d()\"><noscript>"));
}

TEST_CASE("scripts of the head get the nonce, each once") {
    const std::string document =
        served("<head><script src=\"/a.js\"></script><SCRIPT defer src=\"/b.js\"></SCRIPT><script type=\"module\" "
               "src=\"/c.js\"></script></head><body></body>");
    CHECK_THAT(document, ContainsSubstring("<script nonce=\"NONCE\" src=\"/a.js\">"));
    CHECK_THAT(document, ContainsSubstring("<script nonce=\"NONCE\" defer src=\"/b.js\">"));
    CHECK_THAT(document, ContainsSubstring("<script nonce=\"NONCE\" type=\"module\" src=\"/c.js\">"));
    CHECK(count(document, "nonce=\"NONCE\"") == 4);  // and the browser client's
}

TEST_CASE("a page without head or body, or with a script in its body, is refused, naming the file") {
    for (const char* html : {"", "<p>only a fragment</p>", "<html><body></body></html>", "<head></head>",
             "<head></head><body", "<head></head><body>", "<body></body><head></head>",
             "<head></head><body>never closed", "<head></head><body><script>alert(1)</script></body>",
             "<head></head><body><SCRIPT src=\"/x.js\"></SCRIPT></body>", "<head></head><body><p></p></script></body>",
             "<head></head><body><!-- <script> --></body>"}) {
        INFO(html);
        CHECK_THROWS_AS(HtmlPage(html, "pages/wrong.html"), tandem::ArgumentError);
        CHECK_THROWS_WITH(HtmlPage(html, "pages/wrong.html"), ContainsSubstring("pages/wrong.html"));
    }
}

TEST_CASE("the policy allows nothing from elsewhere, no inline script but with the nonce, and no eval") {
    const std::string policy = tandem::content_security_policy("abc");
    CHECK_THAT(policy, ContainsSubstring("default-src 'self'"));
    CHECK_THAT(policy, ContainsSubstring("script-src 'nonce-abc'"));
    CHECK_THAT(policy, ContainsSubstring("object-src 'none'"));
    CHECK_THAT(policy, ContainsSubstring("base-uri 'none'"));
    CHECK_THAT(policy, ContainsSubstring("frame-ancestors 'none'"));
    CHECK_THAT(policy, !ContainsSubstring("unsafe"));
    CHECK_THAT(policy, !ContainsSubstring("*"));
    CHECK_THAT(policy, !ContainsSubstring("\n"));
}

TEST_CASE("nonces are 128 random bits, and fit into an attribute and a header") {
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i) nonces.insert(tandem::random_nonce());
    CHECK(nonces.size() == 1000);
    for (const std::string& nonce : nonces) {
        CHECK(nonce.size() == 24);
        CHECK(nonce.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
            std::string::npos);
    }
}

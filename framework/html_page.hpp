// A page: an author's HTML file, whose body is a template, made into the document that is served.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

class HtmlPage {
public:
    /// Takes an HTML file apart. Throws ArgumentError, naming the file, for one without head or body, or with a script
    /// in its body.
    HtmlPage(std::string_view html, std::string_view file);

    /// The document: the template as inert text, and the browser client with the response's nonce.
    [[nodiscard]] std::string render(std::string_view nonce, std::string_view build) const;

private:
    std::string head_;      ///< up to </head>
    std::string body_tag_;  ///< from </head> to the end of <body …>
    std::string template_;
    std::string tail_;  ///< from </body>
};

/// The Content-Security-Policy of a page with this nonce: nothing from another host, no inline script but the client's,
/// no eval.
[[nodiscard]] std::string content_security_policy(std::string_view nonce);
/// 128 random bits in base64.
[[nodiscard]] std::string random_nonce();

}  // namespace tandem

// Parses what clients send. One parser a thread; a text's views are good until the next parse.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <tandem/framework/json_view.hpp>

namespace tandem {

class JsonParser {
public:
    JsonParser(std::size_t max_bytes, std::size_t max_depth);
    JsonParser(const JsonParser&) = delete;
    JsonParser& operator=(const JsonParser&) = delete;
    ~JsonParser();

    /// Empty when the text is no JSON, too long, or nested too deep.
    [[nodiscard]] std::optional<JsonView> parse(std::string_view text);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::size_t max_bytes_;
    std::size_t max_depth_;
};

}  // namespace tandem

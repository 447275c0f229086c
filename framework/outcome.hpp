// How an event ended, as the page is told.
#pragma once

#include <map>
#include <string>

namespace tandem {

struct Outcome {
    std::string code = "ok";
    std::string message{};
    std::string id{};      ///< opaque; the log has it too
    std::string detail{};  ///< the error's text; in development only
    std::map<std::string, std::string> fields{};

    [[nodiscard]] bool is_ok() const { return code == "ok"; }
    /// As JSON: `"ok"` or the error object of protocol.md.
    [[nodiscard]] std::string json() const;
};

/// The outcome for the exception that is being handled. What is not meant for the user gets an opaque id; its text goes
/// to `log_text`.
[[nodiscard]] Outcome outcome_of_current_exception(bool development, std::string& log_text);

/// The text of the exception that is being handled.
[[nodiscard]] std::string text_of_current_exception();

}  // namespace tandem

#include "outcome.hpp"

#include <array>
#include <cstdint>
#include <random>

#include <tandem/framework/errors.hpp>

#include "image_json.hpp"

namespace tandem {
namespace {

constexpr const char* no_std_exception = "an exception that is no std::exception";

std::string random_id() {
    static thread_local std::mt19937_64 generator{std::random_device{}()};
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (std::uint64_t bits = generator(), i = 0; i < 8; ++i, bits >>= 4) id += digits[bits & 15U];
    return id;
}

Outcome hidden_failure(
    const char* code, const char* message, const char* text, bool development, std::string& log_text) {
    Outcome outcome{.code = code, .message = message, .id = random_id()};
    if (development) outcome.detail = text;
    log_text = "error " + outcome.id + " (" + code + "): " + text;
    return outcome;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    out += ",\"";
    out += name;
    out += "\":";
    append_json_text(out, text);
}

}  // namespace

std::string Outcome::json() const {
    if (is_ok()) return "\"ok\"";
    std::string out = "{\"code\":";
    append_json_text(out, code);
    append_member(out, "message", message);
    append_member(out, "id", id);
    append_member(out, "detail", detail);
    if (!fields.empty()) {
        char glue = '{';
        out += ",\"fields\":";
        for (const auto& [field, text] : fields) {
            out += glue;
            glue = ',';
            append_json_text(out, field);
            out += ':';
            append_json_text(out, text);
        }
        out += '}';
    }
    return out + '}';
}

Outcome outcome_of_current_exception(bool development, std::string& log_text) {
    try {
        throw;
    } catch (const ValidationError& error) {
        return {.code = "invalid", .message = error.what(), .fields = error.fields()};
    } catch (const UserError& error) {
        return {.code = "refused", .message = error.what()};
    } catch (const Conflict& error) {
        return hidden_failure("conflict", "Somebody else changed this at the same moment. Please try again.",
            error.what(), development, log_text);
    } catch (const OperationalError& error) {
        return hidden_failure(
            "storage", "The change could not be stored. Please try again.", error.what(), development, log_text);
    } catch (const std::exception& error) {
        return hidden_failure(
            "failed", "Something went wrong; nothing was changed.", error.what(), development, log_text);
    } catch (...) {
        return hidden_failure(
            "failed", "Something went wrong; nothing was changed.", no_std_exception, development, log_text);
    }
}

std::string text_of_current_exception() {
    try {
        throw;
    } catch (const std::exception& error) { return error.what(); } catch (...) {
        return no_std_exception;
    }
}

}  // namespace tandem

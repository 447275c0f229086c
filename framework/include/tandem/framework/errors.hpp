/// Errors that a handler throws on purpose, for the user to see. Whatever a handler throws, nothing it did remains;
/// these two also say why.
///
///     if (form.message.empty()) throw tandem::ValidationError({{"message", "is required"}});
///     if (post->locked) throw tandem::UserError("This post is locked.");
///
/// Pitfall: any other exception reaches the page as "something went wrong" with an opaque id; its text stays in the
/// log.
#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include <tandem/orm/error.hpp>

namespace tandem {

/// The handler says no; `what()` is shown to the user. Outcome `refused`.
class UserError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Arguments break a rule. Outcome `invalid`, with a text by field name.
class ValidationError : public ValueError {
public:
    using Fields = std::map<std::string, std::string>;

    /// `ValidationError({{"message", "is required"}})`
    ValidationError(std::initializer_list<Fields::value_type> fields) : ValidationError(join(fields), fields) {}
    ValidationError(const std::string& text, Fields fields) : ValueError(text), fields_(std::move(fields)) {}
    [[nodiscard]] static ValidationError of(const Fields& fields) { return {join(fields), fields}; }
    [[nodiscard]] const Fields& fields() const { return fields_; }

private:
    static std::string join(const Fields& fields);
    Fields fields_;
};

}  // namespace tandem

/// Errors that a handler throws on purpose, for the user to see. Whatever a handler throws, nothing it did remains;
/// these two also say why.
///
///     if (form.message.empty()) throw tandem::ValidationError({{"message", "is required"}});
///     if (post->locked) throw tandem::UserError("This post is locked.");
///
/// Pitfall: any other exception reaches the page as "something went wrong" with an opaque id; its text stays in the
/// log.
#pragma once

#include <stdexcept>

#include <tandem/orm/error.hpp>

namespace tandem {

/// The handler says no; `what()` is shown to the user. Outcome `refused`.
class UserError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// ValidationError, for arguments that break a rule (outcome `invalid`, with a text by field name), is the ORM's:
// error.hpp.

}  // namespace tandem

/// What the board accepts: one place for all forms, whichever way they write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models.hpp"

/// The longest texts, in characters; the page's forms have the same limits.
inline constexpr std::size_t max_username = 40;
inline constexpr std::size_t max_email = 120;
inline constexpr std::size_t max_message = 200;

/// The text without blanks at its ends.
std::string trimmed(std::string_view text);

/// Trims the message of a flag. Throws ValidationError if it is empty or too long.
void check_message(std::string& message);

/// Trims an e-mail address. Throws ValidationError if it is none.
void check_email(std::string& email);

/// Trims a user's fields. Throws ValidationError, naming every field that is wrong, or taken by another user.
void check_user(tandem::Session& session, User& user);

/// "1 post", "2 posts".
std::string counted(std::int64_t count, std::string_view noun);

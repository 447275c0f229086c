#include "rules.hpp"

#include <algorithm>
#include <map>

#include <tandem/tandem.hpp>

namespace {

using Problems = std::map<std::string, std::string>;

/// Characters, not bytes: the bytes that begin one.
std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

bool has_space(std::string_view text) {
    return std::ranges::any_of(text, [](char byte) { return byte == ' ' || static_cast<unsigned char>(byte) < 0x20U; });
}

/// Enough to catch slips of the finger: only a mail tells whether an address works.
bool is_email(std::string_view text) {
    const auto at = text.find('@');
    if (has_space(text) || at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
        return false;
    const std::string_view domain = text.substr(at + 1);
    return domain.find('.') != std::string_view::npos && domain.front() != '.' && domain.back() != '.' &&
        domain.find("..") == std::string_view::npos;
}

void tidy_email(std::string& email, Problems& problems) {
    email = trimmed(email);
    if (email.empty()) problems["email"] = "An e-mail address is required.";
    else if (length(email) > max_email)
        problems["email"] = "At most " + std::to_string(max_email) + " characters, please.";
    else if (!is_email(email)) problems["email"] = "This is not an e-mail address like ana@example.org.";
}

void tidy_username(tandem::Session& session, User& user, Problems& problems) {
    user.username = trimmed(user.username);
    if (user.username.empty()) problems["username"] = "A name is required.";
    else if (length(user.username) > max_username)
        problems["username"] = "At most " + std::to_string(max_username) + " characters, please.";
    else if (session.exec(tandem::select(User::c.id).where(User::c.username == user.username && User::c.id != user.id))
                 .first())
        problems["username"] = "There is already a user of this name.";
}

void throw_if_any(const Problems& problems) {
    if (!problems.empty()) throw tandem::ValidationError("Some fields need another look.", problems);
}

}  // namespace

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1)};
}

void check_message(std::string& message) {
    message = trimmed(message);
    if (message.empty()) throw tandem::ValidationError({{"message", "Say what is wrong with this post."}});
    if (length(message) > max_message)
        throw tandem::ValidationError({{"message", "At most " + std::to_string(max_message) + " characters, please."}});
}

void check_email(std::string& email) {
    Problems problems;
    tidy_email(email, problems);
    throw_if_any(problems);
}

void check_user(tandem::Session& session, User& user) {
    Problems problems;
    tidy_username(session, user, problems);
    tidy_email(user.email, problems);
    throw_if_any(problems);
}

std::string counted(std::int64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

/// Text of raw SQL that cannot carry data.
///
/// Contract: a `SqlText` is made from a string literal only, at compile time; values travel as named parameters
/// (`:name`). Text that ends or begins transactions is refused. `unchecked_sql(text)` is the way out, easy to grep for,
/// when a program must build SQL text.
///
///     session.execute("INSERT INTO user (username) VALUES (:username)", {{"username", name}});
///
/// Pitfall: a `:` inside quotes or comments is left alone; `::` is not a parameter.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tandem/orm/value.hpp>

namespace tandem {

namespace orm {
/// The text from its first word on: without spaces, semicolons and comments in front.
constexpr std::string_view without_comments(std::string_view sql) {
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == ';'; };
    while (!sql.empty()) {
        std::size_t skip = 0;
        if (is_space(sql.front())) skip = 1;
        else if (sql.starts_with("\xEF\xBB\xBF")) skip = 3;  // a byte order mark, which SQLite passes over
        else if (sql.starts_with("--")) skip = sql.find('\n');
        else if (sql.starts_with("/*")) skip = sql.find("*/", 2) == sql.npos ? sql.npos : sql.find("*/", 2) + 2;
        if (skip == 0) break;
        sql.remove_prefix(skip < sql.size() ? skip : sql.size());
    }
    return sql;
}
/// The statement controls transactions, which is the session's business.
constexpr bool controls_transactions(std::string_view sql) {
    sql = without_comments(sql);
    std::size_t length = 0;
    while (length < sql.size() && ((sql[length] | 0x20) >= 'a' && (sql[length] | 0x20) <= 'z')) ++length;
    const std::string_view word = sql.substr(0, length);
    for (std::string_view keyword :
        {"begin", "commit", "end", "rollback", "savepoint", "release", "attach", "detach"}) {
        if (word.size() != keyword.size()) continue;
        bool equal = true;
        for (std::size_t i = 0; i < word.size(); ++i) equal = equal && (word[i] | 0x20) == keyword[i];
        if (equal) return true;
    }
    return false;
}
// Never defined: a call of it makes the constant expression fail, with this name in the compiler's message.
void tandem_transactions_belong_to_the_session();
}  // namespace orm

/// A string literal of SQL.
class SqlText {
public:
    template <std::size_t N>
    consteval SqlText(const char (&literal)[N]) : text_(literal, N - 1) {  // NOLINT(google-explicit-constructor)
        if (orm::controls_transactions(text_)) orm::tandem_transactions_belong_to_the_session();
    }
    [[nodiscard]] constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

/// SQL text made at run time; made by unchecked_sql().
struct UncheckedSql {
    std::string text;
};
/// Accepts SQL text built at run time. Never build it from what a client sent.
[[nodiscard]] inline UncheckedSql unchecked_sql(std::string text) { return {std::move(text)}; }

/// A named value of raw SQL: `{"username", name}`.
class Parameter {
public:
    Parameter(std::string_view name, std::nullptr_t);
    Parameter(std::string_view name, std::nullopt_t);
    template <class T>
        requires std::is_integral_v<T>
    Parameter(std::string_view name, T value) : Parameter(integer(name, static_cast<std::int64_t>(value))) {
        static_assert(
            sizeof(T) < 8 || std::is_signed_v<T>, "tandem: SQL integers are signed; convert this value yourself");
    }
    Parameter(std::string_view name, double value);
    Parameter(std::string_view name, std::string value);
    Parameter(std::string_view name, std::string_view value);
    Parameter(std::string_view name, const char* value);
    Parameter(std::string_view name, Timestamp value);
    Parameter(std::string_view name, Blob value);
    Parameter(std::string_view name, Value value);
    Parameter(const Parameter& other);
    Parameter(Parameter&& other) noexcept;
    Parameter& operator=(const Parameter& other);
    Parameter& operator=(Parameter&& other) noexcept;
    ~Parameter();
    template <class T>
    Parameter(std::string_view name, const std::optional<T>& value)
        : Parameter(value ? Parameter(name, *value) : Parameter(name, nullptr)) {}

    [[nodiscard]] std::string_view name() const { return name_; }
    /// The value as it is bound; borrows from the parameter.
    [[nodiscard]] orm::ValueView view() const;

private:
    static Parameter integer(std::string_view name, std::int64_t value);

    std::string_view name_;
    Value value_{};
    std::optional<Timestamp> time_{};  ///< which the driver writes as its database does
};

}  // namespace tandem

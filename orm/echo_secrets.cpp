// Which parameters of an SQL text carry values of hidden columns.
#include <algorithm>
#include <cctype>
#include <string>
#include <unordered_set>

#include <tandem/orm/table.hpp>

#include "echo.hpp"

namespace tandem::orm {
namespace {

struct Token {
    enum class Kind { word, parameter, symbol, end } kind = Kind::end;
    std::string text{};  ///< a word in lower case without quotes, a parameter's name, a symbol
    bool quoted = false;
};

class Tokens {
public:
    explicit Tokens(std::string_view sql) : rest_(sql) {}

    Token next() {
        skip_blanks();
        if (rest_.empty()) return {};
        const char c = rest_.front();
        if (c == '\'') {
            take_quoted('\'');
            return {Token::Kind::symbol, "'", true};
        }
        if (c == '"' || c == '`' || c == '[') return {Token::Kind::word, lower(take_quoted(c == '[' ? ']' : c)), true};
        if (c == '?') return {Token::Kind::parameter, take_word(1).substr(0, 0), false};
        if ((c == ':' || c == '@' || c == '$') && rest_.size() > 1 && is_word(rest_[1]))
            return {Token::Kind::parameter, take_word(1).substr(1), false};
        if (is_word(c)) return {Token::Kind::word, lower(take_word(0)), false};
        rest_.remove_prefix(1);
        return {Token::Kind::symbol, std::string(1, c), false};
    }

private:
    static bool is_word(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    }
    static std::string lower(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    }
    void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }
    void skip_blanks() {
        while (!rest_.empty()) {
            if (std::isspace(static_cast<unsigned char>(rest_.front())) != 0) skip(1);
            else if (rest_.starts_with("--")) skip(std::min(rest_.find('\n'), rest_.size()));
            else if (rest_.starts_with("/*")) skip(std::min(rest_.find("*/", 2), rest_.size() - 2) + 2);
            else return;
        }
    }
    std::string take_word(std::size_t from) {
        std::size_t end = from;
        while (end < rest_.size() && is_word(rest_[end])) ++end;
        std::string word{rest_.substr(0, end)};
        rest_.remove_prefix(end);
        return word;
    }
    /// What stands up to the closing quote; a doubled one belongs to the text.
    std::string take_quoted(char close) {
        skip(1);
        std::string text;
        while (!rest_.empty()) {
            const char c = rest_.front();
            skip(1);
            if (c == close) {
                if (rest_.empty() || rest_.front() != close) break;
                skip(1);
            }
            text += c;
        }
        return text;
    }
    std::string_view rest_;
};

/// Names of hidden columns, in the database and in C++, in lower case.
const std::unordered_set<std::string>& hidden_names() {
    static const std::unordered_set<std::string> names = [] {
        std::unordered_set<std::string> found;
        const auto add = [&found](std::string name) {
            for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            found.insert(std::move(name));
        };
        for (const Table* table : tables_in_dependency_order())
            for (const Column& column : table->columns)
                if (column.hidden) {
                    add(column.name);
                    add(column.member);
                }
        return found;
    }();
    return names;
}
bool is_hidden(const std::string& name) { return hidden_names().contains(name); }

/// Walks through a text. Between two words that divide conditions and assignments, a hidden column makes every
/// parameter secret; the values of an INSERT follow its list of columns.
class SecretFinder {
public:
    std::vector<bool> find(std::string_view sql) {
        Tokens tokens{sql};
        for (Token token = tokens.next(); token.kind != Token::Kind::end; token = tokens.next()) take(token);
        end_term();
        return std::move(secret_);
    }

private:
    void take(const Token& token) {
        if (token.kind == Token::Kind::parameter) {
            std::string name = token.text;
            for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            secret_.push_back(is_hidden(name) || (in_values_ && value_is_hidden()));
        } else if (token.kind == Token::Kind::word) {
            take_word(token);
        } else if (token.text == "(") {
            if (++depth_ == 1 && inserting_ && !in_values_) listing_ = columns_.empty();
            if (in_values_ && depth_ == 1) value_ = 0;
        } else if (token.text == ")") {
            --depth_;
            listing_ = false;
        } else if (token.text == ",") {
            if (in_values_ && depth_ == 1) ++value_;
            if (depth_ == 0) end_term();
        }
    }
    void take_word(const Token& token) {
        const std::string& word = token.text;
        if (listing_) columns_.push_back(is_hidden(word));
        if (token.quoted || !is_keyword(token)) {
            term_hidden_ = term_hidden_ || is_hidden(word);
            return;
        }
        if (word == "insert" || word == "replace") inserting_ = true;
        if (word == "values") in_values_ = inserting_;
        if (word == "returning" || word == "on") in_values_ = false;
        if (word == "between") between_ = true;
        else if (word == "and" && between_) between_ = false;
        else if (word != "values") end_term();
        else term_hidden_ = false;  // of the list of columns
    }
    static bool is_keyword(const Token& token) {
        static const std::unordered_set<std::string> words{"and", "or", "where", "on", "having", "set", "limit",
            "order", "group", "insert", "replace", "values", "returning", "between"};
        // Not SELECT and FROM: `IN (SELECT value FROM json_each(?))` is one comparison.
        return !token.quoted && words.contains(token.text);
    }
    [[nodiscard]] bool value_is_hidden() const {
        // Without a list of columns nothing is known.
        return columns_.empty() ? !hidden_names().empty() : value_ >= columns_.size() || columns_[value_];
    }
    void end_term() {
        if (term_hidden_)
            for (std::size_t i = term_start_; i < secret_.size(); ++i) secret_[i] = true;
        term_start_ = secret_.size();
        term_hidden_ = false;
    }

    std::vector<bool> secret_{};
    std::size_t term_start_ = 0;
    bool term_hidden_ = false;
    bool between_ = false;
    bool inserting_ = false;
    bool listing_ = false;  ///< inside the list of columns of an INSERT
    bool in_values_ = false;
    std::vector<bool> columns_{};  ///< of that list: which are hidden
    std::size_t value_ = 0;
    int depth_ = 0;
};

}  // namespace

std::vector<bool> secret_parameters(std::string_view sql) { return SecretFinder{}.find(sql); }

}  // namespace tandem::orm

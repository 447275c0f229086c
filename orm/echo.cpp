#include "echo.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <tandem/orm/table.hpp>

namespace tandem::orm {
namespace {

constexpr std::size_t longest_text = 80;  // bytes of a value that are shown
constexpr std::size_t longest_list = 10;  // values of in()

using Clock = std::chrono::steady_clock;

/// A text in SQL's quotes on one line: no control character reaches the sink, long ones are cut between characters.
std::string shown_text(std::string_view text) {
    std::size_t end = std::min(text.size(), longest_text);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    std::string shown = "'";
    for (const char c : text.substr(0, end)) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            std::array<char, 8> code{};
            std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
            shown += code.data();
        } else {
            shown += c;
            if (c == '\'') shown += c;
        }
    }
    if (end < text.size()) shown += "… (" + std::to_string(text.size()) + " bytes)";
    return shown + '\'';
}

std::string shown_number(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string shown(const ValueView& value) {
    switch (value.kind()) {
        case Kind::null: return "NULL";
        case Kind::boolean: return value.boolean() ? "true" : "false";
        case Kind::integer: return std::to_string(value.integer());
        case Kind::real: return shown_number(value.real());
        case Kind::text: return shown_text(value.text());
        case Kind::blob: return "<" + std::to_string(value.bytes().size()) + " bytes>";
        default: break;
    }
    try {
        const Value text = to_value(value);
        return shown_text(std::get<std::string>(text));
    } catch (const ValueError&) { return "?"; }  // a time out of range
}

std::string shown_list(std::span<const Value> values) {
    std::string text = "(";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text += ", ";
        if (i == longest_list) return text + "… " + std::to_string(values.size()) + " values)";
        text += shown(ValueView::from(values[i]));
    }
    return text + ")";
}

/// SQL on one line.
std::string one_line(std::string_view sql) {
    std::string line;
    for (const char c : sql) {
        const bool blank = static_cast<unsigned char>(c) <= ' ';
        if (!blank) line += c;
        else if (!line.empty() && line.back() != ' ') line += ' ';
    }
    return line;
}

}  // namespace

EchoStatement::EchoStatement(EchoConnection& connection, Statement& statement, std::string_view sql)
    : connection_(connection), statement_(statement), sql_(sql), secret_(secret_parameters(sql)) {}

void EchoStatement::note(int index, std::string text) {
    if (index < 1) return;
    const auto place = static_cast<std::size_t>(index - 1);
    if (values_.size() <= place) values_.resize(place + 1);
    // SQLite counts a repeated name once, so names are asked for where there are any.
    const std::string_view name = statement_.parameter_name(index);
    const bool secret = name.empty()
        ? place >= secret_.size() || secret_[place]
        : secret_parameters(":" + std::string{name}).front() || std::ranges::find(secret_, true) != secret_.end();
    values_[place] = (name.empty() ? "" : std::string{name} + "=") + (secret ? "***" : std::move(text));
}

void EchoStatement::bind(int index, const ValueView& value) {
    statement_.bind(index, value);
    note(index, shown(value));
}
void EchoStatement::bind_borrowed(int index, const ValueView& value) {
    statement_.bind_borrowed(index, value);
    note(index, shown(value));
}
void EchoStatement::bind_members(
    std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, const void* object) {
    statement_.bind_members(members, picked, first, object);
    for (std::size_t i = 0; i < picked.size(); ++i) {
        const StoredMember& member = members[picked[i]];
        Scratch scratch;
        note(first + static_cast<int>(i),
            member.hidden ? "***"
                          : shown(member.type->view(static_cast<const char*>(object) + member.offset, scratch)));
    }
}
void EchoStatement::bind_list(int index, std::span<const Value> values, Kind kind) {
    statement_.bind_list(index, values, kind);
    note(index, shown_list(values));
}
void EchoStatement::bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) {
    statement_.bind_rows(index, values, kinds);
    note(index, shown_list(values));
}

bool EchoStatement::step() {
    running_ = true;
    const auto start = Clock::now();
    try {
        const bool row = statement_.step();
        spent_ += Clock::now() - start;
        if (!row) tell({});
        return row;
    } catch (const std::exception& error) {
        spent_ += Clock::now() - start;
        tell(error.what());
        throw;
    }
}

void EchoStatement::reset() noexcept {
    if (running_) tell({});
    statement_.reset();
    values_.clear();
}

void EchoStatement::tell(std::string_view failure) {
    if (!running_) return;
    std::string values;
    for (const std::string& value : values_) values += (values.empty() ? "[" : ", ") + value;
    if (!values.empty()) values += ']';
    connection_.tell(sql_, values, spent_, failure);
    running_ = false;
    spent_ = {};
}

void EchoConnection::tell(
    std::string_view sql, std::string_view values, Clock::duration spent, std::string_view failure) noexcept {
    try {
        if (!sink_ || !*sink_) return;
        std::array<char, 32> time{};
        std::snprintf(time.data(), time.size(), "%.3f ms  ", std::chrono::duration<double, std::milli>(spent).count());
        std::string line = time.data() + one_line(sql);
        if (!values.empty()) line += "  " + std::string{values};
        // The database's words may repeat a value; its kind of failure is in the exception.
        if (!failure.empty()) line += "  failed";
        (*sink_)(line);
    } catch (...) {  // NOLINT(bugprone-empty-catch): see the declaration
    }
}

Statement& EchoConnection::prepare(std::string_view sql) {
    Statement& statement = connection_.prepare(sql);
    std::unique_ptr<EchoStatement>& echo = statements_[&statement];
    // The place in memory may have been another statement's before.
    if (!echo || echo->sql() != sql) echo = std::make_unique<EchoStatement>(*this, statement, sql);
    return *echo;
}

template <class F>
void EchoConnection::timed(std::string_view word, F f) {
    const auto start = Clock::now();
    try {
        f();
    } catch (const std::exception& error) {
        tell(word, {}, Clock::now() - start, error.what());
        throw;
    }
    tell(word, {}, Clock::now() - start, {});
}

void EchoConnection::run(const std::string& sql) {
    timed(sql, [&] { connection_.run(sql); });
}
void EchoConnection::begin(bool writes) {
    timed(writes ? "BEGIN (to write)" : "BEGIN", [&] { connection_.begin(writes); });
}
void EchoConnection::commit() {
    timed("COMMIT", [&] { connection_.commit(); });
}
void EchoConnection::rollback() noexcept {
    if (!connection_.in_transaction()) return;
    timed("ROLLBACK", [&] { connection_.rollback(); });
}
void EchoConnection::savepoint() {
    timed("SAVEPOINT", [&] { connection_.savepoint(); });
}
void EchoConnection::release_savepoint() {
    timed("RELEASE", [&] { connection_.release_savepoint(); });
}
void EchoConnection::rollback_to_savepoint() noexcept {
    if (!connection_.in_transaction()) return;
    timed("ROLLBACK TO SAVEPOINT", [&] { connection_.rollback_to_savepoint(); });
}

}  // namespace tandem::orm

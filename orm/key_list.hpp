// Lists of keys for the conditions of loading statements: "table.column IN (…)", for any number of keys.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "session_core.hpp"

namespace tandem::orm {

/// How many keys one SELECT asks for, where there may be several.
inline constexpr std::size_t keys_per_select = 10'000;
inline constexpr std::size_t all_keys = static_cast<std::size_t>(-1);

class KeyList {
public:
    /// Of keys that stand in some columns of a table, for statements in the words of a dialect.
    KeyList(const Dialect& dialect, const Table& table, std::span<const std::size_t> columns)
        : dialect_(dialect), table_(table), columns_(columns) {
        for (const std::size_t column : columns) kinds_.push_back(table.columns[column].type->kind);
    }
    void reserve(std::size_t keys) {
        if (are_integers()) integers_.reserve(keys);
        else values_.reserve(keys * kinds_.size());
    }
    void add(std::int64_t key) { integers_.push_back(key); }  ///< only where are_integers()
    void add(const Key& key) {
        for (Value& value : key_values(key)) add_value(std::move(value));
    }
    /// A value of the next key.
    void add_value(Value value) {
        if (are_integers()) integers_.push_back(std::get<std::int64_t>(value));
        else values_.push_back(std::move(value));
    }
    [[nodiscard]] bool are_integers() const { return kinds_.size() == 1 && kinds_.front() == Kind::integer; }
    [[nodiscard]] bool empty() const { return values_.empty() && integers_.empty(); }

    /// The condition; the list is one parameter. `name` is what the table is called.
    [[nodiscard]] std::string condition(std::string_view name) const {
        std::string names;
        for (const std::size_t column : columns_)
            names += (names.empty() ? "" : ", ") + quoted(name) + '.' + quoted(table_.columns[column].name);
        if (columns_.size() == 1) return names + std::string{dialect_.in_list()};
        return '(' + names + ')' + dialect_.in_rows(columns_.size());
    }
    /// Runs the statement for `most` keys at a time and calls f(row) for each row. What stands in front of the list and
    /// behind it in the text is bound by `before` and `behind`. `is_ordered`: the rows have to come in the text's
    /// order.
    template <class Before, class Behind, class F>
    void each_part(SessionCore& session, std::string_view sql, std::size_t most, bool is_ordered, Before before,
        Behind behind, F f) const {
        const std::size_t width = kinds_.size();
        const std::size_t size = are_integers() ? integers_.size() : values_.size();
        const std::size_t step = most > size / width ? size : most * width;
        for (std::size_t first = 0; first < size; first += step) {
            Statement& statement = is_ordered ? session.prepare(sql) : session.prepare_whole(sql);
            const StatementUse use{statement};
            const std::size_t count = std::min(step, size - first);
            Parameters parameters{statement};
            before(parameters);
            if (are_integers()) parameters.add_integers(std::span{integers_}.subspan(first, count));
            else parameters.add_rows(std::span{values_}.subspan(first, count), kinds_);
            behind(parameters);
            statement.each_row(f);
        }
    }
    template <class F>
    void each_part(SessionCore& session, std::string_view sql, std::size_t most, F f) const {
        each_part(
            session, sql, most, true, [](Parameters&) {}, [](Parameters&) {}, std::move(f));
    }

private:
    const Dialect& dialect_;
    const Table& table_;
    std::span<const std::size_t> columns_;
    std::vector<Kind> kinds_{};
    std::vector<Value> values_{};
    std::vector<std::int64_t> integers_{};  ///< instead, where keys are one integer
};

}  // namespace tandem::orm

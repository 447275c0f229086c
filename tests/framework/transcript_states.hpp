// The states that framework/transcripts/ speak of.
#pragma once

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <tandem/tandem.hpp>

namespace transcript {

struct Item {
    std::int64_t id = 0;
    std::string name;
    std::int64_t count = 0;
    std::vector<std::string> tags;
    TANDEM_STRUCT(Item, id, name, count, tags)
};

struct Name {
    std::string name;
    TANDEM_STRUCT(Name, name)
};

struct Board : tandem::State<Board> {
    std::int64_t count = 0;
    std::string note;
    std::vector<Item> items;

    // Handlers as they are written: what was sent is theirs. NOLINTBEGIN(performance-unnecessary-value-param)
    void add(std::int64_t n) { count += n; }
    void append(std::string text) { note += text; }
    void fail() {
        count = 99;
        throw std::runtime_error("secret");
    }
    void insert(std::int64_t at, std::vector<Item> rows) { items.insert(items.begin() + at, rows.begin(), rows.end()); }
    void invalid(std::string) {
        count = 99;
        throw tandem::ValidationError({{"name", "is too short"}});
    }
    // NOLINTEND(performance-unnecessary-value-param)
    void move(std::int64_t from, std::int64_t to) {
        Item item = items.at(static_cast<std::size_t>(from));
        items.erase(items.begin() + from);
        items.insert(items.begin() + to, std::move(item));
    }
    void refuse() {
        count = 99;
        throw tandem::UserError("Not today.");
    }
    void remove(std::vector<std::int64_t> ids) {
        std::erase_if(items, [&](const Item& item) { return std::ranges::count(ids, item.id) != 0; });
    }
    void rename(std::int64_t id, std::string name) { find(id).name = std::move(name); }
    void reverse() { std::ranges::reverse(items); }
    void tag(std::int64_t id, std::string text) { find(id).tags.push_back(std::move(text)); }
    std::string label() const { return std::to_string(count) + " of " + std::to_string(items.size()); }

    TANDEM_STATE(Board, count, (note, settable), items, add, append, fail, insert, invalid, move, refuse, remove,
        rename, reverse, tag, label)

private:
    Item& find(std::int64_t id) {
        const auto found = std::ranges::find(items, id, &Item::id);
        if (found == items.end()) throw tandem::UserError("There is no such row.");
        return *found;
    }
};

struct Values : tandem::State<Values> {
    std::int64_t big = 0;
    bool flag = false;
    double ratio = 0;
    std::string text;
    std::optional<tandem::Timestamp> when{};
    std::optional<std::int64_t> maybe{};

    void echo(std::int64_t value, std::string words) {
        big = value;
        text = std::move(words);
    }
    void extremes() {
        big = std::numeric_limits<std::int64_t>::max();
        flag = true;
        ratio = 0.1;
        text = "~tilde \"q\" \\ \n \x01 \U0001F469\u200D\U0001F469\u200D\U0001F467";
        when = tandem::parse_timestamp("2026-11-22T10:30:00.000001Z");
        maybe = -9007199254740992;
    }
    TANDEM_STATE(Values, big, flag, ratio, text, when, maybe, echo, extremes)
};

}  // namespace transcript

// The ops between two trees: small, and right.
#include "diff.hpp"

#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <tandem/tandem.hpp>

#include "support/test_client.hpp"

using tandem::Json;
using tandem::testing::TestClient;
using tandem::testing::TestEngine;

namespace diffs {

struct Comment {
    std::int64_t id = 0;
    std::string text;
    TANDEM_STRUCT(Comment, id, text)
};

struct Line {
    std::int64_t id = 0;
    std::string title;
    std::int64_t score = 0;
    double price = 0;
    bool done = false;
    std::optional<std::string> note{};
    std::vector<Comment> comments{};
    std::vector<std::string> tags{};
    TANDEM_STRUCT(Line, id, title, score, price, done, note, comments, tags)
};

struct Sheet : tandem::State<Sheet> {
    std::vector<Line> lines;
    std::vector<std::int64_t> numbers;
    std::map<std::string, std::vector<std::string>> groups;

    void fill(std::int64_t count) {
        lines.clear();
        for (std::int64_t i = 1; i <= count; ++i) lines.push_back(make(i));
    }
    void score(std::int64_t at, std::int64_t value) { lines.at(static_cast<std::size_t>(at)).score = value; }
    /// One random change of any kind.
    void change(std::int64_t seed);
    TANDEM_STATE(Sheet, lines, numbers, groups, fill, score, change)

    static Line make(std::int64_t id) {
        return {
            .id = id, .title = "Line " + std::to_string(id), .score = id % 7, .price = 0.5 * static_cast<double>(id)};
    }

private:
    std::int64_t next_id_ = 100'000;  // not listed: private, and not undone
};

void Sheet::change(std::int64_t seed) {
    std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const auto any_line = [&]() -> Line& { return lines[below(lines.size())]; };
    const auto position = [&](const auto& list) {
        return list.begin() + static_cast<std::ptrdiff_t>(below(list.size() + 1));
    };
    const auto text = [&] { return std::string{"ä~\"\n"} + std::to_string(random() % 1000); };
    switch (lines.empty() ? 3 : below(16)) {
        case 0: any_line().title = text(); break;
        case 1: any_line().score = static_cast<std::int64_t>(random()); break;
        case 2: any_line().note = below(2) ? std::optional<std::string>{text()} : std::nullopt; break;
        case 3: lines.insert(position(lines), make(++next_id_)); break;
        case 4: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size()))); break;
        case 5: std::swap(any_line(), any_line()); break;
        case 6: std::ranges::shuffle(lines, random); break;
        case 7: {
            Line moved = any_line();
            moved.title += "!";  // a move together with an edit
            std::erase_if(lines, [&](const Line& line) { return line.id == moved.id; });
            lines.insert(position(lines), moved);
            break;
        }
        case 8: {
            auto& comments = any_line().comments;
            comments.insert(position(comments), Comment{++next_id_, text()});
            break;
        }
        case 9: {
            auto& line = any_line();
            std::ranges::shuffle(line.comments, random);
            if (!line.comments.empty()) line.comments.front().text += "+";
            break;
        }
        case 10: {
            auto& tags = any_line().tags;
            tags.insert(position(tags), text());
            if (tags.size() > 3) tags.erase(tags.begin());
            break;
        }
        case 11:
            std::erase_if(lines, [&](const Line& line) { return line.id % 3 == static_cast<std::int64_t>(below(3)); });
            break;
        case 12: numbers.insert(position(numbers), static_cast<std::int64_t>(below(5))); break;
        case 13:
            if (!numbers.empty()) numbers[below(numbers.size())] = static_cast<std::int64_t>(random());
            break;
        case 14: groups[std::to_string(below(5))].push_back(text()); break;
        default: groups.erase(std::to_string(below(5))); break;
    }
    if (random() % 10 == 0) lines.push_back(lines.empty() ? make(1) : lines.front());  // a key that stands twice
}

}  // namespace diffs

TEST_CASE("one changed field in a list of 1,000 rows travels in under 100 bytes") {
    TestEngine engine;
    TestClient client{engine};
    client.call("sheet.fill", {1000});
    REQUIRE(client.tree()["sheet"]["lines"].size() == 1000);
    client.call("sheet.score", {517, 42});
    INFO(client.last_frame());
    CHECK(client.last_frame().size() < 100);
    CHECK(client.tree()["sheet"]["lines"][517]["score"] == 42);
    CHECK(client.last_ops().size() == 1);
}

TEST_CASE("an event that changes nothing sends no ops") {
    TestEngine engine;
    TestClient client{engine};
    client.call("sheet.fill", {10});
    client.call("sheet.fill", {10});
    CHECK(client.last_ops().empty());
}

TEST_CASE("after 500 random changes the client's tree equals the server's") {
    const int seed = GENERATE(range(1, 9));
    INFO("seed " << seed);
    TestEngine engine;
    TestClient client{engine};
    client.call("sheet.fill", {30});
    for (int i = 0; i < 500; ++i) {
        REQUIRE(client.call("sheet.change", {seed * 100'000 + i}) == "ok");
        INFO("change " << i << ": " << client.last_frame());
        const Json shown = client.tree();
        REQUIRE(shown["sheet"] == client.fresh_tree()["sheet"]);
    }
}

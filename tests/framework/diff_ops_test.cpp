// The exact ops for each kind of change.
#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <tandem/tandem.hpp>

#include "diff.hpp"
#include "image_json.hpp"
#include "support/test_client.hpp"

using tandem::Json;
using tandem::Ref;

namespace ops {

struct Row {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::int64_t> score{};
    std::vector<std::string> tags;
    TANDEM_STRUCT(Row, id, name, score, tags)
};
struct Named {
    std::string id;
    std::int64_t value = 0;
    TANDEM_STRUCT(Named, id, value)
};
struct Plain {
    std::string name;
    std::int64_t value = 0;
    TANDEM_STRUCT(Plain, name, value)
};

struct Pupil;
struct School : tandem::Model<School> {
    std::string name;
    tandem::Many<Pupil> pupils{};
    TANDEM_MODEL(School, name, (pupils, back_populates("school")))
};
struct Pupil : tandem::Model<Pupil> {
    std::string name;
    std::int64_t school_id = 0;
    tandem::One<School> school{};
    TANDEM_MODEL(Pupil, name, (school_id, foreign_key("school.id")), (school, back_populates("pupils")))
};

struct Town : tandem::State<Town> {
    Ref<School> school;
    Ref<Pupil> pupil;

    void on_load() {
        auto session = tandem::session();
        auto first = session.add(School{.name = "A"});
        session.add(Pupil{.name = "Ann", .school = first});
        session.add(School{.name = "B"});
        session.commit();
    }
    void show() {
        auto session = tandem::session();
        school = session.exec(School::select().where(School::c.name == "A")).one();
    }
    void show_with_pupils() {
        auto session = tandem::session();
        school =
            session.exec(School::select().where(School::c.name == "A").options(selectinload(School::c.pupils))).one();
    }
    void show_other() {
        auto session = tandem::session();
        school = session.exec(School::select().where(School::c.name == "B")).one();
    }
    void show_none() { school = nullptr; }
    TANDEM_STATE(Town, school, pupil, show, show_with_pupils, show_other, show_none)
};

}  // namespace ops

namespace {

template <class V>
std::string image_of(const V& value) {
    std::string image;
    tandem::ImageWriter out{image};
    tandem::write_image(out, value);
    return image;
}
Json json_of(const std::string& image) {
    std::string text;
    tandem::ImageReader in{image};
    tandem::append_json(text, in);
    return Json::parse(text);
}

/// The ops between two values of a var "v", which are applied and compared, too.
template <class V>
Json ops_between(const V& before, const V& after) {
    const std::string old_image = image_of(before);
    const std::string new_image = image_of(after);
    tandem::Ops ops;
    tandem::append_diff(ops, "\"v\"", old_image, new_image);
    Json result = Json::parse(ops.json());
    Json tree = {{"v", json_of(old_image)}};
    tandem::testing::apply_ops(tree, result);
    CHECK(tree["v"] == json_of(new_image));
    return result;
}

std::vector<ops::Row> rows(const std::vector<std::int64_t>& ids) {
    std::vector<ops::Row> list;
    list.reserve(ids.size());
    for (const std::int64_t id : ids) list.push_back({.id = id, .name = "r" + std::to_string(id)});
    return list;
}
/// The ops between lists of rows with these keys.
Json moved(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& after) {
    return ops_between(rows(before), rows(after));
}
Json row_json(std::int64_t id) {
    return {{"id", id}, {"name", "r" + std::to_string(id)}, {"score", nullptr}, {"tags", Json::array()}};
}

using Numbers = std::vector<std::int64_t>;
using Map = std::map<std::string, std::int64_t>;

}  // namespace

TEST_CASE("equal values make no ops") {
    CHECK(moved({1, 2, 3}, {1, 2, 3}).empty());
    CHECK(ops_between(std::string{"x"}, std::string{"x"}).empty());
    CHECK(moved({}, {}).empty());
}

TEST_CASE("rows that are inserted are one splice, at head, middle or end") {
    CHECK(moved({1, 2}, {3, 1, 2}) == Json::array({{"p", {"v"}, 0, 0, {row_json(3)}}}));
    CHECK(moved({1, 2}, {1, 3, 4, 2}) == Json::array({{"p", {"v"}, 1, 0, {row_json(3), row_json(4)}}}));
    CHECK(moved({1, 2}, {1, 2, 3}) == Json::array({{"p", {"v"}, 2, 0, {row_json(3)}}}));
    CHECK(moved({}, {1}) == Json::array({{"p", {"v"}, 0, 0, {row_json(1)}}}));
    CHECK(moved({1, 2}, {3, 1, 4, 2, 5}).size() == 3);
}

TEST_CASE("rows that are removed are one op, runs as pairs") {
    CHECK(moved({1, 2, 3}, {2, 3}) == Json::parse(R"([["r", ["v"], [0]]])"));
    CHECK(moved({1, 2, 3}, {1, 3}) == Json::parse(R"([["r", ["v"], [1]]])"));
    CHECK(moved({1, 2, 3}, {1, 2}) == Json::parse(R"([["r", ["v"], [2]]])"));
    CHECK(moved({1, 2, 3, 4, 5, 6, 7}, {1, 3, 7}) == Json::parse(R"([["r", ["v"], [1, [3, 3]]]])"));
    CHECK(moved({1, 2, 3}, {}) == Json::parse(R"([["r", ["v"], [[0, 3]]]])"));
}

TEST_CASE("a row that moves is one op, and is not sent again") {
    CHECK(moved({1, 2, 3, 4}, {2, 1, 3, 4}) == Json::parse(R"([["m", ["v"], 1, 0]])"));
    CHECK(moved({1, 2, 3, 4}, {2, 3, 1, 4}) == Json::parse(R"([["m", ["v"], 0, 2]])"));
    CHECK(moved({1, 2, 3, 4}, {1, 4, 2, 3}) == Json::parse(R"([["m", ["v"], 3, 1]])"));
    CHECK(moved({1, 2, 3, 4}, {2, 3, 4, 1}) == Json::parse(R"([["m", ["v"], 0, 3]])"));
    CHECK(moved({1, 2, 3, 4}, {4, 1, 2, 3}) == Json::parse(R"([["m", ["v"], 3, 0]])"));
}

TEST_CASE("rows that change places are one reorder") {
    CHECK(moved({1, 2, 3, 4}, {1, 4, 3, 2}) == Json::parse(R"([["o", ["v"], [0, 3, 2, 1]]])"));
    CHECK(moved({1, 2, 3, 4}, {4, 3, 2, 1}) == Json::parse(R"([["o", ["v"], [3, 2, 1, 0]]])"));
    CHECK(moved({3, 1, 4, 2, 5}, {1, 2, 3, 4, 5}) == Json::parse(R"([["o", ["v"], [1, 3, 0, 2, 4]]])"));
}

TEST_CASE("removing, moving, inserting and editing at once are an op each") {
    auto after = rows({9, 4, 2, 3});
    after[2].name = "new";
    CHECK(ops_between(rows({1, 2, 3, 4}), after) ==
        Json::array({{"r", {"v"}, {0}}, {"m", {"v"}, 2, 0}, {"p", {"v"}, 0, 0, {row_json(9)}},
            {"s", {"v", 2, "name"}, "new"}}));
}

TEST_CASE("one changed field of a row is one set; nested lists are compared too") {
    auto after = rows({1, 2});
    after[1].name = "x";
    CHECK(ops_between(rows({1, 2}), after) == Json::parse(R"([["s", ["v", 1, "name"], "x"]])"));
    after = rows({1, 2});
    after[0].tags = {"a"};
    CHECK(ops_between(rows({1, 2}), after) == Json::parse(R"([["p", ["v", 0, "tags"], 0, 0, ["a"]]])"));
}

TEST_CASE("a key that changes is another row") {
    CHECK(moved({1, 2, 3}, {1, 9, 3}) == Json::array({{"r", {"v"}, {1}}, {"p", {"v"}, 1, 0, {row_json(9)}}}));
}

TEST_CASE("rows whose key stands twice are told apart by their order") {
    CHECK(moved({1, 1, 2}, {1, 2}) == Json::parse(R"([["r", ["v"], [1]]])"));
    CHECK(moved({1, 2}, {1, 1, 2}).size() == 1);
    CHECK(moved({0, 0, 0}, {0, 0}).size() == 1);
    CHECK(moved({1, 1, 1}, {1, 1, 1}).empty());
    auto before = rows({1, 1, 2, 1});
    auto after = rows({1, 2, 1, 1});
    before[1].name = "second";
    after[2].name = "changed";
    ops_between(before, after);
    for (const auto& [from, to] : std::vector<std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>>{
             {{1, 2, 1}, {2, 1, 1}}, {{1, 2, 1}, {1, 1, 2, 1, 2}}, {{2, 1, 2, 1}, {1, 2, 1, 2}},
             {{1, 1, 2, 2, 3, 3}, {3, 2, 1, 3, 2, 1}}, {{1, 1}, {2, 2}}})
        moved(from, to);
}

TEST_CASE("text keys work as numbers do") {
    const std::vector<ops::Named> before{{"a", 1}, {"b", 2}, {"", 3}};
    const std::vector<ops::Named> after{{"", 3}, {"a", 1}, {"b", 7}};
    CHECK(ops_between(before, after) == Json::parse(R"([["m", ["v"], 2, 0], ["s", ["v", 2, "value"], 7]])"));
}

TEST_CASE("text that grows is appended to; any other change sets it") {
    CHECK(ops_between(std::string{"ab"}, std::string{"abc"}) == Json::parse(R"([["a", ["v"], "c"]])"));
    CHECK(ops_between(std::string{""}, std::string{"abc"}) == Json::parse(R"([["s", ["v"], "abc"]])"));
    CHECK(ops_between(std::string{"abc"}, std::string{"ab"}) == Json::parse(R"([["s", ["v"], "ab"]])"));
    CHECK(ops_between(std::string{"abc"}, std::string{"xabc"}) == Json::parse(R"([["s", ["v"], "xabc"]])"));
    CHECK(ops_between(std::string{"x"}, std::string{"x~i5"}) == Json::parse(R"([["a", ["v"], "~i5"]])"));
    CHECK(ops_between(std::string{"x"}, std::string{"~x"}) == Json::parse(R"([["s", ["v"], "~~x"]])"));
    CHECK(ops_between(std::string{"\U0001F469"}, std::string{"\U0001F469\u200D\U0001F467"}) ==
        Json::array({{"a", {"v"}, "\u200D\U0001F467"}}));
}

TEST_CASE("text that grows inside a character is set, so that the page never sees half of one") {
    const std::string emoji = "x\U0001F469";
    for (std::size_t cut = 2; cut < emoji.size(); ++cut) {
        const Json ops = ops_between(emoji.substr(0, cut), emoji);
        CHECK(ops == Json::array({{"s", {"v"}, emoji}}));
    }
    CHECK(ops_between(std::string{"x\xC3"}, std::string{"x\xC3 y"}) == Json::parse(R"([["a", ["v"], " y"]])"));
}

TEST_CASE("entries of a map are set and deleted by name") {
    CHECK(ops_between(Map{{"a", 1}}, Map{{"a", 1}, {"b", 2}}) == Json::parse(R"([["s", ["v", "b"], 2]])"));
    CHECK(ops_between(Map{{"a", 1}, {"b", 2}}, Map{{"b", 2}}) == Json::parse(R"([["d", ["v", "a"]]])"));
    CHECK(ops_between(Map{{"a", 1}}, Map{{"a", 2}}) == Json::parse(R"([["s", ["v", "a"], 2]])"));
    CHECK(ops_between(Map{{"a", 1}, {"c", 3}}, Map{{"b", 2}, {"c", 4}, {"d", 5}}) ==
        Json::parse(R"([["d", ["v", "a"]], ["s", ["v", "b"], 2], ["s", ["v", "c"], 4], ["s", ["v", "d"], 5]])"));
    CHECK(ops_between(Map{}, Map{{"", 1}, {"~", 2}, {"ä\"", 3}, {"\xff", 4}}).size() == 4);
    using Lists = std::map<std::string, Numbers>;
    CHECK(ops_between(Lists{{"a", {1}}}, Lists{{"a", {1, 2}}}) == Json::parse(R"([["p", ["v", "a"], 1, 0, [2]]])"));
}

TEST_CASE("an optional that gains or loses its value is set") {
    using Maybe = std::optional<ops::Plain>;
    CHECK(ops_between(Maybe{}, Maybe{{"x", 1}}) == Json::parse(R"([["s", ["v"], {"name": "x", "value": 1}]])"));
    CHECK(ops_between(Maybe{{"x", 1}}, Maybe{}) == Json::parse(R"([["s", ["v"], null]])"));
    CHECK(ops_between(Maybe{{"x", 1}}, Maybe{{"x", 2}}) == Json::parse(R"([["s", ["v", "value"], 2]])"));
}

TEST_CASE("lists without keys are compared by position") {
    CHECK(ops_between(Numbers{1, 2, 3}, Numbers{1, 9, 3}) == Json::parse(R"([["s", ["v", 1], 9]])"));
    CHECK(ops_between(Numbers{1, 2, 3}, Numbers{1, 3}) == Json::parse(R"([["p", ["v"], 1, 1, []]])"));
    CHECK(ops_between(Numbers{1, 2, 3}, Numbers{0, 1, 2, 3}) == Json::parse(R"([["p", ["v"], 0, 0, [0]]])"));
    CHECK(ops_between(Numbers{1, 1, 1}, Numbers{1, 1, 1, 1}) == Json::parse(R"([["p", ["v"], 3, 0, [1]]])"));
    CHECK(
        ops_between(Numbers{1, 2, 3, 4}, Numbers{1, 7, 8, 9, 4}) == Json::parse(R"([["p", ["v"], 1, 2, [7, 8, 9]]])"));
    using Plains = std::vector<ops::Plain>;
    CHECK(ops_between(Plains{{"a", 1}, {"b", 2}}, Plains{{"a", 1}, {"b", 3}}) ==
        Json::parse(R"([["s", ["v", 1, "value"], 3]])"));
    using Cube = std::vector<Numbers>;
    CHECK(ops_between(Cube{{1, 2}, {3}}, Cube{{1, 2}, {3, 4}}) == Json::parse(R"([["p", ["v", 1], 1, 0, [4]]])"));
    CHECK(ops_between(Cube{{2}, {3}}, Cube{{}, {2}, {3}}) == Json::parse(R"([["p", ["v"], 0, 0, [[]]]])"));
}

TEST_CASE("a list of numbers of which many change is one splice, not an op for each") {
    Numbers before;
    Numbers after;
    for (int i = 0; i < 1000; ++i) {
        before.push_back(i);
        after.push_back(i + 1);  // a window that slides
    }
    CHECK(ops_between(before, after).size() == 1);
    CHECK(ops_between(before, after)[0][0] == "p");
    after = before;
    after[0] = -1;
    after[999] = -1;
    CHECK(ops_between(before, after) == Json::parse(R"([["s", ["v", 0], -1], ["s", ["v", 999], -1]])"));
}

TEST_CASE("a value of another kind replaces the old one") {
    CHECK(ops_between(tandem::Row{std::int64_t{1}, 2.5}, tandem::Row{std::int64_t{1}, std::string{"x"}}) ==
        Json::parse(R"([["s", ["v", 1], "x"]])"));
    CHECK(ops_between(tandem::Row{1.0}, tandem::Row{std::int64_t{1}}).size() == 1);
}

TEST_CASE("a relation that is loaded later appears as a member, and goes when it is not loaded") {
    tandem::testing::TestEngine engine;
    tandem::testing::TestClient client{engine};
    REQUIRE(client.call("town.show") == "ok");
    CHECK(client.last_ops() == Json::parse(R"([["s", ["town", "school"], {"id": 1, "name": "A"}]])"));
    REQUIRE(client.call("town.show_with_pupils") == "ok");
    CHECK(client.last_ops() ==
        Json::parse(R"([["s", ["town", "school", "pupils"], [{"id": 1, "name": "Ann", "school_id": 1}]]])"));
    REQUIRE(client.call("town.show") == "ok");
    CHECK(client.last_ops() == Json::parse(R"([["d", ["town", "school", "pupils"]]])"));
    REQUIRE(client.call("town.show_other") == "ok");
    CHECK(client.tree()["town"]["school"] == Json::parse(R"({"id": 2, "name": "B"})"));
    REQUIRE(client.call("town.show_none") == "ok");
    CHECK(client.last_ops() == Json::parse(R"([["s", ["town", "school"], null]])"));
}

TEST_CASE("3,000 pairs of random lists with repeated keys turn into each other") {
    std::mt19937 random{3};
    const auto list = [&] {
        std::vector<std::int64_t> ids(random() % 9);
        for (auto& id : ids) id = static_cast<std::int64_t>(random() % 6);
        return ids;
    };
    for (int i = 0; i < 3'000; ++i) {
        auto before = rows(list());
        auto after = rows(list());
        for (auto& row : after) row.score = random() % 3;
        const std::string old_image = image_of(before);
        const std::string new_image = image_of(after);
        tandem::Ops ops;
        tandem::append_diff(ops, "\"v\"", old_image, new_image);
        Json tree = {{"v", json_of(old_image)}};
        tandem::testing::apply_ops(tree, Json::parse(ops.json()));
        REQUIRE(tree["v"] == json_of(new_image));
    }
}

// Images of vars: read back, a state is what it was.
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include <tandem/framework/image.hpp>
#include <tandem/tandem.hpp>

#include "support/test_client.hpp"

using tandem::Ref;

namespace images {

struct Leaf : tandem::Model<Leaf> {
    std::string name;
    TANDEM_MODEL(Leaf, name)
};
struct Cell {
    std::int64_t id = 0;
    std::optional<std::vector<std::optional<std::int64_t>>> deep{};
    bool operator==(const Cell&) const = default;
    TANDEM_STRUCT(Cell, id, deep)
};
enum class Mode : std::uint8_t { off, on };
/// Contains itself, and what no page can send.
struct Branch {
    std::string name;
    Ref<Leaf> leaf;
    std::vector<Branch> branches;
    bool operator==(const Branch&) const = default;
    TANDEM_STRUCT(Branch, name, leaf, branches)
};
/// Contains itself; a page may send it.
struct Folder {
    std::string name;
    std::vector<Folder> folders;
    TANDEM_STRUCT(Folder, name, folders)
};

/// A var of every type.
struct Everything : tandem::State<Everything> {
    bool flag = false;
    std::int8_t tiny = 0;
    std::uint64_t big = 0;
    float single = 0;
    double real = 0;
    std::string text;
    tandem::Timestamp time{};
    tandem::Blob blob;
    Mode mode = Mode::off;
    std::optional<bool> maybe_flag{};
    std::optional<std::string> maybe_text{};
    std::optional<Cell> maybe_cell{};
    std::vector<bool> flags;
    std::vector<std::optional<double>> reals;
    std::vector<Cell> cells;
    std::vector<std::vector<std::vector<std::int64_t>>> cube;
    std::map<std::string, std::vector<Cell>> groups;
    std::map<std::string, std::map<std::string, bool>> maps;
    tandem::Value value;
    tandem::Row row;
    std::vector<tandem::Row> rows;
    Ref<Leaf> leaf;
    std::vector<Ref<Leaf>> leaves;
    std::map<std::string, Ref<Leaf>> named;
    std::optional<std::vector<Ref<Leaf>>> maybe_leaves{};
    std::optional<Ref<Leaf>> maybe_leaf{};
    std::map<std::string, tandem::Row> named_rows;
    std::vector<Branch> branches;
    Folder folder;

    void change(std::int64_t kind);
    void change_and_throw(std::int64_t kind) {
        change(kind);
        throw std::runtime_error("no");
    }
    TANDEM_STATE(Everything, flag, tiny, big, single, real, text, time, blob, mode, maybe_flag, maybe_text, maybe_cell,
        flags, reals, cells, cube, groups, maps, value, row, rows, leaf, leaves, named, maybe_leaves, maybe_leaf,
        named_rows, branches, (folder, settable), change, change_and_throw)
};

void Everything::change(std::int64_t kind) {
    const bool odd = kind % 2 != 0;
    flag = odd;
    tiny = odd ? -128 : 127;
    big = odd ? 9223372036854775807ULL : 1;
    single = odd ? 0.1F : -0.0F;
    real = odd ? 5e-324 : 1e300;
    text = odd ? std::string("nul\0~\n", 6) : std::string{};
    time = tandem::Timestamp{std::chrono::microseconds{odd ? -1 : 1}};
    blob = odd ? tandem::Blob{{std::byte{0}, std::byte{255}}} : tandem::Blob{};
    mode = odd ? Mode::on : Mode::off;
    maybe_flag = odd ? std::optional{false} : std::nullopt;
    maybe_text = odd ? std::optional<std::string>{""} : std::nullopt;
    maybe_cell = odd ? std::optional{Cell{1, std::vector<std::optional<std::int64_t>>{1, std::nullopt}}} : std::nullopt;
    flags = odd ? std::vector<bool>{true, false, true} : std::vector<bool>{};
    reals =
        odd ? std::vector<std::optional<double>>{1.5, std::nullopt} : std::vector<std::optional<double>>{std::nullopt};
    cells = odd ? std::vector<Cell>{{2, std::nullopt}, {1, std::vector<std::optional<std::int64_t>>{}}}
                : std::vector<Cell>{{1, std::nullopt}};
    cube = odd ? std::vector<std::vector<std::vector<std::int64_t>>>{{}, {{}, {1, 2}}}
               : std::vector<std::vector<std::vector<std::int64_t>>>{{{}}};
    groups.clear();
    if (odd) groups = {{"", {}}, {"a", {{1, std::nullopt}}}};
    maps.clear();
    if (odd) maps = {{"x", {{"y", true}}}, {"z", {}}};
    value = odd ? tandem::Value{2.5} : tandem::Value{};
    row = odd ? tandem::Row{std::string{"t"}, std::monostate{}, tandem::Blob{}, std::int64_t{1}} : tandem::Row{};
    rows = odd ? std::vector<tandem::Row>{row, {}} : std::vector<tandem::Row>{};
    const Ref<Leaf> made{Leaf{.name = odd ? "odd" : "even"}};
    leaf = odd ? made : Ref<Leaf>{};
    leaves = odd ? std::vector<Ref<Leaf>>{made, nullptr, made} : std::vector<Ref<Leaf>>{nullptr};
    named.clear();
    if (odd) named = {{"a", made}, {"b", nullptr}};
    maybe_leaf = odd ? std::optional{made} : std::nullopt;
    named_rows.clear();
    if (odd) named_rows = {{"r", row}};
    branches = odd ? std::vector<Branch>{{"b", made, {{"c", nullptr, {}}}}} : std::vector<Branch>{};
    maybe_leaves = odd ? std::optional{leaves} : std::nullopt;
}

std::string image_of(const Everything& state) {
    std::string image;
    tandem::ImageWriter out{image};
    tandem::orm::visit_members<Everything>([&]<auto P>(tandem::Member<P>, const char*, auto...) {
        if constexpr (std::is_member_object_pointer_v<decltype(P)>) tandem::write_image(out, state.*P);
    });
    return image;
}

/// Through an image for undo and back, into a state that holds something else.
void copy(const Everything& from, Everything& to) {
    std::string image;
    tandem::NodeTable nodes;
    tandem::ImageWriter out{image, nodes};
    tandem::ImageReader in{image, nodes.nodes()};
    tandem::orm::visit_members<Everything>([&]<auto P>(tandem::Member<P>, const char*, auto...) {
        if constexpr (std::is_member_object_pointer_v<decltype(P)>) tandem::write_image(out, from.*P);
    });
    in = tandem::ImageReader{image, nodes.nodes()};
    tandem::orm::visit_members<Everything>([&]<auto P>(tandem::Member<P>, const char*, auto...) {
        if constexpr (std::is_member_object_pointer_v<decltype(P)>) tandem::read_image(in, to.*P);
    });
    CHECK(in.position() == image.data() + image.size());
}

}  // namespace images

TEST_CASE("every type of var comes back from its image as it was") {
    for (const int kind : {0, 1}) {
        images::Everything before;
        before.change(kind);
        images::Everything after;
        after.change(kind + 1);
        images::copy(before, after);
        CHECK(images::image_of(after) == images::image_of(before));
        CHECK(after.text == before.text);
        CHECK(after.big == before.big);
        CHECK(after.flags == before.flags);
        CHECK(after.cells == before.cells);
        CHECK(after.cube == before.cube);
        CHECK(after.groups == before.groups);
        CHECK(after.maps == before.maps);
        CHECK(after.rows == before.rows);
        CHECK(after.maybe_cell == before.maybe_cell);
        CHECK(after.leaves == before.leaves);
        CHECK(after.named == before.named);
        CHECK(after.branches == before.branches);
        CHECK(std::signbit(after.single) == std::signbit(before.single));
    }
}

TEST_CASE("equal values make equal images, whatever was there before") {
    images::Everything first;
    first.change(0);
    images::Everything second;
    second.change(1);
    second.change(0);
    CHECK(images::image_of(first) == images::image_of(second));
}

TEST_CASE("a failed event restores a var of every type, and a change of every type is shown") {
    tandem::testing::TestEngine engine;
    tandem::testing::TestClient client{engine};
    for (const int kind : {0, 1}) {
        REQUIRE(client.call("everything.change", {kind}) == "ok");
        const tandem::Json shown = client.tree();
        REQUIRE(client.fresh_tree() == shown);
        REQUIRE(client.call("everything.change_and_throw", {kind + 1}).at("code") == "failed");
        REQUIRE(client.fresh_tree() == shown);
        REQUIRE(client.call("everything.change", {kind}) == "ok");
        if (kind == 0) CHECK(client.last_ops().empty());
        REQUIRE(client.fresh_tree() == client.tree());
    }
}

TEST_CASE("a struct that contains itself can be a var, and be sent") {
    tandem::testing::TestEngine engine;
    tandem::testing::TestClient client{engine};
    const tandem::Json folder = {{"name", "a"},
        {"folders", {{{"name", "b"}, {"folders", {{{"name", "c"}, {"folders", tandem::Json::array()}}}}}}}};
    CHECK(client.call("everything.set_folder", {folder}) == "ok");
    CHECK(client.tree()["everything"]["folder"] == folder);
    const auto outcome = client.call("everything.set_folder", {{{"name", "a"}, {"folders", {{{"name", 1}}}}}});
    CHECK(outcome.at("fields").size() == 2);
}

// Models that contradict each other. A program of its own: models are registered for good.
#include <algorithm>
#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

using Catch::Matchers::ContainsSubstring;

namespace wrong {

struct Stranger;  // never becomes a model

struct Keyless : tandem::Model<Keyless, void> {
    std::string text;
    TANDEM_MODEL(Keyless, text)
};
struct TwoKeys : tandem::Model<TwoKeys> {  // has an inherited id too
    std::int64_t a = 0;
    TANDEM_MODEL(TwoKeys, (a, primary_key))
};
struct Target : tandem::Model<Target> {
    TANDEM_MODEL(Target)
};
struct ToStranger : tandem::Model<ToStranger> {
    tandem::Many<Stranger> strangers{};
    TANDEM_MODEL(ToStranger, strangers)
};
struct NoForeignKey : tandem::Model<NoForeignKey> {
    tandem::One<Target> target{};
    TANDEM_MODEL(NoForeignKey, target)
};
struct Ambiguous : tandem::Model<Ambiguous> {
    std::int64_t first_id = 0;
    std::int64_t second_id = 0;
    tandem::One<Target> target{};
    TANDEM_MODEL(Ambiguous, (first_id, foreign_key("target.id")), (second_id, foreign_key("target.id")), target)
};
struct NowhereKey : tandem::Model<NowhereKey> {
    std::int64_t nowhere_id = 0;
    TANDEM_MODEL(NowhereKey, (nowhere_id, foreign_key("nowhere.id")))
};
struct SameTable : tandem::Model<SameTable> {
    TANDEM_MODEL(SameTable)
};
struct Child;
struct Parent : tandem::Model<Parent> {
    tandem::Many<Child> children{};
    tandem::Many<Child> others{};
    TANDEM_MODEL(Parent, (children, back_populates("parents")), (others, back_populates("parent")))
};
struct Child : tandem::Model<Child> {
    std::int64_t parent_id = 0;
    tandem::One<Parent> parent{};
    TANDEM_MODEL(Child, (parent_id, foreign_key("parent.id")), (parent, back_populates("children")))
};
struct BadOptions : tandem::Model<BadOptions> {
    std::string text;
    std::int64_t target_id = 0;
    tandem::One<Target> target{};
    TANDEM_MODEL(BadOptions, (text, back_populates("x")), (target_id, foreign_key("target.id")), (target, unique))
};
struct RealKey : tandem::Model<RealKey, void> {
    double key = 0;
    TANDEM_MODEL(RealKey, (key, primary_key))
};

/// A class that leads to itself by one key: which side holds it is not said.
struct Twin : tandem::Model<Twin> {
    std::optional<std::int64_t> other_id{};
    tandem::One<Twin> next{};
    tandem::One<Twin> previous{};
    TANDEM_MODEL(Twin, (other_id, foreign_key("twin.id")), (next, back_populates("previous")),
        (previous, back_populates("next")))
};
struct Sorted : tandem::Model<Sorted> {
    tandem::Many<Child> children{};
    TANDEM_MODEL(Sorted, (children, link("sorted_child"), order_by("nothing")))
};

}  // namespace wrong
namespace also_wrong {
struct SameTable : tandem::Model<SameTable> {
    TANDEM_MODEL(SameTable)
};
}  // namespace also_wrong

namespace {
std::string message() {
    try {
        const tandem::Database db{"sqlite://"};
    } catch (const tandem::MappingError& error) { return error.what(); }
    return "";
}
}  // namespace

TEST_CASE("S143 a class without a key is a mapping error that names it") {
    CHECK_THAT(message(), ContainsSubstring("Keyless has no primary key"));
}
TEST_CASE("a key beside the inherited one is a mapping error that names the class") {
    CHECK_THAT(message(), ContainsSubstring("TwoKeys has several primary keys"));
}
TEST_CASE("a key that is neither integer nor text is a mapping error") {
    CHECK_THAT(message(), ContainsSubstring("RealKey.key"));
}
TEST_CASE("a relation to a class that is no model is a mapping error that names both ends") {
    CHECK_THAT(message(), ContainsSubstring("ToStranger.strangers leads to a class that is no model"));
}
TEST_CASE("S143 a relation without a foreign key is a mapping error that says what is missing") {
    CHECK_THAT(message(),
        ContainsSubstring("NoForeignKey.target cannot be joined") &&
            ContainsSubstring("no column with foreign_key(\"target.id\")"));
}
TEST_CASE("S143 a relation with two foreign keys to choose from is a mapping error") {
    CHECK_THAT(message(),
        ContainsSubstring("Ambiguous.target cannot be joined") &&
            ContainsSubstring("several foreign keys to \"target.id\""));
}
TEST_CASE("a foreign key to nowhere is a mapping error") {
    CHECK_THAT(message(), ContainsSubstring("NowhereKey.nowhere_id") && ContainsSubstring("nowhere.id"));
}
TEST_CASE("two classes with one table are a mapping error") {
    CHECK_THAT(message(), ContainsSubstring("are both table \"same_table\""));
}
TEST_CASE("S143 back_populates that names no relation is a mapping error") {
    CHECK_THAT(message(),
        ContainsSubstring("Parent.children: back_populates names \"parents\", which is no relation of Child"));
}
TEST_CASE("back_populates that is not mutual is a mapping error") {
    CHECK_THAT(
        message(), ContainsSubstring("Parent.others: its partner Child.parent must say back_populates(\"others\")"));
    CHECK_THAT(
        message(), ContainsSubstring("Child.parent: its partner Parent.children must say back_populates(\"parent\")"));
}
TEST_CASE("S143 a class related to itself by one key must say which side holds it") {
    CHECK_THAT(message(),
        ContainsSubstring("Twin.next and previous lead from the class to itself by one foreign key: say "
                          "foreign_key(\"member\") on the side that holds it"));
}
TEST_CASE("S143 an order by what is no column is a mapping error") {
    CHECK_THAT(message(), ContainsSubstring("Sorted.children") && ContainsSubstring("\"nothing\""));
}
TEST_CASE("an option that does not fit its member is a mapping error") {
    CHECK_THAT(message(), ContainsSubstring("BadOptions.text") && ContainsSubstring("BadOptions.target"));
}
TEST_CASE(
    "S143 all mapping errors come together, before any SQL, the same each time, and correct classes are not named") {
    const std::string text = message();
    CHECK_THAT(text, ContainsSubstring("the models have 16 errors:"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 16);
    CHECK(message() == text);
    // Nothing was opened: there is no file.
    const auto file = std::filesystem::temp_directory_path() / "tandem_mapping_test_makes_no_file.db";
    CHECK_THROWS_AS(tandem::Database{"sqlite:///" + file.string()}, tandem::MappingError);
    CHECK_FALSE(std::filesystem::exists(file));
}

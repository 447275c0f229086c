// Models that contradict each other. A program of its own: models are registered for good.
#include <algorithm>

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

TEST_CASE("a class without a key is a mapping error that names it") {
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
TEST_CASE("a relation without a foreign key is a mapping error that says what is missing") {
    CHECK_THAT(message(),
        ContainsSubstring("NoForeignKey.target cannot be joined") &&
            ContainsSubstring("no column with foreign_key(\"target.id\")"));
}
TEST_CASE("a relation with two foreign keys to choose from is a mapping error") {
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
TEST_CASE("back_populates that names no relation is a mapping error") {
    CHECK_THAT(message(),
        ContainsSubstring("Parent.children: back_populates names \"parents\", which is no relation of Child"));
}
TEST_CASE("back_populates that is not mutual is a mapping error") {
    CHECK_THAT(
        message(), ContainsSubstring("Parent.others: its partner Child.parent must say back_populates(\"others\")"));
    CHECK_THAT(
        message(), ContainsSubstring("Child.parent: its partner Parent.children must say back_populates(\"parent\")"));
}
TEST_CASE("an option that does not fit its member is a mapping error") {
    CHECK_THAT(message(), ContainsSubstring("BadOptions.text") && ContainsSubstring("BadOptions.target"));
}
TEST_CASE("all mapping errors come together, the same each time, and correct classes are not named") {
    const std::string text = message();
    CHECK_THAT(text, ContainsSubstring("the models have 13 errors:"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 13);
    CHECK(message() == text);
}

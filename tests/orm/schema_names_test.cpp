#include "schema_names.hpp"

#include <set>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/error.hpp>

using tandem::orm::NameMaker;
using tandem::orm::words_of;

TEST_CASE("a name is made of its parts", "[schema]") {
    NameMaker names;
    const auto unique = names.add({"uq", "user", "email"});
    const auto given = names.add({"ck", "user", "x"}, "my check");
    names.make();
    CHECK(names.name(unique) == "uq_user_email");
    CHECK(names.name(given) == "my check");
}

TEST_CASE("names that would be equal are told apart, in either order the same way", "[schema]") {
    const auto make = [](bool swapped) {
        NameMaker names;
        const auto first = names.add(
            swapped ? std::vector<std::string>{"ix", "a_b", "c"} : std::vector<std::string>{"ix", "a", "b_c"});
        const auto second = names.add(
            swapped ? std::vector<std::string>{"ix", "a", "b_c"} : std::vector<std::string>{"ix", "a_b", "c"});
        names.make();
        return swapped ? std::pair{names.name(second), names.name(first)}
                       : std::pair{names.name(first), names.name(second)};
    };
    CHECK(make(false).first != make(false).second);
    CHECK(make(false) == make(true));
    CHECK(make(false).first.starts_with("ix_a_b_c_"));
}

TEST_CASE("letters of either case, tables and repetitions do not make equal names", "[schema]") {
    NameMaker names;
    names.reserve("ix_t_taken");
    std::vector<NameMaker::Place> places;
    for (const auto* column : {"taken", "Name", "name", "name"}) places.push_back(names.add({"ix", "t", column}));
    names.make();
    std::set<std::string> seen{"ix_t_taken"};
    for (const auto place : places) seen.insert(names.name(place));
    CHECK(seen.size() == 5);
}

TEST_CASE("a long name is cut between characters and ends in a hash of all of it", "[schema]") {
    NameMaker names;
    std::string long_name;
    for (int i = 0; i < 40; ++i) long_name += "ż";
    const auto first = names.add({"ix", "t", long_name + "1"});
    const auto second = names.add({"ix", "t", long_name + "2"});
    const auto fits = names.add({"ix", "t", std::string(58, 'x')});
    names.make();
    CHECK(names.name(first).size() <= 63);
    CHECK(names.name(first) != names.name(second));
    CHECK(names.name(fits) == "ix_t_" + std::string(58, 'x'));
    // "ix_t_" has 5 bytes, each letter 2: the cut may not leave half a letter before the hash.
    const auto letters = names.name(first).substr(5, names.name(first).size() - 5 - 9);
    CHECK(letters.size() % 2 == 0);
}

TEST_CASE("two equal given names are an error", "[schema]") {
    NameMaker names;
    names.add({"ck", "a"}, "same");
    names.add({"ck", "b"}, "Same");
    CHECK_THROWS_AS(names.make(), tandem::MappingError);
}

TEST_CASE("SQL in a name is its words", "[schema]") {
    CHECK(words_of("lower(name) || '-' || \"żółć\"") == "lower_name_żółć");
    CHECK(words_of("age >= 0") == "age_0");
    CHECK(words_of("''").empty());
}

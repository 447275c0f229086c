// Values that cannot be stored: whoever refuses them, and with what, nothing else is lost, and a rollback undoes all.
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "support/oracle.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace unstorable {

enum class Color { red, blue };
TANDEM_ENUM(Color, red, blue)

/// A type of the user's own whose codec refuses with an exception that is none of Tandem's.
struct Fragile {
    int number = 0;
    bool operator==(const Fragile&) const = default;
};

}  // namespace unstorable

template <>
struct tandem::Codec<unstorable::Fragile> {
    using stored = std::int64_t;
    static std::int64_t store(const unstorable::Fragile& fragile) {
        if (fragile.number < 0) throw std::out_of_range("broken");
        return fragile.number;
    }
    static unstorable::Fragile load(std::int64_t number) { return {static_cast<int>(number)}; }
};

namespace unstorable {

struct Parcel : tandem::Model<Parcel> {
    std::string label;
    Color color = Color::red;
    Fragile content{};
    TANDEM_MODEL(Parcel, label, color, content)
};
/// What happened on a day.
struct Diary : tandem::Model<Diary, void> {
    tandem::Date day = 2000y / 1 / 1;
    std::string text;
    TANDEM_MODEL(Diary, (day, primary_key), text)
};

}  // namespace unstorable

using unstorable::Color;
using unstorable::Diary;
using unstorable::Fragile;
using unstorable::Parcel;

TEST_CASE_METHOD(Fixture, "a rollback undoes all changes, also beside a value that cannot be stored", "[types]") {
    auto session = db.session();
    for (const char* label : {"a", "b", "c"}) session.add(Parcel{.label = label});
    session.commit();
    const auto parcels = session.exec(Parcel::select().order_by(Parcel::c.id)).all();
    const auto change_all = [&] {
        for (const auto& parcel : parcels) parcel->label = "changed";
    };
    const auto is_undone = [&] {
        return parcels[0]->label == "a" && parcels[1]->label == "b" && parcels[2]->label == "c" &&
            parcels[1]->color == Color::red && parcels[1]->content == Fragile{};
    };
    SECTION("that its type refuses") {
        change_all();
        parcels[1]->color = static_cast<Color>(7);
        CHECK_THROWS_AS(session.flush(), tandem::ValueError);
        session.rollback();
        CHECK(is_undone());
    }
    SECTION("whose codec throws what it likes") {
        change_all();
        parcels[1]->content = {-1};
        CHECK_THROWS_AS(session.flush(), std::out_of_range);
        session.rollback();
        CHECK(is_undone());
    }
    SECTION("in a savepoint") {
        {
            auto savepoint = session.savepoint();
            change_all();
            parcels[1]->color = static_cast<Color>(7);
            CHECK_THROWS_AS(savepoint.commit(), tandem::ValueError);
        }
        CHECK(is_undone());
    }
    SECTION("that is expired before it is flushed") {
        parcels[1]->color = static_cast<Color>(7);
        session.expire(parcels[1]);
        CHECK(is_undone());
    }
    session.commit();
    CHECK(oracle.rows("SELECT label, color FROM parcel ORDER BY id") ==
        std::vector<std::string>{"a|red", "b|red", "c|red"});
}

TEST_CASE_METHOD(
    Fixture, "an object whose stored value its codec would not store again is refused each time", "[types]") {
    {
        auto session = db.session();
        session.add(Parcel{.label = "a"});
        session.commit();
    }
    oracle.run("UPDATE parcel SET content = -1");
    auto session = db.session();
    const auto parcel = session.get<Parcel>(1);
    CHECK_THROWS_AS(parcel->label = "lost", std::out_of_range);
    CHECK_THROWS_AS(parcel->label = "lost", std::out_of_range);  // no change goes unnoticed
}

TEST_CASE("dict names the member whose value it cannot write", "[types]") {
    CHECK_THAT(error_of<tandem::ValueError>([] { (void)Parcel{.color = static_cast<Color>(7)}.dict(); }),
        ContainsSubstring("Parcel.color") && ContainsSubstring("7"));
}

TEST_CASE_METHOD(Fixture, "a rollback takes back a key that was set to what cannot be stored", "[types]") {
    auto session = db.session();
    const auto entry = session.add(Diary{.day = 2020y / 2 / 1, .text = "snow"});
    session.commit();
    entry->day = 2020y / 2 / 31;
    CHECK_THROWS_AS(session.flush(), tandem::ValueError);
    session.rollback();
    CHECK(entry->day == 2020y / 2 / 1);
    CHECK(session.get<Diary>(2020y / 2 / 1) == entry);
}

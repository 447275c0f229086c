// What a state shows: vars, computed vars, models with what is loaded, and nothing else.
#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>

#include <tandem/framework/state.hpp>
#include <tandem/tandem.hpp>

#include "support/test_client.hpp"

using tandem::Json;
using tandem::Ref;
using tandem::testing::TestClient;
using tandem::testing::TestEngine;

namespace shown {

struct Pet;
struct Owner : tandem::Model<Owner> {
    std::string name;
    std::string password;
    tandem::Many<Pet> pets{};
    TANDEM_MODEL(Owner, name, (password, hidden), (pets, back_populates("owner")))
};
struct Pet : tandem::Model<Pet> {
    std::string name;
    std::int64_t owner_id = 0;
    tandem::One<Owner> owner{};
    TANDEM_MODEL(Pet, name, (owner_id, foreign_key("owner.id")), (owner, back_populates("pets")))
};

struct Zoo : tandem::State<Zoo> {
    std::vector<Ref<Owner>> owners;
    Ref<Pet> pet;
    std::vector<Ref<Pet>> pets;
    double ratio = 0;
    std::string hidden_text = "server only";

    void on_load() {
        auto session = tandem::session();
        auto owner = session.add(Owner{.name = "Ann", .password = "hunter2"});
        session.add(Pet{.name = "Rex", .owner = owner});
        session.add(Pet{.name = "Tom", .owner = owner});
        session.commit();
    }
    void load_owners() {
        auto session = tandem::session();
        owners = session.exec(Owner::select()).all();
    }
    void load_all() {
        auto session = tandem::session();
        owners = session.exec(Owner::select().options(selectinload(Owner::c.pets).options(selectinload(Pet::c.owner))))
                     .all();
        pet = owners.at(0)->pets[0];
    }
    void remove_pet() {
        auto session = tandem::session();
        pets = session.exec(Pet::select().order_by(Pet::c.id)).all();
        pet = pets.at(0);
        session.remove(pet);
        session.commit();
    }
    void show_too_much() {
        constexpr std::size_t megabyte = 1024 * 1024;
        for (int i = 0; i < 40; ++i) pets.emplace_back(Pet{.name = std::string(megabyte, 'x')});
    }
    void set_ratio_to_nan() { ratio = std::nan(""); }
    std::int64_t pet_count() const {
        auto session = tandem::session();
        return session.exec(tandem::select(tandem::count(Pet::c.id))).scalar();
    }
    std::string writes() const {
        auto session = tandem::session();
        session.execute("DELETE FROM pet");
        session.commit();
        return "deleted";
    }
    TANDEM_STATE(Zoo, owners, pet, pets, ratio, (hidden_text, backend), load_owners, load_all, remove_pet,
        show_too_much, set_ratio_to_nan, pet_count, writes)
};

/// Its on_load fails the first time.
struct Reluctant : tandem::State<Reluctant> {
    inline static bool ready = true;
    std::string text;
    void on_load() {
        if (!ready) throw std::runtime_error("not yet");
        text = "loaded";
    }
    TANDEM_STATE(Reluctant, text)
};

}  // namespace shown

TEST_CASE("a model on a var is sent with its columns, without hidden ones and without what is not loaded") {
    TestEngine engine;
    TestClient client{engine};
    client.call("zoo.load_owners");
    CHECK(client.tree()["zoo"]["owners"] == Json::parse(R"([{"id": 1, "name": "Ann"}])"));
    CHECK(client.last_frame().find("hunter2") == std::string::npos);
}

TEST_CASE("loaded relations are sent, and cycles are cut where they lead back") {
    TestEngine engine;
    TestClient client{engine};
    client.call("zoo.load_all");
    const Json rex = Json::parse(R"({"id": 1, "name": "Rex", "owner_id": 1})");
    const Json tom = Json::parse(R"({"id": 2, "name": "Tom", "owner_id": 1})");
    CHECK(client.tree()["zoo"]["owners"] == Json::array({{{"id", 1}, {"name", "Ann"}, {"pets", {rex, tom}}}}));
    Json pet = rex;
    pet["owner"] = {{"id", 1}, {"name", "Ann"}, {"pets", {tom}}};
    CHECK(client.tree()["zoo"]["pet"] == pet);
    CHECK(client.tree().dump().find("hunter2") == std::string::npos);
}

TEST_CASE("a deleted object disappears from the page") {
    TestEngine engine;
    TestClient client{engine};
    REQUIRE(client.call("zoo.remove_pet") == "ok");
    CHECK(client.tree()["zoo"]["pet"] == nullptr);
    CHECK(client.tree()["zoo"]["pets"].size() == 1);
    CHECK(client.tree()["zoo"]["pet_count"] == 1);
}

TEST_CASE("backend vars are never sent") {
    TestEngine engine;
    TestClient client{engine};
    CHECK_FALSE(client.tree()["zoo"].contains("hidden_text"));
    CHECK(client.fresh_tree().dump().find("server only") == std::string::npos);
}

TEST_CASE("a computed var that writes is refused, logged, and does not undo the event") {
    TestEngine engine;
    TestClient client{engine};
    CHECK(client.tree()["zoo"]["writes"] == nullptr);
    CHECK(client.tree()["zoo"]["pet_count"] == 2);
    CHECK(client.call("zoo.load_owners") == "ok");
    CHECK(client.tree()["zoo"]["pet_count"] == 2);
    REQUIRE_FALSE(engine.log.empty());
    CHECK(engine.log[0].find("Zoo.writes") != std::string::npos);
}

TEST_CASE("NaN in a var fails the event, naming the var, and changes nothing") {
    TestEngine engine;
    TestClient client{engine};
    engine.log.clear();
    CHECK(client.call("zoo.set_ratio_to_nan")["code"] == "failed");
    CHECK(client.tree()["zoo"]["ratio"] == 0);
    REQUIRE_FALSE(engine.log.empty());
    CHECK(engine.log[0].find("Zoo.ratio") != std::string::npos);
    CHECK(client.fresh_tree() == client.tree());
}

TEST_CASE("two tabs have states of their own") {
    TestEngine engine;
    TestClient first{engine, std::string(32, '1')};
    TestClient second{engine, std::string(32, '2')};
    first.call("zoo.load_owners");
    CHECK(second.fresh_tree()["zoo"]["owners"].empty());
    CHECK_FALSE(first.fresh_tree()["zoo"]["owners"].empty());
}

TEST_CASE("a var too large to show fails the event, naming the var, and changes nothing") {
    TestEngine engine;
    TestClient client{engine};
    engine.log.clear();
    CHECK(client.call("zoo.show_too_much")["code"] == "failed");
    REQUIRE_FALSE(engine.log.empty());
    CHECK(engine.log[0].find("Zoo.pets") != std::string::npos);
    CHECK(client.fresh_tree() == client.tree());
}

TEST_CASE("an on_load that failed runs again when the page connects again, one that succeeded does not") {
    TestEngine engine;
    shown::Reluctant::ready = false;
    TestClient client{engine};
    CHECK(client.tree()["reluctant"]["text"].get<std::string>().empty());
    shown::Reluctant::ready = true;
    client.reconnect();
    CHECK(client.tree()["reluctant"]["text"] == "loaded");
    CHECK(client.tree()["zoo"]["pet_count"] == 2);  // its on_load would have added two more
}

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/json.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::Json;
using tandem::selectinload;
using types::Account;
using types::Everything;

TEST_CASE("dict has the columns of a plain object") {
    CHECK(
        User{.username = "ana", .email = "a@x.io"}.dict() == Json{{"id", 0}, {"username", "ana"}, {"email", "a@x.io"}});
}

TEST_CASE("dict never has hidden columns") {
    const auto json = Account{.name = "a", .password_hash = "secret"}.dict();
    CHECK_FALSE(json.contains("password_hash"));
    CHECK(json.dump().find("secret") == std::string::npos);
    CHECK(json["name"] == "a");
}

TEST_CASE_METHOD(BlogFixture, "dict has loaded relations nested, leaves out others, and runs no SQL") {
    auto session = db.session();
    const auto ben = session.exec(User::select().where(User::c.id == 2).options(selectinload(User::c.posts))).one();
    StatementLog log{db};
    const auto json = ben->dict();
    CHECK(json["posts"].size() == 3);
    CHECK(json["posts"][0]["title"] == "p2");
    CHECK_FALSE(json.contains("flags"));
    CHECK_FALSE(json["posts"][0].contains("flags"));
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "dict cuts circles") {
    auto session = db.session();
    const auto post = session
                          .exec(Post::select()
                                    .where(Post::c.id == 1)
                                    .options(selectinload(Post::c.user).options(selectinload(User::c.posts)),
                                        selectinload(Post::c.flags)))
                          .one();
    const auto json = post->dict();
    CHECK(json["user"]["username"] == "ana");
    CHECK(json["user"]["posts"] == Json::array());
    CHECK(json["flags"].size() == 2);
    CHECK_FALSE(json["flags"][0].contains("post"));
}

TEST_CASE_METHOD(BlogFixture, "an empty loaded relation is null or an empty list") {
    auto session = db.session();
    const auto place = session.add(types::Place{.label = "root"});
    session.commit();
    auto other = db.session();
    const auto root = other
                          .exec(types::Place::select().options(
                              selectinload(types::Place::c.parent), selectinload(types::Place::c.children)))
                          .one();
    CHECK(root->dict() ==
        Json{{"id", 1}, {"label", "root"}, {"parent_id", nullptr}, {"parent", nullptr}, {"children", Json::array()}});
}

TEST_CASE_METHOD(BlogFixture, "a class's own dict is respected, also inside of others") {
    oracle.run("UPDATE post SET update_ts = '2026-11-22 10:30:00.123456'");
    auto session = db.session();
    const auto ana = session.exec(User::select().where(User::c.id == 1).options(selectinload(User::c.posts))).one();
    CHECK(ana->posts[0]->dict()["update_ts"] == "2026-11-22T10:30:00Z");
    CHECK(ana->dict()["posts"][0]["update_ts"] == "2026-11-22T10:30:00Z");
}

TEST_CASE_METHOD(BlogFixture, "dict leaves out deleted objects") {
    auto session = db.session();
    const auto flag = session.get<Flag>(1);
    REQUIRE(flag->post->title == "p1");
    const auto post = flag->post.get();
    REQUIRE(post->flags.size() == 2);
    session.remove(flag);
    session.flush();
    CHECK(post->dict()["flags"].size() == 1);
}

TEST_CASE("dict writes every kind of value") {
    const auto json = Everything{.flag = true,
        .i64 = INT64_MIN,
        .u64 = INT64_MAX,
        .real = 0.5,
        .text = "ż",
        .time = *tandem::parse_timestamp("2026-11-22T10:30:00Z"),
        .blob = {{std::byte{'h'}, std::byte{'i'}}},
        .colour = types::Colour::blue,
        .money = {5}}.dict();
    CHECK(json["flag"] == true);
    CHECK(json["i64"] == INT64_MIN);
    CHECK(json["u64"] == INT64_MAX);
    CHECK(json["real"] == 0.5);
    CHECK(json["text"] == "ż");
    CHECK(json["time"] == "2026-11-22T10:30:00Z");
    CHECK(json["blob"] == "aGk=");
    CHECK(json["colour"] == 2);
    CHECK(json["money"] == 5);
    CHECK(json["maybe_text"] == nullptr);
}

TEST_CASE("set takes columns by name") {
    User user;
    user.set({{"username", "ana"}, {"email", "a@x.io"}});
    CHECK(user.username == "ana");
    CHECK(user.email == "a@x.io");
    user.set(Json::object());
    CHECK(user.username == "ana");
}

TEST_CASE_METHOD(BlogFixture, "what set changed is stored") {
    auto session = db.session();
    session.get<User>(1)->set({{"email", "set@x.io"}});
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "set@x.io");
}

TEST_CASE("set refuses what a form must not change, and then changes nothing") {
    Account account{.name = "before", .password_hash = "hash", .balance = 5, .level = 1};
    const auto refused = [&](const char* name, const Json& value) {
        // Names come in alphabetical order, so one that fits goes before each of the wrong ones, and one after.
        const auto message = error_of<tandem::ValueError>([&] {
            account.set({{"level", 9}, {name, value}, {"note", "changed"}});
        });
        CHECK_THAT(message, ContainsSubstring(name));
        CHECK_THAT(message, ContainsSubstring("Account"));
        CHECK(account.id == 0);
        CHECK(account.name == "before");
        CHECK(account.password_hash == "hash");
        CHECK(account.balance == 5);
        CHECK(account.level == 1);
        CHECK_FALSE(account.note);
    };
    refused("surname", "unknown");
    refused("id", 3);
    refused("password_hash", "hacked");
    refused("balance", 1000);
    refused("name", 5);
    refused("name", nullptr);
    refused("name", Json::array({"a"}));
    CHECK_THROWS_AS(account.set({{"level", "x"}, {"note", "changed"}}), tandem::ValueError);
    CHECK(account.level == 1);
    CHECK_FALSE(account.note);
}

TEST_CASE("set refuses relations and anything that is no object") {
    Post post;
    CHECK_THROWS_AS(post.set({{"user", 3}}), tandem::ValueError);
    CHECK_THROWS_AS(post.set(Json::array()), tandem::ValueError);
    CHECK_THROWS_AS(post.set(nullptr), tandem::ValueError);
}

TEST_CASE("set takes 64-bit extremes exactly, and refuses what lies beyond a column's width") {
    Everything value;
    value.set({{"i64", INT64_MIN}, {"u64", 9223372036854775807U}, {"i8", -128}, {"u32", 4294967295U}});
    CHECK(value.i64 == INT64_MIN);
    CHECK(value.u64 == 9223372036854775807U);
    CHECK(value.i8 == -128);
    CHECK(value.u32 == 4294967295U);
    CHECK_THROWS_AS(value.set({{"u64", 9223372036854775808U}}), tandem::ValueError);
    CHECK_THROWS_AS(value.set({{"i64", 9223372036854775808U}}), tandem::ValueError);
    CHECK_THROWS_AS(value.set({{"i64", 9.3e18}}), tandem::ValueError);
    CHECK_THROWS_AS(value.set({{"i8", 128}}), tandem::ValueError);
    CHECK_THROWS_AS(value.set({{"u8", -1}}), tandem::ValueError);
    CHECK_THROWS_AS(value.set({{"i32", 1.5}}), tandem::ValueError);
    CHECK_THROWS_AS(value.set({{"i32", true}}), tandem::ValueError);
    CHECK(value.i8 == -128);
}

TEST_CASE("set takes the texts of a form where they mean a value of the column") {
    Everything value;
    value.set({{"i32", "42"}, {"i64", "-9223372036854775808"}, {"real", "2.5"}, {"flag", "on"},
        {"time", "2026-11-22T10:30"}, {"blob", "aGk="}, {"colour", 2}});
    CHECK(value.i32 == 42);
    CHECK(value.i64 == INT64_MIN);
    CHECK(value.real == 2.5);
    CHECK(value.flag);
    CHECK(value.time == *tandem::parse_timestamp("2026-11-22T10:30:00Z"));
    CHECK(value.blob.bytes.size() == 2);
    CHECK(value.colour == types::Colour::blue);
    for (const auto& wrong : {Json{{"i32", "4 2"}}, Json{{"i32", ""}}, Json{{"real", "nan"}}, Json{{"real", "1e999"}},
             Json{{"flag", "maybe"}}, Json{{"time", "2026-02-30"}}, Json{{"blob", "a"}}, Json{{"money", -1}}}) {
        INFO(wrong.dump());
        CHECK_THROWS_AS(value.set(wrong), tandem::ValueError);
    }
}

TEST_CASE("null and an empty field empty an optional column; an empty text is a text") {
    Everything value{
        .maybe_flag = true, .maybe_number = 3, .maybe_real = 1.5, .maybe_text = "x", .maybe_time = tandem::Timestamp{}};
    value.set({{"maybe_flag", nullptr}, {"maybe_number", ""}, {"maybe_real", nullptr}, {"maybe_text", ""},
        {"maybe_time", ""}});
    CHECK_FALSE(value.maybe_flag);
    CHECK_FALSE(value.maybe_number);
    CHECK_FALSE(value.maybe_real);
    CHECK(value.maybe_text == "");
    CHECK_FALSE(value.maybe_time);
    value.set({{"maybe_text", nullptr}});
    CHECK_FALSE(value.maybe_text);
}

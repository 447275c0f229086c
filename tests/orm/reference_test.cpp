// The samples of the database reference, in its order, in their C++ form: Database, Tables and Queries. Events become
// functions; vars become their variables.
#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::Json;
using tandem::Ref;
using tandem::selectinload;

namespace first_page {
// Tables: a class that lists its columns. (Another name than in the reference: a program's models share one database.)
struct Member : tandem::Model<Member> {
    std::string username;
    std::string email;
    std::string password;
    TANDEM_MODEL(Member, username, email, password)
};
}  // namespace first_page

namespace columns {
/// Types said by hand, with a default of the server's, and dict() of one's own.
struct Note : tandem::Model<Note> {
    std::string title;
    std::optional<std::string> category{};
    std::optional<tandem::Timestamp> update_ts{};
    [[nodiscard]] Json dict() const {
        auto d = Model::dict();
        d["update_ts"] =
            update_ts ? Json(tandem::isoformat(std::chrono::floor<std::chrono::seconds>(*update_ts))) : Json();
        d["title"] = "~" + title;
        return d;
    }
    TANDEM_MODEL(Note, (title, sql_type("VARCHAR(80) COLLATE NOCASE")), (category, server_default("'none'")),
        (update_ts, column_name("updated"), server_default(now)))
    TANDEM_TABLE(Note, table_name("ref_note"))
};
}  // namespace columns

namespace {
using Texts = std::vector<std::string>;
}  // namespace

TEST_CASE("reference, Connecting: a database by its URL") {
    const TemporaryFolder folder;
    const tandem::Database db{"sqlite:///" + (folder.path() / "reflex.db").string()};
    CHECK(std::filesystem::exists(folder.path() / "reflex.db"));
    CHECK(db.url() == "sqlite:///" + (folder.path() / "reflex.db").string());
}

TEST_CASE("reference, Connecting: what was stored is there for the next program") {
    const TemporaryFolder folder;
    const std::string url = "sqlite:///" + (folder.path() / "reflex.db").string();
    {
        tandem::Database db{url};
        db.create_tables();
        auto session = db.session();
        session.add(User{.username = "ana"});
        session.commit();
    }
    tandem::Database db{url};
    CHECK_FALSE(db.is_empty());
    auto session = db.session();
    CHECK(session.exec(User::select()).one()->username == "ana");
}

TEST_CASE_METHOD(Fixture, "reference, Tables: a class becomes a table with a column for each member") {
    CHECK(oracle.rows("SELECT name FROM pragma_table_info('member') ORDER BY cid") ==
        std::vector<std::string>{"id", "username", "email", "password"});
}

TEST_CASE_METHOD(Fixture, "reference, Queries: a session adds and commits") {
    {
        auto session = db.session();
        session.add(first_page::Member{.username = "test", .email = "admin@reflex.dev", .password = "admin"});
        session.commit();
    }
    CHECK(oracle.row("SELECT id, username, email, password FROM member") == "1|test|admin@reflex.dev|admin");
}

TEST_CASE_METHOD(Fixture, "reference, Queries: the session of the running step") {
    // A handler runs in a step; its sessions are asked for without naming a database.
    {
        tandem::orm::Transaction step{db, tandem::orm::Access::write};
        const tandem::orm::AmbientTransaction ambient{&step};
        {
            auto session = tandem::session();
            session.add(User{.username = "test", .email = "admin@reflex.dev"});
            session.commit();
        }
        step.commit();
    }
    CHECK(oracle.row("SELECT username FROM user") == "test");
    CHECK_THROWS_AS(tandem::session(), tandem::InvalidStateError);
}

TEST_CASE_METHOD(Fixture, "reference, Primary Key: id by default, another key on demand, id redefined") {
    CHECK(oracle.row("SELECT name FROM pragma_table_info('member') WHERE pk = 1") == "id");
    CHECK(oracle.row("SELECT name FROM pragma_table_info('product') WHERE pk = 1") == "code");
    CHECK(oracle.row("SELECT type FROM pragma_table_info('badge') WHERE name = 'id'") == "TEXT");
}

TEST_CASE_METHOD(BlogFixture, "reference, Advanced Column Types: a time that the server fills in") {
    auto session = db.session();
    const auto post = session.add(Post{.title = "t", .user_id = 1});
    session.commit();
    REQUIRE(post->update_ts);
    CHECK(tandem::now() - *post->update_ts < std::chrono::minutes{1});
    CHECK(oracle.row(
              "SELECT count(*) FROM post WHERE title = 't' AND abs(julianday('now') - julianday(update_ts)) < 0.01") ==
        "1");
}

TEST_CASE("reference, Advanced Column Types: dict overridden to strip the microseconds") {
    const Post post{.title = "t", .update_ts = tandem::parse_timestamp("2026-11-22T10:30:00.123456Z")};
    CHECK(post.dict()["update_ts"] == "2026-11-22T10:30:00Z");
    CHECK(post.dict()["title"] == "t");
}

TEST_CASE_METHOD(Fixture, "reference, Primary Key: objects are found by another key, and by id redefined") {
    auto session = db.session();
    session.add(types::Product{.code = "p-1", .label = "one"});
    types::Badge badge{.level = 3};
    badge.id = "gold";
    session.add(badge);
    session.commit();
    CHECK(session.get<types::Product>("p-1")->label == "one");
    auto other = db.session();
    CHECK(other.get<types::Badge>("gold")->level == 3);
    CHECK_FALSE(other.get<types::Badge>("silver"));
}

TEST_CASE_METHOD(Fixture, "reference, Advanced Column Types: types and server defaults that are said by hand") {
    CHECK(oracle.rows("SELECT name, type, dflt_value FROM pragma_table_info('ref_note') WHERE name <> 'id'") ==
        Texts{"title|VARCHAR(80)|null", "category|TEXT|'none'",
            "updated|TIMESTAMP|" +
                oracle.row("SELECT dflt_value FROM pragma_table_info('ref_note') WHERE name = 'updated'")});
    auto session = db.session();
    const auto note = session.add(columns::Note{.title = "Ärger 😀"});
    const auto given = session.add(columns::Note{
        .title = "b", .category = "mine", .update_ts = tandem::parse_timestamp("2001-02-03T04:05:06.789Z")});
    session.commit();
    CHECK(note->category == "none");
    REQUIRE(note->update_ts);
    CHECK(given->category == "mine");
    CHECK(session.exec(columns::Note::select().where(columns::Note::c.title == "B")).one() == given);
    CHECK(oracle.row("SELECT updated FROM ref_note WHERE id = 2").starts_with("2001-02-03 04:05:06.789"));
}

TEST_CASE_METHOD(Fixture, "reference, Advanced Column Types: a model's own dict is used wherever it is shown") {
    auto session = db.session();
    const auto note =
        session.add(columns::Note{.title = "a", .update_ts = tandem::parse_timestamp("2001-02-03T04:05:06.789Z")});
    session.commit();
    const Json expected{{"id", 1}, {"title", "~a"}, {"category", "none"}, {"update_ts", "2001-02-03T04:05:06Z"}};
    CHECK(note->dict() == expected);
    CHECK(dict_of(note) == expected);
    tandem::set_null(note, columns::Note::c.update_ts);
    CHECK(note->dict()["update_ts"].is_null());
}

TEST_CASE_METHOD(
    BlogFixture, "reference, Session: without commit everything is rolled back, and rollback can be asked for") {
    {
        auto session = db.session();
        session.add(User{.username = "never"});
        session.flush();
        session.rollback();
        session.add(User{.username = "never either"});
        session.flush();
    }
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "reference, Select: users whose name contains a text") {
    const std::string name = "e";
    std::vector<Ref<User>> users;
    {
        auto session = db.session();
        users = session.exec(User::select().where(User::c.username.contains(name)).order_by(User::c.id)).all();
    }
    REQUIRE(users.size() == 2);
    CHECK(users[0]->username == "ben");
    CHECK(users[1]->email == "dee@y.io");
}

TEST_CASE_METHOD(BlogFixture, "reference, Insert: add a record") {
    {
        auto session = db.session();
        session.add(User{.username = "eva", .email = "eva@x.io"});
        session.commit();
    }
    CHECK(oracle.row("SELECT username, email FROM user WHERE id = 5") == "eva|eva@x.io");
}

TEST_CASE_METHOD(BlogFixture, "reference, Update: query, modify, add, commit") {
    {
        auto session = db.session();
        const auto user = session.exec(User::select().where((User::c.username == "ana"))).first();
        user->email = "changed@x.io";
        session.add(user);
        session.commit();
    }
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "changed@x.io");
}

TEST_CASE_METHOD(BlogFixture, "reference, Delete: query, remove, commit") {
    {
        auto session = db.session();
        const auto user = session.exec(User::select().where(User::c.username == "dee")).first();
        session.remove(user);
        session.commit();
    }
    CHECK(oracle.row("SELECT count(*) FROM user WHERE username = 'dee'") == "0");
}

TEST_CASE_METHOD(BlogFixture,
    "reference, ORM Object Lifecycle: an object made from a form is added, refreshed, kept, and set again in a later "
    "session") {
    Ref<User> user;
    {
        const Json form_data{{"username", "eva"}, {"email", "eva@x.io"}};
        auto session = db.session();
        User made;
        made.set(form_data);
        user = made;
        session.add(user);
        session.commit();
        session.refresh(user);
    }
    CHECK(user->id == 5);
    {
        const Json form_data{{"email", "later@x.io"}};
        auto session = db.session();
        user->set(form_data);
        session.add(user);
        session.commit();
        session.refresh(user);
    }
    CHECK(user->email == "later@x.io");
    CHECK(oracle.rows("SELECT id, username, email FROM user WHERE id > 4") ==
        std::vector<std::string>{"5|eva|later@x.io"});
}

TEST_CASE_METHOD(BlogFixture, "reference, ORM Object Lifecycle: outside of its session an object has what was loaded") {
    Ref<User> user;
    {
        auto session = db.session();
        user = session.exec(User::select().where(User::c.id == 2).options(selectinload(User::c.posts))).one();
    }
    StatementLog log{db};
    CHECK(user->username == "ben");
    CHECK(user->posts.size() == 3);
    CHECK(log.size() == 0);
    CHECK_THAT(error_of<tandem::DetachedError>([&] { (void)user->flags.size(); }),
        ContainsSubstring("User.flags") && ContainsSubstring("selectinload(User::c.flags)"));
}

TEST_CASE_METHOD(BlogFixture, "reference, ORM Object Lifecycle: a form cannot set what is no field of it") {
    User user{.username = "ana"};
    CHECK_THROWS_AS(user.set({{"username", "x"}, {"id", 7}}), tandem::ValidationError);
    CHECK_THROWS_AS(user.set({{"username", "x"}, {"is_admin", true}}), tandem::ValidationError);
    CHECK_THROWS_AS(user.set({{"username", "x"}, {"posts", Json::array()}}), tandem::ValidationError);
    CHECK(user.username == "ana");
    CHECK(user.id == 0);
}

TEST_CASE_METHOD(BlogFixture, "reference, Using SQL Directly: insert with named placeholders") {
    const std::string username = "eva'); DROP TABLE user; --";
    {
        auto session = db.session();
        session.execute("INSERT INTO user (username, email) "
                        "VALUES (:username, :email)",
            {{"username", username}, {"email", "eva@x.io"}});
        session.commit();
    }
    CHECK(oracle.row("SELECT username FROM user WHERE id = 5") == username);
}

TEST_CASE_METHOD(BlogFixture, "reference, Using SQL Directly: all rows as tuples") {
    auto session = db.session();
    const std::vector<tandem::Row> rows = session.execute("SELECT * FROM user").all();
    REQUIRE(rows.size() == 4);
    CHECK(rows[1] == tandem::Row{std::int64_t{2}, std::string{"ben"}, std::string{"ben@x.io"}});
}

TEST_CASE_METHOD(BlogFixture, "reference, Using SQL Directly: raw tuples, plain, typed, and as what a page shows") {
    auto session = db.session();
    session.execute("UPDATE user SET email = :email WHERE id = :id", {{"email", "żółć 😀"}, {"id", 1}});
    const auto typed = session.execute<std::tuple<std::int64_t, std::string, std::string>>("SELECT * FROM user").all();
    REQUIRE(typed.size() == 4);
    CHECK(typed[0] == std::tuple{std::int64_t{1}, std::string{"ana"}, std::string{"żółć 😀"}});
    const auto by_column = session.execute("SELECT username AS name, id FROM user WHERE id = 2");
    CHECK(by_column.columns() == Texts{"name", "id"});
    CHECK(session.execute<User>("SELECT id FROM user WHERE id > 2 ORDER BY id DESC").all().front()->username == "dee");
}

// The samples of the database reference, in its order, in their C++ form. Events become functions; vars become their
// variables.
#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
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

TEST_CASE("reference, Connecting: a database by its URL") {
    const TemporaryFolder folder;
    const tandem::Database db{"sqlite:///" + (folder.path() / "reflex.db").string()};
    CHECK(std::filesystem::exists(folder.path() / "reflex.db"));
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

TEST_CASE_METHOD(BlogFixture, "reference, Foreign Key Relationships: objects are found in both directions") {
    auto session = db.session();
    const auto post = session.get<Post>(3);
    CHECK(post->user->username == "ben");
    CHECK(post->flags.size() == 2);
    CHECK(post->flags[0]->user->username == "ana");
    CHECK(post->user->posts.size() == 3);
    CHECK(post->flags[0]->post.get() == post);
}

TEST_CASE_METHOD(BlogFixture, "reference, Inserting Linked Objects: a flag for a post, by a user held from before") {
    Ref<User> user;
    {
        auto session = db.session();
        user = session.get<User>(4);
    }
    {
        auto session = db.session();
        const auto post = session.get<Post>(2);
        const Flag flag{.message = "spam", .post = post, .user = user};
        session.add(flag);
        session.commit();
    }
    CHECK(oracle.row("SELECT post_id, user_id, message FROM flag WHERE id = 7") == "2|4|spam");
}

TEST_CASE_METHOD(BlogFixture, "reference, How are Relationships Dereferenced: lazy by default, one query on access") {
    auto session = db.session();
    const auto post = session.get<Post>(5);
    StatementLog log{db};
    CHECK(post->flags.size() == 2);
    CHECK(log.count("SELECT") == 1);
}

TEST_CASE_METHOD(BlogFixture, "reference, Querying Linked Objects: users and flags up front") {
    std::vector<Ref<Post>> posts;
    {
        auto session = db.session();
        posts = session
                    .exec(Post::select()
                              .options(selectinload(Post::c.user),
                                  selectinload(Post::c.flags).options(selectinload(Flag::c.user)))
                              .limit(15))
                    .all();
    }
    REQUIRE(posts.size() == 5);
    Json page = Json::array();
    for (const auto& post : posts) page.push_back(post->dict());
    CHECK(page[0]["user"]["username"] == "ana");
    CHECK(page[0]["flags"][0]["user"]["username"] == "ben");
    CHECK(posts[4]->flags[1]->user->username == "ben");
}

TEST_CASE_METHOD(Fixture, "reference, Specifying the Loading Mechanism on the Relationship: selectin in the model") {
    oracle.run("INSERT INTO album (name) VALUES ('a'); INSERT INTO track (name, album_id) VALUES ('x', 1), ('y', 1)");
    Ref<types::Album> album;
    {
        auto session = db.session();
        album = session.exec(types::Album::select()).one();
    }
    CHECK(album->tracks.size() == 2);
}

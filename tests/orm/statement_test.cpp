// Statements that write many rows at once, and the objects of the session that follow.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/statement.hpp>

#include "query_models.hpp"

using Catch::Matchers::ContainsSubstring;
using queries::Number;
using queries::Post;
using queries::Seat;
using queries::Tag;
using queries::User;
using namespace tandem;

TEST_CASE_METHOD(QueryFixture, "S034 criteria statements bypass cascades", "[query]") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute(delete_from<Post>().where(Post::c.id == 1)), IntegrityError);
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM post") == "5");
    CHECK(oracle.row("SELECT count(*) FROM flag") == "6");
    CHECK(session.execute(delete_from<Post>().where(Post::c.id == 4)).changed() == 1);
    session.commit();
    CHECK(oracle.row("SELECT group_concat(id) FROM post") == "1,2,3,5");
}

TEST_CASE_METHOD(
    QueryFixture, "an update sets values and expressions of the rows it finds, and counts them", "[query]") {
    auto session = db.session();
    CHECK(
        session.execute(update<User>().where(User::c.email == std::nullopt).set(User::c.email, "none")).changed() == 1);
    CHECK(session
              .execute(update<User>()
                           .set(User::c.username, User::c.username + "!")
                           .set(User::c.email, std::nullopt)
                           .where(User::c.id > 1)
                           .where(User::c.id < 4))
              .changed() == 2);
    CHECK(session.execute(update<Post>().set(Post::c.title, upper(Post::c.title))).changed() == 5);
    CHECK(session.execute(update<User>().set(User::c.email, "x").where(User::c.id == 99)).changed() == 0);
    session.commit();
    CHECK(oracle.rows("SELECT username, email FROM user ORDER BY id") ==
        std::vector<std::string>{"ana|ana@x.io", "ben!|null", "cy!|null", "dee|dee@y.io"});
    CHECK(oracle.row("SELECT group_concat(title) FROM post") == "P1,P2,P3,P4,P5");
}

TEST_CASE_METHOD(QueryFixture, "objects of the session follow an update, with one statement", "[query]") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto post = session.get<Post>(1);
    CHECK(post->user == ana);
    CHECK(ana->posts.size() == 1);
    CHECK(ben->posts.size() == 3);
    StatementLog log{db};
    CHECK(session.execute(update<User>().set(User::c.email, "new").where(User::c.id <= 3)).changed() == 3);
    CHECK(ana->email == "new");
    CHECK(session.execute(update<Post>().set(Post::c.user_id, 2).where(Post::c.id == 1)).changed() == 1);
    CHECK(post->user_id == 2);
    CHECK(post->user == ben);
    CHECK(ana->posts.empty());
    CHECK(ben->posts.size() == 4);
    CHECK(log.size() == 2);
    session.commit();  // nothing is left to write
    CHECK(log.size() == 2);
}

TEST_CASE_METHOD(QueryFixture, "an update sees what the session has changed, and a rollback undoes both", "[query]") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "mine";
    CHECK(session.execute(update<User>().set(User::c.email, "theirs").where(User::c.email == "mine")).changed() == 1);
    CHECK(ana->email == "theirs");
    session.rollback();
    CHECK(ana->email == "ana@x.io");
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "ana@x.io");
}

TEST_CASE_METHOD(
    QueryFixture, "objects of the session are deleted with their rows, and come back with a rollback", "[query]") {
    auto session = db.session();
    const auto ben = session.get<User>(2);
    const auto p4 = session.get<Post>(4);
    CHECK(ben->posts.size() == 3);
    CHECK(session.execute(delete_from<Post>().where(Post::c.title == "p4")).changed() == 1);
    CHECK_THROWS_AS(p4->title, ObjectDeleted);
    CHECK(ben->posts.size() == 2);
    CHECK_FALSE(session.get<Post>(4));
    session.rollback();
    CHECK(p4->title == "p4");
    CHECK(ben->posts.size() == 3);
}

TEST_CASE_METHOD(QueryFixture, "a subquery in a statement's condition", "[query]") {
    auto session = db.session();
    CHECK(session
              .execute(update<User>()
                           .set(User::c.email,
                               select(max(Post::c.title))
                                   .correlate<User>()
                                   .where(Post::c.user_id == User::c.id)
                                   .scalar_subquery())
                           .where(User::c.posts.any()))
              .changed() == 3);
    CHECK(session.execute(delete_from<User>().where(!User::c.posts.any() && !User::c.flags.any())).changed() == 1);
    session.commit();
    CHECK(oracle.rows("SELECT id, email FROM user ORDER BY id") == std::vector<std::string>{"1|p1", "2|p4", "3|p5"});
}

TEST_CASE_METHOD(QueryFixture, "returning gives the rows that were written", "[query]") {
    auto session = db.session();
    const auto p5 = session.get<Post>(5);
    auto changed = session
                       .execute(update<Post>()
                                    .set(Post::c.title, "t")
                                    .where(Post::c.id >= 4)
                                    .returning(Post::c.id, Post::c.title + "!"))
                       .all();
    std::ranges::sort(changed);
    CHECK(changed == std::vector<std::tuple<std::int64_t, std::string>>{{4, "t!"}, {5, "t!"}});
    CHECK(p5->title == "t");
    CHECK(session.execute(delete_from<Post>().where(Post::c.id == 4).returning(Post::c.title)).scalar() == "t");
    CHECK(session.execute(insert_into(Tag::c.label).values("a").values("b").returning(Tag::c.id)).scalars() ==
        std::vector<std::int64_t>{5, 6});
}

TEST_CASE_METHOD(QueryFixture, "a returned value that does not fit names its column", "[query]") {
    oracle.run("UPDATE post SET title = x'ff' WHERE id = 4");
    auto session = db.session();
    Ref<Post> held;
    SECTION("alone") {}
    SECTION("behind the columns by which objects of the session follow") { held = session.get<Post>(5); }
    CHECK_THAT(error_of<ValueError>([&] {
        session.execute(
            update<Post>().set(Post::c.user_id, 1).where(Post::c.id == 4).returning(Post::c.title, Post::c.id));
    }),
        ContainsSubstring("column \"title\""));
}

TEST_CASE_METHOD(QueryFixture, "rows are inserted in one prepared statement, the other columns by default", "[query]") {
    auto session = db.session();
    StatementLog log{db};
    CHECK(session.execute(insert_into(User::c.username, User::c.email).values("eve", "e").values("fay", std::nullopt))
              .changed() == 2);
    CHECK(session.execute(insert_into(User::c.username)).changed() == 0);
    session.commit();
    CHECK(log.statements()[0] == log.statements()[1]);
    CHECK(oracle.rows("SELECT * FROM user WHERE id > 4") == std::vector<std::string>{"5|eve|e", "6|fay|null"});
}

TEST_CASE_METHOD(QueryFixture, "a number beyond its column is refused before SQL", "[query]") {
    StatementLog log{db};
    CHECK_THROWS_AS(insert_into(Number::c.small).values(std::int64_t{1} << 40), ValueError);
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "an upsert updates the row that is there, or leaves it", "[query]") {
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto rows = insert_into(User::c.username, User::c.email).values("ana", "new").values("zoe", "z");
    CHECK(session.execute(rows.on_conflict(User::c.username).do_nothing()).changed() == 1);
    CHECK(ana->email == "ana@x.io");
    CHECK(session.execute(rows.on_conflict(User::c.username).do_update(User::c.email)).changed() == 2);
    CHECK(ana->email == "new");
    CHECK(session
              .execute(rows.on_conflict(User::c.username)
                           .do_update_set(User::c.email, User::c.email + "+" + excluded(User::c.email)))
              .changed() == 2);
    CHECK(ana->email == "new+new");
    session.commit();
    CHECK(oracle.rows("SELECT username, email FROM user WHERE id = 1 OR id > 4") ==
        std::vector<std::string>{"ana|new+new", "zoe|z+z"});
}

TEST_CASE_METHOD(QueryFixture, "an upsert over a key of two columns", "[query]") {
    auto session = db.session();
    const auto seats = insert_into(Seat::c.row, Seat::c.letter, Seat::c.price).values(1, "a", 10).values(1, "b", 20);
    CHECK(session.execute(seats).changed() == 2);
    const auto seat = session.get<Seat>(1, "b");
    CHECK(session
              .execute(seats.values(2, "a", 30)
                           .on_conflict(Seat::c.row, Seat::c.letter)
                           .do_update_set(Seat::c.price, Seat::c.price + 1))
              .changed() == 3);
    CHECK(seat->price == 21);
    session.commit();
    CHECK(oracle.rows("SELECT * FROM seat ORDER BY 1, 2") == std::vector<std::string>{"1|a|11", "1|b|21", "2|a|30"});
}

TEST_CASE_METHOD(QueryFixture, "what cannot be meant is refused before SQL", "[query]") {
    auto session = db.session();
    StatementLog log{db};
    CHECK_THAT(error_of<ArgumentError>([&] { session.execute(update<User>().where(User::c.id == 1)); }),
        ContainsSubstring("User") && ContainsSubstring("set("));
    CHECK_THAT(error_of<ArgumentError>([&] { session.execute(update<User>().set(User::c.id, 7)); }),
        ContainsSubstring("primary key"));
    CHECK_THAT(error_of<ArgumentError>(
                   [&] { session.execute(insert_into(User::c.username).values("x").do_update(User::c.email)); }),
        ContainsSubstring("on_conflict"));
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(QueryFixture, "a failed insert of several rows is undone with the session", "[query]") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute(insert_into(User::c.username).values("k1").values("ana")), IntegrityError);
    session.rollback();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

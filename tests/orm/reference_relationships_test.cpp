// The samples of the database reference, in its order, in their C++ form: Relationships.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::Json;
using tandem::Ref;
using tandem::selectinload;

namespace modes {
struct Book;
/// The same books seven times, each loaded in another way. Collections without a partner can be read only.
struct Shelf : tandem::Model<Shelf> {
    std::string name;
    tandem::Many<Book> by_select{};
    tandem::Many<Book> by_joined{};
    tandem::Many<Book> by_subquery{};
    tandem::Many<Book> by_selectin{};
    tandem::Many<Book> by_immediate{};
    tandem::Many<Book> by_raise{};
    tandem::Many<Book> by_noload{};
    TANDEM_MODEL(Shelf, name, (by_select, lazy(select)), (by_joined, lazy(joined)), (by_subquery, lazy(subquery)),
        (by_selectin, lazy(selectin)), (by_immediate, lazy(immediate)), (by_raise, lazy(raise)),
        (by_noload, lazy(noload)))
    TANDEM_TABLE(Shelf, table_name("ref_shelf"))
};
struct Book : tandem::Model<Book> {
    std::string title;
    std::optional<std::int64_t> shelf_id{};
    TANDEM_MODEL(Book, title, (shelf_id, foreign_key("ref_shelf.id")))
    TANDEM_TABLE(Book, table_name("ref_book"))
};
/// One to many and many to one, both loaded with every query, as in the reference's last sample.
struct Remark;
struct Article : tandem::Model<Article> {
    std::string title;
    std::optional<std::int64_t> author_id{};
    tandem::One<User> author{};
    tandem::Many<Remark> remarks{};
    TANDEM_MODEL(Article, title, (author_id, foreign_key("user.id")), (author, lazy(selectin)),
        (remarks, back_populates("article"), lazy(selectin)))
    TANDEM_TABLE(Article, table_name("ref_article"))
};
struct Remark : tandem::Model<Remark> {
    std::int64_t article_id = 0;
    std::string text;
    tandem::One<Article> article{};
    TANDEM_MODEL(Remark, (article_id, foreign_key("ref_article.id")), text, (article, back_populates("remarks")))
    TANDEM_TABLE(Remark, table_name("ref_remark"))
};
}  // namespace modes

namespace {
using Texts = std::vector<std::string>;

/// Two shelves of two and no books.
class ShelfFixture : public Fixture {
public:
    ShelfFixture() {
        oracle.run("INSERT INTO ref_shelf (id, name) VALUES (1, 'full'), (2, 'empty');"
                   "INSERT INTO ref_book (title, shelf_id) VALUES ('a', 1), ('b', 1)");
    }
};
template <class Relation>
Texts titles(const Relation& books) {
    Texts found;
    for (const auto& book : books) found.push_back(book->title);
    return found;
}
}  // namespace

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

TEST_CASE_METHOD(BlogFixture, "reference, Inserting Linked Objects: by what a form says") {
    Json form_data{{"post_id", "3"}, {"message", "spam"}};
    {
        auto session = db.session();
        const auto user = session.get<User>(4);
        const auto post = session.get<Post>(std::stoll(form_data["post_id"].get<std::string>()));
        const auto flag = session.add(Flag{.message = form_data["message"], .post = post, .user = user});
        session.commit();
        CHECK(flag->post_id == 3);
        CHECK(post->flags.size() == 3);
        CHECK(user->flags[0] == flag);
    }
    CHECK(oracle.row("SELECT post_id, user_id, message FROM flag WHERE id = 7") == "3|4|spam");
}

TEST_CASE_METHOD(BlogFixture, "reference, How are Relationships Dereferenced: lazy by default, one query on access") {
    auto session = db.session();
    const auto post = session.get<Post>(5);
    StatementLog log{db};
    CHECK(post->flags.size() == 2);
    CHECK(log.count("SELECT") == 1);
}

TEST_CASE_METHOD(BlogFixture, "reference, How are Relationships Dereferenced: each mode with the query") {
    auto session = db.session();
    StatementLog log{db};
    const auto up_front = [&](std::size_t statements, auto of_user, auto of_flags) {
        log.clear();
        const auto posts = session.exec(Post::select().order_by(Post::c.id).options(of_user, of_flags)).all();
        CHECK(log.size() == statements);
        REQUIRE(posts.size() == 5);
        CHECK(posts[0]->user->username == "ana");
        CHECK(posts[4]->user->username == "cy");
        CHECK(posts[2]->flags.size() == 2);
        CHECK(posts[3]->flags.empty());
        CHECK(posts[4]->flags[1]->message == "f6");
        return log.size();
    };
    using namespace tandem;
    SECTION("lazy") { CHECK(up_front(1, lazyload(Post::c.user), lazyload(Post::c.flags)) == 1 + 2 + 3); }
    SECTION("joined") { CHECK(up_front(1, joinedload(Post::c.user), joinedload(Post::c.flags)) == 1); }
    SECTION("subquery") { CHECK(up_front(3, subqueryload(Post::c.user), subqueryload(Post::c.flags)) == 3); }
    SECTION("selectin") { CHECK(up_front(3, selectinload(Post::c.user), selectinload(Post::c.flags)) == 3); }
    SECTION("immediate") {
        CHECK(up_front(1 + 3 + 5, immediateload(Post::c.user), immediateload(Post::c.flags)) == 1 + 3 + 5);
    }
    SECTION("mixed") { CHECK(up_front(2, joinedload(Post::c.user), selectinload(Post::c.flags)) == 2); }
}

TEST_CASE_METHOD(
    BlogFixture, "reference, How are Relationships Dereferenced: raise and noload with the query load nothing") {
    auto session = db.session();
    StatementLog log{db};
    const auto users =
        session.exec(User::select().options(tandem::raiseload(User::c.posts), tandem::noload(User::c.flags))).all();
    CHECK_THAT(error_of<tandem::LazyLoadForbidden>([&] { (void)users[0]->posts.size(); }),
        ContainsSubstring("User.posts") && ContainsSubstring("selectinload(User::c.posts)"));
    CHECK(users[0]->flags.empty());
    CHECK_FALSE(is_loaded(users[0], User::c.flags));
    CHECK(log.size() == 1);
}

TEST_CASE_METHOD(ShelfFixture, "reference, How are Relationships Dereferenced: each mode on the relation") {
    auto session = db.session();
    StatementLog log{db};
    const auto shelf = session.exec(modes::Shelf::select().where(modes::Shelf::c.name == "full")).one();
    CHECK(log.size() == 4);  // with the joined books; subquery; selectin; immediate
    CHECK(titles(shelf->by_joined) == Texts{"a", "b"});
    CHECK(titles(shelf->by_subquery) == Texts{"a", "b"});
    CHECK(titles(shelf->by_selectin) == Texts{"a", "b"});
    CHECK(titles(shelf->by_immediate) == Texts{"a", "b"});
    CHECK(log.size() == 4);
    CHECK(titles(shelf->by_select) == Texts{"a", "b"});
    CHECK(log.size() == 5);
    CHECK_THROWS_AS(shelf->by_raise.size(), tandem::LazyLoadForbidden);
    CHECK(shelf->by_noload.empty());
    CHECK_FALSE(is_loaded(shelf, modes::Shelf::c.by_noload));
    CHECK(log.size() == 5);
}

TEST_CASE_METHOD(ShelfFixture, "reference, How are Relationships Dereferenced: an empty collection in each mode") {
    auto session = db.session();
    const auto shelf = session.get<modes::Shelf>(2);
    CHECK(shelf->by_select.empty());
    CHECK(shelf->by_joined.empty());
    CHECK(shelf->by_subquery.empty());
    CHECK(shelf->by_selectin.empty());
    CHECK(shelf->by_immediate.empty());
    CHECK(is_loaded(shelf, modes::Shelf::c.by_joined));
}

TEST_CASE_METHOD(
    ShelfFixture, "reference, How are Relationships Dereferenced: the query's mode goes before the relation's") {
    auto session = db.session();
    StatementLog log{db};
    using modes::Shelf;
    using namespace tandem;
    const auto shelf = session
                           .exec(Shelf::select()
                                     .where(Shelf::c.id == 1)
                                     .options(lazyload(Shelf::c.by_joined), lazyload(Shelf::c.by_subquery),
                                         lazyload(Shelf::c.by_selectin), lazyload(Shelf::c.by_immediate),
                                         selectinload(Shelf::c.by_raise), selectinload(Shelf::c.by_noload)))
                           .one();
    CHECK(log.size() == 3);
    CHECK(titles(shelf->by_raise) == Texts{"a", "b"});
    CHECK(titles(shelf->by_noload) == Texts{"a", "b"});
    CHECK(log.size() == 3);
    CHECK(titles(shelf->by_joined) == Texts{"a", "b"});
    CHECK(log.size() == 4);
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

TEST_CASE_METHOD(
    BlogFixture, "reference, Specifying the Loading Mechanism on the Relationship: both relations with every query") {
    oracle.run("INSERT INTO ref_article (title, author_id) VALUES ('x', 1), ('y', 2), ('z', NULL);"
               "INSERT INTO ref_remark (article_id, text) VALUES (1, 'r1'), (1, 'r2'), (3, 'r3')");
    std::vector<Ref<modes::Article>> articles;
    StatementLog log{db};
    {
        auto session = db.session();
        articles = session.exec(modes::Article::select().order_by(modes::Article::c.id)).all();
        CHECK(log.size() == 3);
    }
    REQUIRE(articles.size() == 3);
    CHECK(articles[0]->author->username == "ana");
    CHECK(articles[0]->remarks.size() == 2);
    CHECK(articles[1]->author->username == "ben");
    CHECK(articles[1]->remarks.empty());
    CHECK_FALSE(articles[2]->author);
    CHECK(articles[2]->remarks[0]->text == "r3");
    CHECK(log.size() == 3);
    auto session = db.session();
    log.clear();
    CHECK(session.get<modes::Article>(1)->remarks.size() == 2);  // by its key, too
    CHECK(log.size() == 3);
}

#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/seek.hpp>

#include "query_models.hpp"

using namespace queries;
using namespace tandem;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
const auto posts = [] { return Post::select().order_by(Post::c.id); };
template <class T>
Ids ids_of(const Page<Ref<T>>& page) {
    Ids found;
    for (const auto& item : page.items) found.push_back(item->id);
    return found;
}

}  // namespace

TEST_CASE_METHOD(QueryFixture, "a page has its rows, and the number of all", "[query]") {
    auto session = db.session();
    const auto page = session.exec(posts()).page(2, 2);
    CHECK(ids_of(page) == Ids{3, 4});
    CHECK(page.total == 5);
    CHECK(page.pages() == 3);
    CHECK(page.has_previous());
    CHECK(page.has_next());
    const auto last = session.exec(posts()).page(3, 2);
    CHECK(ids_of(last) == Ids{5});
    CHECK(last.total == 5);
    CHECK_FALSE(last.has_next());
}

TEST_CASE_METHOD(QueryFixture, "a page behind the last one is empty, and knows how many rows there are", "[query]") {
    auto session = db.session();
    for (const auto& [number, size] : {std::pair{largest, std::int64_t{2}}, std::pair{std::int64_t{2}, largest},
             std::pair{std::int64_t{4}, std::int64_t{2}}, std::pair{largest, largest}}) {
        const auto page = session.exec(posts()).page(number, size);
        CHECK(page.items.empty());
        CHECK(page.total == 5);
    }
    CHECK(ids_of(session.exec(posts()).page(1, largest)) == Ids{1, 2, 3, 4, 5});
    const auto none = session.exec(posts().where(Post::c.id < 0)).page(1, 10);
    CHECK(none.items.empty());
    CHECK(none.total == 0);
    CHECK(none.pages() == 0);
    CHECK_FALSE(none.has_next());
}

TEST_CASE_METHOD(QueryFixture, "pages and sizes below 1 are refused, and a query that has a limit already", "[query]") {
    auto session = db.session();
    CHECK_THAT(
        error_of<ArgumentError>([&] { (void)session.exec(posts()).page(0, 10); }), ContainsSubstring("page(0, 10)"));
    CHECK_THROWS_AS(session.exec(posts()).page(-1, 10), ArgumentError);
    CHECK_THROWS_AS(session.exec(posts()).page(1, 0), ArgumentError);
    CHECK_THROWS_AS(session.exec(posts()).page(1, -5), ArgumentError);
    CHECK_THAT(error_of<ArgumentError>([&] { (void)session.exec(posts().limit(3)).page(1, 10); }),
        ContainsSubstring("limit()"));
}

TEST_CASE_METHOD(QueryFixture, "rows of raw SQL have no pages, and say so", "[query]") {
    auto session = db.session();
    CHECK_THROWS_AS(session.execute<std::tuple<std::int64_t>>("SELECT id FROM post").page(1, 2), ArgumentError);
}

TEST_CASE_METHOD(QueryFixture, "the total is counted only where the page does not tell it", "[query]") {
    auto session = db.session();
    StatementLog log{db};
    (void)session.exec(posts()).page(3, 2);
    CHECK(log.size() == 1);
    log.clear();
    (void)session.exec(posts()).page(1, 2);
    CHECK(log.size() == 2);
}

TEST_CASE_METHOD(QueryFixture, "pages and counts of columns, groups, distinct rows and criteria", "[query]") {
    auto session = db.session();
    const auto groups = select(Post::c.user_id, count()).group_by(Post::c.user_id).order_by(Post::c.user_id);
    CHECK(session.exec(groups).count() == 3);
    CHECK(session.exec(groups).page(1, 2).total == 3);
    CHECK(std::get<1>(session.exec(groups).page(1, 2).items.at(1)) == 3);
    CHECK(session.exec(select(Post::c.user_id).distinct()).count() == 3);
    CHECK(session.exec(select(count(Post::c.id))).count() == 1);
    CHECK(session.exec(posts().where(Post::c.title.in(std::vector<std::string>{"p1", "p2"}))).count() == 2);
    CHECK(session.exec(posts().limit(2)).count() == 2);
    CHECK(session.exec(User::select().options(joinedload(User::c.posts)).order_by(User::c.id)).page(1, 3).total == 4);
    session.with_criteria(Post::c.id > 2);
    CHECK(session.exec(posts()).count() == 3);
    CHECK(session.exec(posts()).page(1, 2).total == 3);
}

TEST_CASE_METHOD(QueryFixture, "after() goes on behind a key, whatever was deleted before it", "[query]") {
    auto session = db.session(tandem::write);
    const auto first = session.exec(posts().limit(2)).all();
    session.remove(first[0]);
    CHECK(ids(session, posts().after(first[1]->id).limit(2)) == Ids{3, 4});
    CHECK(ids(session, posts().after(5)).empty());
    CHECK(ids(session, posts().after(largest)).empty());
}

TEST_CASE_METHOD(QueryFixture, "after() follows each column's direction", "[query]") {
    auto session = db.session();
    const auto flags = Flag::select().order_by(Flag::c.post_id.desc(), Flag::c.id.asc());
    CHECK(ids(session, flags) == Ids{5, 6, 3, 4, 1, 2});
    Ids found;
    std::int64_t post = largest;
    std::int64_t id = 0;
    for (int round = 0; round < 10; ++round) {
        const auto page = session.exec(flags.after(post, id).limit(2)).all();
        if (page.empty()) break;
        for (const auto& flag : page) found.push_back(flag->id);
        post = page.back()->post_id;
        id = page.back()->id;
    }
    CHECK(found == Ids{5, 6, 3, 4, 1, 2});
}

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/row_in.hpp>

#include "query_models.hpp"

using namespace queries;
using tandem::row;
using Places = std::vector<std::tuple<std::int64_t, std::string>>;

namespace {

class SeatFixture : public Fixture {
public:
    SeatFixture() {
        oracle.run("INSERT INTO seat (row, letter, price) VALUES (1, 'x', 10), (1, 'y', 20), (2, 'x', 30)");
    }
    template <class E>
    std::vector<std::int32_t> prices(const E& condition) {
        auto session = db.session();
        return session.exec(select(Seat::c.price).where(condition).order_by(Seat::c.price)).scalars();
    }
};
using Prices = std::vector<std::int32_t>;
constexpr auto place = [] { return row(Seat::c.row, Seat::c.letter); };

}  // namespace

TEST_CASE_METHOD(SeatFixture, "S104 several columns are looked for in a list of rows", "[query]") {
    CHECK(prices(place().in({{1, "x"}, {2, "x"}})) == Prices{10, 30});
    CHECK(prices(place().not_in({{1, "x"}, {2, "x"}})) == Prices{20});
    CHECK(prices(place().in({{2, "y"}})).empty());
}

TEST_CASE_METHOD(SeatFixture, "rows come from any range of tuples, none included, with one text", "[query]") {
    CHECK(prices(place().in(Places{})).empty());
    CHECK(prices(place().not_in(Places{})) == Prices{10, 20, 30});
    Places many;
    for (std::int64_t i = 0; i < 40'000; ++i) many.emplace_back(i, "y");
    CHECK(prices(place().in(many)) == Prices{20});
    auto session = db.session();
    CHECK(session.sql_of(Seat::select().where(place().in(Places{}))) ==
        session.sql_of(Seat::select().where(place().in(many))));
}

TEST_CASE_METHOD(SeatFixture, "values of a row are bound: quotes, emoji and 64-bit extremes", "[query]") {
    oracle.run("INSERT INTO seat (row, letter, price) VALUES (9223372036854775807, '😀\"', 40),"
               " (-9223372036854775808, 'it''s', 50)");
    CHECK(prices(place().in({{std::numeric_limits<std::int64_t>::max(), "😀\""},
              {std::numeric_limits<std::int64_t>::min(), "it's"}})) == Prices{40, 50});
    CHECK(prices(place().in({{1, "') OR 1=1 --"}})).empty());
}

TEST_CASE_METHOD(SeatFixture, "a number beyond a column's type finds nothing rather than another number", "[query]") {
    CHECK(prices(row(Seat::c.price, Seat::c.letter).in({{4'294'967'306LL, "x"}})).empty());
    CHECK(prices(row(Seat::c.price, Seat::c.letter).in({{10, "x"}})) == Prices{10});
}

TEST_CASE_METHOD(QueryFixture, "NULL in a row follows SQL: it equals nothing, and leaves not_in undecided", "[query]") {
    const auto pair = row(User::c.id, User::c.email);
    using Rows = std::vector<std::tuple<std::int64_t, std::optional<std::string>>>;
    CHECK(where<User>(db, pair.in({{1, "ana@x.io"}, {3, std::nullopt}})) == Ids{1});
    // Of user 3 the first column decides where it differs; her missing email leaves the rest open.
    CHECK(where<User>(db, pair.not_in({{1, "ana@x.io"}})) == Ids{2, 3, 4});
    CHECK(where<User>(db, pair.not_in({{3, "x"}})) == Ids{1, 2, 4});
    CHECK(where<User>(db, pair.not_in(Rows{{4, std::nullopt}})) == Ids{1, 2, 3});
}

TEST_CASE_METHOD(QueryFixture, "several columns are looked for in a query for as many", "[query]") {
    const auto flagged = select(Flag::c.post_id, Flag::c.message).where(Flag::c.id <= 2);
    CHECK(where<Flag>(db, row(Flag::c.post_id, Flag::c.message).in(flagged)) == Ids{1, 2});
    CHECK(where<Flag>(db, row(Flag::c.post_id, Flag::c.message).not_in(flagged)) == Ids{3, 4, 5, 6});
}

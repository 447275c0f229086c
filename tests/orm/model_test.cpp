#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/model.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using types::Badge;
using types::Country;
using types::Product;

static_assert(std::is_aggregate_v<blog::User>);
static_assert(std::is_same_v<decltype(blog::User::id), std::int64_t>);
static_assert(std::is_same_v<decltype(Country::id), std::string>);

TEST_CASE_METHOD(Fixture, "a model has an integer key id without listing one") {
    CHECK(oracle.rows("SELECT name, type, \"notnull\", pk FROM pragma_table_info('user') ORDER BY cid") ==
        std::vector<std::string>{"id|INTEGER|1|1", "username|TEXT|1|0", "email|TEXT|1|0"});
}

TEST_CASE_METHOD(Fixture, "optional members are nullable columns, others are not") {
    CHECK(oracle.row("SELECT \"notnull\" FROM pragma_table_info('post') WHERE name = 'update_ts'") == "0");
    CHECK(oracle.row("SELECT \"notnull\" FROM pragma_table_info('post') WHERE name = 'user_id'") == "1");
}

TEST_CASE_METHOD(Fixture, "unique, index and foreign_key become constraints of the table") {
    CHECK(oracle.row("SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list('post')") == "user|user_id|id");
    CHECK(oracle.row("SELECT count(*) FROM pragma_index_list('user') WHERE \"unique\" = 1") == "1");
    CHECK(oracle.row("SELECT count(*) FROM pragma_index_list('product') WHERE name = 'ix_product_title'") == "1");
}

TEST_CASE_METHOD(Fixture, "the key can be a text") {
    auto session = db.session();
    Country country{.name = "Poland"};
    country.id = "pl";
    session.add(country);
    session.commit();
    auto other = db.session();
    CHECK(other.get<Country>("pl")->name == "Poland");
    CHECK(other.get<Country>(std::string{"pl"}) == other.exec(Country::select().where(Country::c.id == "pl")).one());
    CHECK_FALSE(other.get<Country>("de"));
}

TEST_CASE_METHOD(Fixture, "a text key without a value is refused when the object is stored, naming it") {
    auto session = db.session();
    session.add(Country{.name = "nowhere"});
    CHECK(error_of<tandem::ArgumentError>([&] { session.flush(); }).find("Country.id") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "the key can have another name, and id does not exist then") {
    auto session = db.session();
    session.add(Product{.code = "x1", .label = "thing"});
    session.commit();
    CHECK(oracle.rows("SELECT name FROM pragma_table_info('product') ORDER BY cid") ==
        std::vector<std::string>{"code", "title", "country_id"});
    auto other = db.session();
    CHECK(other.get<Product>("x1")->label == "thing");
    CHECK(other.exec(Product::select().where(Product::c.label == "thing")).one()->code == "x1");
}

TEST_CASE_METHOD(Fixture, "a model can redefine id") {
    auto session = db.session();
    session.add(Badge{.id = "gold", .level = 3});
    session.commit();
    CHECK(oracle.row("SELECT id, level FROM badge") == "gold|3");
    auto other = db.session();
    const auto gold = other.exec(Badge::select().where(Badge::c.id == "gold")).one();
    gold->level = 4;
    other.commit();
    CHECK(oracle.row("SELECT id, level FROM badge") == "gold|4");
    CHECK(gold->dict() == tandem::Json{{"id", "gold"}, {"level", 4}});
}

TEST_CASE_METHOD(Fixture, "column names that are words of SQL are quoted") {
    auto session = db.session();
    session.execute("CREATE TABLE \"order\" (id INTEGER PRIMARY KEY)");
    // `text`, `time`, `real` and `blob` are columns of Everything.
    session.add(types::Everything{.text = "t"});
    session.commit();
    CHECK(oracle.row("SELECT \"text\" FROM everything") == "t");
}

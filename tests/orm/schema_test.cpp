// Tables as SQLite has them: read back from its own catalogue, and by what they refuse.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm.hpp>

#include "support/oracle.hpp"

using Catch::Matchers::ContainsSubstring;

namespace shop {

enum class State { open, paid };
TANDEM_ENUM(State, (open, "isn't paid"), paid)

struct Customer : tandem::Model<Customer> {
    std::string name;
    std::string email;
    std::optional<std::string> phone{};
    std::int64_t age = 0;
    TANDEM_MODEL(Customer, (name, max_length(30), index), (email, unique), phone, (age, column_name("age_years")))
    TANDEM_TABLE(Customer, table_name("customers"), unique("name", "phone"), index("phone", "name"),
        index("email").where("phone IS NOT NULL"), expression_index("lower(name)", "age_years DESC").unique(),
        check("age_years >= 0"), check("name <> ''").named("customer has a name"))
};
struct Order : tandem::Model<Order> {
    std::int64_t customer_id = 0;
    std::optional<std::int64_t> payer_id{};
    State state = State::open;
    tandem::Decimal<10, 2> total{};
    std::string note;
    TANDEM_MODEL(Order, (customer_id, foreign_key("customers.id"), on_delete(cascade), on_update(restrict)),
        (payer_id, foreign_key("customers.id"), on_delete(set_null), deferrable), state, total,
        (note, sql_type("VARCHAR(80) COLLATE NOCASE")))
    TANDEM_TABLE(Order, table_name("order"))
};
struct Line : tandem::Model<Line, void> {
    std::int64_t order_id = 0;
    std::int64_t number = 0;
    std::string text;
    TANDEM_MODEL(Line, (order_id, primary_key, foreign_key("order.id")), (number, primary_key, column_name("no")), text)
};
struct Remark : tandem::Model<Remark> {
    std::int64_t order_id = 0;
    std::int64_t line_number = 0;
    std::string text;
    TANDEM_MODEL(Remark, order_id, line_number, text)
    TANDEM_TABLE(Remark, foreign_key({"order_id", "line_number"}, "line", {"order_id", "no"}).on_delete(cascade))
};
struct Receipt : tandem::Model<Receipt, void> {
    std::int64_t number = 0;
    TANDEM_MODEL(Receipt, (number, primary_key, autoincrement))
};

/// Identifiers that need quotes, in every place.
struct Odd : tandem::Model<Odd> {
    std::string first;
    std::string second;
    std::optional<std::int64_t> third{};
    TANDEM_MODEL(Odd, (first, column_name("select"), unique), (second, column_name("a \"b\" 'c'"), index),
        (third, column_name("żółć"), foreign_key("odd table; DROP.id")))
    TANDEM_TABLE(Odd, table_name("odd table; DROP"), unique("first", "second"), index("third"))
};

// Names that are equal when put together by "_", in an index's common namespace.
struct A : tandem::Model<A> {
    std::string b_c;
    TANDEM_MODEL(A, (b_c, index))
};
struct AB : tandem::Model<AB> {
    std::string d;
    TANDEM_MODEL(AB, (d, column_name("c"), index))
    TANDEM_TABLE(AB, table_name("a_b"))
};
struct Longest : tandem::Model<Longest> {
    std::string first;
    std::string second;
    TANDEM_MODEL(Longest,
        (first, column_name("a_column_with_a_name_that_is_very_long_indeed_longer_than_most"), unique, index),
        (second, column_name("a_column_with_a_name_that_is_very_long_indeed_longer_than_mist"), unique, index))
};

}  // namespace shop

namespace {

/// What SQLite says of an index's name, whether it is unique, where it came from, and whether it is partial.
std::vector<std::string> indexes(const Oracle&, Oracle& oracle, const std::string& table) {
    return oracle.rows("SELECT name, \"unique\", origin, partial FROM pragma_index_list('" + table +
        "') WHERE origin = 'c' "
        "ORDER BY name");
}

}  // namespace

TEST_CASE_METHOD(Fixture, "columns have the declared types, NOT NULL and defaults of the model", "[schema]") {
    CHECK(oracle.rows("SELECT name, type, \"notnull\", pk FROM pragma_table_info('customers')") ==
        std::vector<std::string>{
            "id|INTEGER|1|1", "name|VARCHAR(30)|1|0", "email|TEXT|1|0", "phone|TEXT|0|0", "age_years|INTEGER|1|0"});
    CHECK(oracle.rows("SELECT name, type FROM pragma_table_info('order')") ==
        std::vector<std::string>{"id|INTEGER", "customer_id|INTEGER", "payer_id|INTEGER", "state|TEXT",
            "total|DECIMAL(10, 2)", "note|VARCHAR(80)"});
}

TEST_CASE_METHOD(Fixture, "every constraint and index has a name made of what it is", "[schema]") {
    const auto sql = oracle.row("SELECT sql FROM sqlite_master WHERE name = 'customers'");
    CHECK_THAT(sql,
        ContainsSubstring(R"("id" INTEGER NOT NULL CONSTRAINT "pk_customers" PRIMARY KEY)") &&
            ContainsSubstring(R"(CONSTRAINT "uq_customers_email" UNIQUE ("email"))") &&
            ContainsSubstring(R"(CONSTRAINT "uq_customers_name_phone" UNIQUE ("name", "phone"))") &&
            ContainsSubstring(R"(CONSTRAINT "ck_customers_age_years_0" CHECK (age_years >= 0))") &&
            ContainsSubstring(R"(CONSTRAINT "customer has a name" CHECK (name <> ''))"));
    CHECK_THAT(oracle.row("SELECT sql FROM sqlite_master WHERE name = 'order'"),
        ContainsSubstring(R"(CONSTRAINT "fk_order_customer_id_customers" FOREIGN KEY ("customer_id"))") &&
            ContainsSubstring(R"(CONSTRAINT "ck_order_state" CHECK ("state" IN ('isn''t paid', 'paid')))"));
    CHECK_THAT(oracle.row("SELECT sql FROM sqlite_master WHERE name = 'line'"),
        ContainsSubstring(R"(CONSTRAINT "pk_line" PRIMARY KEY ("order_id", "no"))"));
}

TEST_CASE_METHOD(Fixture, "indexes are plain, of several columns, partial, or of expressions", "[schema]") {
    CHECK(indexes(oracle, oracle, "customers") ==
        std::vector<std::string>{"ix_customers_email|0|c|1", "ix_customers_lower_name_age_years_DESC|1|c|0",
            "ix_customers_name|0|c|0", "ix_customers_phone_name|0|c|0"});
    CHECK(oracle.rows("SELECT name FROM pragma_index_info('ix_customers_phone_name')") ==
        std::vector<std::string>{"phone", "name"});
    CHECK_THAT(oracle.row("SELECT sql FROM sqlite_master WHERE name = 'ix_customers_email'"),
        ContainsSubstring("WHERE phone IS NOT NULL"));
}

TEST_CASE_METHOD(Fixture, "a violated constraint is refused, by its name", "[schema]") {
    oracle.run("INSERT INTO customers (id, name, email, phone, age_years) VALUES (1, 'ana', 'a', '1', 5)");
    const auto refused = [&](const char* values) {
        auto session = db.session();
        return error_of<tandem::IntegrityError>([&] {
            session.execute(tandem::unchecked_sql(
                std::string{"INSERT INTO customers (name, email, phone, age_years) VALUES "} + values));
        });
    };
    CHECK_THAT(refused("('ben', 'b', '2', -1)"), ContainsSubstring("ck_customers_age_years_0"));
    CHECK_THAT(refused("('', 'b', '2', 1)"), ContainsSubstring("customer has a name"));
    CHECK_THAT(refused("('ben', 'a', '2', 1)"), ContainsSubstring("customers.email"));
    CHECK_THAT(refused("('ana', 'b', '1', 1)"), ContainsSubstring("customers.name, customers.phone"));
    CHECK_THAT(refused("('ANA', 'b', '2', 5)"), ContainsSubstring("ix_customers_lower_name_age_years_DESC"));
    CHECK(oracle.row("SELECT count(*) FROM customers") == "1");
}

TEST_CASE_METHOD(Fixture, "foreign keys cascade, set NULL, restrict and defer as the model says", "[schema]") {
    oracle.run("INSERT INTO customers (id, name, email, age_years) VALUES (1, 'ana', 'a', 1), (2, 'ben', 'b', 2)");
    oracle.run("INSERT INTO \"order\" (id, customer_id, payer_id, state, total, note) VALUES (1, 1, 2, 'paid', 0, ''), "
               "(2, 2, 1, 'paid', 0, '')");
    oracle.run("INSERT INTO line VALUES (2, 1, 'x'); INSERT INTO remark VALUES (1, 2, 1, 'r')");
    CHECK(oracle.rows(
              "SELECT \"from\", \"to\", on_delete, on_update FROM pragma_foreign_key_list('order') ORDER BY id DESC") ==
        std::vector<std::string>{"customer_id|id|CASCADE|RESTRICT", "payer_id|id|SET NULL|NO ACTION"});
    auto session = db.session();
    CHECK_THROWS_AS(session.execute("UPDATE customers SET id = 9 WHERE id = 1"), tandem::IntegrityError);
    session.execute("DELETE FROM customers WHERE id = 1");
    session.commit();
    CHECK(oracle.rows("SELECT id, payer_id FROM \"order\"") == std::vector<std::string>{"2|null"});

    auto deferred = db.session();
    deferred.execute("UPDATE \"order\" SET payer_id = 77");  // checked at commit
    deferred.execute("UPDATE \"order\" SET payer_id = 2");
    deferred.commit();
    CHECK(oracle.row("SELECT payer_id FROM \"order\"") == "2");

    auto other = db.session();
    other.execute("DELETE FROM line");
    other.commit();
    CHECK(oracle.row("SELECT count(*) FROM remark") == "0");
}

TEST_CASE_METHOD(Fixture, "a foreign key of several columns refers to all of them", "[schema]") {
    CHECK(oracle.rows("SELECT seq, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list('remark') ORDER BY seq") ==
        std::vector<std::string>{"0|line|order_id|order_id", "1|line|line_number|no"});
    CHECK_THAT(oracle.row("SELECT sql FROM sqlite_master WHERE name = 'remark'"),
        ContainsSubstring(R"("fk_remark_order_id_line_number_line")"));
}

TEST_CASE_METHOD(Fixture, "AUTOINCREMENT is for the key that asks for it", "[schema]") {
    CHECK_THAT(oracle.row("SELECT sql FROM sqlite_master WHERE name = 'receipt'"),
        ContainsSubstring(R"("number" INTEGER NOT NULL CONSTRAINT "pk_receipt" PRIMARY KEY AUTOINCREMENT)"));
    CHECK(oracle.row("SELECT count(*) FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' AND name = 'customers'") ==
        "0");
}

TEST_CASE_METHOD(Fixture, "an explicit SQL type stands as it is", "[schema]") {
    CHECK_THAT(oracle.row("SELECT sql FROM sqlite_master WHERE name = 'order'"),
        ContainsSubstring(R"("note" VARCHAR(80) COLLATE NOCASE NOT NULL)"));
}

TEST_CASE_METHOD(Fixture, "identifiers with blanks, quotes, keywords and letters of any script work", "[schema]") {
    auto session = db.session();
    const auto first = session.add(shop::Odd{.first = "x", .second = "y"});
    session.flush();
    const auto second = session.add(shop::Odd{.first = "z", .second = "y", .third = first->id});
    session.commit();
    second->second = "changed";
    session.commit();
    auto other = db.session();
    CHECK(other.exec(shop::Odd::select().where(shop::Odd::c.first == "z").order_by(shop::Odd::c.third)).one()->second ==
        "changed");
    CHECK(
        oracle.row("SELECT count(*) FROM \"odd table; DROP\" WHERE \"a \"\"b\"\" 'c'\" = 'changed' AND \"żółć\" = 1") ==
        "1");
    CHECK_THROWS_AS(oracle.run("INSERT INTO \"odd table; DROP\" (\"select\", \"a \"\"b\"\" 'c'\") VALUES ('x', 'w')"),
        std::runtime_error);
}

TEST_CASE_METHOD(Fixture, "no two names are equal, and long ones end in a hash", "[schema]") {
    const auto names =
        oracle.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'longest' AND name "
                    "LIKE 'ix%' ORDER BY name");
    REQUIRE(names.size() == 2);
    CHECK(names[0] != names[1]);
    for (const std::string& name : names) {
        CHECK(name.size() <= 63);
        CHECK(name.starts_with("ix_longest_a_column_with_a_name_that_is_very_long_inde"));
    }
}

TEST_CASE_METHOD(Fixture, "indexes of two tables whose names would be equal are both made", "[schema]") {
    const auto names =
        oracle.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_a_b_c_%' ORDER BY "
                    "tbl_name");
    REQUIRE(names.size() == 2);
    CHECK(names[0] != names[1]);
}

TEST_CASE_METHOD(Fixture, "making the tables again changes nothing", "[schema]") {
    const auto schema = oracle.rows("SELECT name, sql FROM sqlite_master ORDER BY name");
    db.create_tables();
    CHECK(oracle.rows("SELECT name, sql FROM sqlite_master ORDER BY name") == schema);
}

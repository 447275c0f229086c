#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/table.hpp>

#include "blog.hpp"

using tandem::orm::quoted;
using tandem::orm::snake_case;
using tandem::orm::table_of;

TEST_CASE("class names become snake_case table names") {
    CHECK(snake_case("User") == "user");
    CHECK(snake_case("QueryUser") == "query_user");
    CHECK(snake_case("HTTPLog") == "http_log");
    CHECK(snake_case("LogHTTP") == "log_http");
    CHECK(snake_case("Post2Tag") == "post2_tag");
    CHECK(snake_case("already_snake") == "already_snake");
    CHECK(snake_case("Mixed_Name") == "mixed_name");
    CHECK(snake_case("X") == "x");
    CHECK(snake_case("").empty());
}

TEST_CASE("identifiers are quoted, quotes in them doubled") {
    CHECK(quoted("user") == "\"user\"");
    CHECK(quoted("a\"b") == "\"a\"\"b\"");
}

TEST_CASE("a table knows its columns in the order listed, the key first") {
    tandem::orm::check_models();
    const auto& table = table_of<blog::Post>();
    CHECK(table.name == "post");
    std::string names;
    for (const auto& column : table.columns) names += column.name + " ";
    CHECK(names == "id title body user_id update_ts ");
    CHECK(table.key_column().name == "id");
}

TEST_CASE("a member can have another name in the database") {
    const auto* column = table_of<types::Product>().find_column("label");
    REQUIRE(column);
    CHECK(column->name == "title");
    CHECK(table_of<types::Product>().find_column("title") == nullptr);
}

TEST_CASE("a redefined id is the only key") {
    tandem::orm::check_models();
    const auto& table = table_of<types::Badge>();
    CHECK(table.columns.size() == 2);
    CHECK(table.key_column().type->kind == tandem::orm::Kind::text);
}

TEST_CASE("tables come after those that they refer to") {
    tandem::orm::check_models();
    const auto order = tandem::orm::tables_in_dependency_order();
    const auto place = [&](const tandem::orm::Table& table) {
        return std::find(order.begin(), order.end(), &table) - order.begin();
    };
    CHECK(place(table_of<blog::User>()) < place(table_of<blog::Post>()));
    CHECK(place(table_of<blog::Post>()) < place(table_of<blog::Flag>()));
    CHECK(place(table_of<types::Country>()) < place(table_of<types::Product>()));
}

/// The whole framework in one header: states, app, and the ORM.
///
///     struct Counter : tandem::State<Counter> {
///         int count = 0;
///         void add(int n) { count += n; }
///         TANDEM_STATE(Counter, count, add)
///     };
///     int main(int argc, char** argv) { return tandem::App({.app_name = "counter", .db_url = ""}).run(argc, argv); }
#pragma once

#include <tandem/framework/app.hpp>     // IWYU pragma: export
#include <tandem/framework/errors.hpp>  // IWYU pragma: export
#include <tandem/framework/state.hpp>   // IWYU pragma: export
#include <tandem/orm.hpp>               // IWYU pragma: export

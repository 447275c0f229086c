/// Expressions: `User::c.id == 3 && User::c.username.contains("an")`, `Post::c.price * 2`, `lower(User::c.email)`.
///
/// Contract: an expression's SQL text depends on its type alone (built once per query type); values are always bound,
/// never spliced in. A value of a wrong type does not compile, and the message says so.
///
/// NULL: comparing with `std::nullopt`, or with an empty std::optional, by `==` is IS NULL, by `!=` IS NOT NULL. All
/// else follows SQL: NULL equals and differs from nothing, so `!=` and `not_in` leave out rows that hold NULL
/// (`is_distinct_from` keeps them), and `not_in` of a list with a null in it finds nothing. NULL has no order: `<` with
/// it does not compile.
///
/// Numbers: `/` of two integers is an integer; a division by zero is NULL on SQLite and an error on other databases, so
/// `/` and `%` are nullable. `+` of texts joins them.
///
/// Letters: on SQLite `like`, `ilike`, `contains`, `starts_with` and `ends_with` take ASCII letters of either case as
/// equal and all others (Ż and ż) as different; other databases decide themselves, so say `lower(…)` on both sides
/// where it matters.
///
/// Pitfall: `&&` and `||` of expressions build SQL; C++'s short circuit does not apply.
#pragma once

#include <tandem/orm/arithmetic.hpp>           // IWYU pragma: export
#include <tandem/orm/column_operators.hpp>     // IWYU pragma: export
#include <tandem/orm/comparison.hpp>           // IWYU pragma: export
#include <tandem/orm/expression_concepts.hpp>  // IWYU pragma: export
#include <tandem/orm/in_list.hpp>              // IWYU pragma: export
#include <tandem/orm/label.hpp>                // IWYU pragma: export
#include <tandem/orm/literal.hpp>              // IWYU pragma: export
#include <tandem/orm/operation.hpp>            // IWYU pragma: export
#include <tandem/orm/ordering.hpp>             // IWYU pragma: export
#include <tandem/orm/sql_writer.hpp>           // IWYU pragma: export
#include <tandem/orm/text_match.hpp>           // IWYU pragma: export

/// The ORM in one header: models, queries, sessions. Usable without the framework (target `tandem::orm`).
///
///     struct Note : tandem::Model<Note> { std::string text; TANDEM_MODEL(Note, text) };
///     tandem::Database db{"sqlite:///notes.db"};
///     db.create_tables();
///     auto session = db.session();
///     session.add(Note{.text = "hello"});
///     session.commit();
#pragma once

// Each stands behind those it includes, which keeps the compiler's lists of who includes whom short.
// clang-format off
#include <tandem/orm/options.hpp>              // IWYU pragma: export
#include <tandem/orm/rules.hpp>                // IWYU pragma: export
#include <tandem/orm/describe.hpp>             // IWYU pragma: export
#include <tandem/orm/error.hpp>                // IWYU pragma: export
#include <tandem/orm/sql_type.hpp>             // IWYU pragma: export
#include <tandem/orm/date.hpp>                 // IWYU pragma: export
#include <tandem/orm/fixed.hpp>                // IWYU pragma: export
#include <tandem/orm/timestamp.hpp>            // IWYU pragma: export
#include <tandem/orm/value.hpp>                // IWYU pragma: export
#include <tandem/orm/codec.hpp>                // IWYU pragma: export
#include <tandem/orm/expression_concepts.hpp>  // IWYU pragma: export
#include <tandem/orm/pack.hpp>                 // IWYU pragma: export
#include <tandem/orm/sql_writer.hpp>           // IWYU pragma: export
#include <tandem/orm/ordering.hpp>             // IWYU pragma: export
#include <tandem/orm/column_operators.hpp>     // IWYU pragma: export
#include <tandem/orm/literal.hpp>              // IWYU pragma: export
#include <tandem/orm/operation.hpp>            // IWYU pragma: export
#include <tandem/orm/arithmetic.hpp>           // IWYU pragma: export
#include <tandem/orm/comparison.hpp>           // IWYU pragma: export
#include <tandem/orm/in_list.hpp>              // IWYU pragma: export
#include <tandem/orm/label.hpp>                // IWYU pragma: export
#include <tandem/orm/text_match.hpp>           // IWYU pragma: export
#include <tandem/orm/expression.hpp>           // IWYU pragma: export
#include <tandem/orm/validation.hpp>           // IWYU pragma: export
#include <tandem/orm/table.hpp>                // IWYU pragma: export
#include <tandem/orm/ref.hpp>                  // IWYU pragma: export
#include <tandem/orm/relation.hpp>             // IWYU pragma: export
#include <tandem/orm/source.hpp>               // IWYU pragma: export
#include <tandem/orm/predicate.hpp>            // IWYU pragma: export
#include <tandem/orm/column.hpp>               // IWYU pragma: export
#include <tandem/orm/column_options.hpp>       // IWYU pragma: export
#include <tandem/orm/function.hpp>             // IWYU pragma: export
#include <tandem/orm/loader.hpp>               // IWYU pragma: export
#include <tandem/orm/select_text.hpp>          // IWYU pragma: export
#include <tandem/orm/join.hpp>                 // IWYU pragma: export
#include <tandem/orm/subquery.hpp>             // IWYU pragma: export
#include <tandem/orm/query.hpp>                // IWYU pragma: export
#include <tandem/orm/model.hpp>                // IWYU pragma: export
#include <tandem/orm/node_access.hpp>          // IWYU pragma: export
#include <tandem/orm/attributes.hpp>           // IWYU pragma: export
#include <tandem/orm/hooks.hpp>                // IWYU pragma: export
#include <tandem/orm/attribute.hpp>            // IWYU pragma: export
#include <tandem/orm/object_state.hpp>         // IWYU pragma: export
#include <tandem/orm/result.hpp>               // IWYU pragma: export
#include <tandem/orm/savepoint.hpp>            // IWYU pragma: export
#include <tandem/orm/session_options.hpp>      // IWYU pragma: export
#include <tandem/orm/sql_text.hpp>             // IWYU pragma: export
#include <tandem/orm/statement.hpp>            // IWYU pragma: export
#include <tandem/orm/session.hpp>              // IWYU pragma: export
#include <tandem/orm/database.hpp>             // IWYU pragma: export
#include <tandem/orm/decimal.hpp>              // IWYU pragma: export
#include <tandem/orm/enum.hpp>                 // IWYU pragma: export
#include <tandem/orm/html_attributes.hpp>      // IWYU pragma: export
#include <tandem/orm/set_null.hpp>             // IWYU pragma: export
#include <tandem/orm/transaction.hpp>          // IWYU pragma: export
#include <tandem/orm/uuid.hpp>                 // IWYU pragma: export
// clang-format on

namespace tandem {

using orm::abs;
using orm::alias;
using orm::avg;
using orm::case_;
using orm::cast;
using orm::coalesce;
using orm::count;
using orm::count_distinct;
using orm::current_timestamp;
using orm::defer;
using orm::delete_from;
using orm::excluded;
using orm::exists;
using orm::function;
using orm::immediateload;
using orm::insert_into;
using orm::joinedload;
using orm::lazyload;
using orm::length;
using orm::literal;
using orm::load_only;
using orm::lower;
using orm::max;
using orm::min;
using orm::noload;
using orm::populate_existing;
using orm::raiseload;
using orm::recursive;
using orm::row;
using orm::select;
using orm::selectinload;
using orm::subqueryload;
using orm::sum;
using orm::trim;
using orm::undefer;
using orm::update;
using orm::upper;
using orm::when;
using orm::with_criteria;

}  // namespace tandem

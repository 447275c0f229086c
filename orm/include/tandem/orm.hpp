/// The ORM in one header: models, queries, sessions. Usable without the framework (target `tandem::orm`).
///
///     struct Note : tandem::Model<Note> { std::string text; TANDEM_MODEL(Note, text) };
///     tandem::Database db{"sqlite:///notes.db"};
///     db.create_tables();
///     auto session = db.session();
///     session.add(Note{.text = "hello"});
///     session.commit();
#pragma once

#include <tandem/orm/attributes.hpp>       // IWYU pragma: export
#include <tandem/orm/codec.hpp>            // IWYU pragma: export
#include <tandem/orm/database.hpp>         // IWYU pragma: export
#include <tandem/orm/date.hpp>             // IWYU pragma: export
#include <tandem/orm/decimal.hpp>          // IWYU pragma: export
#include <tandem/orm/describe.hpp>         // IWYU pragma: export
#include <tandem/orm/enum.hpp>             // IWYU pragma: export
#include <tandem/orm/error.hpp>            // IWYU pragma: export
#include <tandem/orm/html_attributes.hpp>  // IWYU pragma: export
#include <tandem/orm/loader.hpp>           // IWYU pragma: export
#include <tandem/orm/model.hpp>            // IWYU pragma: export
#include <tandem/orm/object_state.hpp>     // IWYU pragma: export
#include <tandem/orm/query.hpp>            // IWYU pragma: export
#include <tandem/orm/session.hpp>          // IWYU pragma: export
#include <tandem/orm/set_null.hpp>         // IWYU pragma: export
#include <tandem/orm/timestamp.hpp>        // IWYU pragma: export
#include <tandem/orm/transaction.hpp>      // IWYU pragma: export
#include <tandem/orm/uuid.hpp>             // IWYU pragma: export
#include <tandem/orm/validation.hpp>       // IWYU pragma: export

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

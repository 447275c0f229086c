/// Names of expressions in the result.
#pragma once

#include <tandem/orm/describe.hpp>
#include <tandem/orm/sql_writer.hpp>

namespace tandem::orm {

/// An expression with a name in the result.
template <class E, FixedString Name>
struct Labelled : E {
    using tandem_label = Labelled;
    static void name(SqlWriter& out) {
        out.write(" AS \"");
        out.write(Name.text);
        out.write("\"");
    }
};

}  // namespace tandem::orm

// How values are stored in SQLite: which of its types each kind becomes.
#pragma once

#include <cmath>
#include <string>

#include <sqlite3.h>

#include <tandem/orm/error.hpp>
#include <tandem/orm/value.hpp>

#include "driver/stored_time.hpp"

namespace tandem::orm {

/// SQLAlchemy's text form of a time of day in SQLite; always as long, so that texts sort as times do.
[[nodiscard]] inline std::string stored_text(TimeOfDay time) {
    std::string text = isoformat(time);
    if (text.size() == 8) text += ".000000";
    return text;
}

/// Throws ValueError for NaN.
inline void require_number(double value) {
    if (std::isnan(value)) throw ValueError("is NaN, which cannot be stored (SQLite would store NULL instead)");
}

/// Gives a value to a sink, which takes null(), integer(), real(), text() and blob(). `lifetime`: of the texts and
/// bytes that the value borrows. Throws ValueError for what cannot be stored.
template <class Sink>
void store_value(const Sink& sink, const ValueView& value, sqlite3_destructor_type lifetime) {
    switch (value.kind()) {
        case Kind::null: return sink.null();
        case Kind::boolean:
        case Kind::integer: return sink.integer(value.integer());
        case Kind::real: require_number(value.real()); return sink.real(value.real());
        case Kind::text:
        case Kind::json: return sink.text(value.text(), lifetime);
        case Kind::time: return sink.text(to_stored(value.time()).view(), SQLITE_TRANSIENT);
        case Kind::date: return sink.text(isoformat(value.date()), SQLITE_TRANSIENT);
        case Kind::time_of_day: return sink.text(stored_text(value.time_of_day()), SQLITE_TRANSIENT);
        // Integers compare, sort and add up exactly.
        case Kind::duration: return sink.integer(value.duration().count());
        case Kind::decimal: return sink.integer(value.decimal().units);
        case Kind::blob: return sink.blob(value.bytes(), lifetime);
    }
}

}  // namespace tandem::orm

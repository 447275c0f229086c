#include <tandem/orm/query.hpp>

#include "session_core.hpp"

namespace tandem::orm {

void bind_value(Parameters& parameters, const ValueView& value) { parameters.add(value); }
void bind_list(Parameters& parameters, const std::vector<Value>& values, Kind kind) {
    parameters.add_list(values, kind);
}
void write_in_list(SqlWriter& out) { out.text += dialect().in_list(); }

void write_column(SqlWriter& out, const Table& table, std::uint32_t offset, const char* alias) {
    out.text += quoted(*alias != '\0' ? std::string_view{alias} : std::string_view{table.name}) + '.' +
        quoted(table.column_at(offset).name);
}
void write_from(SqlWriter& out, const Table& table) { out.text += " FROM " + quoted(table.name); }

std::string like_pattern(std::string_view text, bool any_before, bool any_after) {
    std::string pattern = any_before ? "%" : "";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    if (any_after) pattern += '%';
    return pattern;
}

}  // namespace tandem::orm

// Rows and members by way of single values: what a driver gets that does not do it faster.
#include <tandem/orm/table.hpp>

#include "driver/driver.hpp"

namespace tandem::orm {
namespace {

void read_column(Statement& row, const Column& column, int index, std::size_t place, void* object) {
    try {
        column.type->assign(static_cast<char*>(object) + column.offset, row.column(index, column.type->kind));
    } catch (const ValueError& error) { throw ColumnError(place, error.what()); }
}

}  // namespace

void Statement::bind_members(
    std::span<const Column> columns, std::span<const std::size_t> picked, int first, const void* object) {
    for (std::size_t place = 0; place < picked.size(); ++place) {
        const Column& column = columns[picked[place]];
        Scratch scratch;
        try {
            bind(first + static_cast<int>(place),
                column.type->view(static_cast<const char*>(object) + column.offset, scratch));
        } catch (const ValueError& error) { throw ColumnError(place, error.what()); }
    }
}

void Statement::read(std::span<const Column> columns, int first, void* object) {
    for (std::size_t place = 0; place < columns.size(); ++place)
        read_column(*this, columns[place], first + static_cast<int>(place), place, object);
}
void Statement::read_picked(
    std::span<const Column> columns, std::span<const std::size_t> picked, int first, void* object) {
    for (std::size_t place = 0; place < picked.size(); ++place)
        read_column(*this, columns[picked[place]], first + static_cast<int>(place), place, object);
}

}  // namespace tandem::orm

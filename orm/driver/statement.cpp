// Rows and members by way of single values: what a driver gets that does not do it faster.
#include <tandem/orm/table.hpp>

#include "driver/driver.hpp"

namespace tandem::orm {
namespace {

void read_column(Statement& row, const StoredMember& field, int index, std::size_t place, void* object) {
    try {
        field.type->assign(static_cast<char*>(object) + field.offset, row.column(index, field.type->kind));
    } catch (const ValueError& error) { throw ColumnError(place, error.what()); }
}

}  // namespace

void Statement::bind_members(
    std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, const void* object) {
    for (std::size_t place = 0; place < picked.size(); ++place) {
        const StoredMember& field = members[picked[place]];
        Scratch scratch;
        try {
            bind(first + static_cast<int>(place),
                field.type->view(static_cast<const char*>(object) + field.offset, scratch));
        } catch (const ValueError& error) { throw ColumnError(place, error.what()); }
    }
}

void Statement::bind_integers(int index, std::span<const std::int64_t> values) {
    bind_list(index, std::vector<Value>(values.begin(), values.end()), Kind::integer);
}

void Statement::read(std::span<const StoredMember> members, int first, void* object) {
    for (std::size_t place = 0; place < members.size(); ++place)
        read_column(*this, members[place], first + static_cast<int>(place), place, object);
}
void Statement::read_picked(
    std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, void* object) {
    for (std::size_t place = 0; place < picked.size(); ++place)
        read_column(*this, members[picked[place]], first + static_cast<int>(place), place, object);
}

}  // namespace tandem::orm

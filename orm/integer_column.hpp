// Keys that are one plain integer, as most are: read from an object without a codec.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <tandem/orm/ref.hpp>

namespace tandem::orm {

class IntegerColumn {
public:
    /// Of some columns of a table; it is empty unless they are one std::int64_t, or an std::optional of one.
    IntegerColumn(const Table& table, std::span<const std::size_t> columns)
        : member_(columns.size() == 1 ? &table.members[columns.front()] : nullptr) {
        if (member_ && member_->direct != Direct::int64 && member_->direct != Direct::maybe_int64) member_ = nullptr;
    }
    explicit operator bool() const { return member_ != nullptr; }
    /// The integer in an object of the table; nothing for NULL.
    [[nodiscard]] std::optional<std::int64_t> read(const Node* node) const {
        const void* at = node->member(member_->offset);
        if (member_->direct == Direct::int64) return *static_cast<const std::int64_t*>(at);
        return *static_cast<const std::optional<std::int64_t>*>(at);
    }

private:
    const StoredMember* member_;
};

}  // namespace tandem::orm

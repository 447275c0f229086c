// What a row gets besides what the program set: defaults before an INSERT, values that change with each UPDATE.
#pragma once

#include <cstdint>
#include <vector>

#include <tandem/orm/ref.hpp>

namespace tandem::orm {

/// Sets unset members of a new object to their client defaults, and makes a key where its type can. Tells which columns
/// have a value of the object's, and which are left to the database. Returns whether the key is assigned: by the
/// database, or here. Throws ArgumentError for a key that nobody assigns.
[[nodiscard]] bool prepare_insert(Node* node, std::vector<std::size_t>& given, std::vector<std::size_t>& returned);

/// Sets the members that change with each update, of those not in `changed`, and adds them there and to `hashes`.
void apply_on_update(Node* node, std::vector<std::size_t>& changed, std::vector<std::uint64_t>& hashes);

/// Whether a stored object's column differs from what was read or written last. What cannot be stored does.
[[nodiscard]] bool is_column_changed(const Node* node, std::size_t column);

/// Takes a key back that was assigned.
void unset_key(Node* node);

}  // namespace tandem::orm

// Hashes of an object's columns: how a change is found without a copy of the object.
#pragma once

#include <cstdint>
#include <vector>

#include <tandem/orm/ref.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

/// hash() of a member's value. Throws ValueError, without naming the member, for a value that cannot be stored.
[[nodiscard]] std::uint64_t hash_member(const StoredMember& member, const void* object);
/// The same of a column of a node's object; the error names class and member.
[[nodiscard]] std::uint64_t hash_column(const Node* node, std::size_t column);

/// The hashes of all columns of an object as it is now; the error names class and member.
void hash_columns(const Node* node, std::uint64_t* hashes);
/// Takes the hashes of a stored object's columns, to find changed ones later.
void hash_columns(Node* node);

/// The same as hash_columns(node, hashes), and adds the columns whose hashes differ from those taken to `changed`.
void find_changed_columns(const Node* node, std::vector<std::size_t>& changed, std::uint64_t* hashes);

/// The same for values that are to be lost: one that cannot be stored has a hash as well. Nothing is thrown, so that a
/// value which the flush refused can be undone.
[[nodiscard]] std::uint64_t hash_lost_column(const Node* node, std::size_t column) noexcept;
void hash_lost_columns(Node* node) noexcept;

}  // namespace tandem::orm

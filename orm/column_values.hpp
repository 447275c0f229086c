// What a row gets besides what the program set: defaults before an INSERT, values that change with each UPDATE.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tandem/orm/error.hpp>
#include <tandem/orm/ref.hpp>

namespace tandem::orm {

/// Thrown by a flush's check of rules: nothing was written yet, so the session goes on.
class BrokenRules : public ValidationError {
public:
    using ValidationError::ValidationError;
};

/// The columns of an INSERT, each once: the table's own lists, or lists for one row that live as long as this.
struct InsertColumns {
    std::span<const std::size_t> given{};     ///< with a value of the object's
    std::span<const std::size_t> returned{};  ///< which the database fills
    bool generated_key = false;               ///< the key was assigned: by the database, or here
    std::vector<std::size_t> own_given{};
    std::vector<std::size_t> own_returned{};
};

/// Sets unset members of a new object to their client defaults, makes a key where its type can, and says which columns
/// are left to the database. Throws ArgumentError for a key that nobody assigns.
void prepare_insert(Node* node, InsertColumns& result);

/// Sets the members that change with each update, of those not in `changed`, and adds them there and to `hashes`.
void apply_on_update(Node* node, std::vector<std::size_t>& changed, std::vector<std::uint64_t>& hashes);

/// Whether a stored object's column differs from what was read or written last. What cannot be stored does.
[[nodiscard]] bool is_column_changed(const Node* node, std::size_t i);

/// Takes a key back that was assigned.
void unset_key(Node* node);

}  // namespace tandem::orm

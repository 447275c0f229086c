// Reads objects out of the rows of one statement: one object per row and session.
#pragma once

#include <memory>
#include <vector>

#include "object_shape.hpp"
#include "session_core.hpp"

namespace tandem::orm {

/// What becomes of objects that the session has already: they stay as they are, or take the row over.
struct ReadMode {
    std::uint32_t origin = 0;             ///< of new objects: Node::origin bits
    bool marks_known = false;             ///< known objects get the origin, too
    std::vector<Node*>* fresh = nullptr;  ///< set to populate existing objects: those that were read, to be unmarked
};

class ObjectReader {
public:
    /// The columns of `shape` stand in the row from `first` on.
    ObjectReader(SessionCore& session, ObjectShape shape, std::size_t first, const ReadMode& mode);
    /// Says that no object has two rows in what is read, and that each row has one.
    void expect_distinct_rows() {
        if (!table().integer_key) return;
        const StoredMember& key = table().members[table().key.front()];
        is_distinct_ = key.direct == Direct::int64;
        key_offset_ = key.offset;
    }

    /// The object of the row that the statement stands on; null when its key is NULL (where an outer join found none).
    Node* read(Statement& row);
    /// The same for a row whose integer key is known.
    Node* read(Statement& row, std::int64_t key);
    [[nodiscard]] const Table& table() const { return *shape_.table; }

    /// The object of a row that holds all columns of a table whose key is one integer, and is known.
    static Node* read_one(SessionCore& session, const Table& table, Statement& row, std::int64_t key);

private:
    Node* known(Node* node, Statement& row);
    Node* create(Statement& row);
    void note_created(Node* node);
    Node* read_by_long_key(Statement& row);
    [[nodiscard]] int place_of(std::size_t column) const { return first_ + static_cast<int>(shape_.place_of(column)); }
    Node* read_new(Statement& row);

    SessionCore& session_;
    ObjectShape shape_;
    int first_;
    ReadMode mode_;
    bool is_unsealed_;          ///< what is read may be undone with unsealed writes
    bool is_distinct_ = false;  ///< while nobody else has objects of the table, each row is a new one
    std::size_t new_ = 0;       ///< objects read as such
    std::uint32_t key_offset_ = 0;
    int integer_place_ = 0;  ///< of an integer key
    std::shared_ptr<const DeferredColumns> deferred_{};
};

/// Sets members from the row's columns from `first` on. Throws ValueError naming class, member and table.
void read_columns(Node* node, Statement& row, const ObjectShape& shape, int first);

}  // namespace tandem::orm

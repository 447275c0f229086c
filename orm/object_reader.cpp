#include "object_reader.hpp"

#include <tandem/orm/error.hpp>

namespace tandem::orm {

namespace {

[[noreturn]] void throw_unreadable(const ObjectShape& shape, const ColumnError& error) {
    const Table& table = *shape.table;
    throw ValueError(std::string{table.class_name} + "." + table.columns[shape.column_at(error.column())].member + " " +
        error.what() + " (as read from table \"" + table.name + "\")");
}

[[gnu::always_inline]] inline void read_members(Node* node, Statement& row, const ObjectShape& shape, int first) {
    const Table& table = *shape.table;
    try {
        if (shape.picked.empty()) row.read(table.members, first, node->object());
        else row.read_picked(table.members, shape.picked, first, node->object());
    } catch (const ColumnError& error) { throw_unreadable(shape, error); }
}

}  // namespace

void read_columns(Node* node, Statement& row, const ObjectShape& shape, int first) {
    read_members(node, row, shape, first);
}

ObjectReader::ObjectReader(SessionCore& session, ObjectShape shape, std::size_t first, const ReadMode& mode)
    : session_(session),
      shape_(std::move(shape)),
      first_(static_cast<int>(first)),
      mode_(mode),
      is_unsealed_(session.transaction_->is_writer(session)) {
    if (table().integer_key) integer_place_ = place_of(table().key.front());
    if (!shape_.missing.empty()) deferred_ = std::make_shared<const DeferredColumns>(DeferredColumns{shape_.missing});
}

Node* ObjectReader::read(Statement& row) {
    if (is_distinct_)
        if (Node* node = read_new(row)) return node;
    if (!table().integer_key) return read_by_long_key(row);
    const ValueView key = row.column(integer_place_, Kind::integer);
    return key.kind() == Kind::integer ? read(row, key.integer()) : read_by_long_key(row);
}

// A query of many rows spends its time here.
[[gnu::always_inline]] inline Node* ObjectReader::create(Statement& row) {
    Node* node = session_.graph_->create(table());
    read_members(node, row, shape_, first_);
    node->flags |= Node::persistent | Node::held | mode_.origin;
    if (is_unsealed_ || deferred_ || mode_.fresh) [[unlikely]]
        note_created(node);
    return node;
}
void ObjectReader::note_created(Node* node) {
    if (is_unsealed_) session_.undo_.read.push_back(node);
    if (deferred_) {
        session_.graph_->deferred.insert_or_assign(node, deferred_);
        node->flags |= Node::partial;
    }
    if (mode_.fresh) {
        node->flags |= Node::fresh;
        mode_.fresh->push_back(node);
    }
}

// Codecs run while an object is created, and may bring the session's first objects of another table: the maps move
// then.
Node* ObjectReader::read(Statement& row, std::int64_t key) {
    if (Node* node = session_.identities(table()).find(key)) return known(node, row);
    Node* node = create(row);
    session_.identities(table()).insert(key, node);
    return node;
}

// The same as a reader made for the one row, which costs more than its reading.
Node* ObjectReader::read_one(SessionCore& session, const Table& table, Statement& row, std::int64_t key) {
    if (Node* node = session.identities(table).find(key))
        return ObjectReader{session, {.table = &table}, 0, {}}.known(node, row);
    Node* node = session.graph_->create(table);
    try {
        row.read(table.members, 0, node->object());
    } catch (const ColumnError& error) { throw_unreadable({.table = &table}, error); }
    node->flags |= Node::persistent | Node::held;
    if (session.transaction_->is_writer(session)) session.undo_.read.push_back(node);
    session.identities(table).insert(key, node);
    return node;
}

/// Reads the key with the other columns; null when the object may be known.
[[gnu::always_inline]] inline Node* ObjectReader::read_new(Statement& row) {
    if (!session_.identities(table()).has_only_noted(new_)) {
        is_distinct_ = false;
        return nullptr;
    }
    Node* node = create(row);
    session_.identities(table()).note(*static_cast<const std::int64_t*>(node->member(key_offset_)), node);
    ++new_;
    return node;
}

Node* ObjectReader::read_by_long_key(Statement& row) {
    std::vector<ValueView> values;
    for (const std::size_t column : table().key) {
        values.push_back(row.column(place_of(column), table().columns[column].type->kind));
        if (values.back().is_null()) return nullptr;
    }
    const Key key = to_key(values);
    if (Node* node = session_.identities(table()).find(key)) return known(node, row);
    Node* node = create(row);
    session_.identities(table()).insert(key, node);
    return node;
}

Node* ObjectReader::known(Node* node, Statement& row) {
    if (mode_.marks_known) node->flags = (node->flags & ~std::uint32_t{Node::origin}) | mode_.origin;
    const bool repopulate = mode_.fresh && (node->flags & Node::fresh) == 0;
    if (repopulate) {
        node->flags |= Node::fresh;
        mode_.fresh->push_back(node);
    }
    if ((node->flags & Node::expired) != 0) session_.take_expired_row(node, row, shape_, first_, deferred_);
    else if (repopulate) session_.take_row(node, row, shape_, first_, deferred_);
    else if ((node->flags & Node::partial) != 0) session_.fill_deferred(node, row, shape_, first_);
    return node;
}

}  // namespace tandem::orm

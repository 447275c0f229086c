#include "object_reader.hpp"

#include <tandem/orm/error.hpp>

namespace tandem::orm {

void read_columns(Node* node, Statement& row, const ObjectShape& shape, int first) {
    const Table& table = *shape.table;
    try {
        if (shape.picked.empty()) row.read(table.members, first, node->object());
        else row.read_picked(table.members, shape.picked, first, node->object());
    } catch (const ColumnError& error) {
        throw ValueError(std::string{table.class_name} + "." + table.columns[shape.column_at(error.column())].member +
            " " + error.what() + " (as read from table \"" + table.name + "\")");
    }
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

Node* ObjectReader::read(Statement& row, std::int64_t key) {
    IdentityMap& objects = session_.identities(table());
    if (Node* node = objects.find(key)) return known(node, row);
    Node* node = create(row);
    objects.insert(key, node);
    return node;
}

/// Reads the key with the other columns; null when the object may be known.
Node* ObjectReader::read_new(Statement& row) {
    IdentityMap& objects = session_.identities(table());
    if (!objects.has_only_noted(new_)) {
        is_distinct_ = false;
        return nullptr;
    }
    Node* node = create(row);
    objects.note(*integer_key(node), node);
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
    IdentityMap& objects = session_.identities(table());
    if (Node* node = objects.find(key)) return known(node, row);
    Node* node = create(row);
    objects.insert(key, node);
    return node;
}

Node* ObjectReader::create(Statement& row) {
    Node* node = session_.graph_->create(table());
    read_columns(node, row, shape_, first_);
    node->flags |= Node::persistent | Node::held | mode_.origin;
    if (is_unsealed_) session_.undo_.read.push_back(node);
    if (deferred_) {
        session_.graph_->deferred.insert_or_assign(node, deferred_);
        node->flags |= Node::partial;
    }
    if (mode_.fresh) {
        node->flags |= Node::fresh;
        mode_.fresh->push_back(node);
    }
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

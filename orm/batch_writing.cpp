// Rows of one table and one set of columns, written together where the driver can: what a statement costs to begin and
// to end is most of a row's time. Hooks and versions want a row at a time.
#include <algorithm>
#include <string>

#include "flush_order.hpp"
#include "row_writer.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

/// Fewer rows are not worth the trouble.
constexpr std::size_t few = 8;

bool refers_to_itself(const Table& table) {
    return std::ranges::any_of(
        table.relations, [&table](const Relation& relation) { return relation.to_one() && relation.target == &table; });
}

/// Writes a batch. What ended the transaction cannot name the object, so it names the class.
template <class Write>
bool write_batch(const WriteBatch& batch, const Table& table, const char* action, Write write) {
    try {
        return write(batch);
    } catch (const IntegrityError& error) {
        throw IntegrityError("one of " + std::to_string(batch.objects.size()) + " objects of " + table.class_name +
            " cannot be " + action + ": " + error.what());
    }
}

}  // namespace

std::size_t SessionCore::insert_together(RowWriter& writer, std::span<Node* const> nodes) {
    if (hooks_ || nodes.size() < few) return 0;
    const Table& table = *nodes.front()->table;
    // Its keys are there only when their rows are.
    if (refers_to_itself(table)) return 0;

    InsertColumns& columns = writer.insert_columns;
    std::vector<std::size_t> given;
    bool generated_key = false;
    std::vector<const void*> objects;
    for (Node* node : nodes) {
        if (node->table != &table || (node->flags & Node::pending) == 0) break;
        (void)write_foreign_keys(node);
        prepare_insert(node, columns);
        if (objects.empty()) {
            given.assign(columns.given.begin(), columns.given.end());
            generated_key = columns.generated_key;
            const bool keeps_key = generated_key && table.integer_key && dialect().keeps_last_key();
            if (given.empty() || columns.returned.size() != (keeps_key ? 1 : 0)) return 0;
        } else if (columns.generated_key != generated_key || !std::ranges::equal(columns.given, given)) {
            break;
        }
        objects.push_back(node->object());
    }
    if (objects.size() < few) return 0;

    const auto sql = writer.insert_sql(table, given, {});
    std::vector<std::int64_t> keys(generated_key ? objects.size() : 0);
    prepare_write();
    writer.forget_statement();
    const WriteBatch batch{*sql, table.members, given, objects};
    const auto insert_all = [&](const WriteBatch& all) {
        return connection().insert_all(all, generated_key ? keys.data() : nullptr);
    };
    if (!write_batch(batch, table, "inserted", insert_all)) {
        for (Node* node : nodes.first(objects.size())) insert(writer, node);
        return objects.size();
    }
    const Column& key = table.key_column();
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (generated_key) key.type->assign(nodes[i]->member(key.offset), ValueView::of(keys[i]));
        note_inserted(nodes[i], generated_key);
    }
    return objects.size();
}

std::size_t SessionCore::update_together(RowWriter& writer, std::span<Node* const> nodes) {
    const Table& table = *nodes.front()->table;
    if (hooks_ || nodes.size() < few || table.version || table.has_on_update || table.key.size() != 1 ||
        !integer_key(nodes.front()))
        return 0;

    std::vector<std::size_t> columns;  // that change
    std::vector<Node*> written;
    std::vector<std::uint64_t> hashes;  // of these columns, object by object
    std::size_t seen = 0;
    for (; seen < nodes.size(); ++seen) {
        Node* node = nodes[seen];
        if (node->table != &table || leads_to_new(node)) break;
        find_changes(writer, node);
        if (writer.changed.empty()) continue;
        if (written.empty()) columns = writer.changed;
        else if (writer.changed != columns) break;
        written.push_back(node);
        for (const std::size_t column : columns) hashes.push_back(writer.hashes[column]);
    }
    const auto take_hashes = [&](std::size_t i, std::uint64_t* out) {
        for (std::size_t k = 0; k < columns.size(); ++k) out[columns[k]] = hashes[i * columns.size() + k];
    };
    const auto write_each = [&] {
        for (std::size_t i = 0; i < written.size(); ++i) {
            writer.changed = columns;
            take_hashes(i, writer.hashes.data());
            write_update(writer, written[i]);
        }
        return seen;
    };
    if (written.size() < few) return write_each();

    const auto sql = writer.update_sql(table, columns);
    std::vector<std::size_t> parameters = columns;
    parameters.push_back(table.key.front());
    std::vector<const void*> objects;
    objects.reserve(written.size());
    for (Node* node : written) objects.push_back(node->object());
    prepare_write();
    writer.forget_statement();
    const WriteBatch batch{*sql, table.members, parameters, objects};
    const auto update_all = [this](const WriteBatch& all) { return connection().update_all(all); };
    if (!write_batch(batch, table, "updated", update_all)) return write_each();
    for (std::size_t i = 0; i < written.size(); ++i) {
        undo_.updated.push_back(written[i]);
        take_hashes(i, hashes_of(written[i]));
    }
    return seen;
}

}  // namespace tandem::orm

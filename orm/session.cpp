#include <algorithm>
#include <sstream>

#include <tandem/orm/session.hpp>

#include "key_list.hpp"
#include "load_operation.hpp"
#include "session_core.hpp"

namespace tandem::orm {

SessionCore::SessionCore(std::shared_ptr<TransactionCore> transaction, std::source_location place)
    : transaction_(std::move(transaction)), owns_transaction_(false), place_(place), graph_(new Graph) {
    graph_->session = this;
}
SessionCore::SessionCore(ConnectionPool& pool, Access access, std::source_location place)
    : transaction_(std::make_shared<TransactionCore>(pool, access)),
      owns_transaction_(true),
      place_(place),
      graph_(new Graph) {
    graph_->session = this;
}

SessionCore::~SessionCore() {
    if (handle_) *handle_ = nullptr;
    rollback();
    graph_->session = nullptr;
    graph_->sweep();
    // Unchanged objects need their hashes no longer: the next access takes them anew.
    graph_->each([](Node* node) {
        // What only shares the graph is not the session's: it may carry changes that are still to be written.
        if ((node->flags & Node::held) == 0) return;
        node->flags &= ~std::uint32_t{Node::held};
        node->flags &= ~std::uint32_t{Node::untracked | Node::tracked | Node::origin};
        if ((node->flags & Node::persistent) != 0) node->flags |= Node::unhashed;
    });
    if (graph_->is_unheld()) delete graph_;
}

std::string SessionCore::place() const { return place_text(place_); }

void SessionCore::check_other_thread() {
    if (!thread_) {
        thread_ = &thread_mark;
        thread_id_ = std::this_thread::get_id();
        return;
    }
    std::ostringstream text;
    text << "the session opened at " << place() << " was used on thread " << std::this_thread::get_id()
         << ", but it belongs to thread " << thread_id_
         << ", which used it first; open a session of its own on each thread, and hand keys over instead of objects";
    throw InvalidStateError(text.str());
}

void SessionCore::identify(Node* node) {
    identities(*node->table).insert(key_of(node), node);
    node->flags = (node->flags & ~std::uint32_t{Node::origin}) | Node::held;
}
void SessionCore::forget(Node* node) {
    node->flags &= ~std::uint32_t{Node::held};
    identities(*node->table).erase(key_of(node));
}

void SessionCore::add(Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be added to a session");
    if ((node->flags & Node::deleted) != 0)
        throw InvalidStateError(describe(node) + " was deleted; it cannot be added again");
    if (node->graph->session && node->graph->session != this)
        throw InvalidStateError(
            describe(node) + " already belongs to the session opened at " + node->graph->session->place());
    const std::vector<Node*> nodes = nodes_to_add(node);
    absorb(*graph_, node->graph);
    for (Node* next : nodes) {
        if ((next->flags & Node::removing) != 0) {
            next->flags &= ~std::uint32_t{Node::removing};
            std::erase(removing_, next);
        }
        if (in_session(next)) continue;
        if ((next->flags & Node::persistent) != 0) {
            identify(next);
            if (next->is_hashed()) note_touched(next);
        } else {
            next->flags |= Node::pending;
            pending_.push_back(next);
            show_in_collections(next);
        }
    }
}

std::vector<Node*> SessionCore::nodes_to_add(Node* node) const {
    std::vector<Node*> nodes;
    std::unordered_map<const Table*, std::unordered_set<Key, KeyHash>> arriving;
    const Node* conflict = nullptr;
    const auto reach = [&nodes](Node* next) {
        if ((next->flags & (Node::marked | Node::deleted)) != 0) return;
        next->flags |= Node::marked;
        nodes.push_back(next);
    };
    reach(node);
    for (std::size_t i = 0; i < nodes.size() && !conflict; ++i) {
        Node* next = nodes[i];
        if (in_session(next)) continue;
        if ((next->flags & Node::persistent) != 0) {
            const Key key = key_of(next);
            if (find(*next->table, key) || !arriving[next->table].insert(key).second) conflict = next;
        }
        each_saved(next, reach);
    }
    for (Node* next : nodes) next->flags &= ~std::uint32_t{Node::marked};
    if (conflict)
        throw InvalidStateError(
            "another object for " + describe(conflict) + " is already in this session; use that one (session.get)");
    return nodes;
}

void SessionCore::remove(Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be removed from the database; test what first() returned");
    if ((node->flags & Node::persistent) == 0) {
        if ((node->flags & Node::pending) == 0)
            throw InvalidStateError(describe(node) + " is not stored, so it cannot be deleted");
        drop_pending(node);
        return;
    }
    add(node);
    if ((node->flags & Node::removing) != 0) return;
    node->flags |= Node::removing;
    removing_.push_back(node);
}

void SessionCore::refresh(Node* node) {
    if (!node) throw ArgumentError("an empty Ref cannot be refreshed");
    flush();
    if ((node->flags & Node::persistent) == 0)
        throw InvalidStateError(describe(node) + " is not stored, so it cannot be read again");
    add(node);
    reload(node);
    for (const Relation& relation : node->table->relations)
        if (relation.many) RelationAccess::unload(RelationAccess::many(node, relation));
    apply_loaders({node}, *node->table, {});
}

Node* SessionCore::get(const Table& table, std::span<const ValueView> given) {
    if (given.size() != table.key.size())
        throw ArgumentError(std::string{"the key of "} + table.class_name + " has " + std::to_string(table.key.size()) +
            " values, not " + std::to_string(given.size()));
    std::vector<ValueView> wanted{given.begin(), given.end()};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Kind kind = table.columns[table.key[i]].type->kind;
        if (wanted[i].kind() != kind) wanted[i] = coerce(wanted[i], kind);
    }
    const Key key = to_key(wanted);
    Node* known = find(table, key);
    if (known && (known->flags & (Node::deleted | Node::removing)) != 0) return nullptr;
    if (known && (known->flags & Node::expired) == 0) return known;
    flush();
    KeyList keys{table, table.key};
    keys.add(key);
    const auto rows = LoadOperation{*this, nullptr}.load_by_key(table, keys);
    return rows.empty() ? nullptr : rows.front();
}

void SessionCore::commit() {
    flush(Compare::all);
    transaction_->seal(*this);
    if (owns_transaction_) transaction_->commit();
    undo_ = {};
}

void SessionCore::rollback() noexcept {
    transaction_->undo(*this);
    if (owns_transaction_) transaction_->rollback();
    restore_objects();
    if (owns_transaction_) transaction_->rollback();  // of the reads
}

namespace {

void bind_named(Statement& statement, std::string_view sql, std::span<const Parameter> parameters) {
    std::vector<const Parameter*> given(static_cast<std::size_t>(statement.parameter_count()));
    for (const Parameter& parameter : parameters) {
        const int index = statement.parameter_index(parameter.name());
        if (index == 0)
            throw BindError("there is no parameter :" + std::string{parameter.name()} + " in: " + std::string{sql});
        const Parameter*& place = given[static_cast<std::size_t>(index - 1)];
        if (place)
            throw BindError("two values were given for :" + std::string{parameter.name()} + " in: " + std::string{sql});
        place = &parameter;
    }
    for (int index = 1; index <= statement.parameter_count(); ++index) {
        if (given[static_cast<std::size_t>(index - 1)]) continue;
        const std::string_view name = statement.parameter_name(index);
        throw BindError(
            (name.empty() ? "parameters need names, as in :name" : "no value was given for :" + std::string{name}) +
            ", in: " + std::string{sql});
    }
    for (int index = 1; index <= statement.parameter_count(); ++index)
        statement.bind(index, given[static_cast<std::size_t>(index - 1)]->view());
}

}  // namespace

Rows SessionCore::execute(std::string_view sql, std::span<const Parameter> parameters) {
    if (controls_transactions(sql))
        throw ArgumentError(
            "transactions belong to the session: use commit() and rollback() instead of: " + std::string{sql});
    flush();
    Statement& statement = prepare(sql);
    bind_named(statement, sql, parameters);
    const bool writes = !statement.is_readonly();
    if (writes) prepare_write();
    const StatementUse use{statement};
    std::vector<std::string> columns;
    columns.reserve(static_cast<std::size_t>(statement.column_count()));
    for (int i = 0; i < statement.column_count(); ++i) columns.emplace_back(statement.column_name(i));
    std::vector<Row> rows;
    while (statement.step()) {
        Row& row = rows.emplace_back();
        row.reserve(columns.size());
        for (int i = 0; i < static_cast<int>(columns.size()); ++i) row.push_back(to_value(statement.column(i)));
    }
    return {std::move(columns), std::move(rows), writes ? transaction_->connection().changed_rows() : 0};
}

}  // namespace tandem::orm

namespace tandem {

Session::Session(std::unique_ptr<orm::SessionCore> core) : core_(std::move(core)) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;
orm::SessionCore& Session::core() const {
    if (!core_) throw InvalidStateError("a session was used after it had been moved away");
    core_->check_thread();
    return *core_;
}
void Session::add_criterion(orm::Criterion criterion) { core().add_criterion(std::move(criterion)); }
void Session::add_node(orm::Node* node) { core().add(node); }
void Session::remove_node(orm::Node* node) { core().remove(node); }
void Session::refresh_node(orm::Node* node) { core().refresh(node); }
orm::Node* Session::get_node(const orm::Table& table, std::initializer_list<orm::ValueView> key) {
    return core().get(table, {key.begin(), key.size()});
}
void Session::flush() { core().flush(orm::SessionCore::Compare::all); }
void Session::commit() { core().commit(); }
void Session::rollback() { core().rollback(); }

orm::SessionHandle Session::handle() { return core().handle(); }

Rows Session::execute_text(std::string_view sql, std::initializer_list<Parameter> parameters) {
    return core().execute(sql, {parameters.begin(), parameters.size()});
}

}  // namespace tandem

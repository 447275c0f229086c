// The engine of Session: identity map, unit of work, loading. Public headers reach it through Session and Ref.
#pragma once

#include <functional>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tandem/orm/loader.hpp>
#include <tandem/orm/session.hpp>

#include "graph.hpp"
#include "identity_map.hpp"
#include "transaction_core.hpp"

namespace tandem::orm {

/// Binds values to a statement in turn; what expressions know as Parameters.
class Parameters {
public:
    explicit Parameters(Statement& statement) : statement_(statement) {}
    void add(const ValueView& value) { statement_.bind(++count_, value); }
    void add_list(std::span<const Value> values, Kind kind) { statement_.bind_list(++count_, values, kind); }

private:
    Statement& statement_;
    int count_ = 0;
};

/// The row that a statement stands on; what typed readers know as Columns.
class Columns {
public:
    explicit Columns(Statement& statement) : statement_(statement) {}
    [[nodiscard]] ValueView read(int index, Kind kind) {
        last_ = index;
        return statement_.column(index, kind);
    }
    /// The column read last.
    [[nodiscard]] int last() const { return last_; }

private:
    Statement& statement_;
    int last_ = 0;
};

class SessionCore {
public:
    /// A session that takes part in a transaction of others.
    SessionCore(std::shared_ptr<TransactionCore> transaction, SessionOptions options, std::source_location place);
    /// A session with a transaction of its own.
    SessionCore(ConnectionPool& pool, Access access, SessionOptions options, std::source_location place);
    SessionCore(const SessionCore&) = delete;
    SessionCore& operator=(const SessionCore&) = delete;
    ~SessionCore();

    // Session's functions; session.cpp.
    Node* get(const Table& table, std::span<const ValueView> key);
    void flush();
    /// Flushes before a query, unless that was switched off.
    void autoflush();
    void commit();
    void rollback() noexcept;
    Rows execute(std::string_view sql, std::span<const Parameter> parameters);
    /// Where the session was opened, as "file:line".
    [[nodiscard]] std::string place() const;
    [[nodiscard]] const std::shared_ptr<int>& autoflush_stops();

    // What is in the session; membership.cpp.
    void add(Node* node);
    void remove(Node* node);
    void expunge(Node* node);
    void expunge_all();
    [[nodiscard]] bool contains(const Node* node) const { return node->graph->session == this && in_session(node); }

    // Reading again; expiry.cpp.
    void refresh(Node* node);
    void refresh(Node* node, std::span<const std::uint32_t> offsets);
    void expire(Node* node);
    void expire(Node* node, std::span<const std::uint32_t> offsets);
    void expire_all();
    /// Whether the value of a column waits to be read again.
    [[nodiscard]] bool is_expired(const Node* node, std::size_t column) const;

    // Loading; loading.cpp.
    std::vector<Node*> select(const Table& table, const std::string& sql, const void* query,
        void (*bind)(const void*, Parameters&), const std::vector<LoadPlan>& loaders);
    /// Reads a stored object's columns again. Throws ObjectDeleted when its row is gone.
    void reload(Node* node);
    void load_on_access(Node* owner, const Relation& relation);

    // What objects report.
    void note_touched(Node* node) { touched_.push_back(node); }
    void note_relation_changed(const RelationChange& change) { relation_changes_.push_back(change); }

    Statement& prepare(std::string_view sql) {
        require_usable();
        return transaction_->connection().prepare(sql);
    }
    void prepare_write() { transaction_->prepare_write(*this); }

private:
    struct Insertion {
        Node* node;
        bool generated_key;
    };

    // Identity map.
    [[nodiscard]] IdentityMap& identities(const Table& table) {
        if (table.index >= identities_.size()) identities_.resize(table.index + 1);
        return identities_[table.index];
    }
    [[nodiscard]] Node* find(const Table& table, const Key& key) const {
        return table.index < identities_.size() ? identities_[table.index].find(key) : nullptr;
    }
    void identify(Node* node);
    void forget(Node* node);
    /// An object and what its relations lead to, as far as that is new to the session. Throws InvalidStateError when
    /// there is another object for a row.
    [[nodiscard]] std::vector<Node*> nodes_to_add(Node* node) const;

    // session.cpp
    void fail(const char* error);
    void require_usable() const {
        if (failure_) throw_pending_rollback();
    }
    [[noreturn]] void throw_pending_rollback() const;

    // membership.cpp
    void detach(Node* node);

    // expiry.cpp
    void require_held(const Node* node, const char* action) const;
    void forget_values(Node* node);
    void forget_relation(Node* node, const Relation& relation);
    /// Expires some columns, where offsets name columns, and forgets relations, where they name those.
    void forget_attributes(Node* node, std::span<const std::uint32_t> offsets);
    /// Takes over a row into an expired object; keeps what was assigned since.
    void take_expired_row(Node* node, Statement& row);

    // unit_of_work.cpp
    void write_changes();
    void insert(Node* node);
    void update(Node* node);
    void erase(Node* node);
    void write_foreign_keys(Node* node);
    void follow_foreign_key(Node* node, const Relation& relation);
    void require_key(const Node* node) const;
    void restore_key(Node* node);
    void restore_relations() noexcept;
    void forget_changes();
    void restore_objects() noexcept;
    [[nodiscard]] bool is_changed(const Node* node) const;

    // loading.cpp
    Node* node_of_row(const Table& table, Statement& row);
    void read_columns(Node* node, Statement& row);
    /// Takes over a row into an object that was there before.
    void take_row(Node* node, Statement& row);
    /// Reads objects again, a SELECT per table; those whose row is gone are expired then.
    void reload_all(const std::vector<Node*>& nodes);
    /// The objects whose `columns` hold one of the given rows of values, which stand one behind the other.
    std::vector<Node*> load_rows(const Table& table, std::span<const std::size_t> columns,
        std::span<const OrderTerm> order, const std::vector<Value>& values);
    /// Runs `sql`, whose last condition ends with a list of rows of values, for a part of the values at a time.
    void select_in(const std::string& sql, const Table& table, std::span<const std::size_t> columns,
        const std::vector<Value>& values, const std::function<void(Statement&)>& take_row);
    void apply_loaders(const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>& loaders);
    void load_relation(const std::vector<Node*>& owners, const Relation& relation, const std::vector<LoadPlan>& nested);
    /// Marks collections as loaded and empty.
    void begin_collections(const std::vector<Node*>& owners, const Relation& relation);
    void load_collections(const std::vector<Node*>& owners, const Relation& relation);
    void load_linked(const std::vector<Node*>& owners, const Relation& relation);
    void load_targets(const std::vector<Node*>& owners, const Relation& relation);

    std::shared_ptr<TransactionCore> transaction_;
    bool owns_transaction_;  ///< no other session takes part
    SessionOptions options_;
    std::source_location place_;
    Graph* graph_;
    std::optional<std::string> failure_{};       ///< why a flush failed; nothing goes on before rollback()
    bool flushing_ = false;
    std::shared_ptr<int> autoflush_stops_{};     ///< how many NoAutoflush live; null: there was none yet
    /// Of objects that are expired in part: their expired columns. An expired object that is not here is so as a whole.
    std::unordered_map<const Node*, std::vector<bool>> expired_columns_{};
    std::vector<IdentityMap> identities_{};  ///< by Table::index
    std::vector<Node*> pending_{};           ///< added, not yet inserted; in order
    std::vector<Node*> touched_{};           ///< may have changed columns
    std::vector<Node*> removing_{};          ///< to be deleted
    // Since the last commit, for rollback:
    std::vector<RelationChange> relation_changes_{};
    std::vector<Insertion> inserted_{};
    std::vector<Node*> updated_{};
    std::vector<Node*> erased_{};
    // Read while unsealed writes were there, so what was read may be undone with them:
    std::vector<Node*> read_unsealed_{};
    std::vector<std::pair<Node*, const Relation*>> collections_unsealed_{};
};

}  // namespace tandem::orm

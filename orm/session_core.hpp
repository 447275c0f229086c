// The engine of Session: identity map, unit of work, loading. Public headers reach it through Session and Ref.
#pragma once

#include <deque>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tandem/orm/loader.hpp>
#include <tandem/orm/session.hpp>

#include "graph.hpp"
#include "identity_map.hpp"
#include "origin.hpp"
#include "transaction_core.hpp"

namespace tandem::orm {

/// Binds values to a statement in turn; what expressions know as Parameters.
class Parameters {
public:
    explicit Parameters(Statement& statement) : statement_(statement) {}
    void add(const ValueView& value) { statement_.bind(++count_, value); }
    void add_list(std::span<const Value> values, Kind kind) { statement_.bind_list(++count_, values, kind); }
    /// A list of rows of values, which stand one behind the other.
    void add_rows(std::span<const Value> values, std::span<const Kind> kinds) {
        if (kinds.size() == 1) statement_.bind_list(++count_, values, kinds.front());
        else statement_.bind_rows(++count_, values, kinds);
    }
    /// What the engine adds to the query being bound; null: nothing.
    void set_extras(const RootExtras* extras) { extras_ = extras; }
    [[nodiscard]] const RootExtras* extras() const { return extras_; }

private:
    Statement& statement_;
    int count_ = 0;
    const RootExtras* extras_ = nullptr;
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

struct RootQuery;
struct RowShape;

/// Its address tells threads apart; reading it costs less than asking for the thread's id.
inline thread_local constinit char thread_mark = 0;

class SessionCore {
public:
    /// A session that takes part in a transaction of others.
    SessionCore(std::shared_ptr<TransactionCore> transaction, std::source_location place);
    /// A session with a transaction of its own.
    SessionCore(ConnectionPool& pool, Access access, std::source_location place);
    SessionCore(const SessionCore&) = delete;
    SessionCore& operator=(const SessionCore&) = delete;
    ~SessionCore();

    // Session's functions; session.cpp.
    void add(Node* node);
    void remove(Node* node);
    void refresh(Node* node);
    Node* get(const Table& table, std::span<const ValueView> key);
    void commit();
    void rollback() noexcept;
    Rows execute(std::string_view sql, std::span<const Parameter> parameters);
    /// Where the session was opened, as "file:line".
    [[nodiscard]] std::string place() const;
    /// What notices that the session has ended.
    [[nodiscard]] SessionHandle handle();
    [[nodiscard]] const std::source_location& source_place() const { return place_; }
    /// The session belongs to the thread that uses it first: throws InvalidStateError on another one.
    void check_thread() {
        if (thread_ != &thread_mark) check_other_thread();
    }

    // The unit of work; unit_of_work.cpp.
    /// What a flush compares: all objects that were accessed, or only those accessed since the last flush. The
    /// difference are changes through a plain reference that was kept.
    enum class Compare { all, recent };
    void flush(Compare compare = Compare::recent);

    // Loading; loading.cpp.
    std::vector<Node*> select(const RootQuery& query);
    /// Calls take(out, row) for each row; result.cpp.
    void select_rows(const std::string& sql, const void* query, BindFunction bind, void* out, TakeRow take);
    /// Reads a stored object's columns again. Throws ObjectDeleted when its row is gone.
    void reload(Node* node);
    void load_on_access(Node* owner, const Relation& relation);
    /// Reads the deferred columns of an object, and of those of the same result; deferred.cpp.
    void load_deferred(Node* node);
    /// The objects in the database that a relation leads to from some owners, whatever the relation shows: what it was
    /// loaded with, or whether it may be loaded on access, makes no difference. The relation stays as it is.
    [[nodiscard]] std::vector<Node*> related_rows(const std::vector<Node*>& owners, const Relation& relation);
    /// Conditions on all objects of their models that this session loads.
    [[nodiscard]] const std::vector<Criterion>& criteria() const { return criteria_; }
    void add_criterion(Criterion criterion) { criteria_.push_back(std::move(criterion)); }

    // Where objects came from; origin.cpp.
    [[nodiscard]] std::uint32_t begin_origin(std::shared_ptr<const LoadOptions> options, std::source_location place);
    /// Forgets an origin that nothing more can be said of.
    void end_origin(std::uint32_t origin, const std::vector<Node*>& nodes);
    [[nodiscard]] std::uint32_t child_origin(std::uint32_t parent, const Relation& relation, const LoadPlan* plan);
    [[nodiscard]] Origin* origin(std::uint32_t number) {
        return number == 0 || number > origins_.size() ? nullptr : &origins_[number - 1];
    }

    // What objects report.
    void note_touched(Node* node) {
        recent_.push_back(node);
        if ((node->flags & Node::tracked) != 0) return;
        node->flags |= Node::tracked;
        touched_.push_back(node);
    }
    void note_relation_changed(const RelationChange& change) { undo_.relations.push_back(change); }

    Statement& prepare(std::string_view sql) { return transaction_->connection(place_).prepare(sql); }
    /// Tells the program what is no error but should not go unnoticed.
    void warn(std::string_view text) { transaction_->warnings().say(text); }
    void prepare_write() { transaction_->prepare_write(*this); }

private:
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

    // unit_of_work.cpp
    class RowWriter;
    void write(RowWriter& writer, std::vector<Node*>& changed);
    void insert(RowWriter& writer, Node* node);
    void update(RowWriter& writer, Node* node);
    void erase(Node* node);
    void write_foreign_keys(Node* node);
    void follow_foreign_keys(Node* node);
    void write_links(const std::vector<Node*>& nodes);
    void write_link(Node* owner, const Relation& relation, Node* item, bool add);
    void erase_links(const Node* node);
    void require_key(const Node* node) const;
    /// Compared again from here on: recent ones at the next access, all of them at commit.
    void settle(Compare compare);

    // cascade.cpp
    void add_reached();
    void remove_orphans(const std::vector<Node*>& changed);
    void cascade_removals();
    void release_children(const std::vector<Node*>& parents, const Relation& relation);
    void drop_pending(Node* node);

    // restore.cpp
    void restore_key(Node* node);
    void restore_objects(const UndoLog::Mark& from = {}) noexcept;
    [[nodiscard]] bool is_changed(const Node* node) const;

    // loading.cpp, object_reader.cpp, deferred.cpp
    friend class ObjectReader;
    friend class LoadOperation;
    /// Takes over a row into an object that was there before. Columns that the row lacks are deferred in an object that
    /// has expired, and stay in others.
    void take_row(Node* node, Statement& row, const RowShape& shape, int first,
        const std::shared_ptr<const DeferredColumns>& deferred);
    /// Sets the deferred columns of an object, if the row has them.
    void fill_deferred(Node* node, Statement& row, const RowShape& shape, int first);
    [[nodiscard]] std::string loader_line(const Origin& from, const Relation& relation);
    /// Warns of lazy loads in a loop, or refuses them.
    void note_lazy_load(const Node* owner, const Relation& relation);
    /// Reads objects again, a SELECT per table; those whose row is gone are expired then.
    void reload_all(const std::vector<Node*>& nodes);
    /// The objects whose `columns` hold one of the given rows of values, which stand one behind the other.
    std::vector<Node*> load_rows(const Table& table, std::span<const std::size_t> columns,
        std::span<const OrderTerm> order, const std::vector<Value>& values);
    void apply_loaders(const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>& loaders);
    void load_relation(const std::vector<Node*>& owners, const Relation& relation, const std::vector<LoadPlan>& nested);

    void check_other_thread();

    std::shared_ptr<TransactionCore> transaction_;
    std::shared_ptr<SessionCore*> handle_{};
    bool owns_transaction_;  ///< no other session takes part
    std::source_location place_;
    const char* thread_ = nullptr;  ///< the mark of the thread that the session belongs to
    std::thread::id thread_id_{};
    Graph* graph_;
    std::vector<IdentityMap> identities_{};  ///< by Table::index
    std::vector<Node*> pending_{};           ///< added, not yet inserted; in order
    std::vector<Node*> touched_{};           ///< may have changed columns: accessed, or changed relations
    std::vector<Node*> recent_{};            ///< those of them that were accessed since the last flush
    std::vector<Node*> removing_{};          ///< to be deleted
    bool flushing_ = false;
    UndoLog undo_{};  ///< since the last commit
    std::vector<Criterion> criteria_{};
    std::deque<Origin> origins_{};  // a deque keeps addresses
};

/// The columns that an object has not read yet.
[[nodiscard]] std::span<const std::size_t> deferred_columns(const Node* node);
/// They are read, or no longer wanted.
void forget_deferred(Node* node);

}  // namespace tandem::orm

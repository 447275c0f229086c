// The engine of Session: identity map, unit of work, loading. Public headers reach it through Session and Ref.
#pragma once

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
#include "hook_registry.hpp"
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
    void add_integers(std::span<const std::int64_t> values) { statement_.bind_integers(++count_, values); }
    /// A list of rows of values, which stand one behind the other.
    void add_rows(std::span<const Value> values, std::span<const Kind> kinds) {
        if (kinds.size() == 1) statement_.bind_list(++count_, values, kinds.front());
        else statement_.bind_rows(++count_, values, kinds);
    }
    [[nodiscard]] std::size_t longest_pattern() const { return statement_.longest_pattern(); }
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
    /// `order`: which columns are read.
    Columns(Statement& statement, std::vector<int> order) : statement_(statement), order_(std::move(order)) {}
    [[nodiscard]] ValueView read(int index, Kind kind) {
        last_ = order_[static_cast<std::size_t>(index)];
        return statement_.column(last_, kind);
    }
    /// The column read last.
    [[nodiscard]] int last() const { return last_; }

private:
    Statement& statement_;
    std::vector<int> order_;
    int last_ = 0;
};

/// Adds the row that a statement stands on, from its column `first` on. An error of a value names its column and says
/// what `sql` was.
void read_row(Statement& statement, const RowType& type, int first, void* out, std::string_view sql);

struct RootQuery;
struct ObjectShape;
class RowWriter;

/// A savepoint while it is open, shared with the program's handle.
struct SavepointState {
    SessionCore* session;  ///< null: it has ended
    UndoLog::Mark mark;
    std::string place;
};

/// Its address tells threads apart; reading it costs less than asking for the thread's id.
inline thread_local constinit char thread_mark = 0;
/// The key in the given columns of a row that starts with `first`.
[[nodiscard]] Key key_of_row(const Table& table, std::span<const std::size_t> columns, Statement& row, int first);

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
    Node* get(const Table& table, std::span<const ValueView> given);
    Node* get(const Table& table, std::int64_t key);
    /// What a flush compares: all objects that were accessed, or only those accessed since the last flush. The
    /// difference are changes through a plain reference that was kept.
    enum class Compare { all, recent };
    void flush(Compare compare = Compare::recent);
    /// Flushes before a query, unless that was switched off.
    void autoflush();
    /// Begins the transaction. Throws InvalidStateError when the session is in one.
    void begin();
    /// A transaction of its own for Session::transaction().
    void begin_scope();
    void end_scope(bool keep);
    [[nodiscard]] bool in_scope() const { return in_scope_; }
    /// Whether there is anything that a rollback would undo, or a snapshot that is read from.
    [[nodiscard]] bool in_transaction() const;
    void commit();
    void rollback() noexcept;
    Rows execute(std::string_view sql, std::span<const Parameter> parameters);
    /// A statement of raw SQL, with its values bound, ready to run.
    Statement& prepare_text(std::string_view sql, std::span<const Parameter> parameters);
    // Raw SQL with typed rows; result.cpp.
    void execute_rows(std::string_view sql, std::span<const Parameter> parameters, const RowShape& shape, void* out,
        const RowType& type);
    std::vector<Node*> execute_keys(const Table& table, std::string_view sql, std::span<const Parameter> parameters);
    /// Where the session was opened, as "file:line".
    [[nodiscard]] std::string place() const;
    /// What notices that the session has ended.
    [[nodiscard]] SessionHandle handle();
    [[nodiscard]] const std::shared_ptr<int>& autoflush_stops();
    [[nodiscard]] const std::source_location& source_place() const { return place_; }
    /// The session belongs to the thread that uses it first: throws InvalidStateError on another one.
    void check_thread() {
        if (thread_ != &thread_mark) check_other_thread();
    }

    // Savepoints; savepoint.cpp.
    [[nodiscard]] std::shared_ptr<SavepointState> open_savepoint(std::source_location place);
    void keep_savepoint(const SavepointState& state);
    void undo_savepoint(const SavepointState& state) noexcept;

    // Hooks; hooks.cpp.
    /// Throws InvalidStateError inside a hook, and the same inside Session::transaction().
    void require_outside_hook(const char* call) const;
    void require_free(const char* call) const;
    /// What the next flush would write, of one table.
    enum class Changes { added, modified, removed };
    [[nodiscard]] std::vector<Node*> objects(const Table& table, Changes changes) const;
    void call_after_commit(Callback callback) { after_commit_.push_back(std::move(callback)); }
    void call_after_rollback(Callback callback) { after_rollback_.push_back(std::move(callback)); }
    /// Runs what waited for the rollback; throws what that threw.
    void finish_rollback();

    // What is in the session; membership.cpp.
    /// A transient object in the session's graph, not yet in the session.
    [[nodiscard]] Node* make(const Table& table) {
        require_not_writing("add()");
        return graph_->create(table);
    }
    void add(Node* node);
    void remove(Node* node);
    void expunge(Node* node);
    void expunge_all();
    [[nodiscard]] bool contains(const Node* node) const { return graph_of(node).session == this && in_session(node); }

    // Reading again; expiry.cpp.
    void refresh(Node* node);
    void refresh(Node* node, std::span<const std::uint32_t> offsets);
    void expire(Node* node);
    void expire(Node* node, std::span<const std::uint32_t> offsets);
    void expire_all();
    /// Whether the value of a column waits to be read again.
    [[nodiscard]] bool is_expired(const Node* node, std::size_t column) const;

    // Loading; loading.cpp.
    void select(const RootQuery& query, TakeNodes take, void* out);
    /// Adds the rows that a query finds to the vector `out`, which is one of that type; result.cpp.
    void select_rows(void* query, const QueryFunctions& functions, void* out, const RowType& type);
    /// Runs an UPDATE, DELETE or INSERT for its rows; statement.cpp.
    std::int64_t run(const WriteRun& run);
    /// The object of a row, with what its relations load by default; null when there is no such row.
    Node* load_one(const Table& table, std::span<const ValueView> key);
    /// How one object of a table is loaded by its key. Kept for the table asked for last: most gets ask for the same.
    struct OneLoad {
        const Table* table = nullptr;
        std::shared_ptr<const std::string> sql{};
        bool is_whole = true;        ///< no column is deferred
        bool brings_others = false;  ///< relations that load with it
    };
    const OneLoad& one_load(const Table& table);
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

    /// Forgets objects that a query and its relations brought, by its origin, that nothing holds and nothing leads to;
    /// stream_release.cpp.
    void let_go(std::uint32_t from);
    /// Throws what keeps the session from reading on: a failed flush, a transaction that has ended.
    void require_ready() { (void)connection(); }
    [[nodiscard]] TransactionCore& transaction() { return *transaction_; }

    // Where objects came from; origin.cpp.
    [[nodiscard]] std::uint32_t begin_origin(std::shared_ptr<const LoadOptions> options, std::source_location place);
    /// Forgets an origin that nothing more can be said of.
    void end_origin(std::uint32_t origin, const std::vector<Node*>& nodes);
    [[nodiscard]] std::uint32_t child_origin(std::uint32_t parent, const Relation& relation, const LoadPlan* plan);
    [[nodiscard]] Origin* origin(std::uint32_t number) {
        return number == 0 || number > origins_.size() ? nullptr : origins_[number - 1].get();
    }

    // What objects report.
    void note_touched(Node* node) {
        recent_.push_back(node);
        if ((node->flags & Node::tracked) != 0) return;
        node->flags |= Node::tracked;
        touched_.push_back(node);
    }
    void note_relation_changed(const RelationChange& change) { undo_.relations.push_back(change); }

    /// Tells the program what is no error but should not go unnoticed.
    void warn(std::string_view text) { transaction_->warnings().say(text); }
    [[nodiscard]] const Dialect& dialect() const { return transaction_->dialect(); }
    Statement& prepare(std::string_view sql) { return connection().prepare(sql); }
    /// For a SELECT that is read whole: Connection::prepare_whole().
    Statement& prepare_whole(std::string_view sql) { return connection().prepare_whole(sql); }
    void prepare_write() {
        if (!begun_) (void)connection();
        transaction_->prepare_write(*this);
    }

private:
    // Identity map.
    [[nodiscard]] IdentityMap& identities(const Table& table) {
        return table.index < identities_.size() ? identities_[table.index] : add_identities(table);
    }
    IdentityMap& add_identities(const Table& table);
    [[nodiscard]] Node* find(const Table& table, const Key& key) const {
        return table.index < identities_.size() ? identities_[table.index].find(key) : nullptr;
    }
    [[nodiscard]] Node* find_integer(const Table& table, std::int64_t key) const {
        return table.index < identities_.size() ? identities_[table.index].find(key) : nullptr;
    }
    void identify(Node* node);
    void forget(Node* node);
    /// An object and what its relations lead to, as far as that is new to the session. Throws InvalidStateError when
    /// there is another object for a row.
    [[nodiscard]] std::vector<Node*> nodes_to_add(Node* node) const;

    // session.cpp
    Connection& connection() {
        require_usable();
        Connection& open = transaction_->connection(place_);
        if (!begun_) {
            begun_ = true;
            run_failing_hooks(SessionEvent::after_begin);
        }
        return open;
    }
    void fail(const char* error);
    /// Notes what the current exception leaves: work that has to be rolled back before anything goes on, or none.
    void note_failure();
    void require_usable() const {
        if (failure_) throw_pending_rollback();
    }
    [[noreturn]] void throw_pending_rollback() const;

    // membership.cpp
    void detach(Node* node);

    // hooks.cpp
    /// Whether there were any.
    bool run_hooks(RowEvent event, Node* node) { return hooks_ && run_row_hooks(event, node); }
    bool run_row_hooks(RowEvent event, Node* node);
    void run_session_hooks(SessionEvent event);
    /// The same outside of a flush: what they throw has to be rolled back as well.
    void run_failing_hooks(SessionEvent event);
    void require_not_writing(const char* call) const;
    [[nodiscard]] bool has_work(Compare compare) const;
    void finish_commit(bool wrote);

    // expiry.cpp
    void require_held(const Node* node, const char* action) const;
    void forget_values(Node* node);
    void forget_relation(Node* node, const Relation& relation);
    /// Expires some columns, where offsets name columns, and forgets relations, where they name those.
    void forget_attributes(Node* node, std::span<const std::uint32_t> offsets);
    /// Takes over a row into an expired object; keeps what was assigned since.
    void take_expired_row(Node* node, Statement& row, const ObjectShape& shape, int first,
        const std::shared_ptr<const DeferredColumns>& deferred);

    // unit_of_work.cpp
    void write_changes(Compare compare);
    void write(RowWriter& writer, std::vector<Node*>& changed);
    void insert(RowWriter& writer, Node* node);
    void update(RowWriter& writer, Node* node);
    /// Finds the columns of an object that a flush has to write, for writer.changed and writer.hashes.
    void find_changes(RowWriter& writer, Node* node);
    /// Writes the changes found.
    void write_update(RowWriter& writer, Node* node);
    /// What is known of an object whose row has just been made.
    void note_inserted(Node* node, bool generated_key);
    // Many rows at once; batch_writing.cpp. How many of the nodes, from the first on, have been written.
    std::size_t insert_together(RowWriter& writer, std::span<Node* const> nodes);
    std::size_t update_together(RowWriter& writer, std::span<Node* const> nodes);
    void erase(RowWriter& writer, Node* node);
    /// What becomes of an object whose row is deleted.
    void take_out(Node* node);
    /// False when one leads to the object itself, whose key is not there before its row is.
    [[nodiscard]] bool write_foreign_keys(Node* node);
    void follow_foreign_keys(Node* node);
    void follow_foreign_key(Node* node, const Relation& relation);
    void require_key(const Node* node) const;
    [[noreturn]] static void throw_changed_key(const Node* node);
    /// Compared again from here on: recent ones at the next access, all of them at commit.
    void settle(Compare compare);

    // link_writing.cpp
    void write_links(RowWriter& writer, const std::vector<Node*>& nodes);
    void write_link(RowWriter& writer, Node* owner, const Relation& relation, Node* item, bool add);
    void erase_links(RowWriter& writer, const Node* node);
    /// Takes objects whose rows were deleted out of the collections with a link table that show them.
    void leave_collections(std::span<Node* const> erased);

    // cascade.cpp
    void add_reached();
    void remove_orphans(const std::vector<Node*>& changed);
    void cascade_removals();
    void release_children(const std::vector<Node*>& parents, const Relation& relation);
    void drop_pending(Node* node);

    // statement.cpp
    void follow_write(const Table& table, bool erased, Statement& row);

    // restore.cpp
    void restore_key(Node* node);
    void restore_targets(Node* node) noexcept;
    void restore_objects(const UndoLog::Mark& from = {}) noexcept;
    [[nodiscard]] bool is_changed(const Node* node) const;

    // loading.cpp, object_reader.cpp, deferred.cpp
    friend class ObjectReader;
    friend class LoadOperation;
    /// Takes over a row into an object that was there before. Columns that the row lacks are deferred in an object that
    /// has expired, and stay in others.
    void take_row(Node* node, Statement& row, const ObjectShape& shape, int first,
        const std::shared_ptr<const DeferredColumns>& deferred);
    void take_row(Node* node, Statement& row);
    /// Sets the deferred columns of an object, if the row has them.
    void fill_deferred(Node* node, Statement& row, const ObjectShape& shape, int first);
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
    SessionOptions options_;
    std::source_location place_;
    const char* thread_ = nullptr;  ///< the mark of the thread that the session belongs to
    std::thread::id thread_id_{};
    Graph* graph_;
    std::shared_ptr<const Hooks> hooks_;    ///< null: there are none
    std::optional<std::string> failure_{};  ///< why a flush, or a hook, failed; nothing goes on before rollback()
    bool begun_ = false;                    ///< has run a statement since its last commit or rollback
    bool flushing_ = false;
    bool writing_ = false;                    ///< the part of a flush that writes rows
    bool in_scope_ = false;                   ///< in Session::transaction()
    bool undone_ = false;                     ///< writes were rolled back, and hooks not told yet
    int in_hook_ = 0;                         ///< how many hooks are running, one inside another
    std::shared_ptr<int> autoflush_stops_{};  ///< how many NoAutoflush live; null: there was none yet
    std::vector<std::shared_ptr<SavepointState>> savepoints_{};  ///< open ones, the innermost last
    std::vector<Callback> after_commit_{};
    std::vector<Callback> after_rollback_{};
    /// Of objects that are expired in part: their expired columns. An expired object that is not here is so as a whole.
    std::unordered_map<const Node*, std::vector<bool>> expired_columns_{};
    std::vector<IdentityMap> identities_{};  ///< by Table::index
    std::vector<Node*> pending_{};           ///< added, not yet inserted; in order
    std::vector<Node*> touched_{};           ///< may have changed columns: accessed, or changed relations
    std::vector<Node*> recent_{};            ///< those of them that were accessed since the last flush
    std::vector<Node*> removing_{};          ///< to be deleted
    UndoLog undo_{};                         ///< since the last commit
    std::vector<Criterion> criteria_{};
    std::vector<std::unique_ptr<Origin>> origins_{};
    OneLoad one_load_{};
    std::size_t kept_nodes_ = 0;  ///< that were left when objects of streams were last let go
};

/// The columns that an object has not read yet.
[[nodiscard]] std::span<const std::size_t> deferred_columns(const Node* node);
/// They are read, or no longer wanted.
void forget_deferred(Node* node);

}  // namespace tandem::orm

// The engine of Transaction: one pooled connection, lazily begun, shared by sessions whose writes are sealed or undone
// one by one.
#pragma once

#include <memory>
#include <source_location>
#include <vector>

#include <tandem/orm/transaction.hpp>

#include "connection_pool.hpp"

namespace tandem::orm {

class SessionCore;

/// A statement that stands on its rows while the program goes on.
class OpenCursor {
public:
    OpenCursor() = default;
    OpenCursor(const OpenCursor&) = delete;
    OpenCursor& operator=(const OpenCursor&) = delete;
    virtual ~OpenCursor() = default;
    [[nodiscard]] virtual const SessionCore* session() const = 0;
    /// Whether the database still has rows for it.
    [[nodiscard]] virtual bool is_running() const = 0;
    /// Lets go of the statement; `why` is for who reads on.
    virtual void end(const char* why) noexcept = 0;
    /// Reads what is left into memory, before it changes.
    virtual void read_rest() = 0;
};

class TransactionCore {
public:
    TransactionCore(ConnectionPool& pool, Access access) : pool_(pool.shared_from_this()), access_(access) {}
    TransactionCore(const TransactionCore&) = delete;
    TransactionCore& operator=(const TransactionCore&) = delete;
    ~TransactionCore() { rollback(); }

    /// The connection, with the transaction begun. `place` is where the session was opened that asks for it.
    Connection& connection(const std::source_location& place);
    Connection& connection() { return connection(place_); }
    /// The connection that has just run a statement, to be asked about it.
    [[nodiscard]] const Connection& last_used() const { return *lease_; }
    /// Announces that `session` is about to write: checks that it may, and keeps what others sealed out of its undo.
    void prepare_write(SessionCore& session);
    /// Keeps the session's writes, whatever happens to it, as far as the transaction commits.
    void seal(SessionCore& session);
    /// Undoes the session's unsealed writes.
    void undo(SessionCore& session) noexcept;
    /// Whether this session holds unsealed writes.
    [[nodiscard]] bool is_writer(const SessionCore& session) const { return writer_ == &session; }
    /// Savepoints of the session that writes; they nest, and the innermost is meant.
    void open_savepoint(SessionCore& session);
    void release_savepoint(SessionCore& session);
    void undo_savepoint(SessionCore& session) noexcept;
    void commit();
    void rollback() noexcept;
    /// Cursors are told of writes, and end with what they read.
    void open_cursor(OpenCursor& cursor) { cursors_.push_back(&cursor); }
    void close_cursor(const OpenCursor& cursor) { std::erase(cursors_, &cursor); }
    /// Ends those of a session, or, for null, all.
    void end_cursors(const SessionCore* session, const char* why) noexcept;
    /// Ends those that have rows left to be read, of any session.
    void end_running_cursors(const char* why) noexcept;
    /// What a sealed session wants to have called at the end.
    void call_after_end(std::vector<Callback> after_commit, std::vector<Callback> after_rollback);
    /// Calls it, and the database's hooks where writes were kept or undone; keeps the first exception.
    void finish(bool committed, bool wrote) noexcept;
    [[nodiscard]] std::exception_ptr hook_error() const { return hook_error_; }
    [[nodiscard]] ConnectionPool& pool() { return *pool_; }
    /// Rolls back for good: sessions that still exist cannot be used any more.
    void close() noexcept;
    [[nodiscard]] const Dialect& dialect() const { return pool_->dialect(); }
    [[nodiscard]] Warnings& warnings() { return pool_->warnings(); }
    [[nodiscard]] bool has_sealed_writes() const { return sealed_; }

private:
    void begin(const std::source_location& place);
    void end() noexcept;

    std::shared_ptr<ConnectionPool> pool_;
    Access access_;
    std::source_location place_{};  ///< of the session that was the first to ask for the connection
    WriterTurn turn_{};             // ends after the lease, for the next writer needs the lock that goes with it
    ConnectionLease lease_{};
    bool begun_ = false;
    bool sealed_ = false;            ///< holds sealed writes
    SessionCore* writer_ = nullptr;  ///< the session with unsealed writes
    bool writer_has_savepoint_ = false;
    std::size_t savepoints_ = 0;  ///< of the writer, open
    std::vector<OpenCursor*> cursors_{};
    std::vector<Callback> after_commit_{};
    std::vector<Callback> after_rollback_{};
    std::exception_ptr hook_error_{};
    bool closed_ = false;
    bool broken_ = false;  ///< the database ended it by itself; nothing goes on before rollback()
};

}  // namespace tandem::orm

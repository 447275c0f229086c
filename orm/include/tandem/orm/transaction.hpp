/// `Transaction`: the unit of atomicity that sessions take part in.
///
/// A session made by `Database::session()` has a transaction of its own, which ends with the session. Inside a step of
/// an event handler all sessions share the step's transaction: their `commit()` seals, the step's end commits.
/// Contract: everything is lazy (BEGIN comes with the first statement); each session's unsealed writes are undone
/// alone; one session may hold unsealed writes at a time, a second one's first write throws SessionOverlap. Destroying
/// an uncommitted transaction rolls it back. Pitfall: a transaction and its sessions stay on one thread.
///
///     tandem::orm::Transaction step{database, Access::write};
///     { auto session = step.session(); session.add(User{…}); session.commit(); }
///     step.commit();     // now it is durable
#pragma once

#include <exception>
#include <memory>
#include <source_location>

#include <tandem/orm/session_options.hpp>

namespace tandem {

class Database;
class Session;

namespace orm {

enum class Access {
    read,     ///< writing throws ReadOnlyError
    write,    ///< takes the writer's lock with its first statement, so that nothing read can be stale
    upgrade,  ///< reads on a snapshot; a write that meets a newer commit throws Conflict
};

class TransactionCore;

class Transaction {
public:
    Transaction(Database& database, Access access);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    /// A session that takes part in this transaction. Used after the transaction has
    /// ended, it throws InvalidStateError.
    [[nodiscard]] Session session(std::source_location place = std::source_location::current());
    [[nodiscard]] Session session(SessionOptions options, std::source_location place = std::source_location::current());
    /// Makes all sealed writes permanent. On an error nothing is, and the transaction is over.
    void commit();
    /// Undoes everything, sealed writes too.
    void rollback() noexcept;
    /// Whether a sealed write waits for commit().
    [[nodiscard]] bool has_writes() const;
    /// What a hook or callback threw after a commit or rollback, which it cannot change any more; null: nothing.
    [[nodiscard]] std::exception_ptr hook_error() const;

private:
    std::shared_ptr<TransactionCore> core_;  ///< shared with sessions, which may be kept too long
};

/// While it lives, `tandem::session()` on this thread joins `transaction`; null: there is no database here.
class AmbientTransaction {
public:
    explicit AmbientTransaction(Transaction* transaction);
    AmbientTransaction(const AmbientTransaction&) = delete;
    AmbientTransaction& operator=(const AmbientTransaction&) = delete;
    ~AmbientTransaction();

private:
    Transaction* previous_;
};

}  // namespace orm
}  // namespace tandem

#include <algorithm>
#include <iterator>
#include <string>

#include <tandem/orm/database.hpp>
#include <tandem/orm/error.hpp>
#include <tandem/orm/transaction.hpp>

#include "session_core.hpp"
#include "transaction_core.hpp"

namespace tandem::orm {

Connection& TransactionCore::connection(const std::source_location& place) {
    if (closed_)
        throw InvalidStateError("a session was used after the step or transaction that it belongs to had ended");
    if (pool_->is_closed())
        throw InvalidStateError("the session opened at " + place_text(place) +
            " was used after its Database had been destroyed; a Database must outlive its sessions");
    if (begun_ && !lease_->in_transaction()) {
        // The database ended the transaction by itself (disk full, I/O error): nothing of it is left.
        end();
        broken_ = true;
    }
    if (broken_)
        throw InvalidStateError(
            "the database ended this transaction after an error; roll it back before using it again");
    if (!begun_) begin(place);
    else lease_.update_observers();
    return *lease_;
}

void TransactionCore::begin(const std::source_location& place) {
    // The turn first: who waits for it should not keep a connection from others meanwhile.
    const bool writes = access_ == Access::write;
    if (writes) turn_ = pool_->take_turn(place);
    try {
        if (lease_) lease_.update_observers();
        else lease_ = pool_->take(place);
        lease_->begin(writes);
    } catch (...) {
        turn_ = {};
        throw;
    }
    lease_.set_writes(writes);
    place_ = place;
    begun_ = true;
}

void TransactionCore::prepare_write(SessionCore& session) {
    if (access_ == Access::read)
        throw ReadOnlyError(
            "only reading is allowed here: a computed var must not change the database; write in an event handler");
    for (std::size_t i = 0; i < cursors_.size(); ++i) cursors_[i]->read_rest();
    if (writer_ == &session) return;
    if (writer_)
        throw SessionOverlap("two sessions of one step hold uncommitted writes: the one opened at " + writer_->place() +
            " and the one opened at " + session.place() + "; commit or close the first, or pass it on");
    Connection& open = connection(session.source_place());
    if (sealed_) open.savepoint();
    lease_.set_writes(true);
    writer_has_savepoint_ = sealed_;
    writer_ = &session;
}

void TransactionCore::seal(SessionCore& session) {
    if (writer_ != &session) return;
    if (writer_has_savepoint_) connection().release_savepoint();
    writer_ = nullptr;
    writer_has_savepoint_ = false;
    sealed_ = true;
}

void TransactionCore::end_cursors(const SessionCore* session, const char* why) noexcept {
    for (std::size_t i = cursors_.size(); i-- > 0;)
        if (!session || cursors_[i]->session() == session) cursors_[i]->end(why);
}
void TransactionCore::end_running_cursors(const char* why) noexcept {
    for (std::size_t i = cursors_.size(); i-- > 0;)
        if (cursors_[i]->is_running()) cursors_[i]->end(why);
}

void TransactionCore::undo(SessionCore& session) noexcept {
    if (writer_ != &session) return;
    end_running_cursors("another session of its transaction was rolled back");
    writer_ = nullptr;
    const std::size_t savepoints = std::exchange(savepoints_, 0);
    if (writer_has_savepoint_) {
        for (std::size_t i = 0; i <= savepoints; ++i) lease_->rollback_to_savepoint();
    } else if (lease_) {
        lease_->rollback();
        lease_.set_writes(false);
        turn_ = {};
        begun_ = false;
    }
    writer_has_savepoint_ = false;
}

void TransactionCore::open_savepoint(SessionCore& session) {
    prepare_write(session);
    connection().savepoint();
    ++savepoints_;
}
void TransactionCore::release_savepoint(SessionCore& /*session*/) {
    connection().release_savepoint();
    --savepoints_;
}
void TransactionCore::undo_savepoint(SessionCore& session) noexcept {
    if (writer_ != &session || savepoints_ == 0) return;
    end_cursors(&session, "a savepoint was rolled back");
    end_running_cursors("a savepoint was rolled back");
    if (lease_) lease_->rollback_to_savepoint();
    --savepoints_;
}

void TransactionCore::call_after_end(std::vector<Callback> after_commit, std::vector<Callback> after_rollback) {
    std::ranges::move(after_commit, std::back_inserter(after_commit_));
    std::ranges::move(after_rollback, std::back_inserter(after_rollback_));
}

void TransactionCore::finish(bool committed, bool wrote) noexcept {
    auto callbacks = std::exchange(committed ? after_commit_ : after_rollback_, {});
    (committed ? after_rollback_ : after_commit_).clear();
    if (const auto hooks = wrote ? pool_->hooks().current() : nullptr) {
        const auto& more = committed ? hooks->after_commit : hooks->after_rollback;
        callbacks.insert(callbacks.end(), more.begin(), more.end());
    }
    if (const auto error = run_all(callbacks); error && !hook_error_) hook_error_ = error;
}

void TransactionCore::commit() {
    if (writer_)
        throw InvalidStateError(
            "the session opened at " + writer_->place() + " still holds uncommitted writes; commit or close it first");
    end_cursors(nullptr, "its transaction was committed");
    if (broken_ || (begun_ && sealed_)) {
        try {
            connection().commit();
        } catch (...) {
            rollback();
            throw;
        }
        end();
        return;
    }
    rollback();  // of a transaction that only read
}

void TransactionCore::rollback() noexcept {
    broken_ = false;
    if (!lease_) return;  // nothing was begun
    end_cursors(nullptr, "its transaction ended");
    lease_->rollback();
    end();
}

void TransactionCore::close() noexcept {
    rollback();
    closed_ = true;
}

void TransactionCore::end() noexcept {
    end_cursors(nullptr, "its transaction ended");
    begun_ = false;
    sealed_ = false;
    writer_ = nullptr;
    writer_has_savepoint_ = false;
    savepoints_ = 0;
    lease_ = {};
    turn_ = {};
}

namespace {
// The running step's transaction: restored by whoever resumes a step on this thread.
thread_local Transaction* ambient = nullptr;
}  // namespace

Transaction::Transaction(Database& database, Access access)
    : core_(std::make_shared<TransactionCore>(database.pool(), access)) {}
Transaction::~Transaction() {
    const bool wrote = core_->has_sealed_writes();
    core_->close();
    core_->finish(false, wrote);
}
Session Transaction::session(std::source_location place) { return session(SessionOptions{}, place); }
Session Transaction::session(SessionOptions options, std::source_location place) {
    return Session{std::make_unique<SessionCore>(core_, options, place)};
}
void Transaction::commit() {
    const bool wrote = core_->has_sealed_writes();
    try {
        core_->commit();
    } catch (const InvalidStateError&) {  // nothing was tried: a session still writes, or the database had ended it
        throw;
    } catch (...) {
        core_->finish(false, wrote);
        throw;
    }
    core_->finish(true, wrote);
}
void Transaction::rollback() noexcept {
    const bool wrote = core_->has_sealed_writes();
    core_->rollback();
    core_->finish(false, wrote);
}
std::exception_ptr Transaction::hook_error() const { return core_->hook_error(); }
bool Transaction::has_writes() const { return core_->has_sealed_writes(); }

AmbientTransaction::AmbientTransaction(Transaction* transaction) : previous_(std::exchange(ambient, transaction)) {}
AmbientTransaction::~AmbientTransaction() { ambient = previous_; }

}  // namespace tandem::orm

namespace tandem {

Session session(std::source_location place) { return session(SessionOptions{}, place); }
Session session(SessionOptions options, std::source_location place) {
    if (!orm::ambient)
        throw InvalidStateError("tandem::session() was called where no event handler runs and no database is at hand; "
                                "use Database::session()");
    return orm::ambient->session(options, place);
}

}  // namespace tandem

/// `Savepoint`: a part of a session's work that can be undone alone.
///
/// Contract: making one flushes. It is rolled back unless committed, also by an exception that leaves its scope. A
/// rollback takes the database and the objects back to where they were: new ones become transient, deleted ones
/// persistent, changed ones show what the row then holds; a flush that failed inside is undone with it, so that the
/// session goes on. A commit flushes, and keeps the work as part of the session, which may still roll back all of it.
/// Savepoints nest: an outer one can be committed only when the inner ones have ended, and a rollback ends them. While
/// one is open the session cannot commit. Errors: InvalidStateError for one that has ended. Pitfall: name it; a
/// savepoint without a name ends at once.
///
///     for (const auto& user : users) {
///         try {
///             auto savepoint = session.savepoint();
///             session.add(user);
///             savepoint.commit();
///         } catch (const tandem::IntegrityError&) {}   // this user is there already
///     }
///     session.commit();
#pragma once

#include <memory>

namespace tandem {

namespace orm {
struct SavepointState;
}

class [[nodiscard]] Savepoint {
public:
    Savepoint(Savepoint&&) noexcept = default;
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    Savepoint& operator=(Savepoint&&) = delete;
    ~Savepoint();

    /// Flushes and keeps the work, as far as the session commits.
    void commit();
    /// Undoes the work since the savepoint was made, inner savepoints too.
    void rollback();
    /// Whether neither it nor its session has ended.
    [[nodiscard]] bool is_open() const;

    /// For the engine.
    explicit Savepoint(std::shared_ptr<orm::SavepointState> state) : state_(std::move(state)) {}

private:
    std::shared_ptr<orm::SavepointState> state_;
};

}  // namespace tandem

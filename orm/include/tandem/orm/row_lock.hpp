/// Row locks: what `for_update()` asks of the rows that a query finds.
///
///     session.exec(Job::select().where(Job::c.done == false).limit(1).for_update(tandem::skip_locked)).first();
///
/// Contract: locked rows stay so until the transaction ends. A database without such locks, like SQLite, takes the
/// query as if nothing were said; there `db.session(tandem::write)` keeps other writers out.
#pragma once

#include <cstdint>

#include <tandem/orm/pack.hpp>

namespace tandem {

/// What for_update() does about rows that another transaction has locked, instead of waiting for them: an error.
struct NoWait {};
inline constexpr NoWait nowait{};
/// The same: leaves them out.
struct SkipLocked {};
inline constexpr SkipLocked skip_locked{};

namespace orm {

enum class RowLock : std::uint8_t { wait, nowait, skip_locked };
void write_row_lock(SqlWriter& out, RowLock lock);

}  // namespace orm

}  // namespace tandem

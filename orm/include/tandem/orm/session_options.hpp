/// Options of a session.
///
///     auto session = db.session({.expire_on_commit = true});
#pragma once

namespace tandem {

struct SessionOptions {
    /// Queries flush first, so that they see what the session changed. Off: only flush() and commit() write.
    bool autoflush = true;
    /// After commit() every object is read again when it is used next: a SELECT per object. Off: what was loaded stays
    /// readable, also when the session has ended, and may grow old; refresh() reads again.
    bool expire_on_commit = false;
};

}  // namespace tandem

#include <algorithm>

#include "session_core.hpp"

namespace tandem::orm {

std::shared_ptr<SavepointState> SessionCore::open_savepoint(std::source_location place) {
    require_usable();
    flush(Compare::all);
    if (!begun_) (void)connection();
    transaction_->open_savepoint(*this);
    return savepoints_.emplace_back(
        std::make_shared<SavepointState>(SavepointState{this, undo_.mark(), place_text(place)}));
}

void SessionCore::keep_savepoint(const SavepointState& state) {
    if (savepoints_.back().get() != &state)
        throw InvalidStateError("the savepoint made at " + state.place +
            " cannot be committed before the one made at " + savepoints_.back()->place + ", which is inside it");
    flush(Compare::all);
    transaction_->release_savepoint(*this);
    savepoints_.back()->session = nullptr;
    savepoints_.pop_back();
}

void SessionCore::undo_savepoint(const SavepointState& state) noexcept {
    const UndoLog::Mark mark = state.mark;
    for (bool last = false; !last;) {
        last = savepoints_.back().get() == &state;
        transaction_->undo_savepoint(*this);
        savepoints_.back()->session = nullptr;
        savepoints_.pop_back();
    }
    failure_.reset();
    // What is read again now may hold what the session wrote before the savepoint: a rollback of all reads it once
    // more.
    const UndoLog log = undo_;
    const auto from = [](const auto& all, std::size_t first) {
        return std::span{all}.subspan(std::min(first, all.size()));
    };
    restore_objects(mark);
    const auto keep = [this](std::span<Node* const> nodes) {
        for (Node* node : nodes)
            if ((node->flags & Node::persistent) != 0) undo_.read.push_back(node);
    };
    keep(from(log.updated, mark.updated));
    keep(from(log.erased, mark.erased));
    keep(from(log.read, mark.read));
}

}  // namespace tandem::orm

namespace tandem {

Savepoint::~Savepoint() {
    if (is_open()) state_->session->undo_savepoint(*state_);
}

bool Savepoint::is_open() const { return state_ && state_->session; }

void Savepoint::commit() {
    if (!is_open()) throw InvalidStateError("a savepoint was committed that has ended already, or whose session has");
    state_->session->check_thread();
    state_->session->require_outside_hook("Savepoint::commit()");
    state_->session->keep_savepoint(*state_);
}

void Savepoint::rollback() {
    if (!is_open()) throw InvalidStateError("a savepoint was rolled back that has ended already, or whose session has");
    state_->session->check_thread();
    state_->session->require_outside_hook("Savepoint::rollback()");
    state_->session->undo_savepoint(*state_);
}

}  // namespace tandem

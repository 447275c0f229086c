#include <algorithm>

#include "hook_registry.hpp"
#include "session_core.hpp"

namespace tandem::orm {

const std::vector<RowHook>* Hooks::of(const Table& table, RowEvent event) const {
    if (table.index >= rows.size()) return nullptr;
    const auto& found = rows[table.index][static_cast<std::size_t>(event)];
    return found.empty() ? nullptr : &found;
}

std::shared_ptr<const Hooks> HookRegistry::current() const {
    if (!any_) return nullptr;
    const std::lock_guard lock{mutex_};
    return hooks_;
}

void HookRegistry::change(const std::function<void(Hooks&)>& change) {
    const std::lock_guard lock{mutex_};
    auto changed = hooks_ ? std::make_shared<Hooks>(*hooks_) : std::make_shared<Hooks>();
    change(*changed);
    hooks_ = std::move(changed);
    any_ = true;
}

void add_hook(HookRegistry& registry, const Table& table, RowEvent event, RowHook hook) {
    registry.change([&](Hooks& hooks) {
        if (table.index >= hooks.rows.size()) hooks.rows.resize(table.index + 1);
        hooks.rows[table.index][static_cast<std::size_t>(event)].push_back(std::move(hook));
    });
}

std::exception_ptr run_all(const std::vector<Callback>& callbacks) {
    std::exception_ptr first;
    for (const Callback& callback : callbacks) {
        try {
            callback();
        } catch (...) {
            if (!first) first = std::current_exception();
        }
    }
    return first;
}

namespace {
/// Counts while hooks run.
class InHook {
public:
    explicit InHook(int& count) : count_(count) { ++count_; }
    InHook(const InHook&) = delete;
    InHook& operator=(const InHook&) = delete;
    ~InHook() { --count_; }

private:
    int& count_;
};
}  // namespace

void SessionCore::require_outside_hook(const char* call) const {
    if (in_hook_ > 0)
        throw InvalidStateError(
            std::string{call} + " was called by a hook of the session opened at " + place() + "; hooks cannot end it");
}

void SessionCore::require_free(const char* call) const {
    require_outside_hook(call);
    if (in_scope_)
        throw InvalidStateError(
            std::string{call} + " was called inside transaction(), which commits at its end; throw to roll back");
}

void SessionCore::require_not_writing(const char* call) const {
    if (writing_ && in_hook_ > 0)
        throw InvalidStateError(std::string{call} +
            " was called by a hook of a row; while rows are written a hook may only set its object's columns. Use "
            "before_flush");
}

bool SessionCore::run_row_hooks(RowEvent event, Node* node) {
    const auto* hooks = hooks_->of(*node->table, event);
    if (!hooks) return false;
    const InHook in_hook{in_hook_};
    Session session{*this};
    for (const RowHook& hook : *hooks) hook(node->object(), session);
    return true;
}

void SessionCore::run_session_hooks(SessionEvent event) {
    if (!hooks_) return;
    const auto& hooks = hooks_->session[static_cast<std::size_t>(event)];
    if (hooks.empty()) return;
    const InHook in_hook{in_hook_};
    Session session{*this};
    for (const SessionHook& hook : hooks) hook(session);
}

void SessionCore::run_failing_hooks(SessionEvent event) {
    if (!hooks_) return;
    try {
        run_session_hooks(event);
    } catch (...) {
        note_failure();
        throw;
    }
}

bool SessionCore::has_work(Compare compare) const {
    if (!pending_.empty() || !removing_.empty()) return true;
    return std::ranges::any_of(compare == Compare::all ? touched_ : recent_,
        [](const Node* node) { return (node->flags & Node::held) != 0 && !modified_attributes(node).empty(); });
}

std::vector<Node*> SessionCore::objects(const Table& table, Changes changes) const {
    std::vector<Node*> found;
    const auto take = [&](Node* node) {
        if (node->table == &table) found.push_back(node);
    };
    switch (changes) {
        case Changes::added: std::ranges::for_each(pending_, take); break;
        case Changes::removed: std::ranges::for_each(removing_, take); break;
        case Changes::modified:
            for (Node* node : touched_)
                if ((node->flags & (Node::held | Node::removing)) == Node::held && !modified_attributes(node).empty())
                    take(node);
            break;
    }
    return found;
}

void SessionCore::finish_commit(bool wrote) {
    after_rollback_.clear();
    auto callbacks = std::exchange(after_commit_, {});
    if (wrote && hooks_) callbacks.insert(callbacks.end(), hooks_->after_commit.begin(), hooks_->after_commit.end());
    if (const auto error = run_all(callbacks)) std::rethrow_exception(error);
}

void SessionCore::finish_rollback() {
    auto callbacks = std::exchange(after_rollback_, {});
    if (std::exchange(undone_, false) && hooks_)
        callbacks.insert(callbacks.end(), hooks_->after_rollback.begin(), hooks_->after_rollback.end());
    if (const auto error = run_all(callbacks)) std::rethrow_exception(error);
}

}  // namespace tandem::orm

// The hooks of a database, as its sessions see them.
#pragma once

#include <array>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <tandem/orm/hooks.hpp>

namespace tandem::orm {

using Callback = std::function<void()>;

struct Hooks {
    using OfTable = std::array<std::vector<RowHook>, 6>;  ///< by RowEvent
    std::vector<OfTable> rows{};                          ///< by Table::index
    std::array<std::vector<SessionHook>, 4> session{};    ///< by SessionEvent
    std::vector<Callback> after_commit{};
    std::vector<Callback> after_rollback{};

    /// Empty when there are none.
    [[nodiscard]] const std::vector<RowHook>* of(const Table& table, RowEvent event) const;
};

/// What is registered may grow while sessions of other threads run: those keep what they began with.
class HookRegistry {
public:
    /// Null when there are none.
    [[nodiscard]] std::shared_ptr<const Hooks> current() const;
    void change(const std::function<void(Hooks&)>& change);

private:
    mutable std::mutex mutex_{};
    std::atomic<bool> any_{false};
    std::shared_ptr<const Hooks> hooks_{};
};

/// Runs all of them; returns the first exception.
[[nodiscard]] std::exception_ptr run_all(const std::vector<Callback>& callbacks);

}  // namespace tandem::orm

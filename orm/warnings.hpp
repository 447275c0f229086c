// What a Database tells its program beside errors: warnings, and what it does about lazy loads in a loop.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <tandem/orm/database.hpp>

namespace tandem::orm {

using WarningObserver = std::function<void(std::string_view text)>;

/// Shared by the sessions of a Database, on any thread.
class Warnings {
public:
    void observe(std::shared_ptr<const WarningObserver> observer) {
        const std::lock_guard lock{mutex_};
        observer_ = std::move(observer);
    }
    /// Tells the observer, or writes a line to stderr.
    void say(std::string_view text);
    /// The same, but only once for a key.
    void say_once(const std::string& key, std::string_view text);

    void set_lazy_loops(LazyLoops policy, std::size_t from) {
        lazy_loops_ = policy;
        loop_from_ = from;
    }
    [[nodiscard]] LazyLoops lazy_loops() const { return lazy_loops_; }
    /// How many lazy loads of one relation for objects of one result make a loop.
    [[nodiscard]] std::size_t loop_from() const { return loop_from_; }

private:
    std::mutex mutex_{};
    std::shared_ptr<const WarningObserver> observer_{};
    std::set<std::string> said_{};
    std::atomic<LazyLoops> lazy_loops_{LazyLoops::warn};
    std::atomic<std::size_t> loop_from_{3};
};

}  // namespace tandem::orm

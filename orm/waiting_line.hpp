// Threads that wait for something of which there is not enough, served in the order they came.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace tandem::orm {

/// Used under its owner's mutex. What one thread gives up is handed to the first in the line, so that a newcomer cannot
/// take it from under its nose.
class WaitingLine {
public:
    /// Waits until served; false when `timeout` passed before.
    bool wait(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds timeout) {
        Waiter self;
        line_.push_back(&self);
        if (self.called.wait_for(lock, timeout, [&self] { return self.served; })) return true;
        std::erase(line_, &self);
        return false;
    }
    /// Serves the first in the line; false when nobody waits.
    bool serve_next() {
        if (line_.empty()) return false;
        Waiter* first = line_.front();
        line_.pop_front();
        first->served = true;
        first->called.notify_one();
        return true;
    }
    [[nodiscard]] bool empty() const { return line_.empty(); }

private:
    struct Waiter {
        std::condition_variable called{};
        bool served = false;
    };
    std::deque<Waiter*> line_{};
};

}  // namespace tandem::orm

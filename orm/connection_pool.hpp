// Connections of one database, kept for the next user.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "driver/driver.hpp"
#include "hook_registry.hpp"

namespace tandem::orm {

class ConnectionPool;

/// A connection borrowed from the pool; goes back when destroyed.
class ConnectionLease {
public:
    ConnectionLease() = default;
    ConnectionLease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {
        update_observer();
    }
    ConnectionLease(ConnectionLease&& other) noexcept = default;
    ConnectionLease& operator=(ConnectionLease&& other) noexcept;
    ~ConnectionLease() { give_back(); }

    /// Takes over what Database::on_statement() was told last.
    void update_observer();

    explicit operator bool() const { return connection_ != nullptr; }
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

private:
    void give_back() noexcept;
    ConnectionPool* pool_ = nullptr;
    std::unique_ptr<Connection> connection_{};
    unsigned observer_version_ = 0;
};

class ConnectionPool {
public:
    explicit ConnectionPool(const std::string& url) : driver_(make_driver(url)) {}
    [[nodiscard]] ConnectionLease take();
    void observe(std::shared_ptr<const StatementObserver> observer);
    /// What the program wants to be told of by the database's sessions.
    [[nodiscard]] HookRegistry& hooks() { return hooks_; }

private:
    friend class ConnectionLease;
    void put_back(std::unique_ptr<Connection> connection) noexcept;
    std::unique_ptr<Driver> driver_;
    HookRegistry hooks_{};
    std::mutex mutex_{};
    std::vector<std::unique_ptr<Connection>> idle_{};
    std::shared_ptr<const StatementObserver> observer_{};
    std::atomic<unsigned> observer_version_{0};
};

}  // namespace tandem::orm

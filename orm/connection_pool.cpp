#include "connection_pool.hpp"

namespace tandem::orm {
namespace {
constexpr std::size_t idle_connections = 8;
}

ConnectionLease& ConnectionLease::operator=(ConnectionLease&& other) noexcept {
    if (this != &other) {
        give_back();
        pool_ = other.pool_;
        connection_ = std::move(other.connection_);
        observer_version_ = other.observer_version_;
    }
    return *this;
}

void ConnectionLease::give_back() noexcept {
    if (connection_) pool_->put_back(std::move(connection_));
}

void ConnectionLease::update_observer() {
    if (pool_->observer_version_ == observer_version_) return;
    const std::lock_guard lock{pool_->mutex_};
    connection_->observe(pool_->observer_);
    observer_version_ = pool_->observer_version_;
}

ConnectionLease ConnectionPool::take() {
    std::unique_ptr<Connection> connection;
    {
        const std::lock_guard lock{mutex_};
        if (!idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!connection) connection = driver_->connect();
    return {*this, std::move(connection)};
}

void ConnectionPool::observe(std::shared_ptr<const StatementObserver> observer) {
    const std::lock_guard lock{mutex_};
    observer_ = std::move(observer);
    ++observer_version_;
}

void ConnectionPool::put_back(std::unique_ptr<Connection> connection) noexcept {
    connection->rollback();
    connection->observe(nullptr);
    const std::lock_guard lock{mutex_};
    if (idle_.size() < idle_connections) idle_.push_back(std::move(connection));
}

}  // namespace tandem::orm

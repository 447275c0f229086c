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
    }
    return *this;
}

void ConnectionLease::give_back() noexcept {
    if (connection_) pool_->put_back(std::move(connection_));
}

ConnectionLease ConnectionPool::take() {
    std::unique_ptr<Connection> connection;
    std::shared_ptr<const StatementObserver> observer;
    {
        const std::lock_guard lock{mutex_};
        observer = observer_;
        if (!idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!connection) connection = driver_->connect();
    connection->observe(std::move(observer));
    return {*this, std::move(connection)};
}

void ConnectionPool::observe(std::shared_ptr<const StatementObserver> observer) {
    const std::lock_guard lock{mutex_};
    observer_ = std::move(observer);
}

void ConnectionPool::put_back(std::unique_ptr<Connection> connection) noexcept {
    connection->rollback();
    const std::lock_guard lock{mutex_};
    if (idle_.size() < idle_connections) idle_.push_back(std::move(connection));
}

}  // namespace tandem::orm

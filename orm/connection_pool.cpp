#include "connection_pool.hpp"

#include <array>
#include <cstdio>

#include <tandem/orm/error.hpp>

namespace tandem::orm {
namespace {

std::string seconds_text(std::chrono::steady_clock::duration time) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", std::chrono::duration<double>(time).count());
    return text.data();
}

Holder holder_here(const std::source_location& place) {
    return {place, std::this_thread::get_id(), std::chrono::steady_clock::now()};
}

std::string text_of(const Holder& holder) {
    return place_text(holder.place) + " (for " + seconds_text(std::chrono::steady_clock::now() - holder.since) +
        (holder.thread == std::this_thread::get_id() ? ", on this thread)" : ")");
}

}  // namespace

std::string place_text(const std::source_location& place) {
    std::string_view file = place.file_name();
    if (const auto slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
    return std::string{file} + ":" + std::to_string(place.line());
}

ConnectionLease::ConnectionLease(ConnectionPool& pool, std::unique_ptr<PooledConnection> connection)
    : pool_(&pool), connection_(std::move(connection)), used_(connection_->connection.get()) {
    update_observers();
}

ConnectionLease& ConnectionLease::operator=(ConnectionLease&& other) noexcept {
    if (this != &other) {
        give_back();
        pool_ = other.pool_;
        connection_ = std::move(other.connection_);
        used_ = other.used_;
        observers_version_ = other.observers_version_;
    }
    return *this;
}

void ConnectionLease::give_back() noexcept {
    if (connection_) pool_->put_back(std::move(connection_));
}

void ConnectionLease::update_observers() {
    if (pool_->observers_version_ == observers_version_) return;
    const std::lock_guard lock{pool_->mutex_};
    connection_->connection->observe(pool_->observer_);
    if (pool_->echo_) {
        if (!connection_->echo) connection_->echo = std::make_unique<EchoConnection>(*connection_->connection);
        connection_->echo->write_to(pool_->echo_);
        used_ = connection_->echo.get();
    } else {
        used_ = connection_->connection.get();
    }
    observers_version_ = pool_->observers_version_;
}

WriterTurn& WriterTurn::operator=(WriterTurn&& other) noexcept {
    if (this != &other) {
        end();
        pool_ = std::exchange(other.pool_, nullptr);
    }
    return *this;
}
void WriterTurn::end() noexcept {
    if (pool_) pool_->end_turn();
    pool_ = nullptr;
}

ConnectionLease ConnectionPool::take(const std::source_location& place) {
    std::unique_ptr<PooledConnection> pooled;
    {
        std::unique_lock lock{mutex_};
        if (taken_ < options_.connections && takers_.empty()) {
            ++taken_;
        } else if (!takers_.wait(lock, options_.timeout)) {
            throw TimeoutError("no connection became free within " + seconds_text(options_.timeout) +
                " for the session opened at " + place_text(place) + ": all " + std::to_string(options_.connections) +
                " are held by sessions opened at " + holders_text() +
                "; end sessions sooner, or give the Database more connections (DatabaseOptions::connections)");
        }
        if (!idle_.empty()) {
            pooled = std::move(idle_.back());
            idle_.pop_back();
            pooled->holder = holder_here(place);
            busy_.push_back(pooled.get());
        }
    }
    if (pooled) return {*this, std::move(pooled)};
    try {
        pooled = std::make_unique<PooledConnection>(driver_->connect());
    } catch (...) {
        const std::lock_guard lock{mutex_};
        if (!takers_.serve_next()) --taken_;
        throw;
    }
    {
        const std::lock_guard lock{mutex_};
        pooled->holder = holder_here(place);
        busy_.push_back(pooled.get());
    }
    return {*this, std::move(pooled)};
}

void ConnectionPool::put_back(std::unique_ptr<PooledConnection> pooled) noexcept {
    pooled->connection->rollback();
    pooled->connection->observe(nullptr);
    const bool keep = pooled->connection->is_sound() && !pooled->connection->in_transaction();
    std::unique_ptr<PooledConnection> closing;  // outside the lock: that may take a while
    const std::lock_guard lock{mutex_};
    std::erase(busy_, pooled.get());
    pooled->writes.store(false, std::memory_order_relaxed);
    if (keep && !is_closed()) idle_.push_back(std::move(pooled));
    else closing = std::move(pooled);
    if (!takers_.serve_next()) --taken_;
}

WriterTurn ConnectionPool::take_turn(const std::source_location& place) {
    std::unique_lock lock{mutex_};
    refuse_writer_of_same_thread(place);
    if ((writing_ || !writers_.empty()) && !writers_.wait(lock, options_.busy_timeout))
        throw TimeoutError("the session opened at " + place_text(place) + " waited " +
            seconds_text(options_.busy_timeout) + " for its turn to write; the turn is with the session opened at " +
            text_of(writer_) + ". Commit or close sessions that write sooner, and do slow work outside of them");
    writing_ = true;
    writer_ = holder_here(place);
    return WriterTurn{*this};
}

void ConnectionPool::refuse_writer_of_same_thread(const std::source_location& place) const {
    const auto refuse = [&place](const Holder& holder) {
        throw InvalidStateError("the session opened at " + place_text(place) +
            " can never get its turn to write: the "
            "session opened at " +
            place_text(holder.place) + " on the same thread holds uncommitted writes; commit or close that one first");
    };
    if (writing_ && writer_.thread == std::this_thread::get_id()) refuse(writer_);
    for (const PooledConnection* pooled : busy_)
        if (pooled->writes.load(std::memory_order_relaxed) && pooled->holder.thread == std::this_thread::get_id())
            refuse(pooled->holder);
}

void ConnectionPool::end_turn() noexcept {
    const std::lock_guard lock{mutex_};
    writer_ = {};  // the next one signs as soon as it runs
    if (!writers_.serve_next()) writing_ = false;
}

std::string ConnectionPool::holders_text() const {
    std::string text;
    for (const PooledConnection* pooled : busy_) text += (text.empty() ? "" : ", ") + text_of(pooled->holder);
    return text.empty() ? "(none has begun yet)" : text;
}

void ConnectionPool::observe(std::shared_ptr<const StatementObserver> observer) {
    const std::lock_guard lock{mutex_};
    observer_ = std::move(observer);
    ++observers_version_;
}
void ConnectionPool::echo(std::shared_ptr<const EchoSink> sink) {
    const std::lock_guard lock{mutex_};
    echo_ = std::move(sink);
    ++observers_version_;
}

void ConnectionPool::close() noexcept {
    std::vector<std::unique_ptr<PooledConnection>> closing;
    const std::lock_guard lock{mutex_};
    closed_ = true;
    closing.swap(idle_);
}

}  // namespace tandem::orm

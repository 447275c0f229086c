// Connections of one database: how many there may be, who has them, and whose turn it is to write.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <source_location>
#include <string>
#include <thread>
#include <vector>

#include <tandem/orm/database.hpp>

#include "driver/driver.hpp"
#include "echo.hpp"
#include "hook_registry.hpp"
#include "waiting_line.hpp"
#include "warnings.hpp"

namespace tandem::orm {

class ConnectionPool;

/// Who has something of the pool, for errors.
struct Holder {
    std::source_location place{};
    std::thread::id thread{};
    std::chrono::steady_clock::time_point since{};
};

/// A connection of the pool, with what belongs to its present user.
struct PooledConnection {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<EchoConnection> echo{};  ///< once statements were to be echoed
    Holder holder{};
    std::atomic<bool> writes{false};  ///< its transaction has the database's write lock
};

/// A connection borrowed from the pool; goes back when destroyed.
class ConnectionLease {
public:
    ConnectionLease() = default;
    ConnectionLease(ConnectionPool& pool, std::unique_ptr<PooledConnection> connection);
    ConnectionLease(ConnectionLease&& other) noexcept = default;
    ConnectionLease& operator=(ConnectionLease&& other) noexcept;
    ~ConnectionLease() { give_back(); }

    /// Takes over what Database::on_statement() and Database::echo() were told last.
    void update_observers();
    /// Says that the transaction has the write lock, or that it has ended.
    void set_writes(bool writes) { connection_->writes.store(writes, std::memory_order_relaxed); }

    explicit operator bool() const { return connection_ != nullptr; }
    Connection* operator->() const { return used_; }
    Connection& operator*() const { return *used_; }

private:
    void give_back() noexcept;
    ConnectionPool* pool_ = nullptr;
    std::unique_ptr<PooledConnection> connection_{};
    Connection* used_ = nullptr;  ///< the connection, or its echo
    unsigned observers_version_ = 0;
};

/// The turn to write; goes to the next writer when destroyed.
class WriterTurn {
public:
    WriterTurn() = default;
    explicit WriterTurn(ConnectionPool& pool) : pool_(&pool) {}
    WriterTurn(WriterTurn&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    WriterTurn& operator=(WriterTurn&& other) noexcept;
    ~WriterTurn() { end(); }

private:
    void end() noexcept;
    ConnectionPool* pool_ = nullptr;
};

/// Shared by a Database and its sessions, so that a session that outlives its Database finds it closed, not gone.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
public:
    ConnectionPool(std::unique_ptr<Driver> driver, const DatabaseOptions& options)
        : driver_(std::move(driver)), options_(options) {}

    /// A connection for the session opened at `place`; waits for one. Throws TimeoutError naming who has them.
    [[nodiscard]] ConnectionLease take(const std::source_location& place);
    /// The turn to write; waits for it in the order of asking. Throws TimeoutError naming who writes, and
    /// InvalidStateError when that is a session of the same thread, which could not end while this one waits.
    [[nodiscard]] WriterTurn take_turn(const std::source_location& place);

    void observe(std::shared_ptr<const StatementObserver> observer);
    /// What the program wants to be told of by the database's sessions.
    [[nodiscard]] HookRegistry& hooks() { return hooks_; }
    void echo(std::shared_ptr<const EchoSink> sink);
    /// Ends the use of the pool: connections that come back are closed.
    void close() noexcept;
    [[nodiscard]] bool is_closed() const { return closed_.load(std::memory_order_relaxed); }
    [[nodiscard]] const Dialect& dialect() const { return driver_->dialect(); }
    [[nodiscard]] Warnings& warnings() { return warnings_; }

private:
    friend class ConnectionLease;
    friend class WriterTurn;
    void put_back(std::unique_ptr<PooledConnection> pooled) noexcept;
    void end_turn() noexcept;
    void refuse_writer_of_same_thread(const std::source_location& place) const;
    [[nodiscard]] std::string holders_text() const;

    std::unique_ptr<Driver> driver_;
    HookRegistry hooks_{};
    const DatabaseOptions options_;
    Warnings warnings_{};
    std::mutex mutex_{};
    std::size_t taken_ = 0;
    WaitingLine takers_{};
    std::vector<std::unique_ptr<PooledConnection>> idle_{};
    std::vector<PooledConnection*> busy_{};
    bool writing_ = false;
    Holder writer_{};
    WaitingLine writers_{};
    std::shared_ptr<const StatementObserver> observer_{};
    std::shared_ptr<const EchoSink> echo_{};
    std::atomic<unsigned> observers_version_{0};
    std::atomic<bool> closed_{false};
};

/// "file.cpp:12".
[[nodiscard]] std::string place_text(const std::source_location& place);

}  // namespace tandem::orm

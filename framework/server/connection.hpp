// What the server knows of an open connection, whatever it speaks.
#pragma once

#include <chrono>
#include <memory>
#include <unordered_set>

namespace tandem {

class Engine;
class Site;

/// An open connection. It lives as long as an operation of its own is pending.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    /// Called about once a second: closes what took too long.
    virtual void tick(std::chrono::steady_clock::time_point now) = 0;
    /// The server stops: says so and closes.
    virtual void stop() = 0;
};

/// What connections share: the app, its files, and the list of those that are open.
struct ServerContext {
    Engine& engine;
    const Site& site;
    std::unordered_set<Connection*> open{};
};

}  // namespace tandem

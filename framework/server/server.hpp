// The app's socket side: one loop, driven by whoever calls poll().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

namespace tandem {

class Engine;

class Server {
public:
    /// Listens on the engine's host and port. Throws OperationalError when it cannot.
    explicit Server(Engine& engine);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Closes everything at once.
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    void poll(std::chrono::milliseconds budget);
    /// Tells clients to come back and closes their connections, waiting a moment for them.
    void stop();

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace tandem

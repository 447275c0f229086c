// The protocol's conversation on one connection, without the socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/framework/json_view.hpp>

namespace tandem {

class Client;
class Engine;

/// The socket's side: what a channel may ask of it. Calls are made inside receive(), or when the app stops.
class Peer {
public:
    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual void send(std::string frame) = 0;
    /// Closes after what was sent has gone out; RFC 6455 status code.
    virtual void close(std::uint16_t code) = 0;

protected:
    ~Peer() = default;
};

class Channel {
public:
    Channel(Engine& engine, Peer& peer) : engine_(engine), peer_(peer) {}
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel();

    /// A text frame arrived.
    void receive(std::string_view text);
    /// The app stops: the client is to come back after `retry_ms`.
    void restart(int retry_ms);
    /// The tab is connected elsewhere now.
    void replaced();
    /// Whether hello was said and welcomed.
    [[nodiscard]] bool is_greeted() const { return client_ != nullptr; }

private:
    void hello(const JsonView& options);
    void event(std::uint64_t n, std::string_view handler, const JsonView& arguments);
    void bye(std::string_view code, std::int64_t retry_ms, std::uint16_t close_code);
    void fail(std::string_view why);

    Engine& engine_;
    Peer& peer_;
    Client* client_ = nullptr;
    std::string tab_{};
    bool closed_ = false;
};

}  // namespace tandem

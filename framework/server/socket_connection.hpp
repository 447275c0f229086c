// A connection that speaks WebSocket: carries a channel's frames.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "channel.hpp"
#include "server/asio.hpp"
#include "server/connection.hpp"

namespace tandem {

class SocketConnection final : public Connection, private Peer {
public:
    static constexpr const char* subprotocol = "tandem.1";

    SocketConnection(ServerContext& context, Socket socket);
    ~SocketConnection() override;

    /// Completes the upgrade that the request asks for.
    void accept(http::request<http::empty_body> request);
    void tick(std::chrono::steady_clock::time_point now) override;
    void stop() override;

private:
    void send(std::string frame) override;
    void close(std::uint16_t code) override;
    void read();
    void on_message();
    void write();
    void close_now();
    void renew_deadline();

    ServerContext& context_;
    websocket::stream<Socket> stream_;
    beast::flat_buffer buffer_{};
    std::deque<std::string> queue_{};  ///< the first one is being written
    std::size_t queued_bytes_ = 0;
    std::uint16_t close_code_ = 0;  ///< once set, the connection closes when the queue is empty
    bool open_ = false;             ///< upgraded
    bool closing_ = false;
    std::chrono::steady_clock::time_point deadline_{};  ///< for hello, and for closing
    Channel channel_;
};

}  // namespace tandem

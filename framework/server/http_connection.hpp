// A connection that speaks HTTP: serves pages and assets, and hands over to a WebSocket when asked.
#pragma once

#include <optional>
#include <string>

#include "server/asio.hpp"
#include "server/connection.hpp"

namespace tandem {

class HttpConnection final : public Connection {
public:
    HttpConnection(ServerContext& context, Socket socket);
    ~HttpConnection() override;

    void start() { read(); }
    void tick(std::chrono::steady_clock::time_point now) override;
    void stop() override;

private:
    using Request = http::request<http::empty_body>;
    using Reply = http::response<http::string_body>;

    void read();
    void on_read(error_code error);
    void answer(const Request& request);
    void upgrade(Request request);
    void write(Reply reply);
    void write_rest();
    /// Closes when the other end has: to close a socket with unread bytes resets the connection, and may cost the other
    /// end the answer.
    void finish();
    void drain();
    void renew_deadline();
    void close();

    ServerContext& context_;
    Socket socket_;
    beast::flat_buffer buffer_{};
    std::optional<http::request_parser<http::empty_body>> parser_{};
    std::optional<Reply> reply_{};
    std::optional<http::response_serializer<http::string_body>> serializer_{};
    std::chrono::steady_clock::time_point deadline_{};
};

}  // namespace tandem

#include "server/socket_connection.hpp"

#include "engine.hpp"

namespace tandem {
namespace {
constexpr std::size_t kept_buffer_bytes = 16 * 1024;
}

SocketConnection::SocketConnection(ServerContext& context, Socket socket)
    : context_(context), stream_(std::move(socket)), channel_(context.engine, *this) {
    context_.open.insert(this);
}
SocketConnection::~SocketConnection() { context_.open.erase(this); }

void SocketConnection::accept(http::request<http::empty_body> request) {
    const Limits& limits = context_.engine.config().limits;
    renew_deadline();
    error_code ignored;  // a socket that keeps Nagle's delay still works
    stream_.next_layer().set_option(asio::ip::tcp::no_delay{true}, ignored);
    stream_.set_option(websocket::stream_base::timeout{limits.http_timeout, limits.socket_idle, true});
    stream_.set_option(websocket::stream_base::decorator(
        [](websocket::response_type& response) { response.set(http::field::sec_websocket_protocol, subprotocol); }));
    stream_.read_message_max(limits.message_bytes);
    stream_.auto_fragment(false);
    stream_.text(true);
    auto kept = std::make_shared<http::request<http::empty_body>>(std::move(request));
    stream_.async_accept(*kept, [self = shared_from_this(), this, kept](error_code error) {
        if (error) return;
        open_ = true;
        read();
    });
}

void SocketConnection::renew_deadline() {
    deadline_ = std::chrono::steady_clock::now() + context_.engine.config().limits.http_timeout;
}

/// The stream has its own timeouts for silence and for the closing handshake; this is for who talks, but says no hello
/// or takes no farewell.
void SocketConnection::tick(std::chrono::steady_clock::time_point now) {
    if (now <= deadline_) return;
    if (close_code_ != 0) close_now();
    else if (open_ && !channel_.is_greeted()) close(websocket::close_code::policy_error);
}

void SocketConnection::stop() {
    constexpr int retry_ms = 1000;
    if (!open_) return close_now();
    channel_.restart(retry_ms);
}

void SocketConnection::read() {
    stream_.async_read(buffer_, [self = shared_from_this(), this](error_code error, std::size_t) {
        // Closed, or broken off: the channel leaves with this object, which a write to somebody who does not read must
        // not keep.
        if (error) return close_now();
        on_message();
        if (!closing_) read();
    });
}

void SocketConnection::on_message() {
    if (close_code_ != 0) {
        buffer_.clear();  // said after it was told to go
        return;
    }
    if (!stream_.got_text()) {
        close(websocket::close_code::unknown_data);
        return;
    }
    try {
        const auto data = buffer_.data();
        channel_.receive({static_cast<const char*>(data.data()), data.size()});
    } catch (const std::exception& error) {
        context_.engine.log(LogLevel::error, std::string{"a message could not be handled: "} + error.what());
        close(websocket::close_code::internal_error);
    } catch (...) {
        context_.engine.log(LogLevel::error, "a message could not be handled: an exception that is no std::exception");
        close(websocket::close_code::internal_error);
    }
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kept_buffer_bytes) buffer_.shrink_to_fit();
}

void SocketConnection::send(std::string frame) {
    if (closing_) return;
    queued_bytes_ += frame.size();
    if (queued_bytes_ > context_.engine.config().limits.send_queue_bytes) {
        context_.engine.log(LogLevel::warning, "a client reads too slowly; its connection was closed");
        close_now();
        return;
    }
    queue_.push_back(std::move(frame));
    if (queue_.size() == 1) write();
}

void SocketConnection::close(std::uint16_t code) {
    if (closing_ || close_code_ != 0) return;
    close_code_ = code;
    renew_deadline();
    if (queue_.empty()) write();
}

void SocketConnection::write() {
    if (closing_) return;
    if (queue_.empty()) {
        if (close_code_ == 0) return;
        closing_ = true;
        stream_.async_close(websocket::close_reason{close_code_}, [self = shared_from_this()](error_code) {});
        return;
    }
    stream_.async_write(asio::buffer(queue_.front()), [self = shared_from_this(), this](error_code error, std::size_t) {
        if (error) return close_now();
        queued_bytes_ -= queue_.front().size();
        queue_.pop_front();
        write();
    });
}

void SocketConnection::close_now() {
    closing_ = true;
    error_code ignored;  // nothing is left to be done about a socket that does not close
    stream_.next_layer().close(ignored);
}

}  // namespace tandem

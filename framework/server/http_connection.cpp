#include "server/http_connection.hpp"

#include <string_view>

#include "door.hpp"
#include "engine.hpp"
#include "server/socket_connection.hpp"
#include "site.hpp"

namespace tandem {
namespace {

constexpr std::string_view socket_path = "/_tandem/socket";

template <class Text>
std::string_view to_std(const Text& text) {
    return {text.data(), text.size()};
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

/// Whether a comma-separated header lists a word.
bool lists(std::string_view header, std::string_view word) {
    while (!header.empty()) {
        const auto comma = header.find(',');
        std::string_view item = header.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (item == word) return true;
        header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    }
    return false;
}

}  // namespace

HttpConnection::HttpConnection(ServerContext& context, Socket socket) : context_(context), socket_(std::move(socket)) {
    context_.open.insert(this);
}
HttpConnection::~HttpConnection() { context_.open.erase(this); }

void HttpConnection::tick(std::chrono::steady_clock::time_point now) {
    if (now > deadline_) close();
}
void HttpConnection::stop() { close(); }
void HttpConnection::close() {
    error_code ignored;  // nothing is left to be done about a socket that does not close
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void HttpConnection::renew_deadline() {
    deadline_ = std::chrono::steady_clock::now() + context_.engine.config().limits.http_timeout;
}

void HttpConnection::read() {
    renew_deadline();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(context_.engine.config().limits.http_header_bytes));
    parser_->body_limit(0);
    http::async_read(socket_, buffer_, *parser_,
        [self = shared_from_this(), this](error_code error, std::size_t) { on_read(error); });
}

void HttpConnection::on_read(error_code error) {
    const bool has_body = error == http::error::body_limit || error == http::error::unexpected_body;
    if (error == http::error::header_limit || has_body) {
        Reply reply{!has_body ? http::status::request_header_fields_too_large : http::status::payload_too_large, 11};
        reply.keep_alive(false);
        return write(std::move(reply));
    }
    if (error) return close();  // the other end is gone, or sent what is no HTTP
    Request request = parser_->release();
    if (websocket::is_upgrade(request) && path_of(to_std(request.target())) == socket_path) upgrade(std::move(request));
    else answer(request);
}

void HttpConnection::answer(const Request& request) {
    Reply reply{http::status::ok, request.version()};
    reply.keep_alive(request.keep_alive());
    const bool is_head = request.method() == http::verb::head;
    if (!is_allowed_host(to_std(request[http::field::host]), context_.engine.config().allowed_hosts)) {
        reply.result(http::status::misdirected_request);
        reply.set(http::field::content_type, "text/plain; charset=utf-8");
        reply.body() = "This app does not answer to that host name; add it to Config::allowed_hosts.\n";
    } else if (!is_head && request.method() != http::verb::get) {
        reply.result(http::status::method_not_allowed);
        reply.set(http::field::allow, "GET, HEAD");
    } else {
        Response response =
            context_.site.get(path_of(to_std(request.target())), to_std(request[http::field::if_none_match]));
        reply.result(response.status);
        for (const auto& [name, value] : response.headers) reply.set(name, value);
        reply.body() = std::move(response.body);
    }
    reply.prepare_payload();
    if (is_head) reply.body().clear();  // the length stays
    write(std::move(reply));
}

void HttpConnection::upgrade(Request request) {
    const std::string_view host = to_std(request[http::field::host]);
    const char* problem = nullptr;
    if (!is_allowed_host(host, context_.engine.config().allowed_hosts))
        problem = "This app does not answer to that host name.\n";
    else if (!is_same_origin(to_std(request[http::field::origin]), host))
        problem = "Only pages of this app may connect.\n";
    else if (!lists(to_std(request[http::field::sec_websocket_protocol]), SocketConnection::subprotocol))
        problem = "The subprotocol must be tandem.1.\n";
    if (problem) {
        Reply reply{http::status::forbidden, request.version()};
        reply.set(http::field::content_type, "text/plain; charset=utf-8");
        reply.keep_alive(false);
        reply.body() = problem;
        reply.prepare_payload();
        return write(std::move(reply));
    }
    std::make_shared<SocketConnection>(context_, std::move(socket_))->accept(std::move(request));
}

void HttpConnection::write(Reply reply) {
    reply.set("X-Content-Type-Options", "nosniff");
    reply_ = std::move(reply);
    serializer_.emplace(*reply_);
    write_rest();
}

void HttpConnection::write_rest() {
    renew_deadline();  // a slow reader has the time anew with each part that it takes
    http::async_write_some(socket_, *serializer_, [self = shared_from_this(), this](error_code error, std::size_t) {
        if (error) return close();
        if (!serializer_->is_done()) return write_rest();
        if (!reply_->keep_alive()) return finish();
        read();
    });
}

void HttpConnection::finish() {
    error_code ignored;  // then the next read fails too
    socket_.shutdown(Socket::shutdown_send, ignored);
    drain();
}

void HttpConnection::drain() {
    constexpr std::size_t part = 16 * 1024;
    buffer_.clear();
    socket_.async_read_some(buffer_.prepare(part), [self = shared_from_this(), this](error_code error, std::size_t) {
        if (error) return close();
        drain();
    });
}

}  // namespace tandem

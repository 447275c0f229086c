#include "support/wire.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tandem::testing {
namespace {

constexpr std::chrono::seconds patience{20};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

Pump pump(App& app) {
    return [&app] { app.poll(std::chrono::milliseconds{1}); };
}

Wire::Wire(std::uint16_t port, Pump pump)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), pump_(std::move(pump)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The kernel accepts for the server, so this does not wait for it to run.
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
    ::fcntl(socket_, F_SETFL, O_NONBLOCK);
}
Wire::Wire(Wire&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      pump_(std::move(other.pump_)),
      received_(std::move(other.received_)),
      closed_(other.closed_) {}
Wire::~Wire() {
    if (socket_ >= 0) ::close(socket_);
}

void Wire::send(std::string_view bytes) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!bytes.empty() && std::chrono::steady_clock::now() < deadline) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            pump_();
        } else {
            return;
        }
    }
}

void Wire::receive() {
    std::array<char, 65536> bytes;
    while (!closed_) {
        const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (count > 0) {
            received_.append(bytes.data(), static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EAGAIN) {
            closed_ = true;
        } else {
            return;
        }
    }
}

bool Wire::has(std::size_t bytes) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (receive(); received_.size() < bytes; receive()) {
        if (closed_) return false;
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the server does not answer");
        pump_();
    }
    return true;
}

std::string Wire::take(std::size_t bytes) {
    if (!has(bytes)) throw std::runtime_error("the connection closed early, after: " + received_);
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
}

bool Wire::closes_within(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    for (receive(); !closed_ && std::chrono::steady_clock::now() < deadline; receive()) pump_();
    return closed_;
}

void Wire::reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(socket_, -1));
    closed_ = true;
}

void Wire::finish_sending() { ::shutdown(socket_, SHUT_WR); }

HttpAnswer Wire::http(bool to_head) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
        if (!has(received_.size() + 1)) throw std::runtime_error("the connection closed early, after: " + received_);
    const std::string head = take(end + 4);
    HttpAnswer answer;
    answer.status = static_cast<unsigned>(std::stoul(head.substr(9, 3)));
    for (std::size_t line = head.find("\r\n") + 2; line < head.size() - 2;) {
        const std::size_t line_end = head.find("\r\n", line);
        const std::size_t colon = head.find(':', line);
        const std::size_t value = head.find_first_not_of(' ', colon + 1);
        answer.headers[lower(head.substr(line, colon - line))] = head.substr(value, line_end - value);
        line = line_end + 2;
    }
    if (to_head || answer.status == 304 || answer.status == 101) return answer;
    if (answer.headers.contains("content-length")) {
        answer.body = take(std::stoul(answer.headers["content-length"]));
    } else {
        if (!closes_within()) throw std::runtime_error("an answer without length does not end");
        answer.body = std::exchange(received_, {});
    }
    return answer;
}

WebSocket::WebSocket(std::uint16_t port, const Pump& pump) : wire_(port, pump) {
    const std::string host = "127.0.0.1:" + std::to_string(port);
    wire_.send(upgrade_request(host, "http://" + host));
    const HttpAnswer answer = wire_.http();
    if (answer.status != 101) throw std::runtime_error("no upgrade: " + std::to_string(answer.status) + answer.body);
}

std::string WebSocket::upgrade_request(
    const std::string& host, const std::string& origin, const std::string& subprotocol) {
    std::string request = "GET /_tandem/socket HTTP/1.1\r\nHost: " + host +
        "\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    if (!origin.empty()) request += "Origin: " + origin + "\r\n";
    if (!subprotocol.empty()) request += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n";
    return request + "\r\n";
}

void WebSocket::send(int opcode, std::string_view payload, bool final) {
    std::string frame;
    const auto byte = [&frame](std::size_t value) { frame += static_cast<char>(value & 0xFFU); };
    constexpr std::size_t masked = 0x80;
    byte((final ? 0x80U : 0U) | static_cast<std::size_t>(opcode));
    if (payload.size() < 126) {
        byte(masked | payload.size());
    } else if (payload.size() < 65536) {
        byte(masked | 126U);
        byte(payload.size() >> 8U);
        byte(payload.size());
    } else {
        byte(masked | 127U);
        for (int shift = 56; shift >= 0; shift -= 8) byte(payload.size() >> static_cast<unsigned>(shift));
    }
    const std::string mask = "\x12\x34\x56\x78";
    frame += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    wire_.send(frame);
}

std::optional<WebSocket::Frame> WebSocket::next() {
    if (!wire_.has(2)) return std::nullopt;
    const auto number = [this](std::size_t bytes) {
        std::size_t value = 0;
        for (const char c : wire_.take(bytes)) value = value << 8U | static_cast<unsigned char>(c);
        return value;
    };
    const std::size_t first = number(1);
    std::size_t length = number(1);
    if (length == 126) length = number(2);
    else if (length == 127) length = number(8);
    return Frame{static_cast<int>(first & 15U), wire_.take(length)};
}

Json WebSocket::json() {
    const auto frame = next();
    if (!frame) throw std::runtime_error("the connection is closed");
    if (frame->opcode != text_opcode) throw std::runtime_error("a frame of kind " + std::to_string(frame->opcode));
    return Json::parse(frame->payload);
}

int WebSocket::close_code() {
    while (const auto frame = next()) {
        if (frame->opcode != close_opcode) continue;
        const auto& payload = frame->payload;
        return payload.size() < 2
            ? 1005
            : static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
    }
    return 0;
}

Json WebSocket::hello(const std::string& tab) {
    send(Json{"hello",
        {{"proto", 1}, {"build", "test"}, {"tab", tab}, {"page", "/"}, {"token", nullptr}, {"resume", nullptr}}});
    const Json welcome = json();
    if (welcome.at(0) != "welcome") throw std::runtime_error("hello was not welcomed: " + welcome.dump());
    return welcome.at(1);
}

}  // namespace tandem::testing

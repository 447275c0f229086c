// A browser's side of TCP, HTTP and WebSocket, byte by byte: it can say what no library would. Everything runs on one
// thread: while a Wire waits, it lets the server run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <tandem/framework/app.hpp>

namespace tandem::testing {

/// Lets the server run for a moment.
using Pump = std::function<void()>;
[[nodiscard]] Pump pump(App& app);

struct HttpAnswer {
    unsigned status = 0;
    std::map<std::string, std::string> headers{};  ///< names in lower case
    std::string body{};
};

/// A TCP connection to 127.0.0.1.
class Wire {
public:
    Wire(std::uint16_t port, Pump pump);
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    Wire(Wire&& other) noexcept;
    Wire& operator=(Wire&&) = delete;
    ~Wire();

    /// Sends everything, unless the server is gone.
    void send(std::string_view bytes);
    /// Reads one answer to a request. Throws when the connection closes or the patience of some seconds ends before it
    /// is whole.
    [[nodiscard]] HttpAnswer http(bool to_head = false);
    /// Whether the server closes the connection; what it sends before is kept.
    [[nodiscard]] bool closes_within(std::chrono::milliseconds time = std::chrono::seconds{20});
    /// Reads until there are so many bytes. False when the connection closes first.
    [[nodiscard]] bool has(std::size_t bytes);
    [[nodiscard]] std::string take(std::size_t bytes);
    /// Ends the connection with a reset, as a machine that crashed does.
    void reset();
    /// Says that nothing more is sent, and goes on reading.
    void finish_sending();
    /// Lets the server run, without reading.
    void run() { pump_(); }

private:
    /// Reads what is there.
    void receive();

    int socket_ = -1;
    Pump pump_;
    std::string received_{};
    bool closed_ = false;
};

/// A WebSocket on such a connection.
class WebSocket {
public:
    struct Frame {
        int opcode;
        std::string payload;
    };
    static constexpr int text_opcode = 1;
    static constexpr int binary_opcode = 2;
    static constexpr int close_opcode = 8;
    static constexpr int ping_opcode = 9;
    static constexpr int pong_opcode = 10;

    /// Upgrades. Throws when the server says no.
    WebSocket(std::uint16_t port, const Pump& pump);
    /// The request that does so.
    [[nodiscard]] static std::string upgrade_request(
        const std::string& host, const std::string& origin, const std::string& subprotocol = "tandem.1");

    void send(int opcode, std::string_view payload, bool final = true);
    void send(const Json& frame) { send(text_opcode, frame.dump()); }
    /// The next frame; nothing when the connection is closed.
    [[nodiscard]] std::optional<Frame> next();
    /// The next text frame as JSON. Throws when something else comes.
    [[nodiscard]] Json json();
    /// Reads on to the close frame; its code. 0 when the connection closed without one.
    [[nodiscard]] int close_code();
    /// Says hello, and returns what the welcome says.
    Json hello(const std::string& tab);
    [[nodiscard]] Wire& wire() { return wire_; }

private:
    Wire wire_;
};

}  // namespace tandem::testing

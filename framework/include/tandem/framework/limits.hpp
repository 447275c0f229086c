/// Every limit of the framework: what it bounds, what happens when it is reached, and its default.
#pragma once

#include <chrono>
#include <cstddef>

namespace tandem {

/// Bytes of one var as a page is shown it, before they become JSON. Beyond: the event fails, naming the var. Relations
/// that are loaded both ways between many objects multiply: each object is shown with all that it leads to, up to where
/// that leads back.
inline constexpr std::size_t shown_var_bytes = std::size_t{32} * 1024 * 1024;

struct Limits {
    /// Bytes of one message from a client. Beyond: the connection is closed with 1009; the client refuses longer calls
    /// by itself.
    std::size_t message_bytes = 1024 * 1024;
    /// Nesting of lists and objects in a message. Beyond: protocol error.
    std::size_t message_depth = 32;
    /// Events of a client that may wait for their ack, and receipts kept for resent events. Beyond: the client holds
    /// back.
    std::size_t in_flight = 64;
    /// Clients in memory, connected or not. Beyond: a new one is refused (`too_many`).
    std::size_t clients = 10'000;
    /// How long a client without a connection is remembered. After that its tab starts anew.
    std::chrono::seconds client_memory{120};
    /// Bytes waiting to be sent to one client. Beyond: its connection is closed; it comes back for a whole tree.
    std::size_t send_queue_bytes = 16 * 1024 * 1024;
    /// Open TCP connections. Beyond: a new one is closed at once.
    std::size_t connections = 20'000;
    /// Bytes of an HTTP request's head. Beyond: 431 and the connection is closed.
    std::size_t http_header_bytes = 16 * 1024;
    /// How long an HTTP request's head may take, and a connection may idle between requests. After that it is closed.
    std::chrono::seconds http_timeout{15};
    /// How long a WebSocket may be silent; half of it after the last message the server asks. After that it is closed.
    std::chrono::seconds socket_idle{60};
};

}  // namespace tandem

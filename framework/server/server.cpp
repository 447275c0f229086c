#include "server/server.hpp"

#include <algorithm>

#include <fcntl.h>

#include <tandem/orm/error.hpp>

#include "engine.hpp"
#include "server/asio.hpp"
#include "server/http_connection.hpp"
#include "site.hpp"

namespace tandem {
namespace {

/// Programs that the host starts must not inherit a socket: they would keep the port taken, and connections open, after
/// stop().
void keep_from_children(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

}  // namespace

class Server::Loop {
public:
    explicit Loop(Engine& engine)
        : engine_(engine),
          site_(engine.config(), engine.build()),
          context_{engine, site_},
          acceptor_(io_.get_executor()),
          timer_(io_.get_executor()) {
        listen();
        accept();
        tick();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void poll(std::chrono::milliseconds budget) {
        constexpr std::chrono::milliseconds least{1};
        const auto start = std::chrono::steady_clock::now();
        io_.restart();
        // run_one_until() does nothing at all when it may not wait.
        if (io_.poll_one() == 0 && io_.run_one_until(start + budget) == 0) return;
        // Clients that send without end must not keep the host from its own work.
        const auto end = start + std::max(budget, least);
        while (std::chrono::steady_clock::now() < end && io_.poll_one() > 0) {}
    }

    void stop() {
        error_code ignored;  // the acceptor is gone either way
        acceptor_.close(ignored);
        timer_.cancel();
        for (Connection* connection : std::vector<Connection*>{context_.open.begin(), context_.open.end()})
            connection->stop();
        constexpr std::chrono::seconds patience{1};
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!context_.open.empty() && std::chrono::steady_clock::now() < deadline)
            poll(std::chrono::milliseconds{10});
    }

private:
    void listen() {
        const Config& config = engine_.config();
        const std::string where = config.host + ":" + std::to_string(config.port);
        error_code error;
        const auto address = asio::ip::make_address(config.host == "localhost" ? "127.0.0.1" : config.host, error);
        if (error)
            throw ArgumentError(
                "cannot listen on \"" + config.host + "\": give an IP address such as 127.0.0.1 or 0.0.0.0");
        const asio::ip::tcp::endpoint endpoint{address, config.port};
        acceptor_.open(endpoint.protocol(), error);
        if (!error) keep_from_children(acceptor_.native_handle());
        if (!error) acceptor_.set_option(Acceptor::reuse_address{true}, error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(Acceptor::max_listen_connections, error);
        if (!error) return;
        if (error == asio::error::address_in_use)
            throw OperationalError("port " + std::to_string(config.port) +
                " is in use; stop the other program or choose another port with --port");
        throw OperationalError("cannot listen on " + where + ": " + error.message());
    }

    void accept() {
        acceptor_.async_accept([this](error_code error, Socket socket) {
            if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
            if (error) engine_.log(LogLevel::warning, "a connection could not be accepted: " + error.message());
            else if (context_.open.size() < engine_.config().limits.connections) {
                keep_from_children(socket.native_handle());
                std::make_shared<HttpConnection>(context_, std::move(socket))->start();
            }
            // After an error (no file descriptors left) the next second is soon enough.
            if (!error) accept();
            else accept_again_ = true;
        });
    }

    void tick() {
        timer_.expires_after(std::chrono::seconds{1});
        timer_.async_wait([this](error_code error) {
            if (error) return;
            const auto now = std::chrono::steady_clock::now();
            for (Connection* connection : std::vector<Connection*>{context_.open.begin(), context_.open.end()})
                connection->tick(now);
            engine_.expire();
            if (std::exchange(accept_again_, false)) accept();
            tick();
        });
    }

    Engine& engine_;
    Site site_;
    ServerContext context_;
    asio::io_context io_{1};  // destroyed before the context that pending connections refer to
    Acceptor acceptor_;
    Timer timer_;
    bool accept_again_ = false;
};

Server::Server(Engine& engine) : loop_(std::make_unique<Loop>(engine)) {}
Server::~Server() = default;
std::uint16_t Server::port() const { return loop_->port(); }
void Server::poll(std::chrono::milliseconds budget) { loop_->poll(budget); }
void Server::stop() { loop_->stop(); }

}  // namespace tandem

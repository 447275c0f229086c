/// `App`: an application, as a program of its own or inside another.
///
/// A program of its own: `return app.run(argc, argv);`. Inside another: `start()`, then `poll()` from the host's loop,
/// then `stop()`; any number of times. Contract as a guest: no signal handlers, no output, no thread, no exit; errors
/// come as exceptions of start() and through `Config::log`. run() adds what a program wants: command line, signals, log
/// on stderr. Thread rules: start, poll and stop from one thread; everything of the app runs inside poll(). Pitfall:
/// handlers only run while somebody polls.
///
///     int main(int argc, char** argv) {
///         return tandem::App({.app_name = "my_app", .db_url = "sqlite:///my_app.db"}).run(argc, argv);
///     }
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/framework/limits.hpp>
#include <tandem/orm/database.hpp>

namespace tandem {

enum class LogLevel { info, warning, error };
using LogSink = std::function<void(LogLevel level, std::string_view text)>;

struct Config {
    /// Names the pages and assets that tandem_app() embedded.
    std::string app_name = "app";
    /// Where the data is; empty: no database.
    std::string db_url = "sqlite:///app.db";
    /// The address to listen on.
    std::string host = "127.0.0.1";
    /// The port; 0 lets the system choose one (see App::port()).
    std::uint16_t port = 8000;
    /// Host names besides IP addresses, localhost and *.local under which browsers may reach the app.
    std::vector<std::string> allowed_hosts{};
    /// Pages and assets are read from their source files on each request, and errors carry their text to the page.
    bool development = false;
    Limits limits{};
    /// Where messages go; nowhere if empty (run(): stderr). Called inside poll().
    LogSink log{};
};

class Engine;
class Server;

class App {
public:
    explicit App(Config config);
    App(const App&) = delete;
    App& operator=(const App&) = delete;
    ~App();

    /// Calls f at each start, before the port opens, when the tables exist: for sample data and the like.
    void on_start(std::function<void(Database&)> f);

    /// Opens database and port. Throws MappingError, ArgumentError or OperationalError; nothing is then left open.
    void start();
    /// Serves for at most `budget`: waits for work up to that long, and returns when the work at hand is done. A budget
    /// of 0 does what a millisecond allows, and does not wait. A handler that runs longer is not cut short. Throws
    /// InvalidStateError inside a handler.
    void poll(std::chrono::milliseconds budget);
    /// Tells clients to come back, closes every connection, port and file. Does nothing when not started. Called by a
    /// handler, it stops the app when poll() is about to return.
    void stop();
    [[nodiscard]] bool is_running() const { return server_ != nullptr; }
    /// The port that is listened on.
    [[nodiscard]] std::uint16_t port() const;

    /// Serves until SIGINT or SIGTERM. Commands: `run [--host H] [--port P] [--db-url URL] [--development]`, which is
    /// the default. Returns the program's exit code.
    int run(int argc, const char* const* argv);

    [[nodiscard]] const Config& config() const { return config_; }

private:
    Config config_;
    std::vector<std::function<void(Database&)>> on_start_{};
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Server> server_;
    bool is_polling_ = false;
    bool stop_asked_ = false;
};

}  // namespace tandem

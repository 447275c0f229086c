// An app without its sockets: configuration, database, clients.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include <tandem/framework/app.hpp>

#include "client.hpp"
#include "json_parser.hpp"

namespace tandem {

class Channel;

class Engine {
public:
    explicit Engine(const Config& config);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    [[nodiscard]] const Config& config() const { return config_; }
    /// Null without a database.
    [[nodiscard]] Database* database() { return database_.get(); }
    [[nodiscard]] JsonParser& parser() { return parser_; }
    /// Identifies what pages were built from; changes when they do.
    [[nodiscard]] const std::string& build() const { return build_; }
    void log(LogLevel level, std::string_view text) const;

    /// A client, and whether it is new.
    struct Arrival {
        Client* client;
        bool fresh;
    };
    /// Connects a tab's channel to its client, which is made if it is not known. A channel that the tab had before is
    /// told to stop. Null when there are too many clients.
    Arrival arrive(const std::string& tab, Channel& channel);
    void leave(const std::string& tab, Channel& channel);
    /// Forgets clients that have been without a connection for too long.
    void expire();
    [[nodiscard]] std::size_t client_count() const { return seats_.size(); }

private:
    using Clock = std::chrono::steady_clock;
    struct Seat {
        std::unique_ptr<Client> client;
        Channel* channel = nullptr;
        Clock::time_point left{};
    };

    const Config& config_;
    std::unique_ptr<Database> database_{};
    JsonParser parser_;
    std::string build_;
    std::unordered_map<std::string, Seat> seats_{};
};

}  // namespace tandem

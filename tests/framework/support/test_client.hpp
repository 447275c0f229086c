// A client without socket or browser: speaks the protocol with an engine in process, and keeps the tree that a page
// would show.
#pragma once

#include <concepts>
#include <deque>
#include <string>

#include <nlohmann/json.hpp>

#include <tandem/framework/app.hpp>

#include "channel.hpp"
#include "engine.hpp"

namespace tandem::testing {

/// Applies protocol ops to a tree, as protocol.md says; throws std::runtime_error for an op that does not apply.
void apply_ops(Json& tree, const Json& ops);

/// An engine with a configuration of its own. The database is in memory unless a URL is given.
struct TestEngine {
    explicit TestEngine(std::string db_url = "sqlite:///:memory:");
    Config config{};
    std::vector<std::string> log{};
    std::unique_ptr<Engine> engine;
};

class TestClient {
public:
    /// Connects and says hello.
    explicit TestClient(TestEngine& engine, std::string tab = std::string(32, 'a'));

    /// Calls a handler and applies the answer; returns the outcome: "ok" or the error object.
    Json call(const std::string& handler, Json::initializer_list_t arguments = {}) {
        return call_with(handler, Json::array(arguments));
    }
    /// The same with a JSON array of arguments. A template, because clang would take `{x}` for x itself.
    template <std::same_as<Json> J>
    Json call(const std::string& handler, const J& arguments) {
        return call_with(handler, arguments);
    }
    /// Sends a frame as it is; returns the frames that came back.
    std::vector<Json> exchange(const std::string& frame);
    /// Closes the connection without a word and connects again.
    void reconnect();

    [[nodiscard]] const Json& tree() const { return tree_; }
    [[nodiscard]] const Json& welcome() const { return welcome_; }
    /// The ops of the last answer, and the whole frame as it was sent.
    [[nodiscard]] const Json& last_ops() const { return last_ops_; }
    [[nodiscard]] const std::string& last_frame() const { return last_frame_; }
    [[nodiscard]] std::uint16_t close_code() const { return inbox_.close_code; }
    /// What a fresh look at the server's state shows: the tree as a whole.
    [[nodiscard]] Json fresh_tree();

private:
    Json call_with(const std::string& handler, const Json& arguments);
    struct Inbox final : Peer {
        void send(std::string frame) override { frames.push_back(std::move(frame)); }
        void close(std::uint16_t code) override { close_code = code; }
        std::deque<std::string> frames{};
        std::uint16_t close_code = 0;
    };
    void connect();

    TestEngine& engine_;
    std::string tab_;
    Inbox inbox_{};
    std::unique_ptr<Channel> channel_{};
    Json tree_{};
    Json welcome_{};
    Json last_ops_{};
    std::string last_frame_{};
    std::uint64_t n_ = 0;
    std::uint64_t seq_ = 0;
};

}  // namespace tandem::testing

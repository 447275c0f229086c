// Replays every conversation of framework/transcripts/ against the server's side of the protocol.
#include <deque>
#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "support/test_client.hpp"
#include "transcript_states.hpp"

using tandem::Json;

namespace {

bool matches(const Json& wanted, const Json& got) {
    if (wanted == "<any>") return true;
    if (wanted.is_array() && got.is_array()) {
        if (wanted.size() != got.size()) return false;
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (!matches(wanted[i], got[i])) return false;
        return true;
    }
    if (wanted.is_object() && got.is_object()) {
        if (wanted.size() != got.size()) return false;
        for (const auto& [key, value] : wanted.items())
            if (!got.contains(key) || !matches(value, got[key])) return false;
        return true;
    }
    return wanted == got;
}

struct Recorder final : tandem::Peer {
    std::deque<std::string> frames{};
    void send(std::string frame) override { frames.push_back(std::move(frame)); }
    void close(std::uint16_t) override {}
};

/// Transcripts know the states Board and Values only; other tests of this program register more.
Json only_transcript_states(Json frame) {
    if (frame.at(0) != "welcome" && frame.at(0) != "snapshot") return frame;
    const auto strip = [](Json& states) {
        for (auto entry = states.begin(); entry != states.end();)
            entry = entry.key() == "board" || entry.key() == "values" ? std::next(entry) : states.erase(entry);
    };
    strip(frame.at(0) == "welcome" ? frame[1]["tree"] : frame[2]);
    if (frame.at(0) == "welcome") strip(frame[1]["states"]);
    return frame;
}

void replay(const Json& transcript) {
    tandem::testing::TestEngine engine;
    const std::string tab(32, 'f');
    Recorder peer;
    auto channel = std::make_unique<tandem::Channel>(*engine.engine, peer);
    for (const Json& step : transcript.at("steps")) {
        INFO("step: " << step.dump());
        if (step.contains("client")) {
            Json frame = step.at("client");
            if (frame.at(0) == "hello") frame[1]["tab"] = tab;
            channel->receive(frame.dump());
        } else if (step.contains("server")) {
            REQUIRE_FALSE(peer.frames.empty());
            const Json got = only_transcript_states(Json::parse(peer.frames.front()));
            peer.frames.pop_front();
            INFO("got:  " << got.dump());
            REQUIRE(matches(step.at("server"), got));
        } else if (step.contains("drop")) {
            REQUIRE(peer.frames.empty());
            channel = std::make_unique<tandem::Channel>(*engine.engine, peer);
        }
    }
    REQUIRE(peer.frames.empty());
}

}  // namespace

TEST_CASE("the server speaks every recorded conversation") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{TANDEM_TRANSCRIPTS}) {
        if (entry.path().extension() != ".json") continue;
        ++count;
        std::ifstream file{entry.path()};
        const Json transcript = Json::parse(file);
        INFO(entry.path().filename() << ": " << transcript.at("title"));
        replay(transcript);
    }
    CHECK(count >= 5);
}

#include "engine.hpp"

#include <array>
#include <cstdio>
#include <functional>

#include <tandem/framework/resources.hpp>

#include "channel.hpp"
#include "client.hpp"
#include "state_registry.hpp"

namespace tandem {
namespace {

/// FNV-1a over everything a page is made of.
std::string build_id(std::string_view app_name) {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    };
    for (const std::string_view name : {app_name, std::string_view{"tandem"}})
        for (const Resource& resource : resources_of(name)) add(resource.content);
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
    return text.data();
}

}  // namespace

Engine::Engine(const Config& config)
    : config_(config),
      parser_(config.limits.message_bytes, config.limits.message_depth),
      build_(build_id(config.app_name)) {
    check_states();
    if (config.db_url.empty()) return;
    database_ = std::make_unique<Database>(config.db_url);
    database_->create_tables();
}
Engine::~Engine() = default;

void Engine::log(LogLevel level, std::string_view text) const {
    if (config_.log) config_.log(level, text);
}

Engine::Arrival Engine::arrive(const std::string& tab, Channel& channel) {
    expire();
    auto found = seats_.find(tab);
    const bool fresh = found == seats_.end();
    if (fresh) {
        if (seats_.size() >= config_.limits.clients) return {nullptr, true};
        auto client = std::make_unique<Client>(*this);
        found = seats_.emplace(tab, Seat{std::move(client)}).first;
    }
    Seat& seat = found->second;
    if (Channel* previous = std::exchange(seat.channel, &channel); previous && previous != &channel)
        previous->replaced();
    return {seat.client.get(), fresh};
}

void Engine::leave(const std::string& tab, Channel& channel) {
    const auto found = seats_.find(tab);
    if (found == seats_.end() || found->second.channel != &channel) return;
    found->second.channel = nullptr;
    found->second.left = Clock::now();
}

void Engine::expire() {
    const auto now = Clock::now();
    std::erase_if(seats_, [&](const auto& entry) {
        return !entry.second.channel && now - entry.second.left > config_.limits.client_memory;
    });
}

}  // namespace tandem

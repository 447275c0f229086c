#include <tandem/framework/app.hpp>

#include "engine.hpp"
#include "server/server.hpp"

namespace tandem {

App::App(Config config) : config_(std::move(config)) {}
App::~App() { stop(); }

void App::on_start(std::function<void(Database&)> f) { on_start_.push_back(std::move(f)); }

void App::start() {
    if (server_) throw InvalidStateError("the app has been started already; stop() it first");
    auto engine = std::make_unique<Engine>(config_);
    if (!on_start_.empty() && !engine->database())
        throw ArgumentError("on_start() needs a database, and db_url is empty");
    for (const auto& f : on_start_) f(*engine->database());
    auto server = std::make_unique<Server>(*engine);
    engine_ = std::move(engine);
    server_ = std::move(server);
}

void App::poll(std::chrono::milliseconds budget) {
    if (!server_) throw InvalidStateError("poll() needs a started app; call start() first");
    if (is_polling_)
        throw InvalidStateError("poll() was called inside poll(): an event handler must not serve its own app");
    struct Turn {
        bool& runs;
        explicit Turn(bool& flag) : runs(flag) { runs = true; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() { runs = false; }
    };
    {
        const Turn turn{is_polling_};
        server_->poll(budget);
    }
    if (stop_asked_) stop();
}

void App::stop() {
    stop_asked_ = is_polling_;
    if (is_polling_) return;
    // Taken out first: what is called while the server stops sees an app that does not run. The engine outlives the
    // server.
    const auto engine = std::move(engine_);
    const auto server = std::move(server_);
    if (server) server->stop();
}

std::uint16_t App::port() const { return server_ ? server_->port() : config_.port; }

}  // namespace tandem

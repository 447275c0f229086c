// App::run: what makes an app a program of its own: command line, signals, messages on stderr.
#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include <tandem/framework/app.hpp>

namespace tandem {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

/// Notes SIGINT and SIGTERM while it lives, and puts the former handlers back.
class StopSignals {
public:
    StopSignals() {
        stop_asked = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { stop_asked = 1; };
        sigaction(SIGINT, &action, &interrupt_);
        sigaction(SIGTERM, &action, &terminate_);
    }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals() {
        sigaction(SIGINT, &interrupt_, nullptr);
        sigaction(SIGTERM, &terminate_, nullptr);
    }

private:
    struct sigaction interrupt_ {};
    struct sigaction terminate_ {};
};

void log_to_stderr(LogLevel level, std::string_view text) {
    constexpr const char* names[] = {"info", "warning", "error"};
    std::cerr << names[static_cast<int>(level)] << ": " << text << '\n';
}

}  // namespace

int App::run(int argc, const char* const* argv) {
    CLI::App command_line{config_.app_name};
    command_line.require_subcommand(0, 1);
    CLI::App* serve = command_line.add_subcommand("run", "Serve the app (the default)");
    for (CLI::App* command : {&command_line, serve}) {
        command->add_option("--host", config_.host, "The address to listen on")->capture_default_str();
        command->add_option("--port", config_.port, "The port to listen on")->capture_default_str();
        command->add_option("--db-url", config_.db_url, "The database, e.g. sqlite:///app.db")->capture_default_str();
        command->add_flag("--development", config_.development, "Read pages from their files, show error texts");
    }
    try {
        command_line.parse(argc, argv);
    } catch (const CLI::ParseError& error) { return command_line.exit(error); }
    if (!config_.log) config_.log = log_to_stderr;
    try {
        const StopSignals signals;
        start();
        const std::string shown_host =
            config_.host.find(':') == std::string::npos ? config_.host : "[" + config_.host + "]";
        std::cout << config_.app_name << " is serving http://" << shown_host << ":" << port() << "  (Ctrl-C stops it)"
                  << std::endl;
        constexpr std::chrono::milliseconds turn{200};
        while (stop_asked == 0 && is_running()) poll(turn);
        stop();
    } catch (const std::exception& error) {
        std::cerr << config_.app_name << ": " << error.what() << '\n';
        return 1;
    }
    return 0;
}

}  // namespace tandem

// P9: an app is a good guest in somebody else's program.
#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tandem/framework/app.hpp>
#include <tandem/tandem.hpp>

#include "support/wire.hpp"
#include "transcript_states.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using tandem::App;
using tandem::Config;
using tandem::Json;
using tandem::testing::pump;
using tandem::testing::WebSocket;
using tandem::testing::Wire;

namespace {

std::size_t entries_of(const char* directory) {
    const std::filesystem::directory_iterator entries{directory};
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}
std::size_t thread_count() { return entries_of("/proc/self/task"); }
std::size_t descriptor_count() { return entries_of("/proc/self/fd"); }

/// What every signal does: handler, flags and mask, as far as they can be compared.
std::string signal_table() {
    std::string table;
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action {};
        if (sigaction(signal, nullptr, &action) != 0) continue;
        table += std::to_string(signal) + ":" + std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler)) +
            "," + std::to_string(action.sa_flags);
        for (int other = 1; other < NSIG; ++other) table += sigismember(&action.sa_mask, other) == 1 ? '1' : '0';
    }
    return table;
}

/// While it lives, stdout and stderr of the process go to a file.
class CapturedOutput {
public:
    CapturedOutput() : path_(std::filesystem::temp_directory_path() / ("tandem_output_" + std::to_string(getpid()))) {
        std::fflush(nullptr);
        const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        for (int i = 0; i < 2; ++i) {
            saved_[i] = ::dup(i + 1);
            ::dup2(file, i + 1);
        }
        ::close(file);
    }
    CapturedOutput(const CapturedOutput&) = delete;
    CapturedOutput& operator=(const CapturedOutput&) = delete;
    ~CapturedOutput() {
        restore();
        std::filesystem::remove(path_);
    }
    std::string text() {
        restore();
        std::ifstream file{path_};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

private:
    void restore() {
        std::fflush(nullptr);
        for (int i = 0; i < 2; ++i) {
            if (saved_[i] < 0) continue;
            ::dup2(saved_[i], i + 1);
            ::close(saved_[i]);
            saved_[i] = -1;
        }
    }
    std::filesystem::path path_;
    int saved_[2]{};
};

struct DatabaseFile {
    explicit DatabaseFile(const std::string& name)
        : path(std::filesystem::temp_directory_path() / ("tandem_" + name + std::to_string(getpid()) + ".db")) {
        remove();
    }
    DatabaseFile(const DatabaseFile&) = delete;
    DatabaseFile& operator=(const DatabaseFile&) = delete;
    ~DatabaseFile() { remove(); }
    [[nodiscard]] std::string url() const { return "sqlite:///" + path.string(); }
    void remove() const {
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
    }
    std::filesystem::path path;
};

/// A port that nobody listens on.
std::uint16_t free_port() {
    // Below the range from which the system gives ports to others at any time.
    for (auto port = static_cast<std::uint16_t>(20'000 + getpid() % 10'000);; ++port) {
        try {
            App app({.db_url = "", .port = port});
            app.start();
            return port;
        } catch (const tandem::OperationalError&) {
            continue;  // taken
        }
    }
}

const std::string tab(32, 'a');

}  // namespace

TEST_CASE("an app is started, served and stopped 100 times in one process, which is left as it was") {
    const DatabaseFile database{"rounds"};
    const std::uint16_t port = free_port();
    App app({.app_name = "guest", .db_url = database.url(), .port = port});
    const std::string signals = signal_table();
    const std::size_t threads = thread_count();
    std::string output;
    std::size_t most_threads = 0;
    std::size_t most_descriptors = 0;
    int connected = 0;
    std::size_t descriptors = 0;
    {
        CapturedOutput captured;
        descriptors = descriptor_count();
        for (int round = 0; round < 100; ++round) {
            app.start();
            if (app.port() == port) {
                WebSocket page{port, pump(app)};
                page.hello(tab);
                page.send(Json{"event", 1, "board.add", {round}});
                if (page.json().at(2) == "ok") ++connected;
            }
            most_threads = std::max(most_threads, thread_count());
            app.stop();
            most_descriptors = std::max(most_descriptors, descriptor_count());
        }
        output = captured.text();
    }
    CHECK(connected == 100);
    CHECK(signal_table() == signals);
    CHECK(most_threads == threads);
    CHECK(thread_count() == threads);
    CHECK(most_descriptors == descriptors);
    CHECK(output.empty());
}

TEST_CASE("a host's own loop serves pages with poll(0), which never waits") {
    App app({.db_url = "", .port = 0});
    app.start();
    int turns = 0;
    Wire wire{app.port(), [&] {
                  app.poll(0ms);
                  ++turns;
              }};
    wire.send("GET /_tandem/core.js HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(wire.http().status == 200);
    CHECK(turns > 0);

    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) app.poll(0ms);
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("poll() waits for as long as its budget when there is nothing to do, and not much longer") {
    App app({.db_url = "", .port = 0});
    app.start();
    const auto start = std::chrono::steady_clock::now();
    app.poll(100ms);
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took >= 100ms);
    CHECK(took < 2s);
}

TEST_CASE("poll() returns within its budget although clients never stop sending") {
    App app({.db_url = "", .port = 0});
    app.start();
    WebSocket page{app.port(), pump(app)};
    page.hello(tab);
    // More than a turn can answer.
    for (int i = 0; i < 20'000; ++i) page.send(WebSocket::text_opcode, R"(["event",1,"board.none",[]])");
    auto longest = 0ms;
    for (int i = 0; i < 50; ++i) {
        const auto start = std::chrono::steady_clock::now();
        app.poll(1ms);
        longest = std::max(
            longest, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start));
    }
    CHECK(longest < 100ms);
}

TEST_CASE("two apps run at once in one process, on two ports, with two databases") {
    const DatabaseFile first_file{"first"};
    const DatabaseFile second_file{"second"};
    int first_starts = 0;
    App first({.app_name = "first", .db_url = first_file.url(), .port = 0});
    App second({.app_name = "second", .db_url = second_file.url(), .port = 0});
    first.on_start([&](tandem::Database&) { ++first_starts; });
    first.start();
    second.start();
    CHECK(first_starts == 1);
    REQUIRE(first.port() != second.port());
    const auto pump_both = [&] {
        if (first.is_running()) first.poll(1ms);
        second.poll(1ms);
    };
    WebSocket first_page{first.port(), pump_both};
    WebSocket second_page{second.port(), pump_both};
    first_page.hello(tab);
    second_page.hello(tab);
    first_page.send(Json{"event", 1, "board.add", {3}});
    second_page.send(Json{"event", 1, "board.add", {4}});
    CHECK(first_page.json().at(4).at(0) == Json::parse(R"(["s", ["board", "count"], 3])"));
    CHECK(second_page.json().at(4).at(0) == Json::parse(R"(["s", ["board", "count"], 4])"));
    CHECK(std::filesystem::exists(first_file.path));
    CHECK(std::filesystem::exists(second_file.path));
    first.stop();
    second_page.send(Json{"event", 2, "board.add", {1}});
    CHECK(second_page.json().at(2) == "ok");
}

TEST_CASE("starting on a taken port throws an error that names the port, and leaves nothing open") {
    const DatabaseFile database{"taken"};
    App first({.db_url = "", .port = 0});
    first.start();
    App second({.db_url = database.url(), .port = first.port()});
    const std::size_t descriptors = descriptor_count();
    CHECK_THROWS_AS(second.start(), tandem::OperationalError);
    CHECK_THROWS_WITH(second.start(), ContainsSubstring(std::to_string(first.port())));
    CHECK(descriptor_count() == descriptors);
    CHECK_FALSE(second.is_running());
    const std::uint16_t port = first.port();
    first.stop();
    second.start();
    CHECK(second.port() == port);
}

TEST_CASE("an app that cannot start says why, and leaves nothing open") {
    const std::size_t descriptors = descriptor_count();
    App no_scheme({.db_url = "nosuch://somewhere/app.db", .port = 0});
    CHECK_THROWS_AS(no_scheme.start(), tandem::Error);
    CHECK_THROWS_WITH(no_scheme.start(), ContainsSubstring("nosuch"));
    App no_folder({.db_url = "sqlite:////nonexistent/folder/app.db", .port = 0});
    CHECK_THROWS_AS(no_folder.start(), tandem::Error);
    App no_address({.db_url = "", .host = "example.org", .port = 0});
    CHECK_THROWS_AS(no_address.start(), tandem::ArgumentError);
    CHECK_THROWS_WITH(no_address.start(), ContainsSubstring("example.org"));
    App not_ours({.db_url = "", .host = "192.0.2.1", .port = 0});  // an address for documentation: no machine has it
    CHECK_THROWS_AS(not_ours.start(), tandem::OperationalError);
    App no_database({.db_url = "", .port = 0});
    no_database.on_start([](tandem::Database&) {});
    CHECK_THROWS_AS(no_database.start(), tandem::ArgumentError);
    App failing({.db_url = "sqlite:///:memory:", .port = 0});
    failing.on_start([](tandem::Database&) { throw std::runtime_error("no sample data"); });
    CHECK_THROWS_WITH(failing.start(), "no sample data");
    for (const App* app : {&no_scheme, &no_folder, &no_address, &not_ours, &no_database, &failing})
        CHECK_FALSE(app->is_running());
    CHECK(descriptor_count() == descriptors);
}

TEST_CASE("poll() needs a started app, start() one that is not started, and stop() nothing") {
    App app({.db_url = "", .port = 0});
    CHECK_THROWS_AS(app.poll(1ms), tandem::InvalidStateError);
    app.stop();
    app.start();
    CHECK_THROWS_AS(app.start(), tandem::InvalidStateError);
    CHECK(app.is_running());
    app.stop();
    app.stop();
    CHECK_FALSE(app.is_running());
    CHECK_THROWS_AS(app.poll(1ms), tandem::InvalidStateError);
}

TEST_CASE("a running app that is destroyed closes its connections, its port and its files") {
    const DatabaseFile database{"destroyed"};
    const std::size_t descriptors = descriptor_count();
    {
        std::optional<App> app;
        app.emplace(Config{.db_url = database.url(), .port = 0});
        app->start();
        WebSocket page{app->port(), pump(*app)};
        page.hello(tab);
        Wire idle{app->port(), pump(*app)};
        Wire half{app->port(), pump(*app)};
        half.send("GET / HTTP/1.1\r\nHo");
        Wire upgrading{app->port(), pump(*app)};
        const std::string host = "127.0.0.1:" + std::to_string(app->port());
        app->poll(1ms);
        upgrading.send(WebSocket::upgrade_request(host, "http://" + host));
        app.reset();
        CHECK(page.json().at(0) == "bye");
        CHECK(page.close_code() == 1012);
        CHECK(half.closes_within(1s));
        CHECK(upgrading.closes_within(1s));
    }
    CHECK(descriptor_count() == descriptors);
}

TEST_CASE("what an app opens is not passed on to the programs that its host starts") {
    App app({.db_url = "sqlite:///:memory:", .port = 0});
    std::set<std::string> before;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
        before.insert(entry.path().filename());
    app.start();
    WebSocket page{app.port(), pump(app)};
    page.hello(tab);
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        const std::string name = entry.path().filename();
        const int flags = ::fcntl(std::stoi(name), F_GETFD);
        if (before.contains(name) || flags < 0) continue;
        std::error_code ignored;
        INFO("descriptor " << name << ": " << std::filesystem::read_symlink(entry.path(), ignored));
        CHECK((flags & FD_CLOEXEC) != 0);
    }
}

namespace host {

/// The app that a handler speaks to.
App* app = nullptr;

struct Remote : tandem::State<Remote> {
    std::int64_t count = 0;
    void stop() {
        ++count;
        app->stop();
    }
    void poll() { app->poll(1ms); }
    TANDEM_STATE(Remote, count, stop, poll)
};

}  // namespace host

TEST_CASE("a handler may stop its app: the event is answered, and the app stops at the end of poll()") {
    App app({.db_url = "", .port = 0});
    host::app = &app;
    app.start();
    WebSocket page{app.port(), [&] {
                       if (app.is_running()) app.poll(1ms);
                   }};
    page.hello(tab);
    page.send(Json{"event", 1, "remote.stop", Json::array()});
    CHECK(page.json().at(2) == "ok");
    CHECK(page.json() == Json::parse(R"(["bye", {"code": "restart", "retry_ms": 1000}])"));
    CHECK_FALSE(app.is_running());
    app.start();
    CHECK(app.is_running());
}

TEST_CASE("a handler that calls poll() fails, and the app goes on") {
    App app({.db_url = "", .port = 0});
    host::app = &app;
    app.start();
    WebSocket page{app.port(), pump(app)};
    page.hello(tab);
    page.send(Json{"event", 1, "remote.poll", Json::array()});
    CHECK(page.json().at(2).at("code") == "failed");
    page.send(Json{"event", 2, "board.add", {1}});
    CHECK(page.json().at(2) == "ok");
}

// --- run()
// -------------------------------------------------------------------------------------------------------------

namespace {

struct Finished {
    int code = -1;
    std::string output{};
    std::string errors{};
};

/// App::run in a process of its own. `while_running(pid, output so far)` is called until it returns true.
class Program {
public:
    Program(Config config, std::vector<const char*> arguments) {
        int output[2];
        int errors[2];
        REQUIRE(::pipe(output) == 0);
        REQUIRE(::pipe(errors) == 0);
        std::fflush(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(output[1], STDOUT_FILENO);
            ::dup2(errors[1], STDERR_FILENO);
            arguments.insert(arguments.begin(), "program");
            const std::string signals = signal_table();
            App app{std::move(config)};
            int code = app.run(static_cast<int>(arguments.size()), arguments.data());
            if (signal_table() != signals) code = 77;
            ::fflush(nullptr);
            ::_exit(code);
        }
        ::close(output[1]);
        ::close(errors[1]);
        output_ = output[0];
        errors_ = errors[0];
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        ::close(output_);
        ::close(errors_);
    }
    /// The program's first line.
    std::string line() {
        std::string text;
        for (char c = 0; c != '\n' && ::read(output_, &c, 1) == 1;) text += c;
        return text;
    }
    void signal(int number) const { ::kill(pid_, number); }
    Finished finish() {
        Finished finished;
        const auto rest = [](int file) {
            std::string text;
            char bytes[4096];
            for (ssize_t count = 0; (count = ::read(file, bytes, sizeof bytes)) > 0;)
                text.append(bytes, static_cast<std::size_t>(count));
            return text;
        };
        finished.output = rest(output_);
        finished.errors = rest(errors_);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        if (WIFEXITED(status)) finished.code = WEXITSTATUS(status);
        return finished;
    }

private:
    pid_t pid_ = -1;
    int output_ = -1;
    int errors_ = -1;
};

}  // namespace

TEST_CASE("run() prints its address once, serves, ends with 0 on SIGTERM and SIGINT, and puts signal handlers back") {
    for (const int signal : {SIGTERM, SIGINT}) {
        const std::string port = std::to_string(free_port());
        Program program{{.app_name = "served", .db_url = ""}, {"--port", port.c_str()}};
        const std::string line = program.line();
        CHECK_THAT(line, ContainsSubstring("http://127.0.0.1:" + port));
        Wire wire{static_cast<std::uint16_t>(std::stoi(port)), [] { ::usleep(1000); }};
        wire.send("GET /_tandem/core.js HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(wire.http().status == 200);
        program.signal(signal);
        const Finished finished = program.finish();
        CHECK(finished.code == 0);
        CHECK(finished.output.empty());
        CHECK(finished.errors.empty());
    }
}

TEST_CASE("run() ends with 1 and one line when the port is taken") {
    App other({.db_url = "", .port = 0});
    other.start();
    const std::string port = std::to_string(other.port());
    Program program{{.app_name = "late", .db_url = ""}, {"run", "--port", port.c_str()}};
    const Finished finished = program.finish();
    CHECK(finished.code == 1);
    CHECK(finished.output.empty());
    CHECK_THAT(finished.errors, ContainsSubstring("late: port " + port + " is in use"));
    CHECK(std::ranges::count(finished.errors, '\n') == 1);
}

TEST_CASE("run() explains its options, and refuses those it does not know") {
    Program help{{.app_name = "helpful", .db_url = ""}, {"--help"}};
    const Finished helped = help.finish();
    CHECK(helped.code == 0);
    CHECK_THAT(helped.output, ContainsSubstring("--db-url"));
    Program wrong{{.app_name = "helpful", .db_url = ""}, {"--no-such-option"}};
    const Finished refused = wrong.finish();
    CHECK(refused.code != 0);
    CHECK_THAT(refused.errors, ContainsSubstring("--no-such-option"));
}

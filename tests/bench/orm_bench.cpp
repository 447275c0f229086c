// `./dev bench orm`: the ORM's rows of the budget, each against hand-written SQLite and against peers, in one run.
// Exits 1 when a gate is missed, 2 when a row could not be measured.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "child_process.hpp"
#include "orm_workloads.hpp"

namespace bench {
namespace {

struct Row {
    std::string_view name;
    std::string_view python_name;
    Workload workload;
    std::optional<double> gate;  ///< of the ratio to the limit; of ns where there is no limit
    std::optional<double> goal;
};
constexpr std::optional<double> none{};

constexpr Row rows[] = {
    {"load-objects", "load_objects", Workload::load_objects, 1.15, 1.05},
    {"read-objects", "read_objects", Workload::read_objects, none, none},
    {"load-structs", "load_structs", Workload::load_structs, 1.10, 1.02},
    {"insert", "insert", Workload::insert, 1.20, 1.00},
    {"get", "get", Workload::get, 1.25, 1.10},
    {"hit", "hit", Workload::hit, 10, 6},
    {"hit-100k", "hit_many", Workload::hit_many, none, none},
    {"graph", "graph", Workload::graph, 1.20, 1.10},
    {"change", "change", Workload::change, 1.15, 1.00},
    {"transactions", "small_transactions", Workload::small_transactions, 1.25, 1.00},
};
constexpr bool has_limit(const Row& row) { return row.workload != Workload::hit && row.workload != Workload::hit_many; }

constexpr std::string_view compile_row = "compile";
constexpr double compile_gate_s = 4;
constexpr double compile_goal_s = 3;
constexpr double compile_gate_mb = 400;
constexpr double compile_goal_mb = 350;

struct Options {
    std::vector<std::string> only{};
    std::string python{};  ///< an interpreter that has SQLAlchemy
    std::string once{};    ///< "ours" or "limit": one run of it alone, for a profiler
    std::optional<Where> where{};
    bool quick = false;
    Clock clock = Clock::wall;

    [[nodiscard]] bool wants(std::string_view name) const {
        if (only.empty()) return true;
        for (const std::string& asked : only)
            if (asked == name) return true;
        return false;
    }
    [[nodiscard]] Effort effort() const {
        return {.most_turns = quick ? 7U : 41U, .enough_ms = quick ? 0.0 : 1500.0, .clock = clock};
    }
};

constexpr std::size_t peer_turns = 3;

const char* name_of(Where where) { return where == Where::memory ? "memory" : "file"; }

std::string number(double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}
/// Three digits or so, whatever the size.
std::string short_number(double value) { return number(value, value < 10 ? 2 : value < 100 ? 1 : 0); }

/// What one line says; texts, because columns may have nothing to say.
struct Line {
    std::string workload, where, ours, limit, ratio, quartiles, gate, goal, verdict, soci, sqlalchemy;
    void print() const {
        std::printf("%-12s  %-6s  %9s  %9s  %7s  %-13s  %5s  %5s  %-9s  %-18s  %s\n", workload.c_str(), where.c_str(),
            ours.c_str(), limit.c_str(), ratio.c_str(), quartiles.c_str(), gate.c_str(), goal.c_str(), verdict.c_str(),
            soci.c_str(), sqlalchemy.c_str());
        std::fflush(stdout);
    }
};

class Bench {
public:
    explicit Bench(Options options) : options_(std::move(options)) {}

    int run() {
        if (!options_.once.empty()) return profile();
        print_head();
        for (const Where where : {Where::memory, Where::file}) {
            if (options_.where && *options_.where != where) continue;
            for (const Row& row : rows) {
                if (!options_.wants(row.name)) continue;
                if (has_limit(row)) measure(row, where);
                else if (where == Where::memory) measure_hits(row);
            }
        }
        if (options_.wants(compile_row) && !options_.quick) measure_compiling();
        if (over_.empty()) return 0;
        std::string names;
        for (const std::string& name : over_) names += (names.empty() ? "" : ", ") + name;
        std::printf("\nover the gate: %s\n", names.c_str());
        return 1;
    }

private:
    void print_head() {
        sqlalchemy_version_ =
            options_.python.empty() ? "" : run_child({options_.python, sqlalchemy(), "--version"}).output;
        while (!sqlalchemy_version_.empty() && sqlalchemy_version_.back() == '\n') sqlalchemy_version_.pop_back();
        std::printf("The ORM against hand-written SQLite (limit) and peers. ms of %s time, medians; in brackets: times "
                    "the limit.\n",
            options_.clock == Clock::wall ? "wall" : "CPU");
        std::printf(
            "OVER: median and nearer quartile are beyond the gate. noisy: the gate lies between the quartiles.\n\n");
        Line{"workload", "where", "ours", "limit", "ratio", "quartiles", "gate", "goal", "", "SOCI",
            "SQLAlchemy " + sqlalchemy_version_}
            .print();
    }

    void measure(const Row& row, Where where) {
        const Duel duel =
            run_duel(tandem_contender(row.workload, where), limit_contender(row.workload, where), options_.effort());
        const Verdict verdict = judge(duel.ratio, row.gate);
        note(verdict, std::string{row.name} + " (" + name_of(where) + ")");
        Line{std::string{row.name}, name_of(where), short_number(duel.ours.median), short_number(duel.limit.median),
            number(duel.ratio.median, 2), number(duel.ratio.first, 2) + "-" + number(duel.ratio.third, 2),
            row.gate ? number(*row.gate, 2) : "-", row.goal ? number(*row.goal, 2) : "-", word_for(verdict),
            peer(run_soci(row, where, duel.checksum), duel.limit.median),
            peer(run_sqlalchemy(row, where, duel.checksum), duel.limit.median)}
            .print();
    }

    /// The identity map has no counterpart in hand-written code: its figures are ns per get.
    void measure_hits(const Row& row) {
        const auto scale = [](Quartiles ms) {
            const double ns = 1e6 / static_cast<double>(item_count);
            return Quartiles{ms.first * ns, ms.median * ns, ms.third * ns};
        };
        const Quartiles ours = scale(run_alone(tandem_contender(row.workload, Where::memory), options_.quick ? 7 : 21,
            options_.clock, static_cast<std::uint64_t>(item_count)));
        const Verdict verdict = judge(ours, row.gate);
        note(verdict, std::string{row.name});
        auto theirs = run_sqlalchemy(row, Where::memory, static_cast<std::uint64_t>(item_count));
        if (theirs.ms) theirs.ms = *theirs.ms * 1e6 / static_cast<double>(item_count);
        Line{std::string{row.name}, "-", number(ours.median, 1) + " ns", "-", "-",
            number(ours.first, 1) + "-" + number(ours.third, 1), row.gate ? number(*row.gate, 0) : "-",
            row.goal ? number(*row.goal, 0) : "-", word_for(verdict), "-",
            theirs.ms ? number(*theirs.ms, 0) + " ns" : theirs.instead}
            .print();
    }

    void measure_compiling() {
        std::vector<double> seconds;
        std::vector<double> megabytes;
        // Seven turns, or three where these already leave no doubt.
        const auto is_clear = [](const std::vector<double>& values, double gate) {
            const Verdict verdict = judge(quartiles(values), gate);
            return verdict == Verdict::ok || verdict == Verdict::over;
        };
        do {
            const ChildResult result = run_child({"/bin/sh", "-c", TANDEM_BENCH_COMPILE});
            if (result.status != 0) throw std::runtime_error("the file of ten tables does not compile");
            seconds.push_back(result.cpu_seconds);
            megabytes.push_back(result.peak_megabytes);
        } while (seconds.size() < 3 ||
            (seconds.size() < 7 && !(is_clear(seconds, compile_gate_s) && is_clear(megabytes, compile_gate_mb))));
        print_compiling("s", quartiles(seconds), compile_gate_s, compile_goal_s, 2);
        print_compiling("MB", quartiles(megabytes), compile_gate_mb, compile_goal_mb, 0);
    }
    void print_compiling(const char* unit, const Quartiles& measured, double gate, double goal, int digits) {
        const Verdict verdict = judge(measured, gate);
        note(verdict, std::string{compile_row} + " (" + unit + ")");
        Line{std::string{compile_row}, "-", number(measured.median, digits) + " " + unit, "-", "-",
            number(measured.first, digits) + "-" + number(measured.third, digits), number(gate, 0), number(goal, 0),
            word_for(verdict), "-", "-"}
            .print();
    }

    struct PeerResult {
        std::optional<double> ms{};
        std::string instead = "-";  ///< what is printed when there is no time
    };
    static std::string peer(const PeerResult& result, double limit_ms) {
        if (!result.ms) return result.instead;
        return short_number(*result.ms) + " (" + short_number(*result.ms / limit_ms) + "x)";
    }

    PeerResult run_soci(const Row& row, Where where, std::uint64_t checksum) {
#ifndef TANDEM_BENCH_SOCI
        return {.instead = "not available"};
#endif
        if (options_.quick) return {};
        const Contender contender = soci_contender(row.workload, where);
        if (!contender) return {};
        return {.ms = run_alone(contender, peer_turns, options_.clock, checksum).median};
    }

    PeerResult run_sqlalchemy(const Row& row, Where where, std::uint64_t checksum) {
        if (options_.quick) return {};
        if (sqlalchemy_version_.empty()) return {.instead = "not available"};
        const DatabaseFile file{where};
        const ChildResult result =
            run_child({options_.python, sqlalchemy(), TANDEM_BENCH_SOURCES, std::string{row.python_name},
                where == Where::memory ? "memory" : file.path(), options_.clock == Clock::cpu ? "cpu" : "wall", "2"});
        if (result.status != 0) return {.instead = "failed"};
        std::istringstream lines{result.output};
        std::vector<double> times;
        double ms = 0;
        std::uint64_t sum = 0;
        while (lines >> ms >> sum) {
            if (sum != checksum)
                throw std::runtime_error("SQLAlchemy did not do the same work for " + std::string{row.name});
            times.push_back(ms);
        }
        if (times.empty()) return {.instead = "failed"};
        return {.ms = quartiles(times).first};  // the better of two: the first one also warms up
    }
    static std::string sqlalchemy() { return std::string{TANDEM_BENCH_SOURCES} + "/orm_sqlalchemy.py"; }

    /// One run after one that warms up; under callgrind only the measured part of the former is collected.
    int profile() {
        for (const Row& row : rows) {
            if (!options_.wants(row.name)) continue;
            const Where where = options_.where.value_or(Where::memory);
            const Contender contender =
                options_.once == "ours" ? tandem_contender(row.workload, where) : limit_contender(row.workload, where);
            if (!contender) continue;
            const Quartiles time = run_alone(contender, 1, options_.clock, std::nullopt);
            std::printf("%s %s: %s ms\n", row.name.data(), options_.once.c_str(), short_number(time.median).c_str());
        }
        return 0;
    }

    void note(Verdict verdict, const std::string& name) {
        if (verdict == Verdict::over) over_.push_back(name);
    }

    Options options_;
    std::string sqlalchemy_version_{};
    std::vector<std::string> over_{};
};

constexpr const char* usage =
    "usage: bench orm [--quick] [--only NAME]... [--where memory|file] [--cpu] [--once ours|limit]\n"
    "  --quick   seven turns per row, without peers and without the compiler's row\n"
    "  --only    only this row (may be given several times)\n"
    "  --cpu     CPU time instead of wall time, for a machine that is busy with other things\n"
    "  --once    runs one contender alone, for a profiler\n";

[[noreturn]] void fail(const std::string& message) {
    std::fprintf(stderr, "bench: %s\n%s  rows:", message.c_str(), usage);
    for (const Row& row : rows) std::fprintf(stderr, " %s", row.name.data());
    std::fprintf(stderr, " %s\n", compile_row.data());
    std::exit(2);
}

bool is_row(std::string_view name) {
    if (name == compile_row) return true;
    for (const Row& row : rows)
        if (row.name == name) return true;
    return false;
}

Options parse(std::span<char*> arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string argument = arguments[i];
        const auto value = [&]() -> std::string {
            if (i + 1 == arguments.size()) fail(argument + " needs a value");
            return arguments[++i];
        };
        if (argument == "--quick") options.quick = true;
        else if (argument == "--cpu") options.clock = Clock::cpu;
        else if (argument == "--python") options.python = value();
        else if (argument == "--only") {
            options.only.push_back(value());
            if (!is_row(options.only.back())) fail("there is no row \"" + options.only.back() + "\"");
        } else if (argument == "--where") {
            const std::string where = value();
            if (where != "memory" && where != "file") fail("--where takes memory or file");
            options.where = where == "memory" ? Where::memory : Where::file;
        } else if (argument == "--once") {
            options.once = value();
            if (options.once != "ours" && options.once != "limit") fail("--once takes ours or limit");
        } else fail("it does not know \"" + argument + "\"");
    }
    return options;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        return bench::Bench{bench::parse({argv + 1, argv + argc})}.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench: %s\n", error.what());
        return 2;
    }
}

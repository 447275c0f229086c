// The measuring rules of every benchmark here: contenders run in turn (A B, B A, …), at least seven times; a ratio is
// taken within each turn; what is reported is the median, and the quartiles say how sure it is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

enum class Clock { wall, cpu };

/// Times the part of a run between start() and stop(); what else a run does (setting up, checking) is not counted.
/// Under callgrind only that part is collected, and not in a run that warms up.
class Stopwatch {
public:
    explicit Stopwatch(Clock clock, bool collects = true) : clock_(clock), collects_(collects) {}
    void start();
    void stop();
    [[nodiscard]] double milliseconds() const { return milliseconds_; }

private:
    Clock clock_;
    bool collects_;
    double started_ = 0;
    double milliseconds_ = 0;
};

/// Does a workload once and returns a checksum of what it read or wrote, the same for all who do that workload.
/// Empty: not available.
using Contender = std::function<std::uint64_t(Stopwatch& watch)>;

struct Quartiles {
    double first = 0;
    double median = 0;
    double third = 0;
};
/// Of at least one value.
[[nodiscard]] Quartiles quartiles(std::vector<double> values);

/// `over`: the median and the quartile nearer to the gate are both beyond it. `noisy_…`: the gate lies between the
/// quartiles, so this run does not decide it.
enum class Verdict { none, ok, noisy_ok, noisy_over, over };
[[nodiscard]] Verdict judge(const Quartiles& measured, std::optional<double> gate);
[[nodiscard]] const char* word_for(Verdict verdict);

struct Effort {
    std::size_t least_turns = 7;
    std::size_t most_turns = 41;
    double enough_ms = 1500;     ///< of measured time; more turns than the least only within it
    double patience_ms = 20000;  ///< a row so slow that it takes longer ends after three turns: it is far over any gate
    Clock clock = Clock::wall;
};

struct Duel {
    Quartiles ours;
    Quartiles limit;
    Quartiles ratio;
    std::uint64_t checksum = 0;
    std::size_t turns = 0;
};

/// Runs ours against the limit, after a run of each that is not counted. Throws std::runtime_error when their checksums
/// differ.
[[nodiscard]] Duel run_duel(const Contender& ours, const Contender& limit, const Effort& effort);
/// Runs one contender alone; throws when a checksum is not the expected one (if there is one).
[[nodiscard]] Quartiles run_alone(const Contender& contender, std::size_t turns, Clock clock,
    std::optional<std::uint64_t> checksum, bool warm_up = true);

}  // namespace bench

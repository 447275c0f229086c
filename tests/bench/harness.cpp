#include "harness.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <stdexcept>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT static_cast<void>(0)
#endif

namespace bench {
namespace {

double now_ms(Clock clock) {
    timespec time{};
    clock_gettime(clock == Clock::wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Run {
    double milliseconds;
    std::uint64_t checksum;
};
Run run(const Contender& contender, Clock clock, bool collects = true) {
    Stopwatch watch{clock, collects};
    const std::uint64_t checksum = contender(watch);
    return {watch.milliseconds(), checksum};
}

void require_equal(std::uint64_t checksum, std::uint64_t expected) {
    if (checksum == expected) return;
    throw std::runtime_error("the contenders did not do the same work: checksum " + std::to_string(checksum) +
        " instead of " + std::to_string(expected));
}

}  // namespace

void Stopwatch::start() {
    started_ = now_ms(clock_);
    if (collects_) CALLGRIND_TOGGLE_COLLECT;
}
void Stopwatch::stop() {
    if (collects_) CALLGRIND_TOGGLE_COLLECT;
    milliseconds_ += now_ms(clock_) - started_;
}

Quartiles quartiles(std::vector<double> values) {
    std::ranges::sort(values);
    const auto at = [&values](double share) {
        const double place = share * static_cast<double>(values.size() - 1);
        const auto below = static_cast<std::size_t>(place);
        const std::size_t above = std::min(below + 1, values.size() - 1);
        return std::lerp(values[below], values[above], place - static_cast<double>(below));
    };
    return {at(0.25), at(0.5), at(0.75)};
}

Verdict judge(const Quartiles& measured, std::optional<double> gate) {
    if (!gate) return Verdict::none;
    if (measured.median > *gate) return measured.first > *gate ? Verdict::over : Verdict::noisy_over;
    return measured.third > *gate ? Verdict::noisy_ok : Verdict::ok;
}

const char* word_for(Verdict verdict) {
    switch (verdict) {
        case Verdict::none: return "";
        case Verdict::ok: return "ok";
        case Verdict::noisy_ok: return "ok, noisy";
        case Verdict::noisy_over: return "noisy";
        case Verdict::over: return "OVER";
    }
    return "";
}

Duel run_duel(const Contender& ours, const Contender& limit, const Effort& effort) {
    const Run first = run(limit, effort.clock, false);
    require_equal(run(ours, effort.clock, false).checksum, first.checksum);

    std::vector<double> our_times;
    std::vector<double> limit_times;
    std::vector<double> ratios;
    double spent = 0;
    const auto goes_on = [&] {
        if (ratios.size() < effort.least_turns) return ratios.size() < 3 || spent < effort.patience_ms;
        return ratios.size() < effort.most_turns && spent < effort.enough_ms;
    };
    while (goes_on()) {
        // Whoever runs second may find warmer caches, so they change places.
        const bool ours_first = ratios.size() % 2 == 0;
        const Run a = run(ours_first ? ours : limit, effort.clock);
        const Run b = run(ours_first ? limit : ours, effort.clock);
        require_equal(a.checksum, first.checksum);
        require_equal(b.checksum, first.checksum);
        our_times.push_back(ours_first ? a.milliseconds : b.milliseconds);
        limit_times.push_back(ours_first ? b.milliseconds : a.milliseconds);
        ratios.push_back(our_times.back() / limit_times.back());
        spent += a.milliseconds + b.milliseconds;
    }
    const std::size_t turns = ratios.size();
    return {quartiles(std::move(our_times)), quartiles(std::move(limit_times)), quartiles(std::move(ratios)),
        first.checksum, turns};
}

Quartiles run_alone(
    const Contender& contender, std::size_t turns, Clock clock, std::optional<std::uint64_t> checksum, bool warm_up) {
    std::vector<double> times;
    for (std::size_t turn = warm_up ? 0 : 1; turn <= turns; ++turn) {
        const Run done = run(contender, clock, turn > 0);
        if (!checksum) checksum = done.checksum;
        require_equal(done.checksum, *checksum);
        if (turn > 0) times.push_back(done.milliseconds);
    }
    return quartiles(std::move(times));
}

}  // namespace bench

// Runs another program and says what it printed and what it cost.
#pragma once

#include <string>
#include <vector>

namespace bench {

struct ChildResult {
    int status = 0;             ///< exit status; 128 and more: ended by a signal
    std::string output{};       ///< standard output
    double cpu_seconds = 0;     ///< user and system time, of its own children too
    double peak_megabytes = 0;  ///< largest resident memory of it or one of its children
};

/// Throws std::runtime_error when it cannot be started; a program that is not there has status 127.
[[nodiscard]] ChildResult run_child(const std::vector<std::string>& command);

}  // namespace bench

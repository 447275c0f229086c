// A database that is none: it writes down what it is asked and answers from a script. The engine runs on it as on any
// other driver, which shows that nothing above orm/driver knows SQLite.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "driver/driver.hpp"

/// What was asked, and what is to be answered; shared by a driver and its test.
struct Recording {
    struct Answer {
        std::string part;  ///< of the statement's text
        std::vector<tandem::Row> rows{};
        std::string error{};  ///< thrown as OperationalError instead
    };
    std::vector<std::string> lines{};  ///< "INSERT … [1, 'a']", "BEGIN write", "connect" …
    std::deque<Answer> answers{};      ///< each is used once, for the first statement that it fits
    std::int64_t next_key = 100;       ///< returned by an INSERT that has no answer
    std::int64_t changed_rows = 1;
    bool is_sound = true;

    void answer(std::string part, std::vector<tandem::Row> rows) {
        answers.push_back({std::move(part), std::move(rows)});
    }
    /// The lines since the last call.
    std::vector<std::string> take() { return std::exchange(lines, {}); }
};

[[nodiscard]] std::unique_ptr<tandem::orm::Driver> make_recording_driver(std::shared_ptr<Recording> recording);

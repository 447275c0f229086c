// All models of the program: registered while static objects are made (table.cpp), resolved by check_models()
// (mapping.cpp).
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <tandem/orm/table.hpp>

namespace tandem::orm {

/// All models of the program. Filled while static objects are made, read-only after check_models().
struct Registry {
    std::deque<Table> tables{};  // a deque keeps addresses
    std::unordered_map<const void*, Table*> by_tag{};
    std::deque<LinkTable> links{};
    std::deque<std::string> names{};  // of what has no model
    std::vector<const Table*> order{};
    std::vector<std::string> errors{};
    std::atomic<bool> checked{false};  // by check_models(), all of them
    std::mutex mutex{};
};
[[nodiscard]] Registry& registry();

/// "Class.member", for messages.
[[nodiscard]] inline std::string member_name(const Table& table, const char* member) {
    return std::string{table.class_name} + "." + member;
}

}  // namespace tandem::orm

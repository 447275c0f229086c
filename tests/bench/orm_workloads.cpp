#include "orm_workloads.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

namespace bench {

std::vector<std::string> statements_of(std::string_view file) {
    const auto path = std::filesystem::path{TANDEM_BENCH_SOURCES} / file;
    std::ifstream in{path};
    if (!in) throw std::runtime_error("cannot read " + path.string());
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    std::vector<std::string> statements;
    for (std::size_t from = 0, to = 0; (to = text.find(";\n", from)) != std::string::npos; from = to + 2)
        statements.push_back(text.substr(from, to - from));
    return statements;
}

DatabaseFile::DatabaseFile(Where where) {
    if (where == Where::memory) return;
    static int count = 0;
    const auto folder = std::filesystem::current_path() / "bench-data";
    if (count == 0) std::filesystem::remove_all(folder);  // of a run that was cut
    std::filesystem::create_directories(folder);
    path_ = (folder / (std::to_string(++count) + ".db")).string();
}
DatabaseFile::~DatabaseFile() {
    if (path_.empty()) return;
    std::error_code ignored;
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end, ignored);
}

ItemValues item_values(std::int64_t i) {
    char name[32];
    std::snprintf(name, sizeof name, "item-%015lld", static_cast<long long>(i));
    return {(i * 7919) % 100003, name, static_cast<double>(i) * 0.25};
}

const std::vector<ItemValues>& all_item_values() {
    static const std::vector<ItemValues> values = [] {
        std::vector<ItemValues> made;
        for (std::int64_t i = 1; i <= item_count; ++i) made.push_back(item_values(i));
        return made;
    }();
    return values;
}

std::vector<std::int64_t> shuffled_keys(std::int64_t count) {
    std::vector<std::int64_t> keys(static_cast<std::size_t>(count));
    std::iota(keys.begin(), keys.end(), 1);
    // By hand: std::shuffle may differ between libraries.
    std::mt19937_64 random{42};
    for (std::size_t i = keys.size() - 1; i > 0; --i) std::swap(keys[i], keys[random() % (i + 1)]);
    return keys;
}

}  // namespace bench

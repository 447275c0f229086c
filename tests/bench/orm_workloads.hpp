// What every contender of `bench orm` does, and the data it does it with: the tables of orm_schema.sql and the rows of
// orm_rows.sql. A contender keeps what a program would keep between two such jobs: its connection, prepared statements.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "harness.hpp"

namespace bench {

enum class Where { memory, file };

enum class Workload {
    load_objects,        ///< 100,000 items into objects, to the end of their lives
    read_objects,        ///< the same, and every object is read
    load_structs,        ///< 100,000 items into plain values
    insert,              ///< 100,000 new objects, one transaction
    get,                 ///< 100,000 gets by key, each of another row
    hit,                 ///< 100,000 gets among 1,000 objects that are there already
    hit_many,            ///< 100,000 gets among 100,000 objects that are there already
    graph,               ///< 1,000 posts, their users, their 5,000 flags, the flags' users
    change,              ///< one column of 10,000 objects, one transaction
    small_transactions,  ///< 1,000 times: begin, insert one row, commit
};

inline constexpr std::int64_t item_count = 100'000;
inline constexpr std::int64_t changed_count = 10'000;
inline constexpr std::int64_t transaction_count = 1'000;
inline constexpr std::int64_t hit_count = 1'000;

/// The statements of a file of this folder.
[[nodiscard]] std::vector<std::string> statements_of(std::string_view file);
/// The path of a new database file, in bench-data of the working directory; the file goes when this does.
class DatabaseFile {
public:
    explicit DatabaseFile(Where where);
    DatabaseFile(const DatabaseFile&) = delete;
    DatabaseFile& operator=(const DatabaseFile&) = delete;
    ~DatabaseFile();
    /// Empty in memory.
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_{};
};

/// The values of the item with this number, as orm_rows.sql has them.
struct ItemValues {
    std::int64_t number;
    std::string name;
    double price;
};
[[nodiscard]] ItemValues item_values(std::int64_t i);
/// Those of all items, made once.
[[nodiscard]] const std::vector<ItemValues>& all_item_values();

/// The keys 1 to `count`, shuffled, always the same way.
[[nodiscard]] std::vector<std::int64_t> shuffled_keys(std::int64_t count);

/// A sum that any language can take, over the rows in any order.
class Checksum {
public:
    void add_item(std::int64_t id, std::int64_t number, std::string_view name, double price) {
        add(id, 3);
        add(number, 5);
        add_text(name, 7);
        add(static_cast<std::int64_t>(price * 4), 11);
    }
    void add_post(std::int64_t id, std::string_view title, std::string_view body, std::string_view username) {
        add(id, 3);
        add_text(title, 5);
        add_text(body, 7);
        add_text(username, 11);
    }
    void add_flag(std::int64_t id, std::string_view message, std::string_view username) {
        add(id, 13);
        add_text(message, 17);
        add_text(username, 19);
    }
    void add(std::int64_t value, std::uint64_t weight) { sum_ += static_cast<std::uint64_t>(value) * weight; }
    [[nodiscard]] std::uint64_t value() const { return sum_; }

private:
    /// By length and last eight bytes, as a little-endian number.
    void add_text(std::string_view text, std::uint64_t weight) {
        std::uint64_t last = 0;
        for (const char c : text.substr(text.size() < 8 ? 0 : text.size() - 8))
            last = last >> 8 | std::uint64_t{static_cast<unsigned char>(c)} << 56;
        sum_ += (last + text.size()) * weight;
    }
    std::uint64_t sum_ = 0;
};

/// One number over all items, for what a transaction left behind.
inline constexpr const char* items_checksum =
    "SELECT count(*) + sum(id * 3 + number * 5 + length(name) * 7 + CAST(price * 4 AS INTEGER) * 11) FROM item";
/// One number over `number`, which tells a change of each single row.
inline constexpr const char* numbers_checksum = "SELECT sum(number * (id % 97 + 1)) FROM item";

[[nodiscard]] Contender tandem_contender(Workload workload, Where where);
/// Hand-written code on SQLite's own interface: prepared statements kept, values read by type, no map of objects.
[[nodiscard]] Contender limit_contender(Workload workload, Where where);
/// Empty where SOCI was not found, or has nothing for the workload.
[[nodiscard]] Contender soci_contender(Workload workload, Where where);

}  // namespace bench

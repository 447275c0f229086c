#include "column_hashes.hpp"

#include <optional>
#include <span>
#include <string>

#include "graph.hpp"
#include "value_hash.hpp"

namespace tandem::orm {
namespace {

std::uint64_t hash_of(std::uint64_t seed, bool value) { return hash_number(seed, Kind::boolean, value ? 1 : 0); }
std::uint64_t hash_of(std::uint64_t seed, std::int32_t value) { return hash_number(seed, Kind::integer, value); }
std::uint64_t hash_of(std::uint64_t seed, std::int64_t value) { return hash_number(seed, Kind::integer, value); }
std::uint64_t hash_of(std::uint64_t seed, double value) { return hash_real(seed, value); }
[[gnu::always_inline]] inline std::uint64_t hash_of(std::uint64_t seed, const std::string& value) {
    return hash_text(seed, Kind::text, value);
}
std::uint64_t hash_of(std::uint64_t seed, Timestamp value) {
    return hash_number(seed, Kind::time, value.time_since_epoch().count());
}
template <class T>
std::uint64_t hash_as(std::uint64_t seed, const void* member) {
    return hash_of(seed, *static_cast<const T*>(member));
}
template <class T>
std::uint64_t hash_as_optional(std::uint64_t seed, const void* member) {
    const auto& value = *static_cast<const std::optional<T>*>(member);
    return value ? hash_of(seed, *value) : hash_null(seed);
}

std::uint64_t hash_by_view(const ColumnType& type, const void* member) {
    Scratch scratch;
    return hash(type.view(member, scratch));
}

/// The same as hash(type.view(member)), without the way over a view for the common types.
[[gnu::always_inline]] inline std::uint64_t hash_member(
    std::uint64_t seed, const StoredMember& of, const void* object) {
    const void* member = static_cast<const char*>(object) + of.offset;
    // The most common first: a comparison is foreseen better than a jump by a table.
    if (of.direct == Direct::int64) return hash_as<std::int64_t>(seed, member);
    if (of.direct == Direct::text) return hash_as<std::string>(seed, member);
    switch (of.direct) {
        case Direct::none: break;
        case Direct::boolean: return hash_as<bool>(seed, member);
        case Direct::int32: return hash_as<std::int32_t>(seed, member);
        case Direct::int64: return hash_as<std::int64_t>(seed, member);
        case Direct::real: return hash_as<double>(seed, member);
        case Direct::text: return hash_as<std::string>(seed, member);
        case Direct::time: return hash_as<Timestamp>(seed, member);
        case Direct::maybe_boolean: return hash_as_optional<bool>(seed, member);
        case Direct::maybe_int32: return hash_as_optional<std::int32_t>(seed, member);
        case Direct::maybe_int64: return hash_as_optional<std::int64_t>(seed, member);
        case Direct::maybe_real: return hash_as_optional<double>(seed, member);
        case Direct::maybe_text: return hash_as_optional<std::string>(seed, member);
        case Direct::maybe_time: return hash_as_optional<Timestamp>(seed, member);
    }
    return hash_by_view(*of.type, member);
}

[[noreturn]] void throw_unstorable(const Table& table, std::size_t column, const ValueError& error) {
    throw ValueError(std::string{table.class_name} + "." + table.columns[column].member + " " + error.what());
}

}  // namespace

std::uint64_t hash_member(const StoredMember& member, const void* object) {
    return hash_member(hash_seed(), member, object);
}

std::uint64_t hash_column(const Node* node, std::size_t column) {
    try {
        return hash_member(node->table->members[column], node->object());
    } catch (const ValueError& error) { throw_unstorable(*node->table, column, error); }
}

void hash_columns(Node* node) {
    hash_columns(node, hashes_of(node));
    node->flags &= ~std::uint32_t{Node::unhashed};
}

namespace {

/// Calls take(column, hash) for each column.
template <class F>
[[gnu::always_inline]] inline void each_hash(const Node* node, F take) {
    const std::span members = node->table->members;
    const std::uint64_t seed = hash_seed();
    const void* object = node->object();
    std::size_t i = 0;
    try {
        for (; i < members.size(); ++i) take(i, hash_member(seed, members[i], object));
    } catch (const ValueError& error) { throw_unstorable(*node->table, i, error); }
}

}  // namespace

void hash_columns(const Node* node, std::uint64_t* hashes) {
    each_hash(node, [hashes](std::size_t column, std::uint64_t hash) { hashes[column] = hash; });
}

void find_changed_columns(const Node* node, std::vector<std::size_t>& changed, std::uint64_t* hashes) {
    const std::uint64_t* known = hashes_of(node);
    each_hash(node, [&](std::size_t column, std::uint64_t hash) {
        hashes[column] = hash;
        if (hash != known[column]) changed.push_back(column);
    });
}

std::uint64_t hash_lost_column(const Node* node, std::size_t column) noexcept {
    constexpr std::uint64_t unstorable = 0x9E3779B97F4A7C15;
    try {
        return hash_column(node, column);
    } catch (...) { return unstorable; }  // a codec may throw anything
}

void hash_lost_columns(Node* node) noexcept {
    for (std::size_t i = 0; i < node->table->columns.size(); ++i) hashes_of(node)[i] = hash_lost_column(node, i);
    node->flags &= ~std::uint32_t{Node::unhashed};
}

}  // namespace tandem::orm

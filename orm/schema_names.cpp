#include "schema_names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>

#include <tandem/orm/error.hpp>

namespace tandem::orm {
namespace {

constexpr std::size_t longest_name = 63;  // bytes, in PostgreSQL

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
/// Databases take ASCII letters of either case for the same.
std::string folded(std::string_view name) {
    std::string text{name};
    for (char& c : text) c = lower(c);
    return text;
}

/// FNV-1a (public domain, isthe.com/chongo/tech/comp/fnv): the same in every build, which std::hash is not.
std::string hash_of(const std::vector<std::string>& parts, std::size_t repeated) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    const auto add = [&hash](unsigned char c) { hash = (hash ^ c) * 0x100000001B3ULL; };
    for (const std::string& part : parts) {
        for (const char c : part) add(static_cast<unsigned char>(c));
        add(0);
    }
    for (; repeated > 0; --repeated) add(1);
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(hash ^ (hash >> 32U)));
    return text.data();
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : "_") + part;
    return text;
}

/// The front of a name, cut between characters, and a hash.
std::string with_hash(const std::string& name, const std::string& hash) {
    std::size_t size = std::min(name.size(), longest_name - 1 - hash.size());
    while (size > 0 && size < name.size() && (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U) --size;
    return name.substr(0, size) + '_' + hash;
}

}  // namespace

std::string words_of(std::string_view sql) {
    std::string text;
    for (const char c : sql) {
        const bool letter = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
            (static_cast<unsigned char>(c) & 0x80U) != 0;
        if (letter) text += c;
        else if (!text.empty() && text.back() != '_') text += '_';
    }
    while (text.ends_with('_')) text.pop_back();
    return text;
}

void NameMaker::reserve(std::string_view name) { reserved_.push_back(folded(name)); }

NameMaker::Place NameMaker::add(std::vector<std::string> parts, std::string given) {
    entries_.push_back({std::move(parts), std::move(given)});
    return entries_.size() - 1;
}

void NameMaker::make() {
    std::map<std::string, std::size_t> uses;
    for (const std::string& name : reserved_) ++uses[name];
    for (const Entry& entry : entries_) {
        if (!entry.given.empty() && ++uses[folded(entry.given)] > 1)
            throw MappingError("two tables, constraints or indexes are named \"" + entry.given + "\"");
    }
    for (const Entry& entry : entries_)
        if (entry.given.empty()) ++uses[folded(joined(entry.parts))];
    std::map<std::vector<std::string>, std::size_t> repeated;
    for (Entry& entry : entries_) {
        if (!entry.given.empty()) {
            entry.name = entry.given;
            continue;
        }
        entry.name = joined(entry.parts);
        const bool shared = uses[folded(entry.name)] > 1;
        if (shared || entry.name.size() > longest_name)
            entry.name = with_hash(entry.name, hash_of(entry.parts, repeated[entry.parts]++));
    }
}

}  // namespace tandem::orm

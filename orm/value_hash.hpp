// The hash of values, by kind; inline, as every column of every object that a program touches goes through it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <tandem/orm/value.hpp>

namespace tandem::orm {

/// Differs from process to process, so that nobody can prepare values of equal hashes.
[[nodiscard]] std::uint64_t hash_seed();

// wyhash's mixing step (public domain, github.com/wangyi-fudan/wyhash): multiply, fold the halves.
[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

[[nodiscard]] inline std::uint64_t hash_null(std::uint64_t seed) {
    return seed + static_cast<std::uint64_t>(Kind::null);
}
[[nodiscard]] inline std::uint64_t hash_number(std::uint64_t seed, Kind kind, std::int64_t value) {
    return mix((seed + static_cast<std::uint64_t>(kind)) ^ static_cast<std::uint64_t>(value), 0x9E3779B97F4A7C15ULL);
}
[[nodiscard]] inline std::uint64_t hash_real(std::uint64_t seed, double value) {
    return hash_number(seed, Kind::real, std::bit_cast<std::int64_t>(value));
}
[[nodiscard]] inline std::uint64_t hash_text(std::uint64_t seed, Kind kind, std::string_view text) {
    const auto word_at = [](const char* at) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        return word;
    };
    const char* data = text.data();
    std::size_t size = text.size();
    std::uint64_t state = mix((seed + static_cast<std::uint64_t>(kind)) ^ size, 0x9E3779B97F4A7C15ULL);
    if (size >= 8 && size <= 16)  // as most names are; the words overlap
        return mix(state ^ word_at(data), word_at(data + size - 8) ^ std::rotl(state, 32) ^ 0xE7037ED1A0B428DBULL);
    for (; size > 8; size -= 8, data += 8) state = mix(state ^ word_at(data), 0xA0761D6478BD642FULL);
    std::uint64_t tail = 0;
    if (text.size() >= 8) tail = word_at(data + size - 8);  // overlaps what came before; the length is in the hash
    else
        for (std::size_t i = 0; i < size; ++i) tail = tail << 8 | static_cast<unsigned char>(data[i]);
    return mix(state ^ tail, 0xE7037ED1A0B428DBULL);
}

}  // namespace tandem::orm

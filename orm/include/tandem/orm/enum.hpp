/// Enums stored by name: TANDEM_ENUM.
///
/// Contract: a described enum is its label in the database, in JSON and on pages; a label that it does not have is an
/// error when written and when read, and a CHECK constraint keeps it out of the table. An enum that is not described is
/// stored as its number. Write the macro in the enum's namespace, before the models that use it. Pitfall: removing or
/// renaming a label makes old rows unreadable; migrate them first.
///
///     enum class Color { red, blue };
///     TANDEM_ENUM(Color, red, (blue, "dark blue"))      // a label of its own in parentheses
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/describe.hpp>

namespace tandem {

namespace orm {

/// The enumerators and labels of an enum, in the order listed.
template <class E, std::size_t N>
struct EnumLabels {
    const char* name;
    std::array<E, N> values{};
    std::array<std::string_view, N> labels{};
};
template <class E>
struct EnumEntry {
    E value;
    std::string_view label;
};
constexpr std::string_view enum_label(std::string_view name) { return name; }
constexpr std::string_view enum_label(std::string_view, std::string_view label) { return label; }

template <class E, std::size_t N>
constexpr EnumLabels<E, N> make_enum_labels(const char* name, const std::array<EnumEntry<E>, N>& entries) {
    EnumLabels<E, N> result{name};
    for (std::size_t i = 0; i < N; ++i) {
        result.values[i] = entries[i].value;
        result.labels[i] = entries[i].label;
    }
    return result;
}

template <class E>
struct EnumTag {};
template <class E>
concept DescribedEnum = Enumeration<E> && requires { tandem_enum_labels(EnumTag<E>{}); };
template <DescribedEnum E>
inline constexpr auto enum_labels = tandem_enum_labels(EnumTag<E>{});

[[noreturn]] void throw_no_enumerator(
    const char* name, long long value, const std::string_view* labels, std::size_t count);
[[noreturn]] void throw_no_label(
    const char* name, std::string_view text, const std::string_view* labels, std::size_t count);

}  // namespace orm

template <orm::DescribedEnum E>
struct Codec<E> {
    using stored = std::string;
    static constexpr const auto& described = orm::enum_labels<E>;
    static constexpr orm::SqlType sql_type{.name = orm::SqlType::Name::enumeration, .labels = described.labels};

    static std::string_view store(E value) {
        for (std::size_t i = 0; i < described.values.size(); ++i)
            if (described.values[i] == value) return described.labels[i];
        orm::throw_no_enumerator(
            described.name, static_cast<long long>(value), described.labels.data(), described.labels.size());
    }
    static E load(std::string_view text) {
        for (std::size_t i = 0; i < described.labels.size(); ++i)
            if (described.labels[i] == text) return described.values[i];
        orm::throw_no_label(described.name, text, described.labels.data(), described.labels.size());
    }
};

/// The label of an enumerator of a described enum. Throws ValueError for a value that is none.
template <orm::DescribedEnum E>
[[nodiscard]] std::string_view label(E value) {
    return Codec<E>::store(value);
}

}  // namespace tandem

#define TANDEM_ENUM_ENTRY(E, x)                                                                                        \
    ::tandem::orm::EnumEntry<E>{                                                                                       \
        E::TANDEM_ITEM_NAME(x), ::tandem::orm::enum_label(TANDEM_STRING(TANDEM_ITEM_NAME(x)) TANDEM_ITEM_OPTIONS(x))},
/// In the enum's namespace: lists its enumerators, which are then stored by name.
#define TANDEM_ENUM(E, ...)                                                                                            \
    [[maybe_unused]] constexpr auto tandem_enum_labels(::tandem::orm::EnumTag<E>) {                                    \
        return ::tandem::orm::make_enum_labels(                                                                        \
            #E, std::to_array<::tandem::orm::EnumEntry<E>>({TANDEM_FOR_EACH(TANDEM_ENUM_ENTRY, E, __VA_ARGS__)}));     \
    }

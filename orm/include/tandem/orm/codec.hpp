/// How C++ types become column values: `Codec<T>`.
///
/// Built in: bool, every integer, float, double, std::string, Timestamp, Blob, enums with an integer behind them, and
/// std::optional of each (= nullable). For a type of your own say which stored type it maps to and convert:
///
///     template <> struct tandem::Codec<Money> {
///         using stored = std::int64_t;                            // bool, std::int64_t, double, std::string,
///         Timestamp or Blob static std::int64_t store(const Money& m) { return m.cents; } static Money
///         load(std::int64_t cents) { return {cents}; }   // throw tandem::ValueError for what cannot be
///     };
///
/// Pitfall: specialise before the model that uses the type.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <tandem/orm/error.hpp>
#include <tandem/orm/value.hpp>

namespace tandem {

template <class T>
struct Codec;

namespace orm {

[[noreturn]] void throw_out_of_range(std::int64_t value, bool is_unsigned, int bits);
[[noreturn]] void throw_out_of_range(std::uint64_t value);

template <class T>
concept SmallInteger = std::integral<T> && !std::same_as<T, bool>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace orm

template <>
struct Codec<bool> {
    using stored = bool;
    static bool store(bool value) { return value; }
    static bool load(bool value) { return value; }
};

template <orm::SmallInteger T>
struct Codec<T> {
    using stored = std::int64_t;
    static std::int64_t store(T value) {
        if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) {
            if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                orm::throw_out_of_range(value);
        }
        return static_cast<std::int64_t>(value);
    }
    static T load(std::int64_t value) {
        if (!std::in_range<T>(value)) orm::throw_out_of_range(value, std::is_unsigned_v<T>, int{sizeof(T)} * 8);
        return static_cast<T>(value);
    }
};

template <class T>
    requires std::is_enum_v<T>
struct Codec<T> {
    using stored = std::int64_t;
    static std::int64_t store(T value) {
        return Codec<std::underlying_type_t<T>>::store(static_cast<std::underlying_type_t<T>>(value));
    }
    static T load(std::int64_t value) { return static_cast<T>(Codec<std::underlying_type_t<T>>::load(value)); }
};

template <std::floating_point T>
struct Codec<T> {
    using stored = double;
    static double store(T value) { return static_cast<double>(value); }
    static T load(double value) { return static_cast<T>(value); }
};

template <>
struct Codec<std::string> {
    using stored = std::string;
    static const std::string& store(const std::string& value) { return value; }
    static std::string load(std::string value) { return value; }
};

template <>
struct Codec<Timestamp> {
    using stored = Timestamp;
    static Timestamp store(Timestamp value) { return value; }
    static Timestamp load(Timestamp value) { return value; }
};

template <>
struct Codec<Blob> {
    using stored = Blob;
    static const Blob& store(const Blob& value) { return value; }
    static Blob load(Blob value) { return value; }
};

namespace orm {

/// A type that one column can hold: it has a Codec, or is std::optional of one that has.
template <class T>
concept Storable = requires { typename Codec<T>::stored; };
template <class T>
struct storable_optional : std::false_type {};
template <Storable T>
struct storable_optional<std::optional<T>> : std::true_type {};
template <class T>
concept Columnable = Storable<T> || storable_optional<T>::value;

template <class T>
struct unwrap_optional {
    using type = T;
};
template <class T>
struct unwrap_optional<std::optional<T>> {
    using type = T;
};
template <class T>
using unwrap_optional_t = typename unwrap_optional<T>::type;

template <class Stored>
constexpr Kind kind_of_stored() {
    if constexpr (std::same_as<Stored, bool>) return Kind::boolean;
    else if constexpr (std::same_as<Stored, std::int64_t>) return Kind::integer;
    else if constexpr (std::same_as<Stored, double>) return Kind::real;
    else if constexpr (std::same_as<Stored, std::string>) return Kind::text;
    else if constexpr (std::same_as<Stored, Timestamp>) return Kind::time;
    else {
        static_assert(std::same_as<Stored, Blob>,
            "tandem: Codec<T>::stored must be bool, std::int64_t, double, std::string, Timestamp or Blob");
        return Kind::blob;
    }
}

/// The kind that a column type T is stored as.
template <Columnable T>
inline constexpr Kind kind_of = kind_of_stored<typename Codec<unwrap_optional_t<T>>::stored>();

/// Room for values that a codec makes on the way, so that a ValueView can borrow them.
struct Scratch {
    std::string text{};
    Blob blob{};
};

/// The value of a member as a view; text and blobs borrow from the member or from `scratch`.
template <Columnable T>
ValueView view_of(const T& member, Scratch& scratch) {
    if constexpr (is_optional<T>) {
        return member ? view_of(*member, scratch) : ValueView{};
    } else {
        using Stored = typename Codec<T>::stored;
        decltype(auto) stored = Codec<T>::store(member);
        if constexpr (std::is_reference_v<decltype(stored)>) {
            return ValueView::of(stored);
        } else if constexpr (std::same_as<Stored, std::string>) {
            scratch.text = std::move(stored);
            return ValueView::of(std::string_view{scratch.text});
        } else if constexpr (std::same_as<Stored, Blob>) {
            scratch.blob = std::move(stored);
            return ValueView::of(scratch.blob);
        } else {
            return ValueView::of(stored);
        }
    }
}

[[noreturn]] void throw_wrong_kind(Kind wanted, const ValueView& got);

/// Converts between kinds where nothing is lost (integer to real, 0 and 1 to boolean, text to time …), else throws
/// ValueError.
[[nodiscard]] ValueView coerce(const ValueView& view, Kind wanted);

/// Sets a member from a view. Throws ValueError when the value does not fit (null for a member that is not optional,
/// wrong kind, out of range).
template <Columnable T>
void assign(T& member, const ValueView& view) {
    if constexpr (is_optional<T>) {
        // An empty field of a form is text; for anything but text it says "none".
        const bool empty_field = kind_of<T> != Kind::text && view.kind() == Kind::text && view.text().empty();
        if (view.is_null() || empty_field) member.reset();
        else if (member) assign(*member, view);
        else assign(member.emplace(), view);
    } else {
        using Stored = typename Codec<T>::stored;
        constexpr Kind wanted = kind_of<T>;
        const ValueView given = view.kind() == wanted ? view : coerce(view, wanted);
        if constexpr (std::same_as<T, std::string>) member.assign(given.text());
        else if constexpr (std::same_as<Stored, bool>) member = Codec<T>::load(given.boolean());
        else if constexpr (std::same_as<Stored, std::int64_t>) member = Codec<T>::load(given.integer());
        else if constexpr (std::same_as<Stored, double>) member = Codec<T>::load(given.real());
        else if constexpr (std::same_as<Stored, std::string>) member = Codec<T>::load(std::string{given.text()});
        else if constexpr (std::same_as<Stored, Timestamp>) member = Codec<T>::load(given.time());
        else {
            auto bytes = given.bytes();
            member = Codec<T>::load(Blob{{bytes.begin(), bytes.end()}});
        }
    }
}

/// Members that a driver may read and write as they lie in memory, without a codec; `maybe_`: in an std::optional.
enum class Direct : std::uint8_t {
    none,
    boolean,
    int32,
    int64,
    real,
    text,
    time,
    maybe_boolean,
    maybe_int32,
    maybe_int64,
    maybe_real,
    maybe_text,
    maybe_time,
};
template <class T>
inline constexpr Direct direct_of = Direct::none;
template <>
inline constexpr Direct direct_of<bool> = Direct::boolean;
template <>
inline constexpr Direct direct_of<std::int32_t> = Direct::int32;
template <>
inline constexpr Direct direct_of<std::int64_t> = Direct::int64;
template <>
inline constexpr Direct direct_of<double> = Direct::real;
template <>
inline constexpr Direct direct_of<std::string> = Direct::text;
template <>
inline constexpr Direct direct_of<Timestamp> = Direct::time;
template <>
inline constexpr Direct direct_of<std::optional<bool>> = Direct::maybe_boolean;
template <>
inline constexpr Direct direct_of<std::optional<std::int32_t>> = Direct::maybe_int32;
template <>
inline constexpr Direct direct_of<std::optional<std::int64_t>> = Direct::maybe_int64;
template <>
inline constexpr Direct direct_of<std::optional<double>> = Direct::maybe_real;
template <>
inline constexpr Direct direct_of<std::optional<std::string>> = Direct::maybe_text;
template <>
inline constexpr Direct direct_of<std::optional<Timestamp>> = Direct::maybe_time;

/// A column type behind a pointer: what the engine needs of T.
struct ColumnType {
    Kind kind;
    bool nullable;
    ValueView (*view)(const void* member, Scratch& scratch);
    void (*assign)(void* member, const ValueView& value);
    Direct direct = Direct::none;
};

template <Columnable T>
inline constexpr ColumnType column_type{kind_of<T>, is_optional<T>,
    [](const void* member, Scratch& scratch) { return view_of(*static_cast<const T*>(member), scratch); },
    [](void* member, const ValueView& value) { assign(*static_cast<T*>(member), value); }, direct_of<T>};

}  // namespace orm
}  // namespace tandem

/// How C++ types become column values: `Codec<T>`.
///
/// Built in: bool, every integer, float, double, std::string, Timestamp, Date, TimeOfDay, durations, Blob, enums (by
/// name with TANDEM_ENUM, else by number); Decimal, Uuid and Json in headers of their own; and std::optional of each (=
/// nullable). For a type of your own say which stored type it maps to and convert:
///
///     template <> struct tandem::Codec<Money> {
///         using stored = std::int64_t;
///         static std::int64_t store(const Money& m) { return m.cents; }
///         static Money load(std::int64_t cents) { return {cents}; }   // throw tandem::ValueError for what cannot be
///     };
///
/// `stored` is one of bool, std::int64_t, double, std::string, Timestamp, Date, TimeOfDay, std::chrono::microseconds,
/// Blob. A codec may add `static constexpr orm::SqlType sql_type`, and for a type that serves as key
/// `static bool is_unset(const T&)` and `static T generate()`. Pitfall: specialise before the model that uses the type.
#pragma once

#include <any>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <tandem/orm/error.hpp>
#include <tandem/orm/sql_type.hpp>
#include <tandem/orm/value.hpp>

namespace tandem {

template <class T>
struct Codec;

namespace orm {

[[noreturn]] void throw_out_of_range(std::int64_t value, bool is_unsigned, int bits);
[[noreturn]] void throw_out_of_range(std::uint64_t value);
[[noreturn]] void throw_inexact_duration(std::chrono::microseconds value);
/// Throws ValueError for what is no date of the years 0000 to 9999.
void require_date(Date date);

/// JSON as its text: what a Codec stores that maps to JSON.
struct JsonText {
    std::string text{};
};

template <class T>
concept Enumeration = std::is_enum_v<T>;
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

/// An enum that TANDEM_ENUM does not describe.
template <orm::Enumeration T>
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
struct Codec<Date> {
    using stored = Date;
    static Date store(Date value) {
        orm::require_date(value);
        return value;
    }
    static Date load(Date value) { return value; }
};

template <>
struct Codec<TimeOfDay> {
    using stored = TimeOfDay;
    static TimeOfDay store(TimeOfDay value) { return value; }
    static TimeOfDay load(TimeOfDay value) { return value; }
};

/// Durations of whole microseconds or more.
template <std::integral Rep, class Period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, std::chrono::microseconds>
struct Codec<std::chrono::duration<Rep, Period>> {
    using Duration = std::chrono::duration<Rep, Period>;
    using stored = std::chrono::microseconds;
    static stored store(Duration value) {
        constexpr auto longest = std::chrono::floor<Duration>(stored::max());
        constexpr auto shortest = std::chrono::ceil<Duration>(stored::min());
        if (value > longest || value < shortest)
            throw ValueError("is a duration of more than 292,000 years, which cannot be stored");
        return value;
    }
    static Duration load(stored value) {
        const auto result = std::chrono::duration_cast<Duration>(value);
        if (stored{result} != value) orm::throw_inexact_duration(value);
        return result;
    }
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
    else if constexpr (std::same_as<Stored, Date>) return Kind::date;
    else if constexpr (std::same_as<Stored, TimeOfDay>) return Kind::time_of_day;
    else if constexpr (std::same_as<Stored, std::chrono::microseconds>) return Kind::duration;
    else if constexpr (std::same_as<Stored, Fixed>) return Kind::decimal;
    else if constexpr (std::same_as<Stored, JsonText>) return Kind::json;
    else {
        static_assert(std::same_as<Stored, Blob>,
            "tandem: Codec<T>::stored must be bool, std::int64_t, double, std::string, Timestamp, Date, TimeOfDay, "
            "std::chrono::microseconds or Blob");
        return Kind::blob;
    }
}

/// The kind that a column type T is stored as.
template <Columnable T>
inline constexpr Kind kind_of = kind_of_stored<typename Codec<unwrap_optional_t<T>>::stored>();

template <class T>
constexpr SqlType make_sql_type() {
    using Name = SqlType::Name;
    if constexpr (requires { Codec<T>::sql_type; }) return Codec<T>::sql_type;
    else if constexpr (SmallInteger<T>) return {.name = Name::integer, .bits = sizeof(T) * 8};
    else if constexpr (std::is_enum_v<T>) return {.name = Name::integer, .bits = sizeof(T) * 8};
    else if constexpr (std::floating_point<T>) return {.name = Name::real, .bits = sizeof(T) * 8};
    else {
        switch (kind_of<T>) {
            case Kind::boolean: return {.name = Name::boolean};
            case Kind::integer: return {.name = Name::integer};
            case Kind::real: return {.name = Name::real};
            case Kind::time: return {.name = Name::time};
            case Kind::blob: return {.name = Name::blob};
            case Kind::date: return {.name = Name::date};
            case Kind::time_of_day: return {.name = Name::time_of_day};
            case Kind::duration: return {.name = Name::duration};
            case Kind::json: return {.name = Name::json};
            default: return {.name = Name::text};
        }
    }
}
/// The type of a column of T (or std::optional of it), in a database's words.
template <Columnable T>
inline constexpr SqlType sql_type_of = make_sql_type<unwrap_optional_t<T>>();

/// Room for values that a codec makes on the way, so that a ValueView can borrow them.
struct Scratch {
    std::string text{};
    Blob blob{};
};

/// Whether a value of T is stored as it is, in a view that borrows nothing: no Scratch is needed.
template <class T>
inline constexpr bool is_plain_stored = std::is_arithmetic_v<T>;
template <class T>
inline constexpr bool is_plain_stored<std::optional<T>> = is_plain_stored<T>;
/// The value of a number, or of a std::optional of one, as a view.
template <Columnable T>
    requires is_plain_stored<T>
ValueView view_of(const T& value) {
    if constexpr (is_optional<T>) return value ? view_of(*value) : ValueView{};
    else return ValueView::of(Codec<T>::store(value));
}

/// The value of a member as a view; text and blobs borrow from the member or from `scratch`.
template <Columnable T>
ValueView view_of(const T& member, Scratch& scratch) {
    if constexpr (is_optional<T>) {
        return member ? view_of(*member, scratch) : ValueView{};
    } else {
        using Stored = typename Codec<T>::stored;
        decltype(auto) stored = Codec<T>::store(member);
        if constexpr (std::is_reference_v<decltype(stored)> || std::same_as<decltype(stored), std::string_view>) {
            return ValueView::of(stored);
        } else if constexpr (std::same_as<Stored, JsonText>) {
            scratch.text = std::move(stored.text);
            return ValueView::json(scratch.text);
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

/// A value as the text of a JSON value; throws ValueError for bytes, and for null, which is no value (JSON's own null
/// is of kind json).
[[nodiscard]] JsonText to_json_text(const ValueView& view);

/// Sets a member from a view. Throws ValueError when the value does not fit (null for a member that is not optional,
/// wrong kind, out of range).
template <Columnable T>
void assign(T& member, const ValueView& view) {
    if constexpr (is_optional<T>) {
        // An empty field of a form is text; for anything but text it says "none".
        constexpr bool text = sql_type_of<T>.name == SqlType::Name::text;
        const bool empty_field = !text && view.kind() == Kind::text && view.text().empty();
        if (view.is_null() || empty_field) member.reset();
        else if (member) assign(*member, view);
        else assign(member.emplace(), view);
    } else {
        using Stored = typename Codec<T>::stored;
        constexpr Kind wanted = kind_of<T>;
        if constexpr (wanted == Kind::json) {
            member =
                Codec<T>::load(view.kind() == Kind::json ? JsonText{std::string{view.text()}} : to_json_text(view));
            return;
        }
        const ValueView given = view.kind() == wanted ? view : coerce(view, wanted);
        if constexpr (std::same_as<T, std::string>) member.assign(given.text());
        else if constexpr (std::same_as<Stored, bool>) member = Codec<T>::load(given.boolean());
        else if constexpr (std::same_as<Stored, std::int64_t>) member = Codec<T>::load(given.integer());
        else if constexpr (std::same_as<Stored, double>) member = Codec<T>::load(given.real());
        else if constexpr (std::same_as<Stored, std::string>) {
            if constexpr (requires { Codec<T>::load(std::string_view{}); }) member = Codec<T>::load(given.text());
            else member = Codec<T>::load(std::string{given.text()});
        } else if constexpr (std::same_as<Stored, Timestamp>) member = Codec<T>::load(given.time());
        else if constexpr (std::same_as<Stored, Date>) member = Codec<T>::load(given.date());
        else if constexpr (std::same_as<Stored, TimeOfDay>) member = Codec<T>::load(given.time_of_day());
        else if constexpr (std::same_as<Stored, std::chrono::microseconds>) member = Codec<T>::load(given.duration());
        else if constexpr (std::same_as<Stored, Fixed>) member = Codec<T>::load(given.decimal());
        else if constexpr (std::same_as<Stored, Blob>) {
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
    SqlType sql{};
    /// Whether a key member has no value yet: 0, "", nil, an empty optional.
    bool (*is_unset)(const void* member) = nullptr;
    /// Copies the member into `kept`, or back from there: what set() undoes with, also where the value cannot be
    /// stored.
    void (*keep)(void* member, std::any& kept, bool put_back) = nullptr;
    /// Makes the member a new one: 0, "", nil, empty.
    void (*reset)(void* member) = nullptr;
    /// Gives a key member a value of its own making; null where only the database or the program can.
    void (*generate)(void* member) = nullptr;
    Direct direct = Direct::none;
};

/// Where a value lies in an object, and of which type it is: what a driver needs to read or write it there.
struct StoredMember {
    std::uint32_t offset;  ///< bytes from the start of the object
    Direct direct;
    bool hidden;  ///< not to be shown, in echoes neither
    const ColumnType* type;
};

template <class T>
bool is_unset_member(const T& member) {
    if constexpr (is_optional<T>) {
        return !member || is_unset_member(*member);
    } else if constexpr (requires { Codec<T>::is_unset(member); }) {
        return Codec<T>::is_unset(member);
    } else if constexpr (kind_of<T> == Kind::integer || kind_of<T> == Kind::text) {
        Scratch scratch;
        const ValueView view = view_of(member, scratch);
        return kind_of<T> == Kind::integer ? view.integer() == 0 : view.text().empty();
    } else {
        return false;
    }
}

template <class T>
constexpr void (*generate_of())(void*) {
    using Plain = unwrap_optional_t<T>;
    if constexpr (requires { Codec<Plain>::generate(); })
        return [](void* member) { *static_cast<T*>(member) = Codec<Plain>::generate(); };
    else return nullptr;
}

template <Columnable T>
inline constexpr ColumnType column_type{kind_of<T>, is_optional<T>,
    [](const void* member, Scratch& scratch) { return view_of(*static_cast<const T*>(member), scratch); },
    [](void* member, const ValueView& value) { assign(*static_cast<T*>(member), value); }, sql_type_of<T>,
    [](const void* member) { return is_unset_member(*static_cast<const T*>(member)); },
    [](void* member, std::any& kept, bool put_back) {
        if (put_back) *static_cast<T*>(member) = std::any_cast<T>(std::move(kept));
        else kept = *static_cast<T*>(member);
    },
    [](void* member) { *static_cast<T*>(member) = T{}; }, generate_of<T>(), direct_of<T>};

/// Where the engine finds a column type. The library has the common ones, so that no program makes its own.
template <Columnable T>
const ColumnType* column_type_of() {
    return &column_type<T>;
}
template <>
const ColumnType* column_type_of<bool>();
template <>
const ColumnType* column_type_of<std::int32_t>();
template <>
const ColumnType* column_type_of<std::int64_t>();
template <>
const ColumnType* column_type_of<double>();
template <>
const ColumnType* column_type_of<std::string>();
template <>
const ColumnType* column_type_of<Timestamp>();
template <>
const ColumnType* column_type_of<std::optional<bool>>();
template <>
const ColumnType* column_type_of<std::optional<std::int32_t>>();
template <>
const ColumnType* column_type_of<std::optional<std::int64_t>>();
template <>
const ColumnType* column_type_of<std::optional<double>>();
template <>
const ColumnType* column_type_of<std::optional<std::string>>();
template <>
const ColumnType* column_type_of<std::optional<Timestamp>>();

/// Where `member`, which is a part of `object`, lies in all objects of that type.
template <class T>
StoredMember stored_member(const auto& object, const T& member) {
    const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&object);
    return {static_cast<std::uint32_t>(offset), direct_of<T>, false, column_type_of<T>()};
}

}  // namespace orm
}  // namespace tandem

/// The macros that list a class's members: TANDEM_STRUCT and TANDEM_DESCRIBE for plain structs (TANDEM_MODEL and
/// TANDEM_STATE build on them).
///
/// Contract: a listed class gets a visitor `tandem_members(v)` that calls `v(Member<&S::x>{}, "x", options…)` for each
/// member in the order listed. An option goes beside the name, in parentheses: `(email, unique)`. Pitfall: a member
/// that is not listed is invisible to Tandem: it is neither stored, nor sent, nor restored.
///
///     struct FlagForm { std::int64_t post_id = 0; std::string message; TANDEM_STRUCT(FlagForm, post_id, message) };
///     TANDEM_DESCRIBE(vendor::Imu, x, y, z)   // a struct of somebody else, at namespace scope, unchanged
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include <tandem/orm/options.hpp>
#include <tandem/orm/rules.hpp>

namespace tandem {

/// A string literal as a template argument.
template <std::size_t N>
struct FixedString {
    char text[N];
    constexpr FixedString(const char (&literal)[N]) {  // NOLINT: implicit by design
        for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
    }
    bool operator==(const FixedString&) const = default;
};

/// Names a member at compile time.
template <auto Pointer>
struct Member {
    static constexpr auto pointer = Pointer;
};

/// The description of a struct from outside, made by TANDEM_DESCRIBE.
template <class S>
struct Description;

namespace orm {

template <class M>
struct member_pointer;
template <class C, class V>
struct member_pointer<V C::*> {
    using owner = C;
    using value = V;
};
/// The type of the data member that a member pointer names.
template <auto Pointer>
using member_value_t = typename member_pointer<decltype(Pointer)>::value;

template <class S>
concept DescribedInside = requires { S::tandem_name(); };
template <class S>
concept DescribedOutside = requires { Description<S>::tandem_name(); };
/// A struct, model or state whose members are listed.
template <class S>
concept Described = DescribedInside<S> || DescribedOutside<S>;

/// Visits the listed members of S.
template <Described S, class Visitor>
void visit_members(Visitor&& visitor) {
    if constexpr (DescribedInside<S>) S::tandem_members(visitor);
    else Description<S>::tandem_members(visitor);
}
template <Described S>
constexpr const char* name_of() {
    if constexpr (DescribedInside<S>) return S::tandem_name();
    else return Description<S>::tandem_name();
}

}  // namespace orm
}  // namespace tandem

// Repeats M(S, x) for each x of a list of up to 255 (the rescanning trick of "Recursive macros with C++20 __VA_OPT__",
// D. Mazières).
#define TANDEM_PARENS ()
#define TANDEM_EXPAND(...) TANDEM_EXPAND4(TANDEM_EXPAND4(TANDEM_EXPAND4(TANDEM_EXPAND4(__VA_ARGS__))))
#define TANDEM_EXPAND4(...) TANDEM_EXPAND3(TANDEM_EXPAND3(TANDEM_EXPAND3(TANDEM_EXPAND3(__VA_ARGS__))))
#define TANDEM_EXPAND3(...) TANDEM_EXPAND2(TANDEM_EXPAND2(TANDEM_EXPAND2(TANDEM_EXPAND2(__VA_ARGS__))))
#define TANDEM_EXPAND2(...) __VA_ARGS__
#define TANDEM_FOR_EACH(M, S, ...) __VA_OPT__(TANDEM_EXPAND(TANDEM_FOR_EACH_STEP(M, S, __VA_ARGS__)))
#define TANDEM_FOR_EACH_STEP(M, S, x, ...) M(S, x) __VA_OPT__(TANDEM_FOR_EACH_AGAIN TANDEM_PARENS(M, S, __VA_ARGS__))
#define TANDEM_FOR_EACH_AGAIN() TANDEM_FOR_EACH_STEP
#define TANDEM_CAT(a, b) TANDEM_CAT_(a, b)
#define TANDEM_CAT_(a, b) a##b
#define TANDEM_STRING(x) TANDEM_STRING_(x)
#define TANDEM_STRING_(x) #x

// A list item is `name` or `(name, option…)`: TANDEM_ITEM_NAME and TANDEM_ITEM_OPTIONS take it apart.
#define TANDEM_PROBE(...) ~, 1
#define TANDEM_SECOND(a, b, ...) b
#define TANDEM_SECOND_(...) TANDEM_SECOND(__VA_ARGS__, ~)
#define TANDEM_IN_PARENS(x) TANDEM_SECOND_(TANDEM_PROBE x, 0)
#define TANDEM_ITEM_NAME(x) TANDEM_CAT(TANDEM_ITEM_NAME_, TANDEM_IN_PARENS(x))(x)
#define TANDEM_ITEM_NAME_0(x) x
#define TANDEM_ITEM_NAME_1(x) TANDEM_FIRST x
#define TANDEM_FIRST(a, ...) a
#define TANDEM_ITEM_OPTIONS(x) TANDEM_CAT(TANDEM_ITEM_OPTIONS_, TANDEM_IN_PARENS(x))(x)
#define TANDEM_ITEM_OPTIONS_0(x)
#define TANDEM_ITEM_OPTIONS_1(x) TANDEM_REST x
#define TANDEM_REST(a, ...) __VA_OPT__(, ) __VA_ARGS__

#define TANDEM_VISIT_ITEM(S, x)                                                                                        \
    visitor(::tandem::Member<&S::TANDEM_ITEM_NAME(x)>{}, TANDEM_STRING(TANDEM_ITEM_NAME(x)) TANDEM_ITEM_OPTIONS(x));
// Using-declarations rather than a using-directive: the latter would make `index` ambiguous with the POSIX function.
#define TANDEM_VISITOR(S, ...)                                                                                         \
    template <class Visitor>                                                                                           \
    static constexpr void tandem_members([[maybe_unused]] Visitor&& visitor) {                                         \
        using ::tandem::options::primary_key, ::tandem::options::unique, ::tandem::options::index,                     \
            ::tandem::options::foreign_key, ::tandem::options::on_delete, ::tandem::options::on_update,                \
            ::tandem::options::restrict, ::tandem::options::cascade, ::tandem::options::set_null,                      \
            ::tandem::options::set_default, ::tandem::options::deferrable, ::tandem::options::version,                 \
            ::tandem::options::not_null, ::tandem::options::autoincrement, ::tandem::options::client_key,              \
            ::tandem::options::max_length, ::tandem::options::sql_type, ::tandem::options::default_value,              \
            ::tandem::options::onupdate, ::tandem::options::server_default, ::tandem::options::column_name,            \
            ::tandem::options::hidden, ::tandem::options::readonly, ::tandem::options::back_populates,                 \
            ::tandem::options::link, ::tandem::options::order_by, ::tandem::options::cascade_delete,                   \
            ::tandem::options::delete_orphan, ::tandem::options::passive_deletes, ::tandem::options::no_save_update,   \
            ::tandem::options::lazy, ::tandem::options::now, ::tandem::options::select, ::tandem::options::selectin,   \
            ::tandem::options::joined, ::tandem::options::subquery, ::tandem::options::immediate,                      \
            ::tandem::options::deferred, ::tandem::options::raise, ::tandem::options::noload,                          \
            ::tandem::options::settable, ::tandem::options::backend, ::tandem::options::min, ::tandem::options::max,   \
            ::tandem::options::min_length, ::tandem::options::pattern, ::tandem::options::email,                       \
            ::tandem::options::one_of, ::tandem::options::check;                                                       \
        TANDEM_FOR_EACH(TANDEM_VISIT_ITEM, S, __VA_ARGS__)                                                             \
    }                                                                                                                  \
    static constexpr const char* tandem_name() { return #S; }

/// Inside a plain struct: lists the members that forms, vars and arguments carry.
#define TANDEM_STRUCT(S, ...) TANDEM_VISITOR(S, __VA_ARGS__)
/// At namespace scope: the same for a struct that cannot be changed.
#define TANDEM_DESCRIBE(S, ...)                                                                                        \
    template <>                                                                                                        \
    struct tandem::Description<S> {                                                                                    \
        TANDEM_VISITOR(S, __VA_ARGS__)                                                                                 \
    };

/// Naming an attribute of a model at run time: what `session.expire(user, User::c.posts)` takes.
///
/// Contract: made from a column or relation proxy only, so that it cannot name what is not there.
#pragma once

#include <cstdint>

#include <tandem/orm/column.hpp>

namespace tandem::orm {

/// A column or relation of a model, by its place in the object.
template <class T>
struct AttributeOf {
    std::uint32_t offset;

    template <auto Pointer, FixedString Alias, class V>
    AttributeOf(ColumnProxy<T, Pointer, Alias, V> /*proxy*/)  // NOLINT(google-explicit-constructor)
        : offset(offset_of<T, Pointer>()) {}
};

template <class T, class Proxy>
inline constexpr bool is_attribute_of = std::is_convertible_v<Proxy, AttributeOf<T>>;

}  // namespace tandem::orm

/// Which C++ types a var can have, and how each is written to and read from an image.
///
/// Types: whatever a column can hold, std::vector, std::optional, std::map<std::string, T>, structs listed with
/// TANDEM_STRUCT or TANDEM_DESCRIBE, tandem::Ref, and the Value and Row of raw SQL, nested at will. A list is compared
/// by key when its elements are Refs (their primary key) or structs with a member `id`.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tandem/framework/image.hpp>
#include <tandem/orm/codec.hpp>
#include <tandem/orm/describe.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/result.hpp>

namespace tandem {

namespace orm {

template <class V>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class V>
inline constexpr bool is_string_map = false;
template <class T>
inline constexpr bool is_string_map<std::map<std::string, T>> = true;

template <class V>
concept HasColumnableId = requires(const V& value) { requires Columnable<std::remove_cvref_t<decltype(value.id)>>; };

/// The key of a model object's row.
[[nodiscard]] ValueView node_key(const Node* node, Scratch& scratch);

/// The data members that a described class lists.
template <class V>
const Shape& shape_of() {
    static const Shape shape = [] {
        Shape names;
        visit_members<V>([&names]<auto P>(Member<P>, const char* name, auto...) {
            if constexpr (std::is_member_object_pointer_v<decltype(P)>) names.push_back(name);
        });
        return names;
    }();
    return shape;
}

/// Calls f(member) for each listed data member of a value.
template <class V, class F>
void each_member(V& value, F&& f) {
    visit_members<std::remove_const_t<V>>([&]<auto P>(Member<P>, const char* name, auto...) {
        if constexpr (std::is_member_object_pointer_v<decltype(P)>) f(name, value.*P);
    });
}

}  // namespace orm

template <class V>
void write_image(ImageWriter& out, const V& value);
template <class V>
void read_image(ImageReader& in, V& value);

namespace orm {

template <class E>
constexpr bool is_keyed_element() {
    if constexpr (is_ref<E>) return true;
    else if constexpr (Described<E> && HasColumnableId<E>) {
        constexpr Kind kind = kind_of<std::remove_cvref_t<decltype(std::declval<const E&>().id)>>;
        return kind == Kind::integer || kind == Kind::text;
    } else {
        return false;
    }
}

template <class E>
void write_list(ImageWriter& out, const std::vector<E>& list) {
    constexpr bool keyed = is_keyed_element<E>();
    auto open = out.begin_list(keyed);
    // A copy for vector<bool>'s proxies, a reference for everything else.
    for (auto&& element : list) {
        if constexpr (is_ref<E>) {
            if (out.leaves_out(element.node())) continue;
            Scratch scratch;
            out.element(open, element ? node_key(element.node(), scratch) : ValueView{});
        } else if constexpr (keyed) {
            Scratch scratch;
            out.element(open, view_of(element.id, scratch));
        } else {
            out.element(open);
        }
        write_image<E>(out, element);
    }
    out.end_list(open);
}

template <class E>
void read_list(ImageReader& in, std::vector<E>& list) {
    const auto [count, keyed] = in.list();
    list.clear();
    list.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (keyed) in.skip();
        E element{};
        read_image(in, element);
        list.push_back(std::move(element));
    }
}

}  // namespace orm

template <class V>
void write_image(ImageWriter& out, const V& value) {
    using namespace orm;
    if constexpr (is_ref<V>) {
        out.node(value.node());
    } else if constexpr (std::same_as<V, Value>) {
        out.value(ValueView::from(value));
    } else if constexpr (Columnable<V>) {
        Scratch scratch;
        out.value(view_of(value, scratch));
    } else if constexpr (is_vector<V>) {
        write_list(out, value);
    } else if constexpr (is_optional<V>) {
        if (value) write_image(out, *value);
        else out.null();
    } else if constexpr (is_string_map<V>) {
        auto open = out.begin_map();
        for (const auto& [key, entry] : value) {
            out.entry(open, key);
            write_image(out, entry);
        }
        out.end_map(open);
    } else {
        static_assert(!ModelClass<V>, "tandem: a state holds a model by tandem::Ref, not by value");
        static_assert(Described<V>,
            "tandem: a var cannot have this type; list its members with TANDEM_STRUCT or TANDEM_DESCRIBE");
        if constexpr (Described<V> && !ModelClass<V>) {
            auto open = out.begin_object(shape_of<V>());
            each_member(value, [&out](const char*, const auto& member) { write_image(out, member); });
            out.end_object(open);
        }
    }
}

template <class V>
void read_image(ImageReader& in, V& value) {
    using namespace orm;
    if constexpr (is_ref<V>) {
        value = V::of(in.node());
    } else if constexpr (std::same_as<V, Value>) {
        value = to_value(in.value());
    } else if constexpr (Columnable<V>) {
        assign(value, in.value());
    } else if constexpr (is_vector<V>) {
        read_list(in, value);
    } else if constexpr (is_optional<V>) {
        if (in.tag() == Tag::null) {
            in.skip();
            value.reset();
        } else {
            read_image(in, value.emplace());
        }
    } else if constexpr (is_string_map<V>) {
        value.clear();
        const std::uint32_t count = in.map();
        for (std::uint32_t i = 0; i < count; ++i) {
            std::string key{in.value().text()};
            read_image(in, value[std::move(key)]);
        }
    } else {
        in.object();
        each_member(value, [&in](const char*, auto& member) { read_image(in, member); });
    }
}

}  // namespace tandem

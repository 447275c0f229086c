/// Typed values from what a client sent: arguments of handlers, values of settable vars.
///
/// Contract: everything is checked: kinds, ranges, missing and unknown fields. Numbers and booleans may come as text,
/// as HTML forms send them. A struct's or model's failures are collected and thrown together, as one ValidationError by
/// field. A model takes columns only: never its key, hidden or readonly ones. Pitfall: what a struct does not list
/// cannot be sent.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <tandem/framework/errors.hpp>
#include <tandem/framework/image_codec.hpp>
#include <tandem/framework/json_view.hpp>

namespace tandem {

template <class V>
void decode(const JsonView& in, V& out);

namespace orm {

/// Collects the failures of fields; of many only the first ones, as somebody must keep and send them.
class FieldErrors {
public:
    /// Runs f; what it throws is noted under the field's name.
    template <class F>
    void check(std::string_view field, F&& f) {
        try {
            f();
        } catch (const ValidationError& error) {
            for (const auto& [inner, text] : error.fields()) add(std::string{field} + "." + inner, text);
            if (error.fields().empty()) add(field, error.what());
        } catch (const ValueError& error) { add(field, error.what()); }
    }
    void add(std::string_view field, std::string text) {
        constexpr std::size_t most_fields = 100;
        constexpr std::size_t longest_name = 100;
        if (fields_.size() < most_fields) fields_.emplace(field.substr(0, longest_name), std::move(text));
    }
    [[nodiscard]] bool has(std::string_view field) const { return fields_.contains(std::string{field}); }
    void throw_if_any() const {
        if (!fields_.empty()) throw ValidationError::of(fields_);
    }

private:
    std::map<std::string, std::string> fields_{};
};

void require(const JsonView& in, JsonView::Type type);
void decode_scalar(const JsonView& in, void* member, const ColumnType& type);
void decode_model(const JsonView& in, void* object, const Table& table);
void decode_json(const JsonView& in, Json& out);

template <class V>
void decode_struct(const JsonView& in, V& out) {
    require(in, JsonView::Type::object);
    FieldErrors errors;
    // Which listed members were sent.
    std::map<std::string_view, bool> sent;
    in.each_member([&](std::string_view name, const JsonView& value) {
        bool known = false;
        each_member(out, [&](const char* member_name, auto& member) {
            if (name != member_name) return;
            known = true;
            if (std::exchange(sent[member_name], true)) return errors.add(name, "is given twice");
            errors.check(name, [&] { decode(value, member); });
        });
        if (!known) errors.add(name, "is not a field of this form");
    });
    each_member(out, [&]<class M>(const char* name, M&) {
        if (!is_optional<M> && !sent.contains(name)) errors.add(name, "is required");
    });
    visit_members<V>([&]<auto P>(Member<P>, const char* name, const auto&... options) {
        if constexpr (std::is_member_object_pointer_v<decltype(P)>) {
            static const std::vector<Rule> rules = [&] {  // a pattern is compiled once
                std::vector<Rule> list;
                (take_rule<member_value_t<P>>(list, options), ...);
                return list;
            }();
            if (rules.empty() || errors.has(name)) return;
            const std::string problem = problems_of(rules, &(out.*P));
            if (!problem.empty()) errors.add(name, problem);
        }
    });
    errors.throw_if_any();
}

}  // namespace orm

template <class V>
void decode(const JsonView& in, V& out) {
    using namespace orm;
    if constexpr (std::same_as<V, Json>) {
        decode_json(in, out);
    } else if constexpr (Columnable<V>) {
        decode_scalar(in, &out, column_type<V>);
    } else if constexpr (is_vector<V>) {
        require(in, JsonView::Type::list);
        FieldErrors errors;
        out.clear();
        in.each_element([&](const JsonView& element) {
            typename V::value_type value{};
            errors.check(std::to_string(out.size()), [&] { decode(element, value); });
            out.push_back(std::move(value));
        });
        errors.throw_if_any();
    } else if constexpr (is_optional<V>) {
        if (in.type() == JsonView::Type::scalar && in.scalar().is_null()) out.reset();
        else decode(in, out.emplace());
    } else if constexpr (is_string_map<V>) {
        require(in, JsonView::Type::object);
        FieldErrors errors;
        out.clear();
        in.each_member([&](std::string_view name, const JsonView& value) {
            errors.check(name, [&] { decode(value, out[std::string{name}]); });
        });
        errors.throw_if_any();
    } else if constexpr (ModelClass<V>) {
        decode_model(in, &out, table_of<V>());
    } else {
        static_assert(Described<V>,
            "tandem: a client cannot send this type; list its members with TANDEM_STRUCT or TANDEM_DESCRIBE");
        if constexpr (Described<V>) decode_struct(in, out);
    }
}

namespace orm {

/// Whether a client can send a V, with all that is in it. `Outer` are the structs it is looked for in, as one may
/// contain itself.
template <class V, class... Outer>
constexpr bool is_decodable() {
    if constexpr ((std::same_as<V, Outer> || ...) || std::same_as<V, Json> || Columnable<V> || ModelClass<V>) {
        return true;
    } else if constexpr (is_vector<V> || is_optional<V>) {
        return is_decodable<typename V::value_type, Outer...>();
    } else if constexpr (is_string_map<V>) {
        return is_decodable<typename V::mapped_type, Outer...>();
    } else if constexpr (Described<V>) {
        bool all = true;
        const auto look_at = [&all]<auto P>(Member<P>, const char*, auto...) {
            if constexpr (std::is_member_object_pointer_v<decltype(P)>)
                all = all && is_decodable<member_value_t<P>, V, Outer...>();
        };
        if constexpr (DescribedInside<V>) V::tandem_members(look_at);
        else Description<V>::tandem_members(look_at);
        return all;
    } else {
        return false;
    }
}

}  // namespace orm

/// Decodes a handler's arguments. Throws ValidationError naming the argument that does not fit.
template <class... A>
void decode_arguments(const JsonView& in, std::tuple<A...>& out) {
    if (in.size() != sizeof...(A))
        throw ValidationError("takes " + std::to_string(sizeof...(A)) +
                (sizeof...(A) == 1 ? " argument, " : " arguments, ") + std::to_string(in.size()) + " were sent",
            {});
    std::size_t index = 0;
    const auto decode_at = [&](const JsonView& value) {
        std::size_t at = 0;
        const auto decode_if = [&](auto& argument) {
            if (at++ == index) decode(value, argument);
        };
        std::apply([&](auto&... argument) { (decode_if(argument), ...); }, out);
    };
    in.each_element([&](const JsonView& value) {
        try {
            decode_at(value);
        } catch (const ValidationError& error) {
            throw ValidationError("argument " + std::to_string(index + 1) + ": " + error.what(), error.fields());
        } catch (const ValueError& error) {
            throw ValidationError("argument " + std::to_string(index + 1) + " " + error.what(), {});
        }
        ++index;
    });
}

}  // namespace tandem

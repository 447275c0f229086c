/// `JsonView`: a borrowed value of a parsed JSON text, without a JSON library in the header.
///
/// Contract: strings are decoded as protocol.md says (`~i…` is an integer, `~~` a `~`). A view is good while the parsed
/// text is. Pitfall: it is what the client sent; every use must check kinds, which the decoders of decode.hpp do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tandem/orm/json_fwd.hpp>
#include <tandem/orm/value.hpp>

namespace tandem {

class JsonView {
public:
    enum class Type : std::uint8_t { scalar, list, object };

    [[nodiscard]] Type type() const;
    /// The value of a scalar; a number beyond 64-bit integers is a real. Throws ValueError for a string that starts
    /// with `~` but is no encoded value.
    [[nodiscard]] orm::ValueView scalar() const;
    /// A string as it was sent: names of the protocol are not encoded. Empty for anything else.
    [[nodiscard]] std::optional<std::string_view> plain_text() const;
    /// How many elements a list or members an object has; 0 for a scalar.
    [[nodiscard]] std::size_t size() const;
    /// Calls f(JsonView) for each element of a list.
    template <class F>
    void each_element(F&& f) const {
        visit_elements(&f, [](void* context, const JsonView& element) {
            (*static_cast<std::remove_reference_t<F>*>(context))(element);
        });
    }
    /// Calls f(std::string_view name, JsonView) for each member of an object.
    template <class F>
    void each_member(F&& f) const {
        visit_members(&f, [](void* context, std::string_view name, const JsonView& value) {
            (*static_cast<std::remove_reference_t<F>*>(context))(name, value);
        });
    }
    [[nodiscard]] Json to_json() const;

    /// For json_view.cpp, which knows what is inside.
    using Storage = std::array<std::byte, 16>;
    explicit JsonView(const Storage& storage) : storage_(storage) {}
    [[nodiscard]] const Storage& storage() const { return storage_; }

private:
    void visit_elements(void* context, void (*visit)(void*, const JsonView&)) const;
    void visit_members(void* context, void (*visit)(void*, std::string_view, const JsonView&)) const;
    alignas(8) Storage storage_;
};

}  // namespace tandem

// SQL texts of the engine's own statements, made once per thread and plan.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace tandem::orm {

/// What a text is made from: addresses and numbers, one behind the other.
class TextKey {
public:
    template <class P>
    TextKey& add(P* pointer) {
        return append(&pointer, sizeof pointer);
    }
    TextKey& add(std::size_t number) { return append(&number, sizeof number); }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    TextKey& append(const void* data, std::size_t size) {
        bytes_.append(static_cast<const char*>(data), size);
        return *this;
    }
    std::string bytes_{};
};

using SharedText = std::shared_ptr<const std::string>;

/// The text for a key; `make()` is called for a new one.
template <class F>
SharedText cached_text(const TextKey& key, F make) {
    constexpr std::size_t most = 2'000;
    thread_local std::unordered_map<std::string, SharedText> texts;
    if (const auto found = texts.find(key.bytes()); found != texts.end()) return found->second;
    if (texts.size() >= most) texts.clear();
    return texts.emplace(key.bytes(), std::make_shared<const std::string>(make())).first->second;
}

}  // namespace tandem::orm

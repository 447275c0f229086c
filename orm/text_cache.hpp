// SQL texts of the engine's own statements, made once per thread and plan.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tandem::orm {

/// What a text is made from: addresses and numbers, one behind the other. Most keys fit without an allocation.
class TextKey {
public:
    template <class P>
    TextKey& add(P* pointer) {
        return append(&pointer, sizeof pointer);  // NOLINT(bugprone-sizeof-expression): it is the address that counts
    }
    TextKey& add(std::size_t number) { return append(&number, sizeof number); }
    [[nodiscard]] std::string_view bytes() const {
        return long_.empty() ? std::string_view{short_.data(), size_} : std::string_view{long_};
    }

private:
    TextKey& append(const void* data, std::size_t size) {
        if (long_.empty() && size_ + size <= short_.size()) {
            std::memcpy(short_.data() + size_, data, size);
            size_ += size;
            return *this;
        }
        if (long_.empty()) long_.assign(short_.data(), size_);
        long_.append(static_cast<const char*>(data), size);
        return *this;
    }
    std::array<char, 128> short_;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled up to size_
    std::size_t size_ = 0;
    std::string long_{};
};

using SharedText = std::shared_ptr<const std::string>;

/// Lets a key be looked up without a copy of it.
struct TextKeyHash : std::hash<std::string_view> {
    using is_transparent = void;
};

/// The text for a key; `make()` is called for a new one.
template <class F>
SharedText cached_text(const TextKey& key, F make) {
    constexpr std::size_t most = 2'000;
    thread_local std::unordered_map<std::string, SharedText, TextKeyHash, std::equal_to<>> texts;
    if (const auto found = texts.find(key.bytes()); found != texts.end()) return found->second;
    if (texts.size() >= most) texts.clear();
    return texts.emplace(key.bytes(), std::make_shared<const std::string>(make())).first->second;
}

}  // namespace tandem::orm

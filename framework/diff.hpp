// The smallest ops that turn one image into another. Lists are compared by key here and spoken of by position on the
// wire.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

/// The ops of one frame, as the inside of a JSON array.
class Ops {
public:
    [[nodiscard]] bool empty() const { return text_.empty(); }
    /// In bytes.
    [[nodiscard]] std::size_t size() const { return text_.size(); }
    /// `[op,op,…]`
    [[nodiscard]] std::string json() const { return "[" + text_ + "]"; }
    std::string& next() {
        if (!text_.empty()) text_ += ',';
        return text_;
    }
    void append(const Ops& more) {
        if (!more.empty()) next() += more.text_;
    }

private:
    std::string text_;
};

/// Appends the ops that turn the value of image `before`, shown at `path` (JSON array elements, e.g. `"state","var"`),
/// into that of `after`. Equal images make none.
void append_diff(Ops& ops, std::string_view path, std::string_view before, std::string_view after);

}  // namespace tandem

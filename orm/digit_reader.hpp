// Reads fixed numbers of digits from the front of a text: what the parsers of dates and times share.
#pragma once

#include <optional>
#include <string_view>

namespace tandem::orm {

class DigitReader {
public:
    explicit DigitReader(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    bool skip(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Two digits after a separator.
    std::optional<int> part(char separator) { return skip(separator) ? digits(2) : std::nullopt; }
    /// Microseconds of a fraction of 1 to 9 digits.
    std::optional<int> fraction() {
        int value = 0;
        int count = 0;
        for (; at_digit(); ++count) {
            if (count == 9) return std::nullopt;
            const int digit = digits(1).value_or(0);
            if (count < 6) value = value * 10 + digit;
        }
        if (count == 0) return std::nullopt;
        for (; count < 6; ++count) value *= 10;
        return value;
    }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

private:
    std::string_view rest_;
};

}  // namespace tandem::orm

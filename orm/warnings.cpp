#include "warnings.hpp"

#include <cstdio>

namespace tandem::orm {

void Warnings::say(std::string_view text) {
    std::shared_ptr<const WarningObserver> observer;
    {
        const std::lock_guard lock{mutex_};
        observer = observer_;
    }
    if (observer) (*observer)(text);
    else std::fprintf(stderr, "tandem: %.*s\n", static_cast<int>(text.size()), text.data());
}

void Warnings::say_once(const std::string& key, std::string_view text) {
    {
        const std::lock_guard lock{mutex_};
        if (!said_.insert(key).second) return;
    }
    say(text);
}

}  // namespace tandem::orm

// A set of pairs of pointers, in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tandem::orm {

class PairSet {
public:
    /// Whether the pair is new. `a` is not null.
    bool insert(const void* a, const void* b) {
        if (used_ * 2 >= slots_.size()) grow();
        Slot& slot = find(a, b);
        if (slot.a) return false;
        slot = {a, b};
        ++used_;
        return true;
    }

private:
    struct Slot {
        const void* a;
        const void* b;
    };
    Slot& find(const void* a, const void* b) {
        const std::size_t mask = slots_.size() - 1;
        const std::uint64_t mixed =
            (reinterpret_cast<std::uintptr_t>(a) * 31 + reinterpret_cast<std::uintptr_t>(b)) * 0x9E3779B97F4A7C15ULL;
        for (std::size_t i = static_cast<std::size_t>(mixed >> 32) & mask;; i = (i + 1) & mask) {
            Slot& slot = slots_[i];
            if (!slot.a || (slot.a == a && slot.b == b)) return slot;
        }
    }
    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2, Slot{nullptr, nullptr});
        old.swap(slots_);
        for (const Slot& slot : old)
            if (slot.a) find(slot.a, slot.b) = slot;
    }
    std::vector<Slot> slots_{};
    std::size_t used_ = 0;
};

}  // namespace tandem::orm

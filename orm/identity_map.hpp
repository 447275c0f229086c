// Keys and identity maps: which object a session has for a row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <tandem/orm/ref.hpp>

namespace tandem::orm {

/// A primary key's value. A key of one integer is that integer; any other is encoded as text: equal keys have equal
/// texts, and only those.
using Key = std::variant<std::int64_t, std::string>;

[[nodiscard]] Key to_key(const ValueView& view);
/// The key that some columns of an object hold; nothing when one of them is NULL.
[[nodiscard]] std::optional<Key> key_in(const Node* node, std::span<const std::size_t> columns);
/// An object's key where it is a plain std::int64_t, as most are; else null.
[[nodiscard]] inline const std::int64_t* integer_key(const Node* node) {
    const Table& table = *node->table;
    if (!table.integer_key || table.members[table.key.front()].direct != Direct::int64) return nullptr;
    return static_cast<const std::int64_t*>(node->member(table.members[table.key.front()].offset));
}
/// An object's own key.
[[nodiscard]] Key key_of(const Node* node);
/// Reads a key from a row of values.
[[nodiscard]] Key to_key(std::span<const ValueView> views);
/// The values of a key, as to_key() took them.
[[nodiscard]] std::vector<Value> key_values(const Key& key);

struct KeyHash {
    std::size_t operator()(const Key& key) const { return std::hash<Key>{}(key); }
};

/// The objects of one table by key. Integers are kept in an open-addressed table, since most keys are integers and
/// every row read looks its object up.
class IdentityMap {
public:
    [[nodiscard]] Node* find(std::int64_t key) const {
        if (!noted_.empty()) index_noted();
        if (slots_.empty()) return nullptr;
        const std::uint64_t hash = hash_of(key);
        const std::uint8_t tag = tag_of(hash);
        for (std::size_t i = place_of(hash); tags_[i] != 0; i = (i + 1) & (slots_.size() - 1))
            if (tags_[i] == tag && slots_[i].key == key) return slots_[i].node;
        return nullptr;
    }
    [[nodiscard]] Node* find(const Key& key) const {
        if (const auto* integer = std::get_if<std::int64_t>(&key)) return find(*integer);
        const auto found = others_.find(std::get<std::string>(key));
        return found == others_.end() ? nullptr : found->second;
    }
    /// Fetches the place of a key that was not found, for the object that is about to be read: the memory is there when
    /// the row is.
    void prefetch(std::int64_t key) const {
        if (!slots_.empty()) __builtin_prefetch(&slots_[place_of(hash_of(key))], 1);
    }
    [[nodiscard]] bool empty() const { return used_ == 0 && others_.empty() && noted_.empty(); }
    /// Adds an object without a look at the others, for keys that are known to be new: a table read whole costs no
    /// look-up per row, and none at all where nobody asks for a key afterwards.
    void note(std::int64_t key, Node* node) { noted_.add({key, node}); }
    /// Whether there are these noted objects and no others.
    [[nodiscard]] bool has_only_noted(std::size_t count) const {
        return noted_.size() == count && used_ == 0 && others_.empty();
    }
    /// Replaces what had the key.
    void insert(std::int64_t key, Node* node);
    void insert(const Key& key, Node* node);
    void erase(const Key& key);
    /// The key under which an object is known; a search through all of them when its key was changed by hand.
    [[nodiscard]] std::optional<Key> key_of(const Node* node) const;
    /// Calls f(Node*) for each object.
    template <class F>
    void each(F f) const {
        noted_.each([&f](const Slot& slot) { f(slot.node); });
        for (const Slot& slot : slots_)
            if (slot.node) f(slot.node);
        for (const auto& [key, node] : others_) f(node);
    }

private:
    struct Slot {
        std::int64_t key;
        Node* node;  ///< null: free
    };
    /// A list that does not move what it holds when it grows long.
    class SlotList {
    public:
        void add(Slot slot) {
            if (newest_.size() == chunk_size) begin_chunk();
            newest_.push_back(slot);
        }
        [[nodiscard]] std::size_t size() const { return full_.size() * chunk_size + newest_.size(); }
        [[nodiscard]] bool empty() const { return full_.empty() && newest_.empty(); }
        /// Gives the memory back, but for one chunk.
        void clear() {
            full_ = {};
            newest_.clear();
        }
        /// Calls f(const Slot&) for each, in order.
        template <class F>
        void each(F f) const {
            for (const auto& chunk : full_) std::ranges::for_each(chunk, f);
            std::ranges::for_each(newest_, f);
        }

    private:
        static constexpr std::size_t chunk_size = 4096;
        void begin_chunk();
        std::vector<std::vector<Slot>> full_{};
        std::vector<Slot> newest_{};
    };
    // Fibonacci hashing: neighbouring keys are spread by the golden ratio (Knuth, TAOCP 3, 6.4).
    [[nodiscard]] static std::uint64_t hash_of(std::int64_t key) {
        return static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15ULL;
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t hash) const { return static_cast<std::size_t>(hash >> shift_); }
    /// The bits behind those that say the place; never 0, which stands for a free place.
    [[nodiscard]] std::uint8_t tag_of(std::uint64_t hash) const {
        return static_cast<std::uint8_t>(hash >> (shift_ - 8)) | 1;
    }
    void index_noted() const;
    void grow_to(std::size_t size);
    void put(std::int64_t key, Node* node);

    SlotList noted_{};           ///< objects that nobody has looked for yet
    std::vector<Slot> slots_{};  ///< a power of two, at most three quarters used
    /// A byte for each slot, 0 where it is free: that a key is unknown, as most rows' keys are when they are read, is
    /// seen in a sixteenth of the memory.
    std::vector<std::uint8_t> tags_{};
    std::size_t used_ = 0;
    unsigned shift_ = 64;
    std::unordered_map<std::string, Node*> others_{};
};

}  // namespace tandem::orm

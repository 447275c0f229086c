#include "identity_map.hpp"

#include <algorithm>
#include <cstring>

namespace tandem::orm {
namespace {

// Of each value: its kind, its size, its bytes.
void encode(std::string& out, const ValueView& view) {
    const Kind kind = view.kind() == Kind::boolean ? Kind::integer : view.kind();
    out += static_cast<char>(kind);
    const auto add = [&out](const void* data, std::size_t size) {
        const auto length = static_cast<std::uint64_t>(size);
        out.append(reinterpret_cast<const char*>(&length), sizeof length);
        out.append(static_cast<const char*>(data), size);
    };
    switch (kind) {
        case Kind::text: add(view.text().data(), view.text().size()); break;
        case Kind::blob: add(view.bytes().data(), view.bytes().size()); break;
        default: {
            const std::int64_t number = view.integer();
            add(&number, sizeof number);
        }
    }
}

Value decode(const char*& at) {
    const auto kind = static_cast<Kind>(*at++);
    std::uint64_t length = 0;
    std::memcpy(&length, at, sizeof length);
    at += sizeof length;
    const char* data = at;
    at += length;
    if (kind == Kind::text) return std::string{data, length};
    if (kind == Kind::blob) {
        const auto* bytes = reinterpret_cast<const std::byte*>(data);
        return Blob{{bytes, bytes + length}};
    }
    std::int64_t number = 0;
    std::memcpy(&number, data, sizeof number);
    const std::chrono::microseconds microseconds{number};
    if (kind == Kind::time) return to_value(ValueView::of(Timestamp{microseconds}));
    if (kind == Kind::duration) return to_value(ValueView::of(microseconds));
    if (kind == Kind::time_of_day) return to_value(ValueView::of(TimeOfDay{microseconds}));
    if (kind == Kind::date)
        return to_value(ValueView::of(Date{std::chrono::sys_days{std::chrono::days{static_cast<int>(number)}}}));
    return number;
}

}  // namespace

Key to_key(std::span<const ValueView> views) {
    if (views.size() == 1 && views.front().kind() == Kind::integer) return views.front().integer();
    std::string text;
    for (const ValueView& view : views) encode(text, view);
    return text;
}
Key to_key(const ValueView& view) { return to_key(std::span{&view, 1}); }

std::optional<Key> key_in(const Node* node, std::span<const std::size_t> columns) {
    std::string text;
    for (const std::size_t i : columns) {
        const Column& column = node->table->columns[i];
        Scratch scratch;
        const ValueView view = column.type->view(node->member(column.offset), scratch);
        if (view.is_null()) return std::nullopt;
        if (columns.size() == 1 && view.kind() == Kind::integer) return view.integer();
        encode(text, view);
    }
    return text;
}
Key key_of(const Node* node) { return *key_in(node, node->table->key); }

std::vector<Value> key_values(const Key& key) {
    if (const auto* integer = std::get_if<std::int64_t>(&key)) return {*integer};
    const std::string& text = std::get<std::string>(key);
    std::vector<Value> values;
    for (const char* at = text.data(); at != text.data() + text.size();) values.push_back(decode(at));
    return values;
}

void IdentityMap::SlotList::begin_chunk() {
    full_.push_back(std::move(newest_));
    newest_ = {};
    newest_.reserve(chunk_size);
}

void IdentityMap::grow_to(std::size_t size) {
    std::vector<Slot> old(size, Slot{0, nullptr});
    old.swap(slots_);
    tags_.assign(size, 0);
    shift_ = 64;
    for (; size > 1; size /= 2) --shift_;
    used_ = 0;
    for (const Slot& slot : old)
        if (slot.node) put(slot.key, slot.node);
}

void IdentityMap::index_noted() const {
    auto& self = const_cast<IdentityMap&>(*this);  // NOLINT: when objects are indexed is nobody's concern
    std::size_t size = std::max<std::size_t>(slots_.size(), 16);
    while (size * 3 < (used_ + noted_.size()) * 4) size *= 2;
    if (size > slots_.size()) self.grow_to(size);
    noted_.each([&self](const Slot& slot) { self.put(slot.key, slot.node); });
    self.noted_.clear();
}

void IdentityMap::put(std::int64_t key, Node* node) {
    const std::uint64_t hash = hash_of(key);
    const std::uint8_t tag = tag_of(hash);
    std::size_t i = place_of(hash);
    while (tags_[i] != 0 && (tags_[i] != tag || slots_[i].key != key)) i = (i + 1) & (slots_.size() - 1);
    if (tags_[i] == 0) ++used_;
    tags_[i] = tag;
    slots_[i] = {key, node};
}

void IdentityMap::insert(std::int64_t key, Node* node) {
    if (!noted_.empty()) index_noted();
    if (used_ * 4 >= slots_.size() * 3) grow_to(std::max<std::size_t>(slots_.size() * 2, 16));
    put(key, node);
}

void IdentityMap::insert(const Key& key, Node* node) {
    if (const auto* integer = std::get_if<std::int64_t>(&key)) insert(*integer, node);
    else others_.insert_or_assign(std::get<std::string>(key), node);
}

void IdentityMap::erase(const Key& key) {
    const auto* integer = std::get_if<std::int64_t>(&key);
    if (!integer) {
        others_.erase(std::get<std::string>(key));
        return;
    }
    if (!noted_.empty()) index_noted();
    if (slots_.empty()) return;
    const std::size_t mask = slots_.size() - 1;
    std::size_t hole = place_of(hash_of(*integer));
    while (slots_[hole].node && slots_[hole].key != *integer) hole = (hole + 1) & mask;
    if (!slots_[hole].node) return;
    // Moves those behind that would not be found across the hole.
    for (std::size_t i = (hole + 1) & mask; slots_[i].node; i = (i + 1) & mask) {
        const std::size_t wanted = place_of(hash_of(slots_[i].key));
        if (((i - wanted) & mask) < ((i - hole) & mask)) continue;
        slots_[hole] = slots_[i];
        tags_[hole] = tags_[i];
        hole = i;
    }
    slots_[hole].node = nullptr;
    tags_[hole] = 0;
    --used_;
}

std::optional<Key> IdentityMap::key_of(const Node* node) const {
    try {
        if (Key own = orm::key_of(node); find(own) == node) return own;
    } catch (...) {  // NOLINT(bugprone-empty-catch): its key was set to what cannot be stored
    }
    std::optional<Key> noted;
    noted_.each([&](const Slot& slot) {
        if (slot.node == node) noted = slot.key;
    });
    if (noted) return noted;
    for (const Slot& slot : slots_)
        if (slot.node == node) return slot.key;
    for (const auto& [key, known] : others_)
        if (known == node) return key;
    return std::nullopt;
}

}  // namespace tandem::orm

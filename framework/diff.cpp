#include "diff.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <tandem/framework/image.hpp>

#include "image_json.hpp"

namespace tandem {
namespace {

void diff(Ops& ops, std::string& path, std::string_view before, std::string_view after);

/// Lengthens the path by one step while it lives.
class PathStep {
public:
    PathStep(std::string& path, std::string_view name) : path_(path), length_(path.size()) {
        path_ += ',';
        append_json_text(path_, name);
    }
    PathStep(std::string& path, std::size_t index) : path_(path), length_(path.size()) {
        path_ += ',';
        path_ += std::to_string(index);
    }
    PathStep(const PathStep&) = delete;
    PathStep& operator=(const PathStep&) = delete;
    ~PathStep() { path_.resize(length_); }

private:
    std::string& path_;
    std::size_t length_;
};

void append_image(std::string& out, std::string_view image) {
    ImageReader in{image};
    append_json(out, in);
}

std::string& begin_op(Ops& ops, std::string_view name, std::string_view path) {
    std::string& out = ops.next();
    out += "[\"";
    out += name;
    out += "\",[";
    out += path;
    out += ']';
    return out;
}

void set_op(Ops& ops, std::string_view path, std::string_view image) {
    std::string& out = begin_op(ops, "s", path);
    out += ',';
    append_image(out, image);
    out += ']';
}
void delete_op(Ops& ops, std::string_view path) { begin_op(ops, "d", path) += ']'; }

/// Whether a byte continues a UTF-8 sequence, so that a text cannot be cut before it.
bool continues_utf8(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

void diff_text(
    Ops& ops, std::string_view path, std::string_view before, std::string_view after, std::string_view after_image) {
    const bool appended = !before.empty() && after.starts_with(before) && !continues_utf8(after[before.size()]);
    if (!appended) {
        set_op(ops, path, after_image);
        return;
    }
    std::string& out = begin_op(ops, "a", path);
    out += ',';
    append_json_text(out, after.substr(before.size()));
    out += ']';
}

// --- lists
// ---------------------------------------------------------------------------------------------------------------------------------

struct Element {
    std::string_view key;  // image of the key; empty in a list without keys
    std::string_view value;
};

std::vector<Element> elements_of(std::string_view image, bool& keyed) {
    ImageReader in{image};
    const auto list = in.list();
    keyed = list.keyed;
    std::vector<Element> elements;
    elements.reserve(list.count);
    for (std::uint32_t i = 0; i < list.count; ++i) {
        Element element;
        if (list.keyed) {
            element.key = in.bytes();
            in.skip();
        }
        element.value = in.bytes();
        in.skip();
        elements.push_back(element);
    }
    return elements;
}

void splice_op(Ops& ops, std::string_view path, std::size_t at, std::size_t removed, const std::vector<Element>& list,
    std::size_t first, std::size_t count) {
    std::string& out = begin_op(ops, "p", path);
    out += ',' + std::to_string(at) + ',' + std::to_string(removed) + ",[";
    for (std::size_t i = first; i < first + count; ++i) {
        if (i > first) out += ',';
        append_image(out, list[i].value);
    }
    out += "]]";
}

/// Lists without keys: what both ends share stays; the middle is compared by position or spliced, whichever is shorter.
void diff_positions(
    Ops& ops, std::string& path, const std::vector<Element>& before, const std::vector<Element>& after) {
    const std::size_t common = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < common && before[head].value == after[head].value) ++head;
    std::size_t tail = 0;
    while (tail < common - head && before[before.size() - 1 - tail].value == after[after.size() - 1 - tail].value)
        ++tail;
    const std::size_t removed = before.size() - head - tail;
    const std::size_t added = after.size() - head - tail;
    Ops spliced;
    splice_op(spliced, path, head, removed, after, head, added);
    if (removed == added) {
        Ops each;
        for (std::size_t i = head; i < head + added && each.size() <= spliced.size(); ++i) {
            const PathStep step{path, i};
            diff(each, path, before[i].value, after[i].value);
        }
        if (each.size() <= spliced.size()) return ops.append(each);
    }
    ops.append(spliced);
}

struct KeyHash {
    std::size_t operator()(const std::pair<std::string_view, std::uint32_t>& key) const {
        return std::hash<std::string_view>{}(key.first) * 31 + key.second;
    }
};
/// Elements by key; equal keys are told apart by how often they came before.
using KeyIndex = std::unordered_map<std::pair<std::string_view, std::uint32_t>, std::size_t, KeyHash>;

/// For each element of a list, its key with its count.
std::vector<std::pair<std::string_view, std::uint32_t>> unique_keys(
    const std::vector<Element>& list, std::size_t first, std::size_t last) {
    std::unordered_map<std::string_view, std::uint32_t> seen;
    std::vector<std::pair<std::string_view, std::uint32_t>> keys;
    keys.reserve(last - first);
    for (std::size_t i = first; i < last; ++i) keys.emplace_back(list[i].key, seen[list[i].key]++);
    return keys;
}

/// `[i, [i, n], …]`: ascending indices, runs of several as pairs.
void append_runs(std::string& out, const std::vector<std::size_t>& indices) {
    out += '[';
    for (std::size_t i = 0; i < indices.size();) {
        std::size_t end = i + 1;
        while (end < indices.size() && indices[end] == indices[end - 1] + 1) ++end;
        if (i > 0) out += ',';
        if (end - i == 1) out += std::to_string(indices[i]);
        else out += '[' + std::to_string(indices[i]) + ',' + std::to_string(end - i) + ']';
        i = end;
    }
    out += ']';
}

struct Move {
    std::size_t from;
    std::size_t to;
};

/// The single move that turns 0, 1, 2 … into `order`, if one does.
std::optional<Move> single_move(const std::vector<std::size_t>& order) {
    std::size_t first = 0;
    while (order[first] == first) ++first;
    std::size_t last = order.size() - 1;
    while (order[last] == last) --last;
    const auto is_shifted = [&](std::size_t begin, std::size_t end, std::ptrdiff_t by) {
        for (std::size_t i = begin; i < end; ++i)
            if (static_cast<std::ptrdiff_t>(order[i]) != static_cast<std::ptrdiff_t>(i) + by) return false;
        return true;
    };
    if (order[first] == last && is_shifted(first + 1, last + 1, -1)) return Move{last, first};
    if (order[last] == first && is_shifted(first, last, 1)) return Move{first, last};
    return std::nullopt;
}

void reorder_ops(
    Ops& ops, std::string_view path, const std::vector<std::size_t>& order, std::size_t offset, std::size_t length) {
    if (std::ranges::is_sorted(order)) return;
    if (const auto move = single_move(order)) {
        begin_op(ops, "m", path) +=
            ',' + std::to_string(move->from + offset) + ',' + std::to_string(move->to + offset) + ']';
        return;
    }
    std::string& out = begin_op(ops, "o", path);
    out += ",[";
    for (std::size_t i = 0; i < length; ++i) {
        if (i > 0) out += ',';
        out += std::to_string(i < offset || i >= offset + order.size() ? i : order[i - offset] + offset);
    }
    out += "]]";
}

/// Keyed lists: remove what is gone, reorder what stays, insert what is new, then change rows in place.
void diff_keyed(Ops& ops, std::string& path, const std::vector<Element>& before, const std::vector<Element>& after) {
    const std::size_t common = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < common && before[head].key == after[head].key) ++head;
    std::size_t tail = 0;
    while (tail < common - head && before[before.size() - 1 - tail].key == after[after.size() - 1 - tail].key) ++tail;
    const std::size_t before_end = before.size() - tail;
    const std::size_t after_end = after.size() - tail;

    // The element of `before` that each element of `after` was.
    constexpr auto is_new = static_cast<std::size_t>(-1);
    std::vector<std::size_t> source(after.size(), is_new);
    for (std::size_t i = 0; i < head; ++i) source[i] = i;
    for (std::size_t i = 0; i < tail; ++i) source[after.size() - 1 - i] = before.size() - 1 - i;
    if (head < before_end || head < after_end) {
        KeyIndex old_index;
        const auto old_keys = unique_keys(before, head, before_end);
        for (std::size_t i = 0; i < old_keys.size(); ++i) old_index.emplace(old_keys[i], head + i);
        const auto new_keys = unique_keys(after, head, after_end);
        for (std::size_t i = 0; i < new_keys.size(); ++i)
            if (const auto found = old_index.find(new_keys[i]); found != old_index.end())
                source[head + i] = found->second;

        std::vector<bool> stays(before.size(), false);
        for (const std::size_t old : source)
            if (old != is_new) stays[old] = true;
        std::vector<std::size_t> removed;
        std::vector<std::size_t> rank(before.size());  // the position of what stays, once the rest is removed
        std::size_t kept = 0;
        for (std::size_t i = 0; i < before.size(); ++i) {
            rank[i] = kept;
            if (stays[i]) ++kept;
            else removed.push_back(i);
        }
        if (!removed.empty()) {
            std::string& out = begin_op(ops, "r", path);
            out += ',';
            append_runs(out, removed);
            out += ']';
        }

        std::vector<std::size_t> order;  // of what stays between head and tail
        for (std::size_t i = head; i < after_end; ++i)
            if (source[i] != is_new) order.push_back(rank[source[i]] - head);
        if (!order.empty()) reorder_ops(ops, path, order, head, kept);

        for (std::size_t i = head; i < after_end;) {
            if (source[i] != is_new) {
                ++i;
                continue;
            }
            std::size_t end = i;
            while (end < after_end && source[end] == is_new) ++end;
            splice_op(ops, path, i, 0, after, i, end - i);
            i = end;
        }
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (source[i] == is_new || before[source[i]].value == after[i].value) continue;
        const PathStep step{path, i};
        diff(ops, path, before[source[i]].value, after[i].value);
    }
}

void diff_lists(Ops& ops, std::string& path, std::string_view before, std::string_view after) {
    bool before_keyed = false;
    bool after_keyed = false;
    const auto old_list = elements_of(before, before_keyed);
    const auto new_list = elements_of(after, after_keyed);
    // An empty list says nothing about keys.
    const bool keyed = (before_keyed || old_list.empty()) && (after_keyed || new_list.empty());
    if (keyed) diff_keyed(ops, path, old_list, new_list);
    else diff_positions(ops, path, old_list, new_list);
}

// --- objects and maps
// ----------------------------------------------------------------------------------------------------------------------

void diff_member(Ops& ops, std::string& path, std::string_view name, std::string_view before, std::string_view after) {
    if (before == after) return;
    const PathStep step{path, name};
    const bool was_absent = ImageReader{before}.tag() == Tag::absent;
    const bool is_absent = ImageReader{after}.tag() == Tag::absent;
    if (is_absent) delete_op(ops, path);
    else if (was_absent) set_op(ops, path, after);
    else diff(ops, path, before, after);
}

void diff_objects(Ops& ops, std::string& path, std::string_view before, std::string_view after) {
    ImageReader old_object{before};
    ImageReader new_object{after};
    const Shape& shape = new_object.object();
    if (&old_object.object() != &shape) {
        set_op(ops, path, after);
        return;
    }
    for (const char* name : shape) {
        diff_member(ops, path, name, old_object.bytes(), new_object.bytes());
        old_object.skip();
        new_object.skip();
    }
}

/// Entries of both maps ascend by key.
void diff_maps(Ops& ops, std::string& path, std::string_view before, std::string_view after) {
    ImageReader old_map{before};
    ImageReader new_map{after};
    std::uint32_t old_left = old_map.map();
    std::uint32_t new_left = new_map.map();
    const auto key_at = [](ImageReader reader) { return reader.value().text(); };
    const auto step = [](ImageReader& reader, std::uint32_t& left) {
        reader.skip();
        reader.skip();
        --left;
    };
    const auto value_at = [](ImageReader reader) {
        reader.skip();
        return reader.bytes();
    };
    while (old_left > 0 || new_left > 0) {
        const bool only_old = new_left == 0 || (old_left > 0 && key_at(old_map) < key_at(new_map));
        const bool only_new = old_left == 0 || (new_left > 0 && key_at(new_map) < key_at(old_map));
        if (only_old) {
            const PathStep member{path, key_at(old_map)};
            delete_op(ops, path);
        } else if (only_new) {
            const PathStep member{path, key_at(new_map)};
            set_op(ops, path, value_at(new_map));
        } else {
            diff_member(ops, path, key_at(new_map), value_at(old_map), value_at(new_map));
        }
        if (!only_new) step(old_map, old_left);
        if (!only_old) step(new_map, new_left);
    }
}

void diff(Ops& ops, std::string& path, std::string_view before, std::string_view after) {
    if (before == after) return;
    ImageReader old_value{before};
    ImageReader new_value{after};
    if (old_value.tag() != new_value.tag()) {
        set_op(ops, path, after);
        return;
    }
    switch (new_value.tag()) {
        case Tag::text: diff_text(ops, path, old_value.value().text(), new_value.value().text(), after); break;
        case Tag::list: diff_lists(ops, path, before, after); break;
        case Tag::object: diff_objects(ops, path, before, after); break;
        case Tag::map: diff_maps(ops, path, before, after); break;
        default: set_op(ops, path, after); break;
    }
}

}  // namespace

void append_diff(Ops& ops, std::string_view path, std::string_view before, std::string_view after) {
    std::string steps{path};
    diff(ops, steps, before, after);
}

}  // namespace tandem

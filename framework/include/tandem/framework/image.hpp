/// Images: values as flat bytes. One form serves three ends: what a page was last shown (to diff against), what a state
/// was after its last step (to undo from), and the JSON that is sent.
///
/// Contract: an image is self-describing: scalars, lists (keyed or not), objects (a shape's fields, each present or
/// absent), maps, and handles to model objects. Equal values make equal bytes. A writer for pages expands model objects
/// into what a page may see (no hidden column, loaded relations only, none that leads back to an object it is inside
/// of, deleted objects left out); a writer for undo keeps handles and records the objects themselves. Pitfall: images
/// hold pointers of this process; they are no storage format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tandem/orm/json_fwd.hpp>
#include <tandem/orm/value.hpp>

namespace tandem {

namespace orm {
struct Node;
}

/// The field names of an object, in order; one static instance per class.
using Shape = std::vector<const char*>;

/// The first byte of each value.
enum class Tag : std::uint8_t { null, no, yes, integer, real, text, time, blob, json, list, object, map, node, absent };

/// Model objects met while writing for undo: each once, in order of discovery.
class NodeTable {
public:
    /// The index of a node, which is added if new.
    std::uint32_t index_of(orm::Node* node);
    [[nodiscard]] const std::vector<orm::Node*>& nodes() const { return nodes_; }

private:
    std::vector<orm::Node*> nodes_{};
    std::unordered_map<orm::Node*, std::uint32_t> index_{};
};

class ImageWriter {
public:
    /// Writes what a page may see.
    explicit ImageWriter(std::string& out) : out_(out) {}
    /// Writes handles, as indices into a table.
    ImageWriter(std::string& out, NodeTable& nodes) : out_(out), nodes_(&nodes) {}

    /// Dates, durations and decimals are written as their text; JSON is expanded for a page, kept as text for undo.
    /// Throws ValueError for NaN and infinities in a page's image: JSON cannot carry them.
    void value(const orm::ValueView& value);
    void null() { tag(Tag::null); }
    void absent() { tag(Tag::absent); }

    /// An open list, object or map; the end fills in its size.
    struct Open {
        std::size_t start;
        std::uint32_t count = 0;
    };
    Open begin_list(bool keyed);
    /// A keyed list's element starts with its key.
    void element(Open& list, const orm::ValueView& key);
    void element(Open& list) { ++list.count; }
    void end_list(const Open& list);

    Open begin_object(const Shape& shape);
    void end_object(const Open& object);

    Open begin_map();
    void entry(Open& map, std::string_view key);
    void end_map(const Open& map);

    /// A handle, which may be null: an object for a page, an index for undo.
    void node(orm::Node* node);
    void json(const Json& json);

    /// Whether a list leaves the object out (deleted ones are not shown).
    [[nodiscard]] bool leaves_out(const orm::Node* node) const;
    [[nodiscard]] bool for_page() const { return nodes_ == nullptr; }

private:
    void tag(Tag tag) { out_.push_back(static_cast<char>(tag)); }
    template <class T>
    void raw(const T& value) {
        out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(Tag kind, std::string_view text);
    void patch(std::size_t at, std::uint32_t value);
    void page_object(orm::Node* node);

    std::string& out_;
    NodeTable* nodes_ = nullptr;
};

/// A value in an image, as a cursor that steps over it.
class ImageReader {
public:
    explicit ImageReader(std::string_view image) : at_(image.data()) {}
    ImageReader(std::string_view image, const std::vector<orm::Node*>& nodes) : at_(image.data()), nodes_(&nodes) {}

    [[nodiscard]] Tag tag() const { return static_cast<Tag>(*at_); }
    /// Reads a scalar; text and blobs borrow from the image.
    orm::ValueView value();
    void skip();

    struct List {
        std::uint32_t count;
        bool keyed;
    };
    /// Enters a list; then read, for each element, its key if keyed, and its value.
    List list();
    /// Enters an object; then read a value or absent for each name of the shape.
    const Shape& object();
    /// Enters a map; then read, for each entry, its key and its value.
    std::uint32_t map();
    orm::Node* node();

    /// The bytes of the value that the cursor stands on; the cursor stays.
    [[nodiscard]] std::string_view bytes() const;
    [[nodiscard]] const char* position() const { return at_; }

private:
    template <class T>
    T raw();
    const char* at_;
    const std::vector<orm::Node*>* nodes_ = nullptr;
};

}  // namespace tandem

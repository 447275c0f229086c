#include <algorithm>
#include <cmath>
#include <cstring>

#include <tandem/framework/image.hpp>
#include <tandem/framework/image_codec.hpp>
#include <tandem/framework/limits.hpp>
#include <tandem/json.hpp>
#include <tandem/orm/error.hpp>
#include <tandem/orm/node_access.hpp>

namespace tandem {

using orm::Kind;
using orm::Node;
using orm::ValueView;

namespace orm {
ValueView node_key(const Node* node, Scratch& scratch) { return key_value(node, scratch); }
}  // namespace orm

std::uint32_t NodeTable::index_of(Node* node) {
    const auto [found, added] = index_.try_emplace(node, static_cast<std::uint32_t>(nodes_.size()));
    if (added) nodes_.push_back(node);
    return found->second;
}

void ImageWriter::patch(std::size_t at, std::uint32_t value) { std::memcpy(out_.data() + at, &value, sizeof value); }

void ImageWriter::text(Tag kind, std::string_view text) {
    tag(kind);
    raw(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
}

void ImageWriter::value(const ValueView& value) {
    switch (value.kind()) {
        case Kind::null: tag(Tag::null); break;
        case Kind::boolean: tag(value.boolean() ? Tag::yes : Tag::no); break;
        case Kind::integer:
            tag(Tag::integer);
            raw(value.integer());
            break;
        case Kind::real:
            if (for_page() && !std::isfinite(value.real()))
                throw ValueError("is NaN or infinite, which a page cannot be sent");
            tag(Tag::real);
            raw(value.real());
            break;
        case Kind::text: text(Tag::text, value.text()); break;
        case Kind::date:
        case Kind::time_of_day:
        case Kind::duration:
        case Kind::decimal: text(Tag::text, orm::to_text(value)); break;
        case Kind::json:
            if (for_page()) json(Codec<Json>::load({std::string{value.text()}}));
            else text(Tag::json, value.text());
            break;
        case Kind::time:
            tag(Tag::time);
            raw(value.integer());
            break;
        case Kind::blob:
            tag(Tag::blob);
            raw(static_cast<std::uint32_t>(value.bytes().size()));
            out_.append(reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size());
            break;
    }
}

// A list, object or map: tag, size of what follows the size, then its head (list: count, keyed; object: shape; map:
// count), then the contents.

ImageWriter::Open ImageWriter::begin_list(bool keyed) {
    tag(Tag::list);
    const Open open{out_.size()};
    raw(std::uint32_t{0});
    raw(std::uint32_t{0});
    out_.push_back(keyed ? '\1' : '\0');
    return open;
}
void ImageWriter::element(Open& list, const ValueView& key) {
    ++list.count;
    value(key);
}
void ImageWriter::end_list(const Open& list) {
    patch(list.start, static_cast<std::uint32_t>(out_.size() - list.start - sizeof(std::uint32_t)));
    patch(list.start + sizeof(std::uint32_t), list.count);
}

ImageWriter::Open ImageWriter::begin_object(const Shape& shape) {
    tag(Tag::object);
    const Open open{out_.size()};
    raw(std::uint32_t{0});
    raw(reinterpret_cast<std::uintptr_t>(&shape));
    return open;
}
void ImageWriter::end_object(const Open& object) {
    patch(object.start, static_cast<std::uint32_t>(out_.size() - object.start - sizeof(std::uint32_t)));
}

ImageWriter::Open ImageWriter::begin_map() {
    tag(Tag::map);
    const Open open{out_.size()};
    raw(std::uint32_t{0});
    raw(std::uint32_t{0});
    return open;
}
void ImageWriter::entry(Open& map, std::string_view key) {
    ++map.count;
    value(ValueView::of(key));
}
void ImageWriter::end_map(const Open& map) { end_list(map); }

bool ImageWriter::leaves_out(const Node* node) const { return for_page() && node && !orm::can_show(node); }

void ImageWriter::node(Node* node) {
    if (!node || leaves_out(node)) {
        null();
    } else if (for_page()) {
        page_object(node);
    } else {
        tag(Tag::node);
        raw(nodes_->index_of(node));
    }
}

void ImageWriter::page_object(Node* node) {
    const orm::Table& table = *node->table;
    if (table.operations->dict) {
        const orm::OpenObject open{node};
        json(table.operations->dict(node->object()));
        return;
    }
    if (out_.size() > shown_var_bytes)
        throw ValueError("is larger than " + std::to_string(shown_var_bytes / 1024 / 1024) +
            " MiB when shown with all its loaded relations; load fewer of them");
    const orm::OpenObject open{node};
    auto object = begin_object(table.shown_names);
    orm::Scratch scratch;
    for (const orm::Column& column : table.columns)
        if (!column.hidden) {
            if (orm::is_loaded(node, column)) value(orm::column_value(node, column, scratch));
            else absent();
        }
    for (const orm::Relation& relation : table.relations) {
        const auto related = orm::related(node, relation);
        if (!orm::is_loaded(node, relation) || (!relation.many && !related.empty() && leaves_out(related.front()))) {
            absent();
        } else if (!relation.many) {
            this->node(related.empty() ? nullptr : related.front());
        } else {
            auto list = begin_list(true);
            for (Node* item : related) {
                if (leaves_out(item)) continue;
                element(list, orm::node_key(item, scratch));
                this->node(item);
            }
            end_list(list);
        }
    }
    end_object(object);
}

void ImageWriter::json(const Json& json) {
    switch (json.type()) {
        case Json::value_t::boolean: value(ValueView::of(json.get<bool>())); break;
        case Json::value_t::number_unsigned:
            if (json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
                orm::throw_out_of_range(json.get<std::uint64_t>());
            [[fallthrough]];
        case Json::value_t::number_integer: value(ValueView::of(json.get<std::int64_t>())); break;
        case Json::value_t::number_float: value(ValueView::of(json.get<double>())); break;
        case Json::value_t::string: value(ValueView::of(std::string_view{json.get_ref<const std::string&>()})); break;
        case Json::value_t::array: {
            const auto id_of = [](const Json& element) {
                return element.is_object() ? element.find("id") : Json::const_iterator{};
            };
            // Rows that dict() made keep their key, so that they are compared by it.
            const bool keyed = !json.empty() && std::ranges::all_of(json, [&](const Json& element) {
                return element.is_object() && id_of(element) != element.end() &&
                    (id_of(element)->is_number_integer() || id_of(element)->is_string());
            });
            auto list = begin_list(keyed);
            for (const Json& element_value : json) {
                if (keyed) {
                    const Json& id = *id_of(element_value);
                    element(list,
                        id.is_string() ? ValueView::of(std::string_view{id.get_ref<const std::string&>()})
                                       : ValueView::of(id.get<std::int64_t>()));
                } else {
                    element(list);
                }
                this->json(element_value);
            }
            end_list(list);
            break;
        }
        case Json::value_t::object: {
            auto map = begin_map();
            for (const auto& [key, entry_value] : json.items()) {
                entry(map, key);
                this->json(entry_value);
            }
            end_map(map);
            break;
        }
        default: null(); break;
    }
}

template <class T>
T ImageReader::raw() {
    T value{};
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
}

ValueView ImageReader::value() {
    const Tag kind = tag();
    ++at_;
    switch (kind) {
        case Tag::no: return ValueView::of(false);
        case Tag::yes: return ValueView::of(true);
        case Tag::integer: return ValueView::of(raw<std::int64_t>());
        case Tag::real: return ValueView::of(raw<double>());
        case Tag::time: return ValueView::of(Timestamp{std::chrono::microseconds{raw<std::int64_t>()}});
        case Tag::text: {
            const auto size = raw<std::uint32_t>();
            const char* data = std::exchange(at_, at_ + size);
            return ValueView::of(std::string_view{data, size});
        }
        case Tag::json: {
            const auto size = raw<std::uint32_t>();
            const char* data = std::exchange(at_, at_ + size);
            return ValueView::json({data, size});
        }
        case Tag::blob: {
            const auto size = raw<std::uint32_t>();
            const char* data = std::exchange(at_, at_ + size);
            return ValueView::blob({reinterpret_cast<const std::byte*>(data), size});
        }
        default: return {};
    }
}

void ImageReader::skip() {
    switch (tag()) {
        case Tag::list:
        case Tag::object:
        case Tag::map: {
            ++at_;
            const auto size = raw<std::uint32_t>();
            at_ += size;
            break;
        }
        case Tag::node: at_ += 1 + sizeof(std::uint32_t); break;
        default: value(); break;
    }
}

ImageReader::List ImageReader::list() {
    ++at_;
    raw<std::uint32_t>();
    const auto count = raw<std::uint32_t>();
    return {count, raw<char>() != '\0'};
}
const Shape& ImageReader::object() {
    ++at_;
    raw<std::uint32_t>();
    const auto shape = raw<std::uintptr_t>();
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as it was written
    return *reinterpret_cast<const Shape*>(shape);
}
std::uint32_t ImageReader::map() {
    ++at_;
    raw<std::uint32_t>();
    return raw<std::uint32_t>();
}
Node* ImageReader::node() {
    const bool empty = tag() == Tag::null;
    ++at_;
    return empty ? nullptr : (*nodes_)[raw<std::uint32_t>()];
}

std::string_view ImageReader::bytes() const {
    ImageReader end = *this;
    end.skip();
    return {at_, static_cast<std::size_t>(end.at_ - at_)};
}

}  // namespace tandem

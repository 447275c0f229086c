#include "undo.hpp"

#include <cstring>
#include <span>

#include <tandem/orm/node_access.hpp>

namespace tandem {
namespace {

void write_object(ImageWriter& out, orm::Node* node) {
    out.value(orm::ValueView::of(std::int64_t{orm::row_state(node)}));
    out.value(orm::ValueView::blob(std::as_bytes(orm::column_hashes(node))));
    orm::Scratch scratch;
    for (const orm::Column& column : node->table->columns) out.value(orm::column_value(node, column, scratch));
    for (const orm::Relation& relation : node->table->relations) {
        out.value(orm::ValueView::of(orm::is_loaded(node, relation)));
        out.value(orm::ValueView::of(orm::is_relation_changed(node, relation)));
        auto list = out.begin_list(false);
        for (orm::Node* related : orm::related(node, relation)) {
            out.element(list);
            out.node(related);
        }
        out.end_list(list);
        auto before = out.begin_list(false);
        for (orm::Node* linked : orm::linked_before(node, relation)) {
            out.element(before);
            out.node(linked);
        }
        out.end_list(before);
    }
}

void read_object(ImageReader& in, orm::Node* node) {
    const auto state = static_cast<std::uint32_t>(in.value().integer());
    const auto bytes = in.value().bytes();
    std::vector<std::uint64_t> hashes(bytes.size() / sizeof(std::uint64_t));
    if (!bytes.empty()) std::memcpy(hashes.data(), bytes.data(), bytes.size());
    orm::restore_row_state(node, state, hashes);
    for (const orm::Column& column : node->table->columns) column.type->assign(node->member(column.offset), in.value());
    const auto read_nodes = [&in](std::vector<orm::Node*>& nodes) {
        const auto list = in.list();
        nodes.clear();
        for (std::uint32_t i = 0; i < list.count; ++i) nodes.push_back(in.node());
    };
    std::vector<orm::Node*> related;
    std::vector<orm::Node*> linked_before;
    for (const orm::Relation& relation : node->table->relations) {
        const bool loaded = in.value().boolean();
        const bool changed = in.value().boolean();
        read_nodes(related);
        read_nodes(linked_before);
        orm::restore_relation(node, relation, loaded, changed, related, linked_before);
    }
}

}  // namespace

UndoImage::UndoImage(UndoImage&& other) noexcept
    : vars_(std::move(other.vars_)), objects_(std::move(other.objects_)), nodes_(std::exchange(other.nodes_, {})) {}
UndoImage& UndoImage::operator=(UndoImage&& other) noexcept {
    std::swap(vars_, other.vars_);
    std::swap(objects_, other.objects_);
    std::swap(nodes_, other.nodes_);
    return *this;
}
UndoImage::~UndoImage() {
    for (orm::Node* node : nodes_) orm::release(node);
}

UndoImage UndoImage::of(const StateClass& state_class, const StateBase& state) {
    UndoImage image;
    NodeTable table;
    ImageWriter vars{image.vars_, table};
    for (const VarInfo& var : state_class.vars) var.write(vars, state);
    ImageWriter objects{image.objects_, table};
    // Writing an object may add those it leads to.
    for (std::size_t i = 0; i < table.nodes().size(); ++i) write_object(objects, table.nodes()[i]);
    image.nodes_ = table.nodes();
    for (orm::Node* node : image.nodes_) orm::retain(node);
    return image;
}

void UndoImage::restore(const StateClass& state_class, StateBase& state) const {
    ImageReader vars{vars_, nodes_};
    for (const VarInfo& var : state_class.vars) var.read(vars, state);
    ImageReader objects{objects_, nodes_};
    for (orm::Node* node : nodes_) read_object(objects, node);
}

}  // namespace tandem

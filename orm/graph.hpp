// Graphs: where model objects live. A graph owns its nodes; relations inside it are bare pointers; it lives while a
// session or a handle does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tandem/orm/relation.hpp>

#include "undo_log.hpp"

namespace tandem::orm {

class SessionCore;

struct Graph;

/// The head of a piece of memory with nodes of one table, and behind them all the hashes of their columns: apart from
/// the objects, for most objects are only read.
struct Slab {
    const Table* table;
    Graph* graph;
    Slab* next;  ///< of the graph's slabs
    std::byte* nodes;
    std::uint64_t* hashes;
    std::uint32_t stride;
    std::uint32_t inverse;  ///< 2^32 / stride, rounded up: see index_of()
    std::uint32_t capacity;
    std::uint32_t used;

    [[nodiscard]] bool is_full() const { return used == capacity; }
    [[nodiscard]] Node* at(std::uint32_t index) const {
        return reinterpret_cast<Node*>(nodes + std::size_t{index} * stride);
    }
    /// By multiplication, for a division takes ten times as long. Exact for what is a multiple of the stride: what the
    /// rounding adds stays below one, as all nodes together are smaller than 2^32 bytes.
    [[nodiscard]] std::size_t index_of(const Node* node) const {
        const auto offset = static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(node) - nodes);
        return static_cast<std::size_t>(offset * inverse >> 32);
    }
    [[nodiscard]] std::uint64_t* hashes_of(const Node* node) const {
        return hashes + index_of(node) * table->members.size();
    }
};

[[nodiscard]] inline Graph& graph_of(const Node* node) { return *node->slab->graph; }
/// Of the columns as last read or written; they mean something unless `unhashed`, for stored objects.
[[nodiscard]] inline std::uint64_t* hashes_of(const Node* node) { return node->slab->hashes_of(node); }

/// The columns that objects of one result have not read yet; the next access reads them for all that share this.
struct DeferredColumns {
    std::vector<std::size_t> columns;
};

struct Graph {
    std::size_t nodes = 0;           ///< living nodes
    std::size_t roots = 0;           ///< nodes with handles
    SessionCore* session = nullptr;  ///< the session that holds the graph
    std::unordered_map<const Node*, std::shared_ptr<const DeferredColumns>>
        deferred{};  ///< of nodes that are partial, or were

    /// Members of new objects that are to be NULL although a default would fill them.
    std::unordered_map<const Node*, std::vector<const Column*>> explicit_nulls{};

    /// By stored objects that no session holds: those that were taken out of their relations. They are still to be
    /// written, so they come along when their old owner is added to a session.
    std::unordered_map<const Node*, std::vector<Node*>> taken_out{};

    Graph() = default;
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    ~Graph();

    /// A new node with a default object.
    Node* create(const Table& table) {
        Slab& slab = slab_for(table);
        Node* node = ::new (slab.at(slab.used)) Node{.table = nullptr, .slab = &slab};
        ++slab.used;
        table.operations->construct(node->object());
        node->table = &table;  // from here on it is destroyed with the graph
        ++nodes;
        for (const Relation& relation : table.relations) adopt(node, relation);
        return node;
    }
    /// Calls f(node) for each living node.
    template <class F>
    void each(F f) {
        for (const Slab* slab = first_; slab; slab = slab->next)
            for (std::uint32_t i = 0; i < slab->used; ++i)
                if (Node* node = slab->at(i); node->table) f(node);
    }
    /// Frees the nodes that no handle leads to.
    void sweep();
    /// Frees these nodes, which nothing leads to.
    void discard(const std::vector<Node*>& unreached);
    /// Takes over all nodes of another graph, which no session holds.
    void take_over(Graph& other);
    /// Whether nothing holds the graph any more.
    [[nodiscard]] bool is_unheld() const { return roots == 0 && !session; }

private:
    /// A slab with room for one more.
    Slab& slab_for(const Table& table) {
        if (current_ && current_->table == &table && !current_->is_full()) return *current_;
        return other_slab_for(table);
    }
    Slab& other_slab_for(const Table& table);
    Slab& add_slab(const Table& table, std::uint32_t capacity);
    /// Tells a relation of a fresh object that it is inside a graph, where it holds bare pointers.
    static void adopt(Node* node, const Relation& relation);
    void destroy(Node* node) noexcept;
    void free_empty_slabs();

    Slab* first_ = nullptr;
    Slab* last_ = nullptr;
    Slab* current_ = nullptr;       ///< took the last new node
    std::vector<Slab*> filling_{};  ///< by Table::index: what takes new nodes; empty while that is `current_` alone
};

/// Moves all nodes of `from`, which no session holds, into `into` and deletes `from`; nothing happens when they are the
/// same.
void absorb(Graph& into, Graph* from);
/// Makes one graph of the graphs of two nodes. Throws InvalidStateError when they belong to two sessions.
void merge_graphs(Node* a, Node* b);

/// Whether a session answers for the object: it is stored and in the session's identity map, or waits to be inserted.
/// (An object may share a graph with a session's objects without being one of them.)
[[nodiscard]] inline bool in_session(const Node* node) {
    return graph_of(node).session && (node->flags & (Node::held | Node::pending)) != 0;
}

/// Access to the insides of relations.
struct RelationAccess {
    static OneBase& one(Node* node, const Relation& relation) {
        return *static_cast<OneBase*>(node->member(relation.offset));
    }
    static ManyBase& many(Node* node, const Relation& relation) {
        return *static_cast<ManyBase*>(node->member(relation.offset));
    }

    static bool loaded(const OneBase& one) { return one.loaded_; }
    static bool loaded(const ManyBase& many) { return many.loaded_; }
    static Node* target(const OneBase& one) { return one.target_; }
    static Node* const& target_slot(const OneBase& one) { return one.target_; }
    static const std::vector<Node*>& items(const ManyBase& many) { return many.items_; }
    static Loading on_access(const OneBase& one, const Relation& relation) {
        return one.on_access_.value_or(relation.loading);
    }
    static Loading on_access(const ManyBase& many, const Relation& relation) {
        return many.on_access_.value_or(relation.loading);
    }
    static void set_on_access(OneBase& one, Loading loading) { one.on_access_ = loading; }
    static void set_on_access(ManyBase& many, Loading loading) { many.on_access_ = loading; }
    static void set_loaded(OneBase& one, bool loaded) { one.loaded_ = loaded; }
    static void set_loaded(ManyBase& many, bool loaded) { many.loaded_ = loaded; }
    /// What a collection with a link table held before it was changed; null: it was not.
    static const std::vector<Node*>* linked_before(const ManyBase& many) { return many.linked_before_.get(); }
    static void set_linked_before(ManyBase& many, std::vector<Node*> nodes) {
        many.linked_before_ = std::make_unique<std::vector<Node*>>(std::move(nodes));
    }
    static void forget_linked_before(ManyBase& many) { many.linked_before_.reset(); }
    static bool changed(const OneBase& one) { return one.changed_; }
    static void set_changed(OneBase& one, bool changed) { one.changed_ = changed; }

    static void adopt(OneBase& one, Node* owner) { one.owner_ = owner; }
    static void adopt(ManyBase& many, Node* owner) { many.owner_ = owner; }
    // These set what is loaded, without any effect on the other side.
    static void put(OneBase& one, Node* target) {
        one.target_ = target;
        one.loaded_ = true;
    }
    static void put(ManyBase& many, std::vector<Node*> items) {
        many.items_ = std::move(items);
        many.loaded_ = true;
        many.filtered_ = false;
    }
    static void unload(OneBase& one) {
        one.target_ = nullptr;
        one.loaded_ = false;
        one.changed_ = false;
    }
    static void unload(ManyBase& many) {
        many.items_.clear();
        many.linked_before_.reset();
        many.loaded_ = false;
        many.filtered_ = false;
    }
    static void set_filtered(ManyBase& many, bool filtered) { many.filtered_ = filtered; }
    static bool filtered(const ManyBase& many) { return many.filtered_; }
    /// Room for more items, and items behind the others.
    static void reserve(ManyBase& many, std::size_t more) { many.items_.reserve(many.items_.size() + more); }
    static void append(ManyBase& many, Node* node) { many.items_.push_back(node); }
    static void drop(ManyBase& many, const Node* node) { std::erase(many.items_, node); }
    template <class P>
    static void drop_if(ManyBase& many, P is_dropped) {
        std::erase_if(many.items_, is_dropped);
    }
    static void erase(ManyBase& many, std::size_t position) {
        many.items_.erase(many.items_.begin() + static_cast<std::ptrdiff_t>(position));
    }
    static void insert(ManyBase& many, std::size_t position, Node* node) {
        const auto at = many.items_.begin() + static_cast<std::ptrdiff_t>(std::min(position, many.items_.size()));
        many.items_.insert(at, node);
    }
};

inline void Graph::adopt(Node* node, const Relation& relation) {
    if (relation.many) RelationAccess::adopt(RelationAccess::many(node, relation), node);
    else RelationAccess::adopt(RelationAccess::one(node, relation), node);
}

/// Points a node's One to `target`, or unloads it, and moves the node between the loaded collections of the other side.
/// For a One with the foreign key.
RelationChange relink(Node* node, const Relation& relation, Node* target, bool loaded);
/// Sets a One with the foreign key as a program does: notes the change, and keeps the other side in step.
void set_parent(Node* child, const Relation& to_parent, Node* parent);
/// Adds an object to a collection with a link table, or takes it out, on both sides.
void change_link(Node* owner, const Relation& relation, Node* item, bool add, std::size_t position);
/// Undoes a change of a relation that a session has noted.
void undo(const RelationChange& change);
/// Shows nodes in the loaded collections of what they lead to.
void show_in_collections(const std::vector<Node*>& nodes);
/// Takes a node out of the collections it is in, or only out of those of stored objects; its own members stay.
void hide_from_collections(Node* node, bool of_stored_only);

/// Calls f(Node*) for each object that a node's loaded relations lead to.
template <class F>
void each_related(Node* node, F f) {
    for (const Relation& relation : node->table->relations) {
        if (relation.many) {
            for (Node* item : RelationAccess::items(RelationAccess::many(node, relation))) f(item);
        } else if (Node* target = RelationAccess::target(RelationAccess::one(node, relation))) {
            f(target);
        }
    }
}

/// Calls f(Node*) for each object that a node led to before it was taken out, and that is still to be written.
template <class F>
void each_taken_out(const Node* node, F f) {
    const auto& taken_out = graph_of(node).taken_out;
    if (taken_out.empty()) return;
    if (const auto found = taken_out.find(node); found != taken_out.end())
        for (Node* child : found->second) f(child);
}

/// Of those that were taken out of a node's relations, forgets the ones whose change a session has written.
void forget_written(Graph& graph, const Node* node);

/// Calls f(Node*) for each object that a node's loaded relations lead to, or led to, and that is stored with it: not
/// through relations that say no_save_update.
template <class F>
void each_saved(Node* node, F f) {
    each_taken_out(node, f);
    for (const Relation& relation : node->table->relations) {
        if (!relation.save_update) continue;
        if (relation.many) {
            for (Node* item : RelationAccess::items(RelationAccess::many(node, relation))) f(item);
        } else if (Node* target = RelationAccess::target(RelationAccess::one(node, relation))) {
            f(target);
        }
    }
}

}  // namespace tandem::orm

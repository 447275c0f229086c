#include "graph.hpp"

#include <algorithm>

#include <tandem/orm/error.hpp>

#include "column_hashes.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

constexpr std::uint32_t first_slab = 1;  // most transient graphs have one object
constexpr std::uint32_t largest_slab = 256;

constexpr std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

/// One piece of memory: the slab, its nodes, their hashes. A node may stand where its own alignment allows, so that the
/// object behind it stands where the object's does.
Slab* make_slab(Graph& graph, const Table& table, std::uint32_t capacity) {
    const std::size_t alignment = std::max<std::size_t>(table.operations->alignment, alignof(Node));
    const std::size_t first = round_up(sizeof(Slab) + sizeof(Node), alignment) - sizeof(Node);
    const std::size_t stride = round_up(sizeof(Node) + table.operations->size, alignment);
    const std::size_t hashes = round_up(first + capacity * stride, alignof(std::uint64_t));
    const std::size_t size = hashes + capacity * table.columns.size() * sizeof(std::uint64_t);
    auto* memory = static_cast<std::byte*>(::operator new(size));
    return ::new (memory) Slab{&table, &graph, nullptr, memory + first,
        reinterpret_cast<std::uint64_t*>(memory + hashes), static_cast<std::uint32_t>(stride),
        static_cast<std::uint32_t>(((std::uint64_t{1} << 32) + stride - 1) / stride), capacity, 0};
}
void free_slab(Slab* slab) { ::operator delete(slab); }

}  // namespace

Graph::~Graph() {
    // Inside a dying graph a One's target may be gone already; it holds no handle, so nothing is to be released.
    while (Slab* slab = first_) {
        for (std::uint32_t i = 0; i < slab->used; ++i)
            if (Node* node = slab->at(i); node->table) slab->table->operations->destroy(node->object());
        first_ = slab->next;
        free_slab(slab);
    }
}

Slab& Graph::other_slab_for(const Table& table) {
    const auto slot = [this](const Table& of) -> Slab*& {
        if (filling_.size() <= of.index) filling_.resize(of.index + 1);
        return filling_[of.index];
    };
    if (!current_) return add_slab(table, first_slab);
    // Most graphs have one table, and `current_` is all they need.
    if (filling_.empty() && current_->table != &table) slot(*current_->table) = current_;
    Slab* filled = filling_.empty() ? current_ : slot(table);
    if (!filled) filled = &add_slab(table, first_slab);
    else if (filled->is_full())
        filled = &add_slab(table, std::clamp<std::uint32_t>(filled->capacity * 2, 8, largest_slab));
    if (!filling_.empty()) slot(table) = filled;
    return *(current_ = filled);
}

Slab& Graph::add_slab(const Table& table, std::uint32_t capacity) {
    Slab* slab = make_slab(*this, table, capacity);
    (last_ ? last_->next : first_) = slab;
    return *(current_ = last_ = slab);
}

void Graph::take_over(Graph& other) {
    for (Slab* slab = other.first_; slab; slab = slab->next) slab->graph = this;
    if (other.first_) {
        (last_ ? last_->next : first_) = other.first_;
        last_ = other.last_;
    }
    other.first_ = other.last_ = other.current_ = nullptr;
    other.filling_.clear();
    explicit_nulls.merge(other.explicit_nulls);
    taken_out.merge(other.taken_out);
    deferred.merge(other.deferred);
    nodes += std::exchange(other.nodes, 0);
    roots += std::exchange(other.roots, 0);
}

void Graph::destroy(Node* node) noexcept {
    const Table& table = *node->table;
    table.operations->destroy(node->object());
    if (!deferred.empty()) deferred.erase(node);
    if (!explicit_nulls.empty()) explicit_nulls.erase(node);
    if (!taken_out.empty()) taken_out.erase(node);
    node->table = nullptr;
    --nodes;
}

void Graph::sweep() {
    if (roots == nodes) return;
    std::vector<Node*> open;
    const auto mark = [&open](Node* node) {
        if ((node->flags & Node::marked) != 0) return;
        node->flags |= Node::marked;
        open.push_back(node);
    };
    each([&](Node* node) {
        if (node->handles > 0) mark(node);
    });
    while (!open.empty()) {
        Node* node = open.back();
        open.pop_back();
        each_related(node, mark);
        each_taken_out(node, mark);
    }
    each([this](Node* node) {
        if ((node->flags & Node::marked) == 0) destroy(node);
        else node->flags &= ~std::uint32_t{Node::marked};
    });
    free_empty_slabs();
}

void Graph::discard(const std::vector<Node*>& unreached) {
    for (Node* node : unreached) destroy(node);
    if (!unreached.empty()) free_empty_slabs();
}

void Graph::free_empty_slabs() {
    filling_.clear();
    current_ = nullptr;
    const auto is_empty = [](const Slab* slab) {
        for (std::uint32_t i = 0; i < slab->used; ++i)
            if (slab->at(i)->table) return false;
        return true;
    };
    last_ = nullptr;
    for (Slab** link = &first_; Slab* slab = *link;) {
        if (is_empty(slab)) {
            *link = slab->next;
            free_slab(slab);
        } else {
            last_ = slab;
            link = &slab->next;
        }
    }
}

void forget_written(Graph& graph, const Node* node) {
    const auto found = graph.taken_out.find(node);
    if (found == graph.taken_out.end()) return;
    std::erase_if(found->second, [](Node* child) {
        return std::ranges::none_of(child->table->relations, [child](const Relation& relation) {
            return relation.to_one() && RelationAccess::changed(RelationAccess::one(child, relation));
        });
    });
    if (found->second.empty()) graph.taken_out.erase(found);
}

void absorb(Graph& into, Graph* from) {
    if (&into == from) return;
    // Of a session that has ended:
    from->each([](Node* node) { node->flags &= ~std::uint32_t{Node::held | Node::origin}; });
    into.take_over(*from);
    delete from;
}

void merge_graphs(Node* a, Node* b) {
    Graph* into = &graph_of(a);
    Graph* from = &graph_of(b);
    if (into == from) return;
    if (into->session && from->session)
        throw InvalidStateError(describe(b) + " belongs to another session than " + describe(a) +
            "; end that session first, or load the object in this one");
    if (from->session || (!into->session && from->nodes > into->nodes)) std::swap(into, from);
    absorb(*into, from);
}

Node* make_transient(const Table& table) { return (new Graph)->create(table); }

void first_handle(Node* node) { ++graph_of(node).roots; }
void last_handle(Node* node) noexcept {
    Graph* graph = &graph_of(node);
    --graph->roots;
    if (graph->is_unheld()) delete graph;
}

void throw_empty_ref(const char* class_name) {
    throw InvalidStateError(std::string{"an empty Ref<"} + class_name + "> was used; test it first: if (ref) …");
}

namespace {
std::string key_text(const ValueView& value) {
    const Value owned = to_value(value);
    if (const auto* text = std::get_if<std::string>(&owned)) return *text;
    const auto* integer = std::get_if<std::int64_t>(&owned);
    return integer ? std::to_string(*integer) : "?";
}
}  // namespace

std::string describe(const Node* node) {
    std::string name = node->table->class_name;
    if ((node->flags & Node::persistent) == 0 && (node->flags & Node::deleted) == 0) return name + " (new)";
    char glue = '#';
    for (const std::size_t i : node->table->key) {
        Scratch scratch;
        const Column& column = node->table->columns[i];
        name += std::exchange(glue, ',') + key_text(column.type->view(node->member(column.offset), scratch));
    }
    return name;
}

void touch(Node* node) {
    SessionCore* const session = in_session(node) ? graph_of(node).session : nullptr;
    if (session) session->check_thread();
    if ((node->flags & Node::deleted) != 0) throw ObjectDeleted(describe(node) + " was deleted");
    if ((node->flags & Node::expired) != 0) {
        if (!session)
            throw DetachedError(
                describe(node) + " is expired: it has to be read again, and no session holds it; add it to one");
        session->reload(node);
    }
    if ((node->flags & Node::partial) != 0) read_deferred(node);
    const bool unhashed = (node->flags & Node::unhashed) != 0;
    if (!unhashed && (node->flags & Node::untracked) == 0) return;
    const bool is_stored = (node->flags & Node::persistent) != 0;
    if (unhashed && is_stored) hash_columns(node);  // may throw: then nothing is compared yet
    node->flags &= ~std::uint32_t{Node::unhashed | Node::untracked};
    if (!is_stored) return;  // a new object is written whole
    if (session) session->note_touched(node);
}

}  // namespace tandem::orm

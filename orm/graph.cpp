#include "graph.hpp"

#include <algorithm>

#include <tandem/orm/error.hpp>

#include "column_hashes.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

constexpr std::uint32_t first_slab = 1;  // most transient graphs have one object
constexpr std::uint32_t largest_slab = 256;

static_assert(alignof(Node) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

Slab make_slab(const Table& table, std::uint32_t capacity) {
    const std::size_t size = sizeof(Node) + table.operations->size;
    const std::size_t stride = (size + alignof(Node) - 1) / alignof(Node) * alignof(Node);
    const std::size_t hashes = table.columns.size() * sizeof(std::uint64_t);
    auto* memory = static_cast<std::byte*>(::operator new(capacity*(stride + hashes)));
    return {&table, memory, reinterpret_cast<std::uint64_t*>(memory + capacity * stride), stride, 0, capacity};
}
void free_slab(const Slab& slab) { ::operator delete(slab.memory); }

}  // namespace

Graph::~Graph() {
    // Inside a dying graph a One's target may be gone already; it holds no handle, so nothing is to be released.
    for (const Slab& slab : slabs) {
        for (std::uint32_t i = 0; i < slab.used; ++i)
            if (Node* node = slab.at(i); node->table) slab.table->operations->destroy(node->object());
        free_slab(slab);
    }
}

Slab& Graph::add_slab(const Table& table) {
    if (filling.size() <= table.index) filling.resize(table.index + 1);
    std::uint32_t& current = filling[table.index];
    const std::uint32_t capacity =
        current == 0 ? first_slab : std::clamp<std::uint32_t>(slabs[current - 1].capacity * 2, 8, largest_slab);
    slabs.push_back(make_slab(table, capacity));
    current = static_cast<std::uint32_t>(slabs.size());
    return slabs.back();
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
    filling.clear();
    std::erase_if(slabs, [](const Slab& slab) {
        for (std::uint32_t i = 0; i < slab.used; ++i)
            if (slab.at(i)->table) return false;
        free_slab(slab);
        return true;
    });
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
    from->each([&into](Node* node) {
        node->graph = &into;
        node->flags &= ~std::uint32_t{Node::held | Node::origin};  // of a session that has ended
    });
    into.explicit_nulls.merge(from->explicit_nulls);
    into.taken_out.merge(from->taken_out);
    // Behind the others: `filling` counts from the front.
    into.slabs.insert(into.slabs.end(), from->slabs.begin(), from->slabs.end());
    into.deferred.merge(from->deferred);
    into.nodes += std::exchange(from->nodes, 0);
    into.roots += std::exchange(from->roots, 0);
    from->slabs.clear();
    delete from;
}

void merge_graphs(Node* a, Node* b) {
    Graph* into = a->graph;
    Graph* from = b->graph;
    if (into == from) return;
    if (into->session && from->session)
        throw InvalidStateError(describe(b) + " belongs to another session than " + describe(a) +
            "; end that session first, or load the object in this one");
    if (from->session || (!into->session && from->nodes > into->nodes)) std::swap(into, from);
    absorb(*into, from);
}

Node* make_transient(const Table& table) { return (new Graph)->create(table); }

void first_handle(Node* node) { ++node->graph->roots; }
void last_handle(Node* node) noexcept {
    Graph* graph = node->graph;
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
    if (in_session(node)) node->graph->session->check_thread();
    if ((node->flags & Node::deleted) != 0) throw ObjectDeleted(describe(node) + " was deleted");
    if ((node->flags & Node::expired) != 0) {
        if (!in_session(node))
            throw DetachedError(
                describe(node) + " is expired: it has to be read again, and no session holds it; add it to one");
        node->graph->session->reload(node);
    }
    if ((node->flags & Node::partial) != 0) read_deferred(node);
    const bool unhashed = (node->flags & Node::unhashed) != 0;
    if (!unhashed && (node->flags & Node::untracked) == 0) return;
    const bool is_stored = (node->flags & Node::persistent) != 0;
    if (unhashed && is_stored) hash_columns(node);  // may throw: then nothing is compared yet
    node->flags &= ~std::uint32_t{Node::unhashed | Node::untracked};
    if (!is_stored) return;  // a new object is written whole
    if (in_session(node)) node->graph->session->note_touched(node);
}

}  // namespace tandem::orm

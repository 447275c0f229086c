#include "flush_order.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include <tandem/orm/error.hpp>

#include "column_hashes.hpp"
#include "graph.hpp"
#include "value_hash.hpp"

namespace tandem::orm {
namespace {

bool is_before(const Node* a, const Node* b) { return a->table->rank < b->table->rank; }

// A walk in depth with a stack of its own: chains may be long.
void sort_by_references(std::vector<Node*>& nodes) {
    std::vector<Node*> sorted;
    std::vector<Node*> way;
    const auto clean = [&] {
        for (Node* node : way) node->flags &= ~std::uint32_t{Node::open};
        for (Node* node : sorted) node->flags &= ~std::uint32_t{Node::marked};
    };
    for (Node* first : nodes) {
        way.push_back(first);
        while (!way.empty()) {
            Node* node = way.back();
            if ((node->flags & Node::marked) != 0) {
                way.pop_back();
                continue;
            }
            node->flags |= Node::open;
            const Node* circle = nullptr;
            const std::size_t before = way.size();
            each_needed(node, [&](Node* target) {
                if ((target->flags & Node::marked) != 0) return;
                if ((target->flags & Node::open) != 0) circle = target;
                else way.push_back(target);
            });
            if (circle) {
                clean();
                throw CircularDependency("new objects refer to each other in a circle that " + describe(circle) +
                    " is part of; store one of them first, then set its relation");
            }
            if (way.size() > before) continue;
            way.pop_back();
            node->flags = (node->flags & ~std::uint32_t{Node::open}) | Node::marked;
            sorted.push_back(node);
        }
    }
    clean();
    nodes = std::move(sorted);
}

/// What stands for the values that the database holds in some columns of an object's row; nothing where one is NULL.
/// (Two values may share a hash: then a row only goes later than it could, if that one in 2^64 ever happens.)
std::optional<std::uint64_t> stored_values(const Node* node, const std::vector<std::size_t>& columns) {
    const std::uint64_t null = hash_null(hash_seed());
    std::uint64_t values = 0;
    for (const std::size_t column : columns) {
        const std::uint64_t value = node->is_hashed() ? hashes_of(node)[column] : hash_column(node, column);
        if (value == null) return std::nullopt;
        values = columns.size() == 1 ? value : mix(values ^ value, 0x9E3779B97F4A7C15ULL);
    }
    return values;
}

/// Calls f(row, referred) for each reference from one of the objects, all of one table, to another, by their places.
template <class F>
void each_reference(std::span<Node* const> nodes, F f) {
    const Table* table = nodes.front()->table;
    for (const ForeignKey& foreign_key : table->foreign_keys) {
        if (foreign_key.target != table) continue;
        std::unordered_map<std::uint64_t, std::size_t> places;
        places.reserve(nodes.size());
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (const auto values = stored_values(nodes[i], foreign_key.target_columns)) places.emplace(*values, i);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const auto values = stored_values(nodes[i], foreign_key.columns);
            const auto referred = values ? places.find(*values) : places.end();
            if (referred != places.end() && referred->second != i) f(i, referred->second);
        }
    }
}

/// Sorts objects of one table, level by level: each after all those that refer to it. Those in a circle, and what they
/// lead to, come last.
void sort_leaves_first(std::span<Node*> nodes) {
    const Table* table = nodes.front()->table;
    if (nodes.size() < 2 || std::ranges::count(table->foreign_keys, table, &ForeignKey::target) == 0) return;
    constexpr auto none = static_cast<std::size_t>(-1);
    struct Reference {
        std::size_t to;
        std::size_t next;  ///< of the same row
    };
    std::vector<Reference> references;
    std::vector<std::size_t> first(nodes.size(), none);
    std::vector<std::size_t> waits_for(nodes.size());  // how many of those that refer to it are to go yet
    each_reference(nodes, [&](std::size_t from, std::size_t to) {
        references.push_back({to, std::exchange(first[from], references.size())});
        ++waits_for[to];
    });
    if (references.empty()) return;

    // A queue: what becomes free goes behind what is free already, so that levels follow each other.
    std::vector<std::size_t> order;
    order.reserve(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (waits_for[i] == 0) order.push_back(i);
    for (std::size_t done = 0; done < order.size(); ++done)
        for (std::size_t at = first[order[done]]; at != none; at = references[at].next)
            if (--waits_for[references[at].to] == 0) order.push_back(references[at].to);
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (waits_for[i] != 0) order.push_back(i);

    const std::vector<Node*> unsorted{nodes.begin(), nodes.end()};
    for (std::size_t i = 0; i < order.size(); ++i) nodes[i] = unsorted[order[i]];
}

}  // namespace

void sort_by_rank(std::vector<Node*>& nodes) {
    if (!std::ranges::is_sorted(nodes, is_before)) std::ranges::stable_sort(nodes, is_before);
}

bool order_for_insertion(std::vector<Node*>& nodes) {
    bool within_tables = false;
    bool against_ranks = false;
    for (Node* node : nodes) {
        each_needed(node, [&](const Node* target) {
            within_tables = within_tables || target->table == node->table;
            against_ranks = against_ranks || target->table->rank > node->table->rank;
        });
    }
    if (within_tables || against_ranks) sort_by_references(nodes);
    if (!against_ranks) sort_by_rank(nodes);
    return !against_ranks;
}

bool makes_room(Node* node) {
    return std::ranges::any_of(node->table->relations, [node](const Relation& relation) {
        if (!relation.to_one()) return false;
        const OneBase& one = RelationAccess::one(node, relation);
        return RelationAccess::changed(one) && !RelationAccess::target(one);
    });
}

void order_for_deletion(std::vector<Node*>& nodes) {
    if (nodes.size() < 2) return;
    std::ranges::stable_sort(nodes, [](const Node* a, const Node* b) { return a->table->rank > b->table->rank; });
    for (auto first = nodes.begin(); first != nodes.end();) {
        const Table* table = (*first)->table;
        const auto last = std::find_if(first, nodes.end(), [table](const Node* node) { return node->table != table; });
        sort_leaves_first({first, last});
        first = last;
    }
}

}  // namespace tandem::orm

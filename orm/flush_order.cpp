#include "flush_order.hpp"

#include <algorithm>
#include <unordered_map>

#include <tandem/orm/error.hpp>

#include "identity_map.hpp"

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

void order_for_deletion(std::vector<Node*>& nodes) {
    if (nodes.size() < 2) return;
    std::unordered_map<const Node*, std::size_t> depths;
    std::unordered_map<const Table*, std::unordered_map<Key, const Node*, KeyHash>> own;
    for (const Node* node : nodes)
        if (std::ranges::count(node->table->foreign_keys, node->table, &ForeignKey::target) != 0)
            own[node->table].emplace(key_of(node), node);
    for (const auto& [table, of_table] : own) {
        for (const auto& [key, node] : of_table) {
            for (const ForeignKey& foreign_key : table->foreign_keys) {
                if (foreign_key.target != table) continue;
                std::size_t depth = 0;
                for (const Node* at = node; at && depth < of_table.size();) {
                    const auto parent_key = key_in(at, foreign_key.columns);
                    const auto parent = parent_key ? of_table.find(*parent_key) : of_table.end();
                    at = parent == of_table.end() ? nullptr : parent->second;
                    if (!at) break;
                    ++depth;
                    if (const auto known = depths.find(at); known != depths.end()) {
                        depth += known->second;
                        break;
                    }
                }
                depths[node] = std::max(depths[node], depth);
            }
        }
    }
    const auto rank = [&depths](const Node* node) {
        const auto depth = depths.find(node);
        return std::pair{node->table->rank, depth == depths.end() ? 0 : depth->second};
    };
    std::ranges::stable_sort(nodes, [&](const Node* a, const Node* b) { return rank(a) > rank(b); });
}

}  // namespace tandem::orm

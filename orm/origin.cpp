#include "origin.hpp"

#include "load_operation.hpp"

namespace tandem::orm {

std::uint32_t SessionCore::begin_origin(std::shared_ptr<const LoadOptions> options, std::source_location place) {
    if (origins_.size() >= most_origins) {
        if (!options) return 0;
        throw InvalidStateError("a session keeps the options of its queries for what their objects load later, of " +
            std::to_string(most_origins) + " at most; use a new session for more");
    }
    // Some numbers are kept for queries with options, which must not be forgotten.
    if (!options && origins_.size() >= most_origins / 2) return 0;
    Origin& origin = origins_.emplace_back();
    origin.plans = options ? &options->plans : nullptr;
    origin.options = std::move(options);
    origin.place = place;
    return static_cast<std::uint32_t>(origins_.size());
}

void SessionCore::end_origin(std::uint32_t origin, const std::vector<Node*>& nodes) {
    // A few objects make no loop, and without options there is nothing else to know.
    if (origin == 0 || nodes.size() > 2 || origins_.size() != origin || origins_.back().options) return;
    for (Node* node : nodes)
        if (origin_of(node) == origin) node->flags &= ~std::uint32_t{Node::origin};
    origins_.pop_back();
}

std::uint32_t SessionCore::child_origin(std::uint32_t parent, const Relation& relation, const LoadPlan* plan) {
    Origin* from = origin(parent);
    if (!from) return 0;
    for (const Origin::Child& child : from->children)
        if (child.relation == &relation) return child.origin;
    if (origins_.size() >= (from->options ? most_origins : most_origins / 2)) return 0;
    Origin& origin = origins_.emplace_back();
    origin.options = from->options;
    origin.plans = plan ? &plan->nested : nullptr;
    origin.place = from->place;
    origin.parent = parent;
    origin.relation = &relation;
    const auto number = static_cast<std::uint32_t>(origins_.size());
    from->children.push_back({&relation, number});
    return number;
}

void SessionCore::note_lazy_load(Node* owner, const Relation& relation) {
    (void)owner;
    (void)relation;
}

}  // namespace tandem::orm

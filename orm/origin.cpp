#include "origin.hpp"

#include <algorithm>

#include <tandem/orm/error.hpp>

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
    Origin& origin = *origins_.emplace_back(std::make_unique<Origin>());
    origin.plans = options ? &options->plans : nullptr;
    origin.options = std::move(options);
    origin.place = place;
    return static_cast<std::uint32_t>(origins_.size());
}

void SessionCore::end_origin(std::uint32_t origin, const std::vector<Node*>& nodes) {
    // A few objects make no loop, and without options there is nothing else to know.
    if (origin == 0 || nodes.size() > 2 || origins_.size() != origin || origins_.back()->options) return;
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
    Origin& origin = *origins_.emplace_back(std::make_unique<Origin>());
    origin.options = from->options;
    origin.plans = plan ? &plan->nested : nullptr;
    origin.place = from->place;
    origin.parent = parent;
    origin.relation = &relation;
    const auto number = static_cast<std::uint32_t>(origins_.size());
    from->children.push_back({&relation, number});
    return number;
}

namespace {

/// "User::c.posts".
std::string proxy_of(const Relation& relation) {
    return std::string{relation.owner->class_name} + "::c." + relation.name;
}

}  // namespace

/// The loader that loads a relation of objects of an origin with their query.
std::string SessionCore::loader_line(const Origin& from, const Relation& relation) {
    std::string line = "selectinload(" + proxy_of(relation) + ")";
    for (const Origin* at = &from; at && at->relation; at = origin(at->parent))
        line = "selectinload(" + proxy_of(*at->relation) + ").options(" + line + ")";
    return ".options(" + line + ")";
}

void SessionCore::note_lazy_load(const Node* owner, const Relation& relation) {
    Origin* from = origin(origin_of(owner));
    Warnings& warnings = transaction_->warnings();
    if (!from || warnings.lazy_loops() == LazyLoops::ignore) return;
    if (relation.to_one()) {
        const auto key = key_in(owner, relation.local_columns);
        if (!key || find(*relation.target, *key)) return;  // no SELECT
    }
    auto loads = std::ranges::find(from->lazy_loads, &relation, &Origin::LazyLoads::relation);
    if (loads == from->lazy_loads.end()) loads = from->lazy_loads.insert(loads, {&relation, 0});
    const bool fails = warnings.lazy_loops() == LazyLoops::fail;
    if (++loads->count < warnings.loop_from() || (!fails && loads->count > warnings.loop_from())) return;

    std::string_view file = from->place.file_name();
    if (const auto slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
    const std::string place = std::string{file} + ":" + std::to_string(from->place.line());
    const std::string name = std::string{relation.owner->class_name} + "." + relation.name;
    const std::string text = name + " was loaded on access for " + std::to_string(loads->count) +
        " objects of the query at " + place +
        ", with a SELECT each (N+1); load it with the query: " + loader_line(*from, relation);
    if (fails) throw LazyLoadForbidden(text);
    warnings.say_once(place + ' ' + loader_line(*from, relation), text);
}

}  // namespace tandem::orm

// One query, or one load on access, with all that it brings along. (relation_loading.cpp, joined_loading.cpp)
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <tandem/orm/select_text.hpp>

#include "object_reader.hpp"
#include "origin.hpp"
#include "session_core.hpp"

namespace tandem::orm {

class JoinedLoading;
class TextKey;

/// A query for objects.
struct RootQuery {
    const Table& table;
    const QueryFunctions& functions;
    void* query;
    std::source_location place;

    [[nodiscard]] QueryState& state() const { return functions.state(query); }
    [[nodiscard]] bool is_limited() const { return state().is_limited(); }
};

/// An object and one that a relation leads to from it.
struct RelatedPair {
    Node* owner;
    Node* item;
};

/// How relations led from a query's objects to those at hand, where the query's text can say it again; without a query
/// it cannot.
struct QueryPath {
    struct Step {
        const Relation* relation;
        std::vector<const Criterion*> criteria;
    };
    const RootQuery* query = nullptr;
    std::vector<Step> steps{};
};

class LoadOperation {
public:
    LoadOperation(SessionCore& session, std::shared_ptr<const LoadOptions> options);
    LoadOperation(const LoadOperation&) = delete;
    LoadOperation& operator=(const LoadOperation&) = delete;
    ~LoadOperation();

    /// From here on, objects that are there take over what is read.
    void populate_existing() { populates_ = true; }
    /// For the unit of work, which has to know of every row.
    void ignore_criteria() { ignores_criteria_ = true; }
    /// Hands the objects that a query finds to `take`, with what its options and their relations bring.
    void run(const RootQuery& query, TakeNodes take, void* out);
    /// Loads the objects with these keys and what their relations load by default.
    [[nodiscard]] std::vector<Node*> load_by_key(const Table& table, const class KeyList& keys);
    /// Loads what the relations of objects ask for.
    void apply(const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>* plans,
        std::uint32_t origin, const QueryPath& path = {});
    /// Loads one relation of objects, as far as it is not loaded, and what hangs below it. `loading` is selectin or
    /// subquery.
    void load(const std::vector<Node*>& owners, const Relation& relation, const LoadPlan* plan, Loading loading,
        std::uint32_t origin, const QueryPath& path = {});

    // For its parts.
    [[nodiscard]] SessionCore& session() { return session_; }
    [[nodiscard]] ReadMode mode(std::uint32_t origin);
    /// The conditions that hold for objects of a relation's target, or for a query's own.
    [[nodiscard]] std::vector<const Criterion*> criteria_for(const Table& table, const LoadPlan* plan) const;
    [[nodiscard]] ObjectShape shape_for(const Table& table, const LoadPlan* plan) const;
    /// Owners whose relation has to be loaded.
    [[nodiscard]] std::vector<Node*> unloaded(const std::vector<Node*>& owners, const Relation& relation) const;
    /// Sets what a relation of some owners leads to, without any effect on the other side. Pairs of other owners do not
    /// count.
    void place(const std::vector<Node*>& owners, const Relation& relation, std::span<const RelatedPair> pairs,
        bool is_filtered);

private:
    struct RelationQuery;
    void load_rows(const std::vector<Node*>& owners, RelationQuery& query, bool in_one);
    void load_targets(const std::vector<Node*>& owners, RelationQuery& query, bool in_one);
    void load_below(const std::vector<Node*>& owners, const Relation& relation, const LoadPlan* plan,
        std::uint32_t origin, const QueryPath& path, const JoinedLoading* joined, std::size_t join);
    void apply_joined(const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>* plans,
        std::uint32_t origin, const QueryPath& path, const JoinedLoading* joined, std::size_t parent);
    void load_each(
        const std::vector<Node*>& owners, const Relation& relation, const LoadPlan* plan, std::uint32_t origin);
    [[nodiscard]] bool leads_in_circles(const Relation& relation, const LoadPlan* plan) const;

    SessionCore& session_;
    std::shared_ptr<const LoadOptions> options_;
    bool populates_ = false;
    bool ignores_criteria_ = false;
    std::vector<Node*> fresh_{};
    std::vector<const Relation*> open_{};  ///< relations being loaded, outermost first
};

/// Whether queries for objects of a table bring anything along by default.
[[nodiscard]] bool loads_by_default(const Table& table);
/// The plan for a relation, or null.
[[nodiscard]] const LoadPlan* plan_for(const std::vector<LoadPlan>* plans, const Relation& relation);
[[nodiscard]] inline bool is_loaded_relation(const Node* owner, const Relation& relation) {
    auto* node = const_cast<Node*>(owner);  // NOLINT: only looked at
    return relation.many ? RelationAccess::loaded(RelationAccess::many(node, relation))
                         : RelationAccess::loaded(RelationAccess::one(node, relation));
}
void add_criteria(TextKey& key, std::span<const Criterion* const> criteria);
void add_shape(TextKey& key, const ObjectShape& shape);

}  // namespace tandem::orm

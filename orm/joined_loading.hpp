// Relations loaded in the statement of the objects that have them.
#pragma once

#include <string>
#include <vector>

#include "flat_set.hpp"
#include "load_operation.hpp"

namespace tandem::orm {

/// The joins of one statement: a tree of relations below the statement's own objects.
class JoinedLoading {
public:
    static constexpr std::size_t root = static_cast<std::size_t>(-1);

    /// The joined relations of `table` and of what they lead to. The objects' columns stand in front of theirs.
    JoinedLoading(LoadOperation& operation, const Table& table, const std::vector<LoadPlan>* plans,
        std::uint32_t origin, std::size_t first_column);

    [[nodiscard]] bool empty() const { return joins_.empty(); }
    /// Whether an object may have several rows.
    [[nodiscard]] bool has_collections() const;
    void add_to(TextKey& key) const;
    /// Appends ", column, …".
    void write_columns(std::string& out) const;
    /// Appends " LEFT OUTER JOIN …"; the objects' table is called `name`, its columns by their names or "c<number>".
    void write_joins(SqlWriter& out, const std::string& name, bool is_numbered) const;
    /// Appends ", term, …" for the order in collections.
    void write_order(std::string& out) const;
    void bind(Parameters& parameters) const;

    /// Notes what a row holds beside `object`.
    void read(Node* object, Statement& row);
    /// Sets the relations, once the statement is done.
    void place();

    /// The join of an object's relation below another join (or `root`), or `root` when it is not joined.
    [[nodiscard]] std::size_t find(std::size_t parent, const Relation& relation) const;
    [[nodiscard]] std::uint32_t origin_of_join(std::size_t join) const { return joins_[join].origin; }

private:
    struct Join {
        const Relation* relation;
        const LoadPlan* plan;
        std::size_t parent;
        bool inner;
        std::string name;
        std::string link_name;
        ObjectShape shape;
        std::vector<const Criterion*> criteria;
        std::uint32_t origin;
        ObjectReader reader;
        // What the rows held:
        Node* current = nullptr;
        Node* last_owner = nullptr;
        Node* last_item = nullptr;
        PairSet seen{};
        std::vector<Node*> owners{};
        std::vector<RelatedPair> pairs{};
    };
    void add(const Table& table, const std::vector<LoadPlan>* plans, std::size_t parent, std::uint32_t origin,
        bool parent_is_inner);
    [[nodiscard]] std::string column_of_parent(
        const Join& join, std::size_t column, const std::string& name, bool is_numbered) const;

    LoadOperation& operation_;
    std::size_t columns_;
    std::vector<const Table*> path_{};
    std::vector<Join> joins_{};  // each behind its parent
};

}  // namespace tandem::orm

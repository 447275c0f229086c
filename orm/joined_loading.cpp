#include "joined_loading.hpp"

#include <algorithm>

#include "text_cache.hpp"

namespace tandem::orm {

JoinedLoading::JoinedLoading(LoadOperation& operation, const Table& table, const std::vector<LoadPlan>* plans,
    std::uint32_t origin, std::size_t first_column)
    : operation_(operation), columns_(first_column), path_{&table} {
    add(table, plans, root, origin, true);
}

void JoinedLoading::add(const Table& table, const std::vector<LoadPlan>* plans, std::size_t parent,
    std::uint32_t origin, bool parent_is_inner) {
    for (const Relation& relation : table.relations) {
        const LoadPlan* plan = plan_for(plans, relation);
        if ((plan ? plan->loading : relation.loading) != Loading::joined) continue;
        // What the models join by default must not go on for ever.
        if (!plan && std::ranges::count(path_, relation.target) != 0) continue;
        const std::size_t index = joins_.size();
        const bool inner = parent_is_inner && plan && plan->inner;
        const std::uint32_t below = operation_.session().child_origin(origin, relation, plan);
        ObjectShape shape = operation_.shape_for(*relation.target, plan);
        const std::size_t first = columns_;
        columns_ += shape.width();
        ObjectReader reader{operation_.session(), shape, first, operation_.mode(below)};
        joins_.push_back(Join{.relation = &relation,
            .plan = plan,
            .parent = parent,
            .inner = inner,
            .name = "tandem_" + std::to_string(index),
            .link_name = relation.link ? "tandem_link_" + std::to_string(index) : "",
            .shape = std::move(shape),
            .criteria = operation_.criteria_for(*relation.target, plan),
            .origin = below,
            .reader = std::move(reader)});
        path_.push_back(relation.target);
        add(*relation.target, plan ? &plan->nested : nullptr, index, below, inner);
        path_.pop_back();
    }
}

bool JoinedLoading::has_collections() const {
    return std::ranges::any_of(joins_, [](const Join& join) { return !join.relation->to_one(); });
}

void JoinedLoading::add_to(TextKey& key) const {
    for (const Join& join : joins_) {
        key.add(join.relation).add(join.parent).add(std::size_t{join.inner});
        add_shape(key, join.shape);
        add_criteria(key, join.criteria);
    }
}

void JoinedLoading::write_columns(std::string& out) const {
    for (const Join& join : joins_) out += ", " + join.shape.select_list(join.name);
}

std::string JoinedLoading::column_of_parent(
    const Join& join, std::size_t column, const std::string& name, bool is_numbered) const {
    if (join.parent == root && is_numbered) return quoted(name) + ".\"c" + std::to_string(column) + '"';
    return quoted(join.parent == root ? name : joins_[join.parent].name) + '.' +
        quoted(join.relation->owner->columns[column].name);
}

void JoinedLoading::write_joins(SqlWriter& out, const std::string& name, bool is_numbered) const {
    for (const Join& join : joins_) {
        const Relation& relation = *join.relation;
        const Table& target = *relation.target;
        const char* kind = join.inner ? " JOIN " : " LEFT OUTER JOIN ";
        const auto equal = [&](std::size_t i, const std::string& table, const Column& column) {
            out.text += (i == 0 ? " ON " : " AND ") + quoted(table) + '.' + quoted(column.name) + " = ";
        };
        if (const LinkTable* link = relation.link) {
            out.text += kind + quoted(link->table->name) + " AS " + quoted(join.link_name);
            for (std::size_t i = 0; i < link->owner_columns.size(); ++i) {
                equal(i, join.link_name, link->table->columns[link->owner_columns[i]]);
                out.text += column_of_parent(join, relation.local_columns[i], name, is_numbered);
            }
        }
        out.text += kind + quoted(target.name) + " AS " + quoted(join.name);
        for (std::size_t i = 0; i < relation.remote_columns.size(); ++i) {
            equal(i, join.name, target.columns[relation.remote_columns[i]]);
            if (const LinkTable* link = relation.link)
                out.text += quoted(join.link_name) + '.' + quoted(link->table->columns[link->target_columns[i]].name);
            else out.text += column_of_parent(join, relation.local_columns[i], name, is_numbered);
        }
        out.renames.push_back({&target, join.name});
        for (const Criterion* criterion : join.criteria) {
            out.text += " AND ";
            criterion->write()(out);
        }
        out.renames.pop_back();
    }
}

void JoinedLoading::write_order(std::string& out) const {
    for (const Join& join : joins_) {
        if (join.relation->to_one()) continue;
        const Table& target = *join.relation->target;
        const auto add_term = [&](std::size_t column, bool descending) {
            out += ", " + quoted(join.name) + '.' + quoted(target.columns[column].name) + (descending ? " DESC" : "");
        };
        for (const OrderTerm& term : join.relation->order) add_term(term.column, term.descending);
        for (const std::size_t column : target.key) add_term(column, false);
    }
}

void JoinedLoading::bind(Parameters& parameters) const {
    for (const Join& join : joins_)
        for (const Criterion* criterion : join.criteria) criterion->bind(parameters);
}

void JoinedLoading::read(Node* object, Statement& row) {
    for (Join& join : joins_) {
        Node* owner = join.parent == root ? object : joins_[join.parent].current;
        join.current = owner ? join.reader.read(row) : nullptr;
        if (!owner || (owner == join.last_owner && join.current == join.last_item)) continue;
        if (owner != join.last_owner && join.seen.insert(owner, nullptr)) join.owners.push_back(owner);
        join.last_owner = owner;
        join.last_item = join.current;
        if (join.current && join.seen.insert(owner, join.current)) join.pairs.push_back({owner, join.current});
    }
}

void JoinedLoading::place() {
    for (Join& join : joins_)
        operation_.place(
            operation_.unloaded(join.owners, *join.relation), *join.relation, join.pairs, !join.criteria.empty());
}

std::size_t JoinedLoading::find(std::size_t parent, const Relation& relation) const {
    const auto found = std::ranges::find_if(
        joins_, [&](const Join& join) { return join.parent == parent && join.relation == &relation; });
    return found == joins_.end() ? root : static_cast<std::size_t>(found - joins_.begin());
}

}  // namespace tandem::orm

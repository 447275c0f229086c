#include <algorithm>

#include <tandem/orm/loader.hpp>

namespace tandem::orm {

void add_columns(std::vector<ColumnChoice>& columns, const std::vector<ColumnChoice>& more) {
    columns.insert(columns.end(), more.begin(), more.end());
}

void add_plan(std::vector<LoadPlan>& plans, LoadPlan plan) {
    const auto known = std::ranges::find(plans, plan.relation, &LoadPlan::relation);
    if (known == plans.end()) {
        plans.push_back(std::move(plan));
        return;
    }
    known->loading = plan.loading;
    known->inner = plan.inner;
    for (Criterion& criterion : plan.criteria) known->criteria.push_back(std::move(criterion));
    add_columns(known->columns, plan.columns);
    for (LoadPlan& nested : plan.nested) add_plan(known->nested, std::move(nested));
}

}  // namespace tandem::orm

#include <algorithm>

#include <tandem/orm/loader.hpp>
#include <tandem/orm/select_text.hpp>

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

void QueryOption::apply(LoadOptions& options) && {
    options.populate_existing = options.populate_existing || populate_existing;
    options.criteria.insert(options.criteria.end(), criteria.begin(), criteria.end());
}

SharedOptions::SharedOptions() noexcept = default;
SharedOptions::SharedOptions(const SharedOptions& other) noexcept = default;
SharedOptions::SharedOptions(SharedOptions&& other) noexcept = default;
SharedOptions& SharedOptions::operator=(const SharedOptions& other) noexcept = default;
SharedOptions& SharedOptions::operator=(SharedOptions&& other) noexcept = default;
SharedOptions::~SharedOptions() = default;

LoadOptions& SharedOptions::edit() {
    auto mine = held_ ? std::make_shared<LoadOptions>(*held_) : std::make_shared<LoadOptions>();
    LoadOptions& options = *mine;
    held_ = std::move(mine);
    return options;
}

}  // namespace tandem::orm

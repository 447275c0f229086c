#include "load_operation.hpp"

#include <algorithm>

#include "joined_loading.hpp"
#include "key_list.hpp"
#include "text_cache.hpp"

namespace tandem::orm {
namespace {

constexpr const char* root_name = "tandem_root";

/// How access to a relation that this plan did not load goes on.
Loading on_access(Loading loading) {
    return loading == Loading::raise || loading == Loading::noload ? loading : Loading::select;
}

/// The text of a query for objects whose rows differ from what the query itself would read.
class RootText {
public:
    RootText(const Dialect& dialect, const RootQuery& query, const ObjectShape& shape,
        const std::vector<const Criterion*>& criteria, const JoinedLoading& joined)
        : dialect_(dialect),
          query_(query),
          shape_(shape),
          joined_(joined),
          info_(*query.functions.info),
          is_numbered_(!joined.empty() && (joined.has_collections() || info_.has(Clause::order_by))),
          extras_{&info_, criteria, &query.table, query.functions.alias, shape.picked, !joined.empty()} {}

    /// Whether the query's own text does.
    [[nodiscard]] bool is_plain() const { return joined_.empty() && shape_.picked.empty() && extras_.criteria.empty(); }
    /// Whether a number stands behind the objects' columns, which changes with each of the query's rows.
    [[nodiscard]] bool is_numbered() const { return is_numbered_; }
    [[nodiscard]] std::size_t first_joined() const { return shape_.width() + (is_numbered_ ? 1 : 0); }

    [[nodiscard]] SharedText text() const {
        TextKey key;
        key.add(&dialect_).add(&query_.functions).add(std::size_t{query_.is_limited()});
        add_shape(key, shape_);
        add_criteria(key, extras_.criteria);
        joined_.add_to(key);
        return cached_text(key, [this] { return make(); });
    }
    void bind(Parameters& parameters) const {
        parameters.set_extras(&extras_);
        query_.functions.bind(query_.query, parameters, form());
        parameters.set_extras(nullptr);
        joined_.bind(parameters);
    }

private:
    [[nodiscard]] std::string make() const {
        const std::string prefix = quoted(root_name) + '.';
        SqlWriter out{dialect_};
        if (!joined_.empty()) {
            out.text = "SELECT " + numbered_columns(prefix) + (is_numbered_ ? ", " + prefix + "\"n\"" : "");
            joined_.write_columns(out.text);
            out.text += " FROM (";
        }
        out.extras = &extras_;
        write_select(out, info_, &write_picked_columns, form());
        out.extras = nullptr;
        if (joined_.empty()) return out.text;

        out.text += ") AS " + quoted(root_name);
        joined_.write_joins(out, root_name, true);
        if (!is_numbered_) return out.text;
        out.text += " ORDER BY " + prefix + "\"n\"";
        if (info_.has(Clause::distinct))  // whose numbers repeat
            for (const std::size_t column : query_.table.key) out.text += ", " + prefix + name(column);
        joined_.write_order(out.text);
        return out.text;
    }
    [[nodiscard]] SelectForm form() const { return {.limited = query_.is_limited(), .numbered = is_numbered_}; }
    static std::string name(std::size_t column) { return "\"c" + std::to_string(column) + '"'; }
    [[nodiscard]] std::string numbered_columns(const std::string& prefix) const {
        std::string names;
        for (std::size_t i = 0; i < shape_.width(); ++i)
            names += (i == 0 ? "" : ", ") + prefix + name(shape_.column_at(i));
        return names;
    }

    const Dialect& dialect_;
    const RootQuery& query_;
    const ObjectShape& shape_;
    const JoinedLoading& joined_;
    const SelectInfo& info_;
    bool is_numbered_;
    RootExtras extras_;
};

}  // namespace

bool loads_by_default(const Table& table) {
    return std::ranges::any_of(table.relations, [](const Relation& relation) {
        return relation.loading != Loading::select && relation.loading != Loading::raise &&
            relation.loading != Loading::noload;
    });
}

/// Whether objects of a table bring related ones along.
bool brings_others(const Table& table, const std::vector<LoadPlan>* plans) {
    return (plans && !plans->empty()) || loads_by_default(table);
}

const LoadPlan* plan_for(const std::vector<LoadPlan>* plans, const Relation& relation) {
    if (!plans) return nullptr;
    const auto found = std::ranges::find(*plans, &relation, &LoadPlan::relation);
    return found == plans->end() ? nullptr : &*found;
}

void add_criteria(TextKey& key, std::span<const Criterion* const> criteria) {
    key.add(criteria.size());
    for (const Criterion* criterion : criteria) key.add(criterion->write());
}
void add_shape(TextKey& key, const ObjectShape& shape) {
    key.add(shape.picked.size());
    for (const std::size_t column : shape.picked) key.add(column);
}

LoadOperation::LoadOperation(SessionCore& session, std::shared_ptr<const LoadOptions> options)
    : session_(session), options_(std::move(options)) {}
LoadOperation::~LoadOperation() {
    for (Node* node : fresh_) node->flags &= ~std::uint32_t{Node::fresh};
}

ReadMode LoadOperation::mode(std::uint32_t origin) {
    return {origin << origin_shift, options_ != nullptr, populates_ ? &fresh_ : nullptr};
}

std::vector<const Criterion*> LoadOperation::criteria_for(const Table& table, const LoadPlan* plan) const {
    std::vector<const Criterion*> criteria;
    if (ignores_criteria_) return criteria;
    const auto add = [&](const std::vector<Criterion>& from) {
        for (const Criterion& criterion : from)
            if (&criterion.table() == &table) criteria.push_back(&criterion);
    };
    if (plan) add(plan->criteria);
    if (options_) add(options_->criteria);
    add(session_.criteria());
    return criteria;
}

ObjectShape LoadOperation::shape_for(const Table& table, const LoadPlan* plan) const {
    return shape_of(table, plan ? std::span{plan->columns} : std::span<const ColumnChoice>{});
}

void LoadOperation::run(const RootQuery& query, TakeNodes take, void* out) {
    const std::vector<LoadPlan>* plans = options_ ? &options_->plans : nullptr;
    const ObjectShape shape =
        shape_of(query.table, options_ ? std::span{options_->columns} : std::span<const ColumnChoice>{});
    const auto criteria = criteria_for(query.table, nullptr);
    const std::uint32_t origin = session_.begin_origin(options_, query.place);
    // Objects that nothing is loaded for are handed over while they are in the processor's cache.
    constexpr std::size_t handed_at_once = 64;
    const bool in_batches = !brings_others(query.table, plans);
    bool handed = false;
    std::vector<Node*> nodes;
    if (in_batches) nodes.reserve(handed_at_once);
    {
        // The first column of what is joined depends on whether rows are numbered, which depends on what is joined.
        const JoinedLoading probe{*this, query.table, plans, origin, 0};
        JoinedLoading joined{*this, query.table, plans, origin,
            RootText{session_.dialect(), query, shape, criteria, probe}.first_joined()};
        const RootText root{session_.dialect(), query, shape, criteria, joined};
        ObjectReader reader{session_, shape, 0, mode(origin)};
        if (joined.empty() && !query.functions.info->has(Clause::join)) reader.expect_distinct_rows();
        const SharedText text = root.is_plain() ? nullptr : root.text();
        {
            const std::string& sql =
                text ? *text : query.functions.sql(session_.dialect(), {.limited = query.is_limited()});
            const bool is_whole = joined.empty() && !query.is_limited() && query.functions.info->is_unordered();
            Statement& statement = is_whole ? session_.prepare_whole(sql) : session_.prepare(sql);
            const StatementUse use{statement};
            Parameters parameters{statement};
            root.bind(parameters);
            const int number_at = static_cast<int>(shape.width());
            std::int64_t last_number = -1;
            const auto take_row = [&](Statement& row) {
                Node* node = reader.read(row);
                if (!node) return;
                const std::int64_t number = root.is_numbered() ? row.column(number_at, Kind::integer).integer() : -1;
                if (number < 0 || number != last_number || node != nodes.back()) nodes.push_back(node);
                last_number = number;
                if (!joined.empty()) joined.read(node, row);
                if (!in_batches || nodes.size() < handed_at_once) return;
                take(out, nodes.size(), nodes.data());
                handed = true;
                nodes.clear();
            };
            statement.each_row(take_row);
        }
        joined.place();
        QueryPath path;
        if (!query.is_limited()) path.query = &query;
        apply_joined(nodes, query.table, plans, origin, path, &joined, JoinedLoading::root);
    }
    if (!handed) session_.end_origin(origin, nodes);
    take(out, nodes.size(), nodes.data());
}

std::vector<Node*> LoadOperation::load_by_key(const Table& table, const KeyList& keys) {
    std::vector<Node*> nodes;
    if (keys.empty()) return nodes;
    const ObjectShape shape = shape_for(table, nullptr);
    JoinedLoading joined{*this, table, nullptr, 0, shape.width()};
    TextKey key;
    key.add(&session_.dialect()).add(&table).add(&keys_per_select);
    add_shape(key, shape);
    joined.add_to(key);
    const SharedText text = cached_text(key, [&] {
        SqlWriter out{session_.dialect()};
        out.text = "SELECT " + shape.select_list(table.name);
        joined.write_columns(out.text);
        out.text += " FROM " + quoted(table.name);
        joined.write_joins(out, table.name, false);
        out.text += " WHERE " + keys.condition(table.name) + " ORDER BY " + quoted(table.name) + '.' +
            quoted(table.key_column().name);
        for (std::size_t i = 1; i < table.key.size(); ++i)
            out.text += ", " + quoted(table.name) + '.' + quoted(table.columns[table.key[i]].name);
        joined.write_order(out.text);
        return out.text;
    });
    ObjectReader reader{session_, shape, 0, mode(0)};
    const auto bind_joined = [&](Parameters& parameters) { joined.bind(parameters); };
    keys.each_part(
        session_, *text, keys_per_select, true, bind_joined, [](Parameters&) {},
        [&](Statement& row) {
            Node* node = reader.read(row);
            if (!node) return;
            if (nodes.empty() || nodes.back() != node) nodes.push_back(node);
            joined.read(node, row);
        });
    joined.place();
    apply_joined(nodes, table, nullptr, 0, {}, &joined, JoinedLoading::root);
    return nodes;
}

void LoadOperation::apply(const std::vector<Node*>& nodes, const Table& table, const std::vector<LoadPlan>* plans,
    std::uint32_t origin, const QueryPath& path) {
    apply_joined(nodes, table, plans, origin, path, nullptr, JoinedLoading::root);
}

void LoadOperation::apply_joined(const std::vector<Node*>& nodes, const Table& table,
    const std::vector<LoadPlan>* plans, std::uint32_t origin, const QueryPath& path, const JoinedLoading* joined,
    std::size_t parent) {
    if (nodes.empty() || !brings_others(table, plans)) return;
    for (const Relation& relation : table.relations) {
        const LoadPlan* plan = plan_for(plans, relation);
        const Loading loading = plan ? plan->loading : relation.loading;
        if (plan) {
            for (Node* node : nodes) {
                if (relation.many)
                    RelationAccess::set_on_access(RelationAccess::many(node, relation), on_access(loading));
                else RelationAccess::set_on_access(RelationAccess::one(node, relation), on_access(loading));
            }
        }
        switch (loading) {
            case Loading::select:
            case Loading::raise:
            case Loading::noload: break;
            case Loading::joined:
                if (const std::size_t join = joined ? joined->find(parent, relation) : JoinedLoading::root;
                    join != JoinedLoading::root)
                    load_below(nodes, relation, plan, joined->origin_of_join(join), {}, joined, join);
                else if (plan || !joined) load(nodes, relation, plan, Loading::selectin, origin, path);
                break;
            case Loading::subquery:
            case Loading::selectin: load(nodes, relation, plan, loading, origin, path); break;
            case Loading::immediate: load_each(nodes, relation, plan, origin); break;
        }
    }
}

void LoadOperation::load_each(
    const std::vector<Node*>& owners, const Relation& relation, const LoadPlan* plan, std::uint32_t origin) {
    for (Node* owner : owners) load({owner}, relation, plan, Loading::selectin, origin);
}

bool LoadOperation::leads_in_circles(const Relation& relation, const LoadPlan* plan) const {
    // What is populated anew is never loaded already, so that what the models load by default would go on for ever.
    if (!populates_ || plan) return false;
    return std::ranges::count(open_, &relation) != 0 ||
        (relation.reverse && std::ranges::count(open_, relation.reverse) != 0);
}

void LoadOperation::load_below(const std::vector<Node*>& owners, const Relation& relation, const LoadPlan* plan,
    std::uint32_t origin, const QueryPath& path, const JoinedLoading* joined, std::size_t join) {
    const std::vector<LoadPlan>* plans = plan ? &plan->nested : nullptr;
    if ((!plans || plans->empty()) && !loads_by_default(*relation.target)) return;
    std::vector<Node*> related;
    const auto add = [&](Node* node) {
        if ((node->flags & Node::marked) != 0) return;
        node->flags |= Node::marked;
        related.push_back(node);
    };
    for (Node* owner : owners) {
        if (!is_loaded_relation(owner, relation)) continue;
        if (relation.many) std::ranges::for_each(RelationAccess::items(RelationAccess::many(owner, relation)), add);
        else if (Node* target = RelationAccess::target(RelationAccess::one(owner, relation))) add(target);
    }
    for (Node* node : related) node->flags &= ~std::uint32_t{Node::marked};
    apply_joined(related, *relation.target, plans, origin, path, joined, join);
}

}  // namespace tandem::orm

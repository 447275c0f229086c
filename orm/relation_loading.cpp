// Loading relations of many objects at once, by the keys of the objects or by their query said again.
#include <algorithm>

#include "integer_column.hpp"
#include "joined_loading.hpp"
#include "key_list.hpp"
#include "load_operation.hpp"
#include "text_cache.hpp"

namespace tandem::orm {
namespace {

constexpr const char* link_name = "tandem_link";
constexpr const char* root_name = "tandem_root";

/// Marks nodes while it lives.
class Marked {
public:
    explicit Marked(const std::vector<Node*>& nodes) : nodes_(nodes) {
        for (Node* node : nodes_) node->flags |= Node::marked;
    }
    Marked(const Marked&) = delete;
    Marked& operator=(const Marked&) = delete;
    ~Marked() {
        for (Node* node : nodes_) node->flags &= ~std::uint32_t{Node::marked};
    }

private:
    const std::vector<Node*>& nodes_;
};

std::string name_list(const Table& table, const std::string& name, std::span<const std::size_t> columns) {
    std::string names;
    for (const std::size_t column : columns)
        names += (names.empty() ? "" : ", ") + quoted(name) + '.' + quoted(table.columns[column].name);
    return names;
}

void write_criteria(SqlWriter& out, std::span<const Criterion* const> criteria) {
    for (const Criterion* criterion : criteria) {
        out.text += " AND ";
        criterion->write()(out);
    }
}

/// "FROM target", or "FROM link JOIN target".
void write_from_relation(SqlWriter& out, const Relation& relation) {
    const Table& target = *relation.target;
    out.text += " FROM ";
    if (const LinkTable* link = relation.link) {
        out.text += quoted(link->table->name) + " AS " + quoted(link_name) + " JOIN " + quoted(target.name);
        for (std::size_t i = 0; i < relation.remote_columns.size(); ++i)
            out.text += (i == 0 ? " ON " : " AND ") +
                name_list(target, target.name, std::span{&relation.remote_columns[i], 1}) + " = " +
                name_list(*link->table, link_name, std::span{&link->target_columns[i], 1});
    } else {
        out.text += quoted(target.name);
    }
}

/// The table and columns that hold the owner's key: of the target, or of the link table.
struct OwnerColumns {
    explicit OwnerColumns(const Relation& relation)
        : table(relation.link ? *relation.link->table : *relation.target),
          name(relation.link ? link_name : relation.target->name),
          columns(relation.link ? relation.link->owner_columns : relation.remote_columns) {}
    const Table& table;
    std::string name;
    std::span<const std::size_t> columns;
};

/// A query whose text holds a limit of its own may find other rows when it is said again.
bool can_repeat(const Dialect& dialect, const QueryPath& path) {
    return path.query && path.query->functions.sql(dialect, {}).find(" LIMIT ") == std::string::npos;
}

/// "(SELECT key FROM …)" of the objects at the end of a path.
void write_path(SqlWriter& out, const QueryPath& path, std::size_t steps, const RootExtras& extras) {
    if (steps == 0) {
        const char* glue = "(SELECT ";
        for (const std::size_t i : path.query->table.key)
            out.text += std::exchange(glue, ", ") + quoted(root_name) + ".\"c" + std::to_string(i) + '"';
        out.text += " FROM (";
        out.extras = &extras;
        write_select(out, *path.query->functions.info, &write_picked_columns, {});
        out.extras = nullptr;
        out.text += ") AS " + quoted(root_name) + ')';
        return;
    }
    const QueryPath::Step& step = path.steps[steps - 1];
    const OwnerColumns owner{*step.relation};
    out.text += "(SELECT " + name_list(*step.relation->target, step.relation->target->name, step.relation->target->key);
    write_from_relation(out, *step.relation);
    out.text += " WHERE (" + name_list(owner.table, owner.name, owner.columns) + ") IN ";
    write_path(out, path, steps - 1, extras);
    write_criteria(out, step.criteria);
    out.text += ')';
}
void bind_path(Parameters& parameters, const QueryPath& path, const RootExtras& extras) {
    parameters.set_extras(&extras);
    path.query->functions.bind(path.query->query, parameters, {});
    parameters.set_extras(nullptr);
    for (const QueryPath::Step& step : path.steps)
        for (const Criterion* criterion : step.criteria) criterion->bind(parameters);
}

std::int64_t key_number(const Node* node) {
    const std::int64_t* key = integer_key(node);
    return key ? *key : std::get<std::int64_t>(key_of(node));
}

/// Brings the objects of each owner into the order of their keys, where the database found them in another: it mostly
/// follows an index by owner and key, or the table by key.
void sort_pairs(const Relation& relation, std::vector<RelatedPair>& pairs) {
    if (relation.to_one() || pairs.size() < 2) return;
    bool by_key = true;
    bool by_owner = relation.owner->integer_key;
    for (std::size_t i = 1; (by_key || by_owner) && i < pairs.size(); ++i) {
        const auto [owner, item] = pairs[i];
        const bool follows = key_number(pairs[i - 1].item) <= key_number(item);
        by_key = by_key && follows;
        if (by_owner)
            by_owner = pairs[i - 1].owner == owner ? follows : key_number(pairs[i - 1].owner) < key_number(owner);
    }
    if (!by_key && !by_owner) std::ranges::stable_sort(pairs, {}, [](auto& pair) { return key_number(pair.item); });
}

}  // namespace

/// A statement for what a relation leads to.
struct LoadOperation::RelationQuery {
    RelationQuery(
        LoadOperation& operation, const Relation& of, const LoadPlan* plan, std::uint32_t from, const QueryPath& along)
        : dialect(operation.session().dialect()),
          relation(of),
          path(along),
          owner(of),
          owner_columns_in_front(of.link ? owner.columns.size() : 0),
          origin(operation.session().child_origin(from, of, plan)),
          shape(operation.shape_for(*of.target, plan)),
          criteria(operation.criteria_for(*of.target, plan)),
          joined(operation, *of.target, plan ? &plan->nested : nullptr, origin, owner_columns_in_front + shape.width()),
          reader(operation.session(), shape, owner_columns_in_front, operation.mode(origin)) {
        if (!of.link && joined.empty()) reader.expect_distinct_rows();
    }

    const Dialect& dialect;
    const Relation& relation;
    QueryPath path;
    OwnerColumns owner;
    std::size_t owner_columns_in_front;
    std::uint32_t origin;
    ObjectShape shape;
    std::vector<const Criterion*> criteria;
    JoinedLoading joined;
    ObjectReader reader;

    /// The text; `condition(SqlWriter&)` writes which rows it is about.
    template <class F>
    [[nodiscard]] SharedText text(const char* kind, F condition) const {
        TextKey key;
        key.add(&dialect).add(&relation).add(kind);
        add_shape(key, shape);
        add_criteria(key, criteria);
        joined.add_to(key);
        if (path.query) {
            key.add(&path.query->functions);
            for (const QueryPath::Step& step : path.steps) {
                key.add(step.relation);
                add_criteria(key, step.criteria);
            }
        }
        return cached_text(key, [&] { return make(condition); });
    }
    /// Whether rows may come as the database finds them, which mostly is in the order of their keys: what is to be so
    /// in a collection is looked at there, which costs less than a sorter.
    [[nodiscard]] bool sorts_in_memory() const {
        return joined.empty() && (relation.to_one() || (relation.order.empty() && relation.target->integer_key));
    }
    void bind_joined(Parameters& parameters) const { joined.bind(parameters); }
    void bind_criteria(Parameters& parameters) const {
        for (const Criterion* criterion : criteria) criterion->bind(parameters);
    }

private:
    template <class F>
    [[nodiscard]] std::string make(F condition) const {
        const Table& target = *relation.target;
        SqlWriter out{dialect};
        out.text = "SELECT ";
        if (relation.link) out.text += name_list(owner.table, owner.name, owner.columns) + ", ";
        out.text += shape.select_list(target.name);
        joined.write_columns(out.text);
        write_from_relation(out, relation);
        joined.write_joins(out, target.name, false);
        out.text += " WHERE ";
        condition(out);
        write_criteria(out, criteria);
        if (sorts_in_memory()) return out.text;
        // Grouped by owner, so that a collection's rows stand together; then in the order of the collection.
        out.text += " ORDER BY " +
            (relation.to_one() ? name_list(target, target.name, target.key)
                               : name_list(owner.table, owner.name, owner.columns));
        if (!relation.to_one()) {
            for (const OrderTerm& term : relation.order)
                out.text += ", " + name_list(target, target.name, std::span{&term.column, 1}) +
                    (term.descending ? " DESC" : "");
            out.text += ", " + name_list(target, target.name, target.key);
        }
        joined.write_order(out.text);
        return out.text;
    }
};

std::vector<Node*> LoadOperation::unloaded(const std::vector<Node*>& owners, const Relation& relation) const {
    if (populates_) return owners;
    std::vector<Node*> nodes;
    for (Node* owner : owners)
        if (!is_loaded_relation(owner, relation)) nodes.push_back(owner);
    return nodes;
}

void LoadOperation::load(const std::vector<Node*>& owners, const Relation& relation, const LoadPlan* plan,
    Loading loading, std::uint32_t origin, const QueryPath& path) {
    if (leads_in_circles(relation, plan)) return;
    const std::vector<Node*> wanted = unloaded(owners, relation);
    // Only of objects that were all read just now is it known that their query, said again, finds them.
    const bool repeats = wanted.size() == owners.size() && session_.pending_.empty() &&
        can_repeat(session_.dialect(), path) && !relation.to_one() && loading == Loading::subquery;
    open_.push_back(&relation);
    if (wanted.empty()) {
        if (plan && !plan->nested.empty())
            load_below(owners, relation, plan, session_.child_origin(origin, relation, plan), {}, nullptr,
                JoinedLoading::root);
    } else {
        RelationQuery query{*this, relation, plan, origin, repeats ? path : QueryPath{}};
        if (relation.to_one()) load_targets(wanted, query, loading == Loading::subquery);
        else load_rows(wanted, query, loading == Loading::subquery);
        QueryPath below;
        if (path.query && !relation.to_one() && wanted.size() == owners.size()) {
            below = path;
            below.steps.push_back({&relation, query.criteria});
        }
        load_below(owners, relation, plan, query.origin, below, &query.joined, JoinedLoading::root);
    }
    open_.pop_back();
}

void LoadOperation::load_rows(const std::vector<Node*>& owners, RelationQuery& query, bool in_one) {
    const Relation& relation = query.relation;
    const Table& owner_table = *relation.owner;
    std::vector<RelatedPair> pairs;
    pairs.reserve(owners.size());
    const std::size_t front = query.owner_columns_in_front;
    std::vector<int> places;
    for (std::size_t i = 0; i < query.owner.columns.size(); ++i)
        places.push_back(static_cast<int>(front > 0 ? i : query.shape.place_of(query.owner.columns[i])));
    const Kind first_kind = query.owner.table.columns[query.owner.columns.front()].type->kind;
    std::int64_t last_key = 0;
    Node* last_owner = nullptr;
    std::vector<ValueView> values;

    const auto owner_of = [&](Statement& row) -> Node* {
        const ValueView first = row.column(places.front(), first_kind);
        if (places.size() == 1 && first.kind() == Kind::integer) {
            if (last_owner && first.integer() == last_key) return last_owner;
            last_key = first.integer();
            return last_owner = session_.identities(owner_table).find(last_key);
        }
        values.assign(1, first);
        for (std::size_t i = 1; i < places.size(); ++i)
            values.push_back(row.column(places[i], query.owner.table.columns[query.owner.columns[i]].type->kind));
        if (std::ranges::any_of(values, &ValueView::is_null)) return nullptr;
        return session_.find(owner_table, to_key(values));
    };
    const auto take_row = [&](Statement& row) {
        Node* owner = owner_of(row);
        Node* item = query.reader.read(row);
        if (!owner || !item) return;
        if (query.joined.empty()) {
            pairs.push_back({owner, item});
        } else {
            // An item has several rows when collections are joined to it; they stand together.
            if (pairs.empty() || pairs.back().owner != owner || pairs.back().item != item)
                pairs.push_back({owner, item});
            query.joined.read(item, row);
        }
    };
    if (query.path.query) {
        const auto criteria = criteria_for(query.path.query->table, nullptr);
        const RootExtras extras{query.path.query->functions.info, criteria, &query.path.query->table,
            query.path.query->functions.alias, {}, true};
        const SharedText text = query.text("subquery", [&](SqlWriter& out) {
            out.text += '(' + name_list(query.owner.table, query.owner.name, query.owner.columns) + ") IN ";
            write_path(out, query.path, query.path.steps.size(), extras);
        });
        Statement& statement = query.sorts_in_memory() ? session_.prepare_whole(*text) : session_.prepare(*text);
        const StatementUse use{statement};
        Parameters parameters{statement};
        query.bind_joined(parameters);
        bind_path(parameters, query.path, extras);
        query.bind_criteria(parameters);
        statement.each_row(take_row);
    } else {
        KeyList keys{session_.dialect(), query.owner.table, query.owner.columns};
        keys.reserve(owners.size());
        for (const Node* owner : owners) {
            if (const std::int64_t* key = keys.are_integers() ? integer_key(owner) : nullptr) keys.add(*key);
            else keys.add(key_of(owner));
        }
        const SharedText text =
            query.text("keys", [&](SqlWriter& out) { out.text += keys.condition(query.owner.name); });
        keys.each_part(
            session_, *text, in_one ? all_keys : keys_per_select, !query.sorts_in_memory(),
            [&](Parameters& parameters) { query.bind_joined(parameters); },
            [&](Parameters& parameters) { query.bind_criteria(parameters); }, take_row);
    }
    if (query.sorts_in_memory()) sort_pairs(relation, pairs);
    place(owners, relation, pairs, !query.criteria.empty());
    query.joined.place();
}

void LoadOperation::load_targets(const std::vector<Node*>& owners, RelationQuery& query, bool in_one) {
    const Relation& relation = query.relation;
    const Table& table = *relation.target;
    // A condition has to be put to the database, also about objects that are here already.
    const bool asks_for_all = !query.criteria.empty() || populates_;
    std::vector<Node*> wanted;
    IdentityMap asked;
    KeyList keys{session_.dialect(), table, table.key};
    const auto put = [&](Node* owner, Node* target) {
        OneBase& one = RelationAccess::one(owner, relation);
        if (populates_) RelationAccess::unload(one);
        RelationAccess::put(one, target);
    };
    const IntegerColumn integer{*relation.owner, relation.local_columns};
    const bool by_integer = integer && table.integer_key && keys.are_integers();
    const auto ask = [&](Node* owner, const auto& key) {
        wanted.push_back(owner);
        if (asked.find(key)) return;
        asked.insert(key, owner);
        keys.add(key);
    };
    const auto target_of = [&](const Node* owner) -> Node* {
        if (by_integer) return session_.find_integer(table, *integer.read(owner));
        return session_.find(table, *key_in(owner, relation.local_columns));
    };
    for (Node* owner : owners) {
        const bool has_key =
            by_integer ? integer.read(owner).has_value() : key_in(owner, relation.local_columns).has_value();
        Node* target = has_key && !asks_for_all ? target_of(owner) : nullptr;
        if (!has_key || target) put(owner, target);
        else if (by_integer) ask(owner, *integer.read(owner));
        else ask(owner, *key_in(owner, relation.local_columns));
    }
    if (wanted.empty()) return;
    const SharedText text = query.text("targets", [&](SqlWriter& out) { out.text += keys.condition(table.name); });
    std::vector<Node*> found;
    keys.each_part(
        session_, *text, in_one ? all_keys : keys_per_select, !query.sorts_in_memory(),
        [&](Parameters& parameters) { query.bind_joined(parameters); },
        [&](Parameters& parameters) { query.bind_criteria(parameters); },
        [&](Statement& row) {
            Node* target = query.reader.read(row);
            if (!target) return;
            if (found.empty() || found.back() != target) found.push_back(target);
            if (!query.joined.empty()) query.joined.read(target, row);
        });
    const Marked marked{found};
    for (Node* owner : wanted) {
        Node* target = target_of(owner);
        // What the condition leaves out is here, perhaps, but was not found.
        if (target && !query.criteria.empty() && (target->flags & Node::marked) == 0) target = nullptr;
        put(owner, target);
    }
    query.joined.place();
}

void LoadOperation::place(
    const std::vector<Node*>& owners, const Relation& relation, std::span<const RelatedPair> pairs, bool is_filtered) {
    if (owners.empty()) return;
    const bool unsealed = session_.transaction_->is_writer(session_);
    for (Node* owner : owners) {
        if (relation.many) {
            ManyBase& many = RelationAccess::many(owner, relation);
            RelationAccess::unload(many);
            RelationAccess::put(many, {});
            RelationAccess::set_filtered(many, is_filtered);
        } else {
            OneBase& one = RelationAccess::one(owner, relation);
            RelationAccess::unload(one);
            RelationAccess::put(one, nullptr);
        }
        if (unsealed && !relation.to_one()) session_.undo_.collections.emplace_back(owner, &relation);
    }
    const IntegerColumn here{*relation.owner, relation.local_columns};
    const IntegerColumn there{*relation.target, relation.remote_columns};
    const auto is_child = [&](const Node* item, const Node* owner) {
        if (here && there) return there.read(item) == here.read(owner);
        return key_in(item, relation.remote_columns) == key_in(owner, relation.local_columns);
    };
    const Relation* back = relation.direction == Direction::one_to_many ? relation.reverse : nullptr;
    const Marked marked{owners};
    const auto put_item = [&](Node* owner, Node* item) {
        if (!owner || (owner->flags & Node::marked) == 0) return;
        if (!relation.to_one() && (item->flags & (Node::removing | Node::deleted)) != 0) return;
        if (!relation.many) {
            OneBase& one = RelationAccess::one(owner, relation);
            if (!RelationAccess::target(one)) RelationAccess::put(one, item);
        } else {
            RelationAccess::append(RelationAccess::many(owner, relation), item);
        }
    };
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto [owner, item] = pairs[i];
        if (relation.many && (i == 0 || pairs[i - 1].owner != owner) && (owner->flags & Node::marked) != 0) {
            std::size_t end = i + 1;
            while (end < pairs.size() && pairs[end].owner == owner) ++end;
            RelationAccess::reserve(RelationAccess::many(owner, relation), end - i);
        }
        if (!back) {
            put_item(owner, item);
            continue;
        }
        // An object that was in memory already may have been moved to another owner.
        OneBase& one = RelationAccess::one(item, *back);
        put_item(RelationAccess::changed(one) ? RelationAccess::target(one) : owner, item);
        if (!RelationAccess::loaded(one) && is_child(item, owner)) RelationAccess::put(one, owner);
    }
    if (!back) return;
    for (Node* item : session_.pending_) {  // what autoflush has not written
        if (item->table != relation.target) continue;
        Node* owner = RelationAccess::target(RelationAccess::one(item, *back));
        if (owner) put_item(owner, item);
    }
}

}  // namespace tandem::orm

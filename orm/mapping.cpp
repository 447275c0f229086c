// What the models say of each other: keys, foreign keys, how relations are joined. Everything wrong is collected and
// thrown together.
#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include <tandem/orm/error.hpp>

#include "registry.hpp"

namespace tandem::orm {
namespace {

Table* find_model(const void* tag) {
    const auto found = registry().by_tag.find(tag);
    return found == registry().by_tag.end() ? nullptr : found->second;
}

const Table* find_table(std::string_view name) {
    for (const Table& table : registry().tables)
        if (table.name == name) return &table;
    return nullptr;
}

/// Resolves what a table says of itself; relations come after all tables.
class TableCheck {
public:
    TableCheck(Table& table, std::vector<std::string>& errors) : table_(table), errors_(errors) {}

    void key() {
        table_.key.clear();
        bool inherited = false;
        for (std::size_t i = 0; i < table_.columns.size(); ++i) {
            const Column& column = table_.columns[i];
            if (!column.primary_key) continue;
            table_.key.push_back(i);
            inherited = inherited || column.inherited;
            const Kind kind = column.type->kind;
            if (kind == Kind::boolean || kind == Kind::real || kind == Kind::decimal || kind == Kind::json)
                error(column.member, "a primary key is an integer, a text, a UUID, a date, a time or a blob");
            if (column.type->nullable) error(column.member, "a primary key cannot be std::optional");
        }
        if (table_.key.empty())
            errors_.push_back(std::string{table_.class_name} + " has no primary key; derive from tandem::Model<" +
                table_.class_name + "> or mark a member primary_key");
        if (inherited && table_.key.size() > 1)
            errors_.push_back(std::string{table_.class_name} +
                " has several primary keys: the inherited id and members marked primary_key; derive from Model<" +
                table_.class_name + ", void> to leave out id");
        table_.integer_key = table_.key.size() == 1 && table_.columns[table_.key.front()].type->kind == Kind::integer;
        table_.key_first = table_.key;
        for (std::size_t i = 0; i < table_.columns.size(); ++i)
            if (!table_.columns[i].primary_key) table_.key_first.push_back(i);
    }

    void column_options() {
        table_.has_rules = table_.has_on_update = table_.has_defaults = false;
        for (const Column& column : table_.columns) {
            const bool alone = column.primary_key && table_.key.size() == 1;
            if (column.client_default && !column.type->nullable && !alone)
                error(column.member,
                    "default_value() is for a std::optional member; give this one an initialiser instead");
            if (column.autoincrement && !(alone && table_.integer_key))
                error(column.member, "autoincrement is for a primary key of one integer");
            if (column.client_key && !column.primary_key) error(column.member, "client_key is for a primary key");
            for (const Rule& rule : column.rules)
                if (!rule.mistake.empty()) error(column.member, rule.mistake);
            table_.has_rules = table_.has_rules || !column.rules.empty();
            table_.has_on_update = table_.has_on_update || column.on_update;
            table_.has_defaults = table_.has_defaults || (!alone && (column.client_default || column.server_default));
        }
    }

    void version() {
        table_.version.reset();
        for (std::size_t i = 0; i < table_.columns.size(); ++i) {
            if (!table_.columns[i].version) continue;
            if (table_.version) error(table_.columns[i].member, "a class has one version column");
            if (table_.columns[i].type->kind != Kind::integer || table_.columns[i].type->nullable)
                error(table_.columns[i].member, "a version column is an integer, and not std::optional");
            table_.version = i;
        }
    }

    void foreign_keys() {
        for (ForeignKey& key : table_.foreign_keys) {
            key.target = find_table(key.target_table);
            key.target_columns.clear();
            for (const std::string& name : key.target_names)
                if (const auto column = key.target ? column_named(*key.target, name) : std::nullopt)
                    key.target_columns.push_back(*column);
            if (key.target_columns.size() == key.columns.size()) continue;
            std::string text;
            for (const std::string& name : key.target_names) text += (text.empty() ? "" : ", ") + name;
            error(key.columns.empty() ? "TANDEM_TABLE" : table_.columns[key.columns.front()].member,
                "foreign_key(\"" + key.target_table + "." + text + "\") names no column of a model");
        }
    }

    void constraints() {
        for (TableConstraint& constraint : table_.constraints) {
            constraint.columns.clear();
            for (const std::string& member : constraint.option.columns) {
                if (const auto column = column_of_member(table_, member)) constraint.columns.push_back(*column);
                else error(member.c_str(), "is named in TANDEM_TABLE, but is no column");
            }
        }
    }

    static std::optional<std::size_t> column_named(const Table& table, std::string_view name) {
        const auto found = std::ranges::find(table.columns, name, &Column::name);
        if (found == table.columns.end()) return std::nullopt;
        return static_cast<std::size_t>(found - table.columns.begin());
    }
    static std::optional<std::size_t> column_of_member(const Table& table, std::string_view member) {
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (table.columns[i].member == member) return i;
        return std::nullopt;
    }

private:
    void error(const char* member, const std::string& text) {
        errors_.push_back(member_name(table_, member) + ": " + text);
    }
    Table& table_;
    std::vector<std::string>& errors_;
};

/// Finds out how a relation is joined.
class RelationCheck {
public:
    RelationCheck(Table& table, Relation& relation, std::vector<std::string>& errors)
        : table_(table), relation_(relation), errors_(errors) {}

    void resolve() {
        relation_.owner = &table_;
        relation_.target = nullptr;
        relation_.reverse = nullptr;
        const Table* target = find_model(relation_.target_tag);
        if (!target) {
            error(" leads to a class that is no model; give it a TANDEM_MODEL and include its header");
            return;
        }
        target_ = target;
        if (relation_.link_name ? join_through_link() : join_by_foreign_key()) {
            relation_.target = target;
            options();
        }
    }

    void link_reverse() {
        if (!relation_.back_populates || !relation_.target) return;
        const std::string partner_name = member_name(*relation_.target, relation_.back_populates);
        const Relation* partner = relation_named(*relation_.target, relation_.back_populates);
        if (!partner) {
            error(std::string{": back_populates names \""} + relation_.back_populates + "\", which is no relation of " +
                relation_.target->class_name);
        } else if (!leads_back(*partner)) {
            error(": its partner " + partner_name +
                " does not lead back (both join the same foreign key, from either side)");
        } else if (!partner->back_populates || std::strcmp(partner->back_populates, relation_.name) != 0) {
            error(": its partner " + partner_name + " must say back_populates(\"" + relation_.name + "\")");
        } else {
            relation_.reverse = partner;
        }
    }

private:
    static const Relation* relation_named(const Table& table, const char* name) {
        for (const Relation& relation : table.relations)
            if (std::strcmp(relation.name, name) == 0) return &relation;
        return nullptr;
    }
    [[nodiscard]] const Relation* partner() const {
        return relation_.back_populates ? relation_named(*target_, relation_.back_populates) : nullptr;
    }
    [[nodiscard]] bool leads_back(const Relation& partner) const {
        if (partner.target_tag != tag_of(table_)) return false;
        if (!partner.target) return true;  // it has an error of its own
        if (relation_.direction == Direction::many_to_many)
            return partner.direction == Direction::many_to_many && partner.link->table == relation_.link->table &&
                partner.link->owner_columns == relation_.link->target_columns;
        const bool opposite =
            (relation_.direction == Direction::many_to_one && partner.direction == Direction::one_to_many) ||
            (relation_.direction == Direction::one_to_many && partner.direction == Direction::many_to_one);
        return opposite && relation_.local_columns == partner.remote_columns &&
            relation_.remote_columns == partner.local_columns;
    }

    /// The foreign keys of `from` to the key of `to`, or the one that `member` is part of.
    static std::vector<const ForeignKey*> foreign_keys(const Table& from, const Table& to, const char* member) {
        std::vector<const ForeignKey*> found;
        for (const ForeignKey& key : from.foreign_keys) {
            if (key.target != &to || key.columns.size() != key.target_columns.size()) continue;
            if (!std::ranges::is_permutation(key.target_columns, to.key)) continue;
            const auto named = [&](std::size_t column) {
                return std::strcmp(from.columns[column].member, member) == 0;
            };
            if (member && std::ranges::none_of(key.columns, named)) continue;
            found.push_back(&key);
        }
        return found;
    }
    /// The columns of a foreign key in the order of the key they refer to.
    static std::vector<std::size_t> in_key_order(const ForeignKey& key, const Table& target) {
        std::vector<std::size_t> columns;
        for (const std::size_t wanted : target.key) {
            const auto at = std::ranges::find(key.target_columns, wanted) - key.target_columns.begin();
            columns.push_back(key.columns[static_cast<std::size_t>(at)]);
        }
        return columns;
    }

    bool join_by_foreign_key() {
        const char* member = relation_.foreign_key;
        const Relation* other = partner();
        if (!member && other) member = other->foreign_key;
        const bool mirrored = &table_ == target_ && !relation_.many && other && other != &relation_ && !other->many;
        if (mirrored && (relation_.foreign_key != nullptr) == (other->foreign_key != nullptr)) {
            error(std::string{" and "} + other->name +
                " lead from the class to itself by one foreign key: say foreign_key(\"member\") on the side that holds "
                "it");
            return false;
        }
        const bool held_there = relation_.many || (mirrored && !relation_.foreign_key);
        if (!held_there) {
            const auto here = foreign_keys(table_, *target_, member);
            if (here.size() == 1)
                return join(Direction::many_to_one, in_key_order(*here.front(), *target_), target_->key);
            if (here.size() > 1) return several(table_, *target_);
        }
        const auto there = foreign_keys(*target_, table_, member);
        if (there.size() == 1) return join(Direction::one_to_many, table_.key, in_key_order(*there.front(), table_));
        if (there.size() > 1) return several(*target_, table_);
        const Table& from = relation_.many ? *target_ : table_;
        const Table& to = relation_.many ? table_ : *target_;
        error(" cannot be joined: table \"" + from.name + "\" has no column with foreign_key(\"" + key_name(to) +
            "\")" + (member ? std::string{" called "} + member : ""));
        return false;
    }
    static std::string key_name(const Table& table) {
        std::string names;
        for (const std::size_t column : table.key) names += (names.empty() ? "" : ", ") + table.columns[column].name;
        return table.name + "." + names;
    }
    bool several(const Table& from, const Table& to) {
        error(" cannot be joined: table \"" + from.name + "\" has several foreign keys to \"" + key_name(to) +
            "\"; choose one with foreign_key(\"member\") on the relation");
        return false;
    }
    bool join(Direction direction, std::vector<std::size_t> local, std::vector<std::size_t> remote) {
        relation_.direction = direction;
        relation_.local_columns = std::move(local);
        relation_.remote_columns = std::move(remote);
        return true;
    }

    bool join_through_link() {
        if (!relation_.many) {
            error(" is a One with a link table; many to many is a Many on both sides");
            return false;
        }
        const std::string_view name{relation_.link_name};
        const Table* table = find_table(name);
        if (!table) table = make_link_table(name);
        if (!table) return false;
        const auto here = foreign_keys(*table, table_, relation_.foreign_key);
        auto there = foreign_keys(*table, *target_, nullptr);
        if (!here.empty()) std::erase(there, here.front());
        if (here.size() != 1 || there.size() != 1) {
            error(" cannot be joined: link table \"" + table->name + "\" needs one foreign key to \"" + table_.name +
                "\" and one to \"" + target_->name + "\"" +
                (&table_ == target_ ? "; say foreign_key(\"member\") for the one that leads to this side" : ""));
            return false;
        }
        relation_.link = &registry().links.emplace_back(
            LinkTable{table, in_key_order(*here.front(), table_), in_key_order(*there.front(), *target_)});
        return join(Direction::many_to_many, table_.key, target_->key);
    }
    const Table* make_link_table(std::string_view name) {
        if (&table_ == target_) {
            error(" leads from the class to itself; give its link table \"" + std::string{name} + "\" a model");
            return nullptr;
        }
        Registry& all = registry();
        Table& link = all.tables.emplace_back(Table{.name = std::string{name}, .index = all.tables.size()});
        link.class_name = link.name.c_str();
        std::array<const Table*, 2> sides{&table_, target_};
        if (target_->name < table_.name) std::swap(sides[0], sides[1]);  // the same whichever side comes first
        for (const Table* side : sides) {
            ForeignKey key{.target_table = side->name,
                .on_delete = ForeignKeyAction::cascade,
                .on_update = ForeignKeyAction::cascade,
                .target = side,
                .target_columns = side->key};
            for (const std::size_t column : side->key) {
                const Column& of_key = side->columns[column];
                key.target_names.push_back(of_key.name);
                key.columns.push_back(link.columns.size());
                link.key.push_back(link.columns.size());
                const std::string& column_name = all.names.emplace_back(side->name + "_" + of_key.name);
                link.columns.push_back(Column{
                    .name = column_name, .member = column_name.c_str(), .type = of_key.type, .primary_key = true});
            }
            link.foreign_keys.push_back(std::move(key));
        }
        // The primary key finds the links of the first side; those of the second would be looked for in the whole
        // table.
        TableConstraint index{.option{.kind = TableOption::Kind::index}, .columns = link.foreign_keys.back().columns};
        for (const std::size_t column : index.columns) index.option.columns.push_back(link.columns[column].name);
        link.constraints.push_back(std::move(index));
        return &link;
    }

    void options() {
        const bool owns = relation_.direction == Direction::one_to_many;
        if ((relation_.cascade_delete || relation_.delete_orphan || relation_.passive_deletes) && !owns)
            error(": cascade_delete, delete_orphan and passive_deletes are for the side that other rows refer to");
        relation_.order.clear();
        std::string_view rest = relation_.order_by ? relation_.order_by : "";
        while (!rest.empty()) {
            std::string_view term = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), term.size() + 1));
            order_term(term);
        }
    }
    void order_term(std::string_view term) {
        const auto trim = [](std::string_view text) {
            while (text.starts_with(' ')) text.remove_prefix(1);
            while (text.ends_with(' ')) text.remove_suffix(1);
            return text;
        };
        term = trim(term);
        const bool descending = term.ends_with(" desc");
        if (descending) term.remove_suffix(5);
        else if (term.ends_with(" asc")) term.remove_suffix(4);
        if (const auto column = TableCheck::column_of_member(*target_, trim(term)))
            relation_.order.push_back({*column, descending});
        else
            error(": order_by(\"" + std::string{relation_.order_by} + "\") names \"" + std::string{trim(term)} +
                "\", which is no column of " + target_->class_name);
    }

    static const void* tag_of(const Table& table) {
        for (const auto& [tag, known] : registry().by_tag)
            if (known == &table) return tag;
        return nullptr;
    }
    void error(const std::string& text) { errors_.push_back(member_name(table_, relation_.name) + text); }

    Table& table_;
    Relation& relation_;
    std::vector<std::string>& errors_;
    const Table* target_ = nullptr;
};

/// Tables after those they refer to: first all that refer to none, then all that refer to those only, and so on. The
/// order of registration decides among equals, and where tables refer to each other in a circle.
void order_tables(Registry& all) {
    all.order.clear();
    std::vector<std::size_t> depths(all.tables.size(), 0);
    std::vector<bool> visited(all.tables.size(), false);
    const std::function<void(const Table&)> visit = [&](const Table& table) {
        visited[table.index] = true;
        for (const ForeignKey& key : table.foreign_keys) {
            if (!key.target) continue;
            if (!visited[key.target->index]) visit(*key.target);
            // One that is still being visited is in a circle with this one, and counts as 0.
            depths[table.index] = std::max(depths[table.index], depths[key.target->index] + 1);
        }
        all.order.push_back(&table);
    };
    for (const Table& table : all.tables)
        if (!visited[table.index]) visit(table);
    std::ranges::stable_sort(all.order, {}, [&depths](const Table* table) { return depths[table->index]; });
    for (std::size_t rank = 0; rank < all.order.size(); ++rank) all.tables[all.order[rank]->index].rank = rank;
}

/// A foreign key in TANDEM_TABLE is one like those beside members.
void take_foreign_keys(Table& table, std::vector<std::string>& errors) {
    const auto is_foreign_key = [](const TableConstraint& constraint) {
        return constraint.option.kind == TableOption::Kind::foreign_key;
    };
    for (TableConstraint& constraint : table.constraints) {
        if (!is_foreign_key(constraint)) continue;
        TableOption& option = constraint.option;
        ForeignKey key{.target_table = option.target,
            .target_names = option.target_columns,
            .on_delete = option.delete_action,
            .on_update = option.update_action,
            .deferrable = option.is_deferrable,
            .name = option.constraint_name};
        for (const std::string& member : option.columns) {
            if (const auto column = TableCheck::column_of_member(table, member)) key.columns.push_back(*column);
            else errors.push_back(member_name(table, member.c_str()) + ": is named in TANDEM_TABLE, but is no column");
        }
        table.foreign_keys.push_back(std::move(key));
    }
    std::erase_if(table.constraints, is_foreign_key);
}

}  // namespace

std::vector<const Table*> all_tables() {
    std::vector<const Table*> tables;
    for (const Table& table : registry().tables) tables.push_back(&table);
    return tables;
}

std::vector<const Table*> tables_in_dependency_order() { return registry().order; }

void check_models() {
    Registry& all = registry();
    if (all.checked) return;
    const std::lock_guard lock{all.mutex};
    if (all.checked) return;
    for (Table& table : all.tables) take_foreign_keys(table, all.errors);
    std::vector<std::string> errors = all.errors;
    for (std::size_t i = 0; i < all.tables.size(); ++i) {
        Table& table = all.tables[i];
        for (std::size_t j = 0; j < i; ++j)
            if (all.tables[j].name == table.name)
                errors.push_back(std::string{all.tables[j].class_name} + " and " + table.class_name +
                    " are both table \"" + table.name + "\"");
        TableCheck check{table, errors};
        check.key();
        check.column_options();
        check.version();
        check.constraints();
    }
    for (Table& table : all.tables) TableCheck{table, errors}.foreign_keys();
    const std::size_t models = all.tables.size();  // link tables come behind
    for (std::size_t i = 0; i < models; ++i)
        for (Relation& relation : all.tables[i].relations) RelationCheck{all.tables[i], relation, errors}.resolve();
    for (Table& table : all.tables)
        for (Relation& relation : table.relations) RelationCheck{table, relation, errors}.link_reverse();
    order_tables(all);
    if (!errors.empty()) {
        std::string text =
            "the models have " + std::to_string(errors.size()) + (errors.size() == 1 ? " error:" : " errors:");
        for (const std::string& error : errors) text += "\n  " + error;
        throw MappingError(text);
    }
    for (Table& table : all.tables) {
        table.shown_names.clear();
        for (const Column& column : table.columns)
            if (!column.hidden) table.shown_names.push_back(column.member);
        for (const Relation& relation : table.relations) table.shown_names.push_back(relation.name);
    }
    all.checked = true;
}

}  // namespace tandem::orm

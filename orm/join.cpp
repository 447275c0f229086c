// Joins along relations and foreign keys, and conditions on what relations lead to.
#include <tandem/orm/join.hpp>
#include <tandem/orm/node_access.hpp>
#include <tandem/orm/predicate.hpp>

#include "query_text.hpp"
#include "session_core.hpp"

namespace tandem::orm {
namespace {

/// `"left"."a" = "right"."x" AND …` over pairs of columns.
void write_equal(SqlWriter& out, std::string_view left, const Table& left_table,
    const std::vector<std::size_t>& left_columns, std::string_view right, const Table& right_table,
    const std::vector<std::size_t>& right_columns) {
    for (std::size_t i = 0; i < left_columns.size(); ++i) {
        if (i > 0) out.text += " AND ";
        out.text += quoted(left) + '.' + quoted(left_table.columns[left_columns[i]].name) + " = " + quoted(right) +
            '.' + quoted(right_table.columns[right_columns[i]].name);
    }
}
std::string made_up_name(SqlWriter& out, std::string_view of) {
    return std::string{of} + '_' + std::to_string(++out.names);
}
std::string named(const Table& table, std::string_view name) {
    return name == table.name ? quoted(table.name) : quoted(table.name) + " AS " + quoted(name);
}

}  // namespace

void write_join_word(SqlWriter& out, bool outer) { out.text += outer ? " LEFT JOIN " : " JOIN "; }

void write_relation_join(
    SqlWriter& out, const Relation& relation, const char* owner_alias, const char* target_alias, bool outer) {
    check_models();
    const Table& owner = *relation.owner;
    const Table& target = *relation.target;
    const std::string owner_name{name_of_source(out, owner, owner_alias)};
    const std::string target_name = *target_alias != '\0' ? target_alias : target.name;
    if (relation.link) {
        const LinkTable& link = *relation.link;
        const std::string link_name = made_up_name(out, link.table->name);
        write_join_word(out, outer);
        out.text += named(*link.table, link_name) + " ON ";
        write_equal(out, owner_name, owner, relation.local_columns, link_name, *link.table, link.owner_columns);
        write_join_word(out, outer);
        out.text += named(target, target_name) + " ON ";
        write_equal(out, link_name, *link.table, link.target_columns, target_name, target, relation.remote_columns);
    } else {
        write_join_word(out, outer);
        out.text += named(target, target_name) + " ON ";
        write_equal(out, owner_name, owner, relation.local_columns, target_name, target, relation.remote_columns);
    }
}

namespace {

/// A foreign key that could join two sources.
struct KeyPath {
    const ForeignKey* key;
    SourceInfo from;
    SourceInfo to;
};
std::string describe(const KeyPath& path) {
    std::string text;
    for (const std::size_t column : path.key->columns)
        text += (text.empty() ? "" : " and ") + std::string{path.from.table->class_name} + "." +
            path.from.table->columns[column].member;
    return text;
}

}  // namespace

void write_key_condition(SqlWriter& out, const SourceInfo& target, const SourceInfo* others, std::size_t count) {
    if (!target.table) throw ArgumentError("a subquery is joined by a condition: join(subquery, condition)");
    check_models();
    std::vector<KeyPath> paths;
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        if (!others[i].table) continue;
        names += (names.empty() ? "" : ", ") + std::string{others[i].table->class_name};
        for (const ForeignKey& key : others[i].table->foreign_keys)
            if (key.target == target.table) paths.push_back({&key, others[i], target});
        for (const ForeignKey& key : target.table->foreign_keys)
            if (key.target == others[i].table) paths.push_back({&key, target, others[i]});
    }
    const std::string name = target.table->class_name;
    if (paths.empty())
        throw ArgumentError("join<" + name + ">() has no foreign key to go by: none leads from " + names + " to " +
            name + " or back; give it a condition or a relation");
    if (paths.size() > 1) {
        std::string found;
        for (const KeyPath& path : paths) found += (found.empty() ? "" : ", ") + describe(path);
        throw ArgumentError("join<" + name + ">() has several foreign keys to go by: " + found + " (between it and " +
            names + "); give it a condition or a relation");
    }
    const KeyPath& path = paths.front();
    const auto name_of = [&](const SourceInfo& source) {
        return std::string{name_of_source(out, *source.table, source.alias)};
    };
    write_equal(out, name_of(path.from), *path.from.table, path.key->columns, name_of(path.to), *path.to.table,
        path.key->target_columns);
}

namespace {

/// Appends `EXISTS (…` over the related rows, without its end; returns the name of the related table in it.
std::string begin_related(SqlWriter& out, const Relation& relation, const char* owner_alias) {
    const Table& owner = *relation.owner;
    const Table& target = *relation.target;
    const std::string owner_name{name_of_source(out, owner, owner_alias)};
    std::string target_name = made_up_name(out, target.name);
    out.text += "EXISTS (SELECT 1 FROM " + named(target, target_name);
    if (relation.link) {
        const LinkTable& link = *relation.link;
        const std::string link_name = made_up_name(out, link.table->name);
        out.text += " JOIN " + named(*link.table, link_name) + " ON ";
        write_equal(out, link_name, *link.table, link.target_columns, target_name, target, relation.remote_columns);
        out.text += " WHERE ";
        write_equal(out, owner_name, owner, relation.local_columns, link_name, *link.table, link.owner_columns);
    } else {
        out.text += " WHERE ";
        write_equal(out, owner_name, owner, relation.local_columns, target_name, target, relation.remote_columns);
    }
    return target_name;
}

/// Appends a pattern of two places with these in them.
void write_two(SqlWriter& out, std::string_view pattern, const std::string& left, const char* right) {
    const auto first = pattern.find("{}");
    const auto second = pattern.find("{}", first + 2);
    out.text += pattern.substr(0, first);
    out.text += left;
    out.text += pattern.substr(first + 2, second - first - 2);
    out.text += right;
    out.text += pattern.substr(second + 2);
}

/// A foreign key that is here is compared as it is; one of several columns leads to nothing when any of them is NULL.
void write_foreign_key_compared(SqlWriter& out, const Relation& relation, const char* owner_alias, Related how) {
    const std::string name = quoted(name_of_source(out, *relation.owner, owner_alias)) + '.';
    const char* glue = how == Related::is || how == Related::some ? " AND " : " OR ";
    out.text += '(';
    for (std::size_t i = 0; i < relation.local_columns.size(); ++i) {
        if (i > 0) out.text += glue;
        const std::string column = name + quoted(relation.owner->columns[relation.local_columns[i]].name);
        if (how == Related::none) out.text += column + " IS NULL";
        else if (how == Related::some) out.text += column + " IS NOT NULL";
        else
            write_two(out, out.dialect->pattern(how == Related::is ? "is_not_distinct_from" : "is_distinct_from"),
                column, "?");
    }
    out.text += ')';
}

}  // namespace

void write_related(SqlWriter& out, const Relation& relation, const char* owner_alias, WriteFunction condition) {
    check_models();
    const std::string name = begin_related(out, relation, owner_alias);
    if (condition) {
        out.text += " AND ";
        out.renames.push_back({relation.target, name});
        condition(out);
        out.renames.pop_back();
    }
    out.text += ')';
}

void write_compared(SqlWriter& out, const Relation& relation, const char* owner_alias, Related how) {
    check_models();
    if (relation.to_one()) {
        write_foreign_key_compared(out, relation, owner_alias, how);
        return;
    }
    const bool negative = how == Related::is_not || how == Related::none;
    if (negative) out.text += "(NOT ";
    const std::string name = begin_related(out, relation, owner_alias);
    if (how != Related::none && how != Related::some)
        for (const std::size_t column : relation.target->key)
            out.text += " AND " + quoted(name) + '.' + quoted(relation.target->columns[column].name) + " = ?";
    out.text += negative ? "))" : ")";
}

std::vector<Value> key_for(const Relation& relation, const Node* node, Related how) {
    if (how == Related::none || how == Related::some) return {};
    check_models();
    const std::vector<std::size_t>& columns = relation.to_one() ? relation.remote_columns : relation.target->key;
    if (!node && relation.to_one()) return std::vector<Value>(columns.size());
    if (!node)
        throw ArgumentError(std::string{relation.owner->class_name} + "." + relation.name +
            " is compared with an empty Ref; say == nullptr for what leads to nothing");
    if ((node->flags & Node::persistent) == 0)
        throw ArgumentError(std::string{relation.owner->class_name} + "." + relation.name + " is compared with " +
            describe(node) + ", which has no row (yet); flush() first");
    std::vector<Value> key;
    key.reserve(columns.size());
    Scratch scratch;
    for (const std::size_t column : columns)
        key.push_back(to_value(column_value(node, relation.target->columns[column], scratch)));
    return key;
}
void bind_key(Parameters& parameters, const std::vector<Value>& values) {
    for (const Value& value : values) parameters.add(ValueView::from(value));
}

}  // namespace tandem::orm

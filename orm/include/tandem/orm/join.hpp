/// Joins: `query.join(Post::c.user)`, `.outer_join(User::c.posts)`, `.join<Tag>(condition)`, `.join<User>()`,
/// `.join(boss, condition)`.
///
/// Contract: a relation joins by its own keys, through its link table where it has one; `join<Model>()` without a
/// condition takes the only foreign key between the model and those that the query has, in either direction, and throws
/// ArgumentError, before any SQL, when there is none or several. After `outer_join` the columns of the joined model may
/// all be NULL, so they are selected as std::optional. A model that is there already has to be joined under an alias:
///
///     constexpr auto boss = tandem::alias<Person, "boss">;
///     select(Person::c.name, boss.name).outer_join(Person::c.boss, boss)
#pragma once

#include <type_traits>
#include <utility>

#include <tandem/orm/column.hpp>
#include <tandem/orm/expression.hpp>
#include <tandem/orm/select_text.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

/// Something that can stand in FROM under a name: an alias, or a query.
template <class A>
concept FromObject = requires { typename A::tandem_from; };
template <class A>
auto from_object(const A& object) {
    if constexpr (std::same_as<A, typename A::tandem_from>) return object;
    else return typename A::tandem_from{};
}

/// Appends ` JOIN ` or ` LEFT JOIN `.
void write_join_word(SqlWriter& out, bool outer);
/// Appends the joins along a relation, that of a link table included.
void write_relation_join(
    SqlWriter& out, const Relation& relation, const char* owner_alias, const char* target_alias, bool outer);
/// Appends the condition that the only foreign key between a source and others gives. Throws ArgumentError when there
/// is none or several.
void write_key_condition(SqlWriter& out, const SourceInfo& target, const SourceInfo* others, std::size_t count);

/// A joined source, and the condition.
template <class T, bool IsOuter, class On>
struct JoinPart {
    using Target = T;
    using joined = typename T::source;
    static constexpr Clause clause = Clause::join;
    [[no_unique_address]] Target target;
    [[no_unique_address]] On on;

    static void sql(SqlWriter& out) {
        write_join_word(out, IsOuter);
        Target::sql(out);
        out.write(" ON ");
        On::sql(out);
    }
    void bind(Parameters& parameters) const {
        target.bind(parameters);
        on.bind(parameters);
    }
};
/// What a query selects from, where that is not a model.
template <class T>
struct RootPart {
    using Target = T;
    static constexpr Clause clause = Clause::root;
    [[no_unique_address]] Target target;
    static void sql(SqlWriter& out) { Target::sql(out); }
    void bind(Parameters& parameters) const { target.bind(parameters); }
};
/// A source joined along a relation.
template <class Column, class Target, bool IsOuter>
struct RelationJoin {
    using joined = typename Target::source;
    static constexpr Clause clause = Clause::join;
    static void sql(SqlWriter& out) {
        write_relation_join(out, Column::relation(), Column::tandem_alias, Target::source::alias, IsOuter);
    }
    void bind(Parameters&) const {}
};
/// The condition of the only foreign key between a source and those before it.
template <class Target, class... S>
struct OnForeignKey {
    static void sql(SqlWriter& out) {
        const SourceInfo others[] = {source_info<S>::get()...};
        write_key_condition(out, source_info<typename Target::source>::get(), others, sizeof...(S));
    }
    void bind(Parameters&) const {}
};

}  // namespace tandem::orm

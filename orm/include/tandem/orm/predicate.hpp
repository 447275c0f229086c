/// Conditions on relations: `User::c.posts.any(Post::c.title == "p3")`, `Post::c.user.has(…)`,
/// `Post::c.tags.contains(tag)`, `Post::c.user == user`, `Post::c.user == nullptr`.
///
/// Contract: `any` and `has` are EXISTS over the related rows; inside them the columns of the related model mean those
/// rows, also where a model is related to itself, and all other columns the query around. Without a condition they ask
/// whether there is any. Where the foreign key is on this side, `==` compares it without a subquery, and an empty Ref
/// means "none", as nullptr does. Throws ArgumentError for an object that has no row yet. Pitfall: what has no related
/// row meets `!any(…)`, too.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <tandem/orm/expression.hpp>
#include <tandem/orm/ref.hpp>
#include <tandem/orm/relation.hpp>
#include <tandem/orm/source.hpp>
#include <tandem/orm/table.hpp>

namespace tandem::orm {

template <class T, auto Pointer>
std::uint32_t offset_of();

/// Appends `EXISTS (…)` over the rows that a relation leads to and that meet a condition, which may be null.
void write_related(SqlWriter& out, const Relation& relation, const char* owner_alias, WriteFunction condition);
/// What a relation is compared with.
enum class Related : std::uint8_t {
    is,        ///< leads to this object
    is_not,    ///< does not lead to it
    none,      ///< leads to nothing
    some,      ///< leads to something
    contains,  ///< leads to this object among others
};
/// Appends the comparison, with places for the object's key.
void write_compared(SqlWriter& out, const Relation& relation, const char* owner_alias, Related how);
/// The values for these places.
[[nodiscard]] std::vector<Value> key_for(const Relation& relation, const Node* node, Related how);
void bind_key(Parameters& parameters, const std::vector<Value>& values);

/// Rows for which a relation leads to a row that meets a condition.
template <class Column, class... Condition>
struct HasRelated : Operators<HasRelated<Column, Condition...>, bool> {
    using tandem_value = bool;
    [[no_unique_address]] Pack<Condition...> condition;

    explicit HasRelated(Condition... of) : condition{std::move(of)...} {}
    template <class... S>
    static constexpr bool uses_only = in_scope<typename Column::tandem_owner, S...> &&
        (Condition::template uses_only<Source<typename Column::tandem_target>, S...> && ...);
    template <class... S>
    static constexpr bool nullable_in = false;
    template <class... G>
    static constexpr bool grouped_by = (is_key_of<typename Column::tandem_owner, G> || ...);
    static constexpr bool has_aggregate = false;
    static constexpr typename Column::tandem_owner* root() { return nullptr; }
    static void sql(SqlWriter& out) {
        write_related(out, Column::relation(), Column::tandem_alias, writers_of<Condition...>[0]);
    }
    void bind(Parameters& parameters) const { condition.bind(parameters); }
};

/// Rows for which a relation leads to an object, or to none.
template <class Column, Related How>
struct RelationIs : Operators<RelationIs<Column, How>, bool> {
    using tandem_value = bool;
    std::vector<Value> key{};

    explicit RelationIs(const Node* node) : key(key_for(Column::relation(), node, How)) {}
    template <class... S>
    static constexpr bool uses_only = in_scope<typename Column::tandem_owner, S...>;
    template <class... S>
    static constexpr bool nullable_in = false;
    template <class... G>
    static constexpr bool grouped_by = (is_key_of<typename Column::tandem_owner, G> || ...);
    static constexpr bool has_aggregate = false;
    static constexpr typename Column::tandem_owner* root() { return nullptr; }
    static void sql(SqlWriter& out) { write_compared(out, Column::relation(), Column::tandem_alias, How); }
    void bind(Parameters& parameters) const { bind_key(parameters, key); }
};

/// The proxy of a relation.
template <class T, auto Pointer, FixedString Alias>
struct RelationColumn {
    using tandem_model = T;
    using tandem_target = typename member_value_t<Pointer>::element_type;
    using tandem_owner = Source<T, Alias>;
    static constexpr const char* tandem_alias = Alias.text;
    static constexpr bool tandem_many = is_many<member_value_t<Pointer>>;
    static const Relation& relation() { return table_of<T>().relation_at(offset_of<T, Pointer>()); }

    /// A collection leads to a row that meets the condition, or, without one, to any row.
    template <class... Condition>
    [[nodiscard]] auto any(Condition... condition) const {
        static_assert(tandem_many, "tandem: any() is for collections; this relation leads to one object: say has()");
        return related(std::move(condition)...);
    }
    /// A relation to one object leads to one that meets the condition, or, without one, to any.
    template <class... Condition>
    [[nodiscard]] auto has(Condition... condition) const {
        static_assert(!tandem_many, "tandem: has() is for relations to one object; this is a collection: say any()");
        return related(std::move(condition)...);
    }
    /// A collection leads to this object, among others.
    template <class Target>
    [[nodiscard]] auto contains(const Ref<Target>& object) const {
        static_assert(tandem_many, "tandem: contains() is for collections; compare this relation by ==");
        static_assert(leads_to<Target>, "tandem: this relation leads to another model");
        return RelationIs<RelationColumn, Related::contains>{object.node()};
    }
    template <class Target>
    [[nodiscard]] auto operator==(const Ref<Target>& object) const {
        check_compared<Target>();
        return RelationIs<RelationColumn, Related::is>{object.node()};
    }
    /// Includes what leads to nothing.
    template <class Target>
    [[nodiscard]] auto operator!=(const Ref<Target>& object) const {
        check_compared<Target>();
        return RelationIs<RelationColumn, Related::is_not>{object.node()};
    }
    [[nodiscard]] auto operator==(std::nullptr_t) const { return RelationIs<RelationColumn, Related::none>{nullptr}; }
    [[nodiscard]] auto operator!=(std::nullptr_t) const { return RelationIs<RelationColumn, Related::some>{nullptr}; }

private:
    template <class Target>
    static constexpr bool leads_to = std::is_same_v<Target, tandem_target>;
    template <class Target>
    static constexpr void check_compared() {
        static_assert(!tandem_many, "tandem: a collection cannot be compared by ==; say contains(object)");
        static_assert(leads_to<Target>, "tandem: this relation leads to another model");
    }
    template <class... Condition>
    static auto related(Condition... condition) {
        static_assert(sizeof...(Condition) <= 1 && (is_condition<Condition> && ...),
            "tandem: any() and has() need a condition on the related model, e.g. any(Post::c.title == \"p\")");
        return HasRelated<RelationColumn, Condition...>{std::move(condition)...};
    }
};

}  // namespace tandem::orm

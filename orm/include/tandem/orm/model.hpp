/// `Model<T>` and TANDEM_MODEL: a struct that is a table.
///
/// Contract: members are listed once, in the macro; the table is named in snake_case after the class; `Model<T>` brings
/// `std::int64_t id`, the primary key (`Model<T, std::string>` another type, `Model<T, void>` none: mark a member
/// `primary_key`). A key of 0 or "" means "assign one". Members stay plain: the struct is an aggregate. An empty
/// std::optional in a new object is *unset*: the server default fires, else it is NULL. Pitfalls: give members of
/// optional and relation type `{}` (`std::optional<T> x{};`), or designated initialisers warn; declare the models of
/// relations before, their definitions may follow. `Model<T, Key, Stamped>` adds the columns of a struct that many
/// models share (TANDEM_MIXIN).
///
///     struct User : tandem::Model<User> {
///         std::string username;
///         std::string email;
///         tandem::Many<Post> posts{};
///         TANDEM_MODEL(User, (username, unique), email, (posts, back_populates("user")))
///     };
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <new>
#include <span>

#include <tandem/orm/column.hpp>
#include <tandem/orm/column_options.hpp>
#include <tandem/orm/json_fwd.hpp>
#include <tandem/orm/query.hpp>
#include <tandem/orm/relation.hpp>
#include <tandem/orm/source.hpp>

namespace tandem {

namespace orm {
template <class Key>
struct ModelKey {
    Key id{};
};
template <>
struct ModelKey<void> {};

/// Json, as a type that depends on T: it only has to be complete (<tandem/json.hpp>) where dict() is used.
template <class T>
using JsonOf = std::conditional_t<std::is_void_v<T>, void, Json>;

[[nodiscard]] Json object_to_json(const Table& table, const void* object);
void assign_form(const Table& table, void* object, const Json& form);
}  // namespace orm

template <class T, class Key = std::int64_t, class... Mixins>
struct Model : orm::ModelKey<Key>, Mixins... {
    using tandem_model_base = Model;
    using tandem_key = Key;

    /// Starts a query: `User::select().where(…)`.
    static auto select() { return orm::Query<orm::Scope<orm::Source<T>>, orm::Entity<T>>{}; }
    /// The object as JSON: columns that are not hidden, and loaded relations; runs no SQL. A relation that leads back
    /// to an object being converted is left out. Define `tandem::Json dict() const` in the model to change what pages
    /// see (include <tandem/json.hpp> for it).
    [[nodiscard]] orm::JsonOf<T> dict() const {
        return orm::object_to_json(orm::table_of<T>(), static_cast<const T*>(this));
    }
    /// Sets columns by name from a form. Throws ValidationError, changing nothing, with all that is wrong by field: a
    /// name that is no column, the key, a hidden or readonly column, a value that does not fit or breaks a rule.
    void set(const Json& form) { orm::assign_form(orm::table_of<T>(), static_cast<T*>(this), form); }
};

namespace orm {

template <class T>
concept ModelClass = requires { typename T::tandem_model_base; };

/// Room for a T that is never there.
template <class T>
struct Storage {
    alignas(T) static inline char bytes[sizeof(T)];
};
/// Bytes from the start of a T to one of its members.
template <class T, auto Pointer>
std::uint32_t offset_of() {
    // Formed on storage that is never read; members of non-standard-layout classes have no offsetof.
    auto* object = reinterpret_cast<T*>(Storage<T>::bytes);
    return static_cast<std::uint32_t>(reinterpret_cast<char*>(&(object->*Pointer)) - Storage<T>::bytes);
}

/// The mixins of a model's base.
template <class Base>
struct MixinsOf;
template <class T, class Key, class... Mixins>
struct MixinsOf<Model<T, Key, Mixins...>> {
    template <class Visitor>
    static void visit([[maybe_unused]] const Visitor& visitor) {
        (Mixins::tandem_members(visitor), ...);
    }
    template <class S, FixedString Alias>
    struct Proxies : Mixins::template tandem_mixin_columns<S, Alias>... {};
};

template <class T>
struct TableBuilder {
    Table& table;
    template <auto Pointer>
    void operator()(Member<Pointer>, const char* name, const auto&... options) const {
        using V = member_value_t<Pointer>;
        const Option list[sizeof...(options) + 1] = {plain_option(options)..., {Option::Kind::typed}};
        const std::span<const Option> given{list, sizeof...(options)};
        if constexpr (RelationMember<V>) {
            add_relation(table, name, offset_of<T, Pointer>(), is_many<V>, &type_tag<typename V::element_type>, given);
        } else {
            static_assert(!is_optional<unwrap_optional_t<V>>,
                "tandem: a column cannot be a std::optional of a std::optional; NULL is one value");
            static_assert(
                Columnable<V>, "tandem: a column cannot hold this member's type; specialise tandem::Codec for it");
            if constexpr (Columnable<V>) {
                [[maybe_unused]] Column& column =
                    add_column(table, name, offset_of<T, Pointer>(), column_type_of<V>(), given);
                (configure(ColumnOf<V>{}, column, options), ...);
            }
        }
    }
};

/// The dict() that T defines itself, or null.
template <class T>
constexpr Json (*dict_of())(const void*) {
    // An inherited dict() has the type of a member of the base.
    if constexpr (std::is_same_v<decltype(&T::dict), Json (T::*)() const>) {
        static_assert(
            requires { sizeof(JsonOf<T>); }, "tandem: include <tandem/json.hpp> before a model that defines dict()");
        return [](const void* object) -> JsonOf<T> { return static_cast<const T*>(object)->dict(); };
    } else {
        return nullptr;
    }
}

template <class T>
const Table& build_table() {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "tandem: models cannot be over-aligned");
    static constexpr ObjectOperations operations{sizeof(T), alignof(T), [](void* at) { ::new (at) T(); },
        [](void* at) noexcept { static_cast<T*>(at)->~T(); }, dict_of<T>()};
    Table& table = register_table(&type_tag<T>, T::tandem_name(), &operations);
    if constexpr (!std::is_void_v<typename T::tandem_key>) {
        const std::array<Option, 2> key{options::primary_key, Option{Option::Kind::inherited}};
        add_column(
            table, "id", offset_of<T, &T::tandem_model_base::id>(), column_type_of<typename T::tandem_key>(), key);
    }
    T::tandem_members(TableBuilder<T>{table});
    MixinsOf<typename T::tandem_model_base>::visit(TableBuilder<T>{table});
    if constexpr (requires { T::tandem_table_options(table); }) T::tandem_table_options(table);
    return table;
}
template <class T>
const Table& table_of() {
    static const Table& table = build_table<T>();
    return table;
}
template <class T>
bool register_model() {
    table_of<T>();
    return true;
}

}  // namespace orm
}  // namespace tandem

#define TANDEM_COLUMN_PROXY(S, x)                                                                                      \
    [[no_unique_address]] ::tandem::orm::ColumnProxy<S, &S::TANDEM_ITEM_NAME(x), tandem_alias> TANDEM_ITEM_NAME(x);

/// Inside a model: lists its columns and relations, makes its column proxies (`User::c.username`) and registers it.
#define TANDEM_MODEL(S, ...)                                                                                           \
    TANDEM_VISITOR(S, __VA_ARGS__)                                                                                     \
    template <::tandem::FixedString tandem_alias = "">                                                                 \
    struct tandem_columns : ::tandem::orm::KeyProxy<S, tandem_model_base, tandem_alias>,                               \
                            ::tandem::orm::MixinsOf<tandem_model_base>::Proxies<S, tandem_alias> {                     \
        using tandem_entity = ::tandem::orm::EntityField<S, tandem_alias>;                                             \
        TANDEM_FOR_EACH(TANDEM_COLUMN_PROXY, S, __VA_ARGS__)                                                           \
    };                                                                                                                 \
    [[maybe_unused]] static constexpr tandem_columns<> c{};                                                            \
    inline static const bool tandem_registered = ::tandem::orm::register_model<S>();

#define TANDEM_MIXIN_PROXY(S, x)                                                                                       \
    [[no_unique_address]] ::tandem::orm::ColumnProxy<tandem_owner, &S::TANDEM_ITEM_NAME(x), tandem_alias>              \
        TANDEM_ITEM_NAME(x);
/// Inside a plain struct: its members are columns of every model that names it, `struct Post : tandem::Model<Post,
/// std::int64_t, Stamped>`, behind the model's own.
#define TANDEM_MIXIN(S, ...)                                                                                           \
    TANDEM_VISITOR(S, __VA_ARGS__)                                                                                     \
    template <class tandem_owner, ::tandem::FixedString tandem_alias>                                                  \
    struct tandem_mixin_columns {                                                                                      \
        TANDEM_FOR_EACH(TANDEM_MIXIN_PROXY, S, __VA_ARGS__)                                                            \
    };

/// Inside a model, beside TANDEM_MODEL: options of the whole table, e.g. `TANDEM_TABLE(Post, table_name("posts"),
/// unique("user_id", "title"), index("title").where("body <> ''"), check("title <> ''"))`. Columns are given by their
/// members' names.
#define TANDEM_TABLE(S, ...)                                                                                           \
    static void tandem_table_options(::tandem::orm::Table& tandem_table) {                                             \
        using ::tandem::table_options::table_name, ::tandem::table_options::unique, ::tandem::table_options::index,    \
            ::tandem::table_options::expression_index, ::tandem::table_options::check,                                 \
            ::tandem::table_options::foreign_key, ::tandem::table_options::cascade, ::tandem::table_options::restrict, \
            ::tandem::table_options::set_null, ::tandem::table_options::set_default;                                   \
        for (const ::tandem::TableOption& option : std::initializer_list<::tandem::TableOption>{__VA_ARGS__})          \
            ::tandem::orm::add_table_option(tandem_table, option);                                                     \
    }

/// Options that stand beside a member's name in TANDEM_MODEL and TANDEM_STATE, and those of a whole table in
/// TANDEM_TABLE.
///
///     TANDEM_MODEL(Post, title, (user_id, foreign_key("user.id"), on_delete(cascade)), (user,
///     back_populates("posts")),
///         (tags, link("post_tag"), back_populates("posts")), (flags, back_populates("post"), delete_orphan))
///     TANDEM_TABLE(Post, unique("user_id", "title"), index("title").where("title <> ''"))
///     TANDEM_STATE(Search, (name, settable), (cache, backend), find)
///
/// Pitfall: an option that does not fit its member (a foreign key on a relation, `settable` on a column) is reported at
/// start.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace tandem {

/// When a relation is loaded.
enum class Loading : std::uint8_t {
    select,     ///< on first access, one SELECT per object (the default)
    joined,     ///< with the query, in its own SELECT
    subquery,   ///< with the query: one more SELECT, whose condition repeats the query
    selectin,   ///< with the query: one more SELECT for all objects of the result
    immediate,  ///< with the query, one SELECT per object
    raise,      ///< access throws LazyLoadForbidden
    noload,     ///< never by itself; reads as empty, and says it is not loaded
};

/// What the database does with rows that refer to a row that is deleted or whose key changes.
enum class ForeignKeyAction : std::uint8_t { no_action, restrict, cascade, set_null, set_default };

/// One option of a member; made by the functions in `tandem::options`.
struct Option {
    enum class Kind : std::uint8_t {
        primary_key,
        unique,
        index,
        foreign_key,  // of a column: "table.column"; of a relation: the column that joins
        on_delete,
        on_update,
        deferrable,
        server_default,
        column_name,
        hidden,
        readonly,
        version,
        deferred,
        not_null,
        autoincrement,
        client_key,
        sql_type,
        inherited,
        typed,  // any option that has a type of its own; columns
        back_populates,
        loading,
        link,
        order_by,
        cascade_delete,
        delete_orphan,
        passive_deletes,
        no_save_update,  // relations
        settable,
        backend,  // vars
    };
    Kind kind;
    const char* text = "";
    Loading loading = Loading::select;
    ForeignKeyAction action = ForeignKeyAction::no_action;
};

/// A value, or a function that makes one, for a column of a new object.
template <class F>
struct DefaultValue {
    F value;
};
/// A value, or a function that makes one, for a column at each update.
template <class F>
struct OnUpdate {
    F value;
};

namespace options {

/// Marks the database's current time as server default.
struct Now {};
[[maybe_unused]] inline constexpr Now now{};

/// The member is (the) primary key; the inherited `id` column then does not exist: derive from `Model<T, void>`.
[[maybe_unused]] inline constexpr Option primary_key{Option::Kind::primary_key};
[[maybe_unused]] inline constexpr Option unique{Option::Kind::unique};
[[maybe_unused]] inline constexpr Option index{Option::Kind::index};
/// Never leaves the server: not in JSON, not in echoes.
[[maybe_unused]] inline constexpr Option hidden{Option::Kind::hidden};
/// Forms (`set()`, model arguments) cannot change it.
[[maybe_unused]] inline constexpr Option readonly{Option::Kind::readonly};
/// Of a column: `"table.column"` that it refers to. Of a relation: the member that joins it, where several could.
constexpr Option foreign_key(const char* reference) { return {Option::Kind::foreign_key, reference}; }
/// An SQL expression the database uses when the member is unset (an empty std::optional).
constexpr Option server_default(const char* sql) { return {Option::Kind::server_default, sql}; }
constexpr Option server_default(Now) { return {Option::Kind::server_default, nullptr}; }
constexpr Option column_name(const char* name) { return {Option::Kind::column_name, name}; }
/// The column's type in SQL, instead of what the dialect makes of the member's.
constexpr Option sql_type(const char* sql) { return {Option::Kind::sql_type, sql}; }
/// What an unset member (an empty std::optional, a key of 0 or "") gets before the INSERT: a value, `now`, or a
/// function that makes one.
template <class F>
constexpr DefaultValue<F> default_value(F value_or_function) {
    return {value_or_function};
}
/// What the member is set to whenever another column of the object is updated: a value, `now`, or a function.
template <class F>
constexpr OnUpdate<F> onupdate(F value_or_function) {
    return {value_or_function};
}
/// The column of a std::optional member is NOT NULL: a default fills it when the member is unset.
[[maybe_unused]] inline constexpr Option not_null{Option::Kind::not_null};
/// The database never uses an integer key again, also after its row was deleted.
[[maybe_unused]] inline constexpr Option autoincrement{Option::Kind::autoincrement};
/// The program gives the key: 0, "" or nil is a key like any other.
[[maybe_unused]] inline constexpr Option client_key{Option::Kind::client_key};
/// What happens to this row when the one it refers to is deleted, or gets another key.
constexpr Option on_delete(ForeignKeyAction action) { return {Option::Kind::on_delete, "", {}, action}; }
constexpr Option on_update(ForeignKeyAction action) { return {Option::Kind::on_update, "", {}, action}; }
[[maybe_unused]] inline constexpr ForeignKeyAction restrict {ForeignKeyAction::restrict};
[[maybe_unused]] inline constexpr ForeignKeyAction cascade{ForeignKeyAction::cascade};
[[maybe_unused]] inline constexpr ForeignKeyAction set_null{ForeignKeyAction::set_null};
[[maybe_unused]] inline constexpr ForeignKeyAction set_default{ForeignKeyAction::set_default};
/// The foreign key is checked at commit, not at each statement.
[[maybe_unused]] inline constexpr Option deferrable{Option::Kind::deferrable};
/// The column counts the row's changes: an update of an object that somebody else has changed meanwhile throws
/// StaleData. For an integer.
[[maybe_unused]] inline constexpr Option version{Option::Kind::version};

/// The column is read when an object is first used, not with its row, unless a query says `undefer`. For large columns
/// that are seldom needed.
[[maybe_unused]] inline constexpr Option deferred{Option::Kind::deferred};

/// The relation on the other side that mirrors this one.
constexpr Option back_populates(const char* relation) { return {Option::Kind::back_populates, relation}; }
/// The relation leads through the rows of this table (many to many). Unless a model has that table, Tandem makes it: a
/// column `<table>_<key>` for each side, both together its key.
constexpr Option link(const char* table) { return {Option::Kind::link, table}; }
/// The order in which a collection is loaded: members of the related class, e.g. "created_at desc, id".
constexpr Option order_by(const char* members) { return {Option::Kind::order_by, members}; }
/// Related objects are deleted with the one that has the relation. Without it their foreign keys are set to NULL.
[[maybe_unused]] inline constexpr Option cascade_delete{Option::Kind::cascade_delete};
/// An object taken out of the relation is deleted; includes cascade_delete.
[[maybe_unused]] inline constexpr Option delete_orphan{Option::Kind::delete_orphan};
/// Related objects that are not loaded are left to the database (`on_delete(cascade)` or `on_delete(set_null)`).
[[maybe_unused]] inline constexpr Option passive_deletes{Option::Kind::passive_deletes};
/// Related objects are not added to the session with the one that has the relation.
[[maybe_unused]] inline constexpr Option no_save_update{Option::Kind::no_save_update};
constexpr Option lazy(Loading loading) { return {Option::Kind::loading, "", loading}; }
[[maybe_unused]] inline constexpr Loading select = Loading::select;
[[maybe_unused]] inline constexpr Loading joined = Loading::joined;
[[maybe_unused]] inline constexpr Loading subquery = Loading::subquery;
[[maybe_unused]] inline constexpr Loading selectin = Loading::selectin;
[[maybe_unused]] inline constexpr Loading immediate = Loading::immediate;
[[maybe_unused]] inline constexpr Loading raise = Loading::raise;
[[maybe_unused]] inline constexpr Loading noload = Loading::noload;

/// The page may set the var (event `state.set_var`).
[[maybe_unused]] inline constexpr Option settable{Option::Kind::settable};
/// The var is kept and undone like any other, but never sent.
[[maybe_unused]] inline constexpr Option backend{Option::Kind::backend};

}  // namespace options

/// An option of a whole table; made by the functions in `tandem::table_options`. Columns are given by their members'
/// names.
struct TableOption {
    enum class Kind : std::uint8_t { name, unique, index, check, foreign_key };
    Kind kind;
    std::string text{};  ///< the table's name; a check's SQL
    std::vector<std::string> columns{};
    std::vector<std::string> expressions{};  ///< of an index, as SQL
    std::string condition{};                 ///< of a partial index, as SQL
    bool is_unique = false;
    std::string target{};
    std::vector<std::string> target_columns{};
    ForeignKeyAction delete_action = ForeignKeyAction::no_action;
    ForeignKeyAction update_action = ForeignKeyAction::no_action;
    bool is_deferrable = false;
    std::string constraint_name{};

    /// Only rows that meet this SQL condition are indexed.
    TableOption where(std::string sql) && {
        condition = std::move(sql);
        return std::move(*this);
    }
    /// A unique index.
    TableOption unique() && {
        is_unique = true;
        return std::move(*this);
    }
    TableOption on_delete(ForeignKeyAction action) && {
        delete_action = action;
        return std::move(*this);
    }
    TableOption on_update(ForeignKeyAction action) && {
        update_action = action;
        return std::move(*this);
    }
    TableOption deferrable() && {
        is_deferrable = true;
        return std::move(*this);
    }
    /// A name instead of the one that is made.
    TableOption named(std::string name) && {
        constraint_name = std::move(name);
        return std::move(*this);
    }
};

namespace table_options {

using options::cascade, options::restrict, options::set_default, options::set_null;

inline TableOption table_name(std::string name) { return {.kind = TableOption::Kind::name, .text = std::move(name)}; }
/// No two rows agree in all these columns.
template <class... Names>
TableOption unique(Names... members) {
    return {.kind = TableOption::Kind::unique, .columns = {std::string{members}...}};
}
template <class... Names>
TableOption index(Names... members) {
    return {.kind = TableOption::Kind::index, .columns = {std::string{members}...}};
}
/// An index over SQL expressions.
template <class... Sql>
TableOption expression_index(Sql... expressions) {
    return {.kind = TableOption::Kind::index, .expressions = {std::string{expressions}...}};
}
/// Each row meets this SQL condition.
inline TableOption check(std::string sql) { return {.kind = TableOption::Kind::check, .text = std::move(sql)}; }
/// A foreign key of several columns: members of this class, the other table, its columns.
inline TableOption foreign_key(
    std::initializer_list<const char*> members, std::string table, std::initializer_list<const char*> columns) {
    return {.kind = TableOption::Kind::foreign_key,
        .columns = {members.begin(), members.end()},
        .target = std::move(table),
        .target_columns = {columns.begin(), columns.end()}};
}

}  // namespace table_options
}  // namespace tandem

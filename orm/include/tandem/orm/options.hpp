/// Options that stand beside a member's name in TANDEM_MODEL and TANDEM_STATE.
///
///     TANDEM_MODEL(Post, title, (user_id, foreign_key("user.id")), (update_ts, server_default(now)), (user,
///     back_populates("posts"))) TANDEM_STATE(Search, (name, settable), (cache, backend), find)
///
/// Pitfall: an option that does not fit its member (a foreign key on a relation, `settable` on a column) is reported at
/// start.
#pragma once

#include <cstdint>

namespace tandem {

/// When a relation is loaded.
enum class Loading : std::uint8_t {
    select,    ///< on first access, one SELECT per object (the default)
    selectin,  ///< with the query: one more SELECT for all objects of the result
    raise,     ///< access throws LazyLoadForbidden
    noload,    ///< never by itself; reads as empty, and says it is not loaded
};

/// One option of a member; made by the functions in `tandem::options`.
struct Option {
    enum class Kind : std::uint8_t {
        primary_key,
        unique,
        index,
        foreign_key,
        server_default,
        column_name,
        hidden,
        readonly,  // columns
        back_populates,
        loading,  // relations
        settable,
        backend,  // vars
    };
    Kind kind;
    const char* text = "";
    Loading loading = Loading::select;
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
/// `"table.column"` that this column refers to.
constexpr Option foreign_key(const char* reference) { return {Option::Kind::foreign_key, reference}; }
/// An SQL expression the database uses when the member is unset (an empty std::optional).
constexpr Option server_default(const char* sql) { return {Option::Kind::server_default, sql}; }
constexpr Option server_default(Now) { return {Option::Kind::server_default, nullptr}; }
constexpr Option column_name(const char* name) { return {Option::Kind::column_name, name}; }
/// The relation on the other side that mirrors this one.
constexpr Option back_populates(const char* relation) { return {Option::Kind::back_populates, relation}; }
constexpr Option lazy(Loading loading) { return {Option::Kind::loading, "", loading}; }
[[maybe_unused]] inline constexpr Loading select = Loading::select;
[[maybe_unused]] inline constexpr Loading selectin = Loading::selectin;
[[maybe_unused]] inline constexpr Loading raise = Loading::raise;
[[maybe_unused]] inline constexpr Loading noload = Loading::noload;

/// The page may set the var (event `state.set_var`).
[[maybe_unused]] inline constexpr Option settable{Option::Kind::settable};
/// The var is kept and undone like any other, but never sent.
[[maybe_unused]] inline constexpr Option backend{Option::Kind::backend};

}  // namespace options
}  // namespace tandem

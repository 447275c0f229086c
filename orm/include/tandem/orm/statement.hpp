/// Statements that write many rows at once: `update<User>()`, `delete_from<User>()`, `insert_into(User::c.username,
/// …)`.
///
///     session.execute(update<User>().where(User::c.email == std::nullopt).set(User::c.email, "none")).changed();
///     session.execute(delete_from<Post>().where(Post::c.id == 4));
///     session.execute(insert_into(User::c.username, User::c.email)
///                         .values("ana", "ana@x.io").values("ben", std::nullopt)
///                         .on_conflict(User::c.username).do_update(User::c.email));
///     auto ids = session.execute(delete_from<Flag>().returning(Flag::c.id)).scalars();
///
/// Contract: the session flushes first, the statement runs at once, and is undone with the session. The session's
/// objects follow: what an UPDATE or an upsert changed is read with it, what a DELETE removed is deleted, without
/// another statement. Values that the model sets at each update, client defaults and versions are set here, too;
/// `hidden` and `readonly` mean nothing here. Pitfalls: without `where` all rows are meant; cascades are the database's
/// own (ON DELETE …), so delete objects with `session.remove()` where the model says `cascade_delete`; what the
/// database changes in other tables by itself is not noticed; inserted rows do not appear in collections that are
/// loaded.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <tandem/orm/query.hpp>
#include <tandem/orm/result.hpp>
#include <tandem/orm/source.hpp>

namespace tandem::orm {

enum class WriteKind : std::uint8_t { insert, update, erase };

/// What a statement is made of, without its types.
struct WriteInfo {
    WriteKind kind;
    const Table& (*table)();
    const PartInfo* parts;
    std::size_t count;
    const std::uint32_t* offsets;  ///< of the columns that are set
    std::size_t offset_count;
    WriteFunction returning;  ///< or null
};
/// One run of it.
struct WriteRun {
    const WriteInfo* info;
    const void* const* parts;
    const void* rows;  ///< of an INSERT
    std::size_t row_count;
    BindFunction bind_row;  ///< binds the row of this address
    std::size_t row_size;
    const void* returning;  ///< the expressions that come back
    BindFunction bind_returning;
    void* out;  ///< where returned rows go, or null
    const RowType* row_type;
};
/// For a statement that returns nothing.
struct NothingReturned {
    void bind(Parameters&) const {}
};
/// Gives the number of rows.
std::int64_t run_write(SessionCore& session, const WriteRun& run);

/// Appends `"column" = `.
void write_set(SqlWriter& out, const Table& table, std::uint32_t offset);
/// Appends `"column" = excluded."column"`.
void write_set_excluded(SqlWriter& out, const Table& table, std::uint32_t offset);
/// Appends `excluded."column"`.
void write_excluded(SqlWriter& out, const Table& table, std::uint32_t offset);
void write_conflict_target(SqlWriter& out, const Table& table, const std::uint32_t* offsets, std::size_t count);

template <class C>
std::uint32_t offset_of_column() {
    return offset_of<typename C::tandem_model, C::tandem_pointer>();
}
/// `column = expression`.
template <class C, class E>
struct SetPart {
    static constexpr Clause clause = Clause::set;
    [[no_unique_address]] E value;
    static void sql(SqlWriter& out) {
        write_set(out, table_of<typename C::tandem_model>(), offset_of_column<C>());
        E::sql(out);
    }
    void bind(Parameters& parameters) const { value.bind(parameters); }
};
/// `column = ` what the INSERT would have put there.
template <class C>
struct SetExcluded {
    static constexpr Clause clause = Clause::set;
    static void sql(SqlWriter& out) {
        write_set_excluded(out, table_of<typename C::tandem_model>(), offset_of_column<C>());
    }
    void bind(Parameters&) const {}
};
/// The columns in which a conflict is looked for.
template <class... C>
struct ConflictTarget {
    static constexpr Clause clause = Clause::root;
    static void sql(SqlWriter& out) {
        const std::uint32_t offsets[] = {offset_of_column<C>()...};
        using First = typename FirstOf<C...>::type;
        write_conflict_target(out, table_of<typename First::tandem_model>(), offsets, sizeof...(C));
    }
    void bind(Parameters&) const {}
};
/// The value that the INSERT would have put into a column, for `do_update_set`.
template <class C>
struct Excluded : Operators<Excluded<C>, typename C::tandem_value> {
    using tandem_value = typename C::tandem_value;
    template <class... S>
    static constexpr bool uses_only = C::template uses_only<S...>;
    template <class... S>
    static constexpr bool nullable_in = is_optional<tandem_value>;
    template <class... G>
    static constexpr bool grouped_by = false;
    static constexpr bool has_aggregate = false;
    static constexpr auto root() { return C::root(); }
    static void sql(SqlWriter& out) {
        write_excluded(out, table_of<typename C::tandem_model>(), offset_of_column<C>());
    }
    void bind(Parameters&) const {}
};
template <ModelColumn C>
auto excluded(C) {
    return Excluded<C>{};
}

/// What a value is as a new value of a column.
template <class C, class V>
auto new_value(V&& value) {
    using Held = typename C::tandem_value;
    using Given = std::remove_cvref_t<V>;
    if constexpr (MaybeNull<V>) {
        static_assert(is_optional<Held>, "tandem: this column cannot be NULL");
        if constexpr (std::same_as<Given, std::nullopt_t>) return Literal<std::optional<plain_value_t<C>>>{};
        else return operand<C>(std::forward<V>(value));
    } else {
        return operand<C>(std::forward<V>(value));
    }
}

/// The result of a statement with `returning`.
template <class R>
struct Returned;
template <class... E>
struct Returned<Fields<AsTuple, E...>> {
    using type = Tuples<field_t<E>...>;
};

template <class Result>
constexpr WriteFunction returning_of() {
    if constexpr (std::same_as<Result, NothingReturned>) return nullptr;
    else return &Result::sql;
}
/// Runs a statement, and gives what it returns.
inline Rows run_with(SessionCore& session, const WriteInfo& info, WriteRun run, const NothingReturned&) {
    run.info = &info;
    return Rows{{}, {}, run_write(session, run)};
}
template <class... E>
auto run_with(SessionCore& session, const WriteInfo& info, WriteRun run, const Fields<AsTuple, E...>& returning) {
    using Returning = Fields<AsTuple, E...>;
    using Result = typename Returned<Returning>::type;
    std::vector<typename Result::Tuple> rows;
    run.info = &info;
    run.returning = &returning;
    run.bind_returning = &bind_part<Returning>;
    run.out = &rows;
    run.row_type = &row_type<typename Result::Tuple>();
    run_write(session, run);
    return Result{std::move(rows)};
}

template <WriteKind Kind, class T, class Result, class... Parts>
class Write {
public:
    using tandem_write = T;

    Write() = default;
    explicit Write(Pack<Parts...> parts, Result returning = {})
        : parts_(std::move(parts)), returning_(std::move(returning)) {}

    /// Only rows for which the condition holds.
    template <class E>
    [[nodiscard]] auto where(E condition) const {
        static_assert(is_condition<E>, "tandem: where() needs a condition, e.g. where(User::c.id == 3)");
        if constexpr (is_condition<E>) {
            static_assert(E::template uses_only<Source<T>>,
                "tandem: this statement uses a column of another model than it writes; ask for it in a subquery");
            return with(Part<Clause::where, E>{{std::move(condition)}});
        } else {
            return *this;  // the message above is enough
        }
    }
    /// Sets a column to a value or to an expression over the row as it was.
    template <ModelColumn C, class V>
    [[nodiscard]] auto set(C, V&& value) const {
        static_assert(Kind == WriteKind::update, "tandem: set() is for update<Model>()");
        static_assert(std::is_same_v<typename C::tandem_source, Source<T>>,
            "tandem: this statement sets a column of another model than it writes");
        using E = decltype(new_value<C>(std::forward<V>(value)));
        static_assert(E::template uses_only<Source<T>>,
            "tandem: this statement uses a column of another model than it writes; ask for it in a subquery");
        return with(SetPart<C, E>{new_value<C>(std::forward<V>(value))});
    }
    /// The written rows' columns, or expressions over them, as they are then (before, for a DELETE).
    template <Expression... E>
    [[nodiscard]] auto returning(E... expressions) const {
        static_assert((E::template uses_only<Source<T>> && ...),
            "tandem: this statement returns a column of another model than it writes");
        static_assert(sizeof...(E) > 0, "tandem: returning() needs columns");
        return Write<Kind, T, Fields<AsTuple, E...>, Parts...>{parts_, {{std::move(expressions)...}}};
    }

    /// For the session.
    auto run(SessionCore& session) const {
        const void* addresses[sizeof...(Parts) + 1];
        parts_.addresses(addresses);
        return run_with(session, info_of_type(),
            WriteRun{.info = nullptr,
                .parts = addresses,
                .rows = nullptr,
                .row_count = 0,
                .bind_row = nullptr,
                .row_size = 0,
                .returning = nullptr,
                .bind_returning = nullptr,
                .out = nullptr,
                .row_type = nullptr},
            returning_);
    }

private:
    template <class P>
    auto with(P part) const {
        return Write<Kind, T, Result, Parts..., P>{parts_.with(std::move(part)), returning_};
    }
    static const WriteInfo& info_of_type() {
        static constexpr PartInfo parts[sizeof...(Parts) + 1] = {info_of<Parts>()..., {}};
        static const std::vector<std::uint32_t> offsets = set_offsets();
        static const WriteInfo info{
            Kind, &table_of<T>, parts, sizeof...(Parts), offsets.data(), offsets.size(), returning_of<Result>()};
        return info;
    }
    static std::vector<std::uint32_t> set_offsets() {
        std::vector<std::uint32_t> offsets;
        (note_offset(static_cast<const Parts*>(nullptr), offsets), ...);
        return offsets;
    }
    static void note_offset(const void*, std::vector<std::uint32_t>&) {}
    template <class C, class E>
    static void note_offset(const SetPart<C, E>*, std::vector<std::uint32_t>& offsets) {
        offsets.push_back(offset_of_column<C>());
    }

    [[no_unique_address]] Pack<Parts...> parts_{};
    [[no_unique_address]] Result returning_{};
};

/// A statement that changes rows of T.
template <class T>
auto update() {
    return Write<WriteKind::update, T, NothingReturned>{};
}
/// A statement that deletes rows of T.
template <class T>
auto delete_from() {
    return Write<WriteKind::erase, T, NothingReturned>{};
}

/// A statement that inserts rows with these columns.
template <class T, class Columns, class Result, class... Parts>
class Insert;
template <class T, class... C, class Result, class... Parts>
class Insert<T, Keys<C...>, Result, Parts...> {
public:
    using tandem_write = T;
    using RowValues = Pack<Literal<typename C::tandem_value>...>;

    Insert() = default;
    Insert(Pack<Parts...> parts, std::vector<RowValues> rows, Result returning)
        : parts_(std::move(parts)), rows_(std::move(rows)), returning_(std::move(returning)) {}

    /// One row more.
    template <class... V>
    [[nodiscard]] Insert values(V&&... values) const {
        static_assert(
            sizeof...(V) == sizeof...(C), "tandem: values() needs one value for each column of insert_into()");
        Insert copy = *this;
        if constexpr (sizeof...(V) == sizeof...(C))
            copy.rows_.push_back(RowValues{Literal<typename C::tandem_value>(held<C>(std::forward<V>(values)))...});
        return copy;
    }
    /// What a row that is there already conflicts in; say next what to do then.
    template <ModelColumn... K>
    [[nodiscard]] auto on_conflict(K...) const {
        static_assert((std::is_same_v<typename K::tandem_source, Source<T>> && ...),
            "tandem: on_conflict() needs columns of the model that is inserted");
        return with(ConflictTarget<K...>{});
    }
    /// Leaves the row that is there.
    [[nodiscard]] Insert do_nothing() const { return *this; }
    /// Sets these columns of the row that is there to the new values.
    template <ModelColumn... K>
    [[nodiscard]] auto do_update(K...) const {
        static_assert((std::is_same_v<typename K::tandem_source, Source<T>> && ...),
            "tandem: do_update() needs columns of the model that is inserted");
        return Insert<T, Keys<C...>, Result, Parts..., SetExcluded<K>...>{
            parts_.with_all(SetExcluded<K>{}...), rows_, returning_};
    }
    /// Sets a column of the row that is there; `excluded(column)` is the value that would have been inserted.
    template <ModelColumn K, class V>
    [[nodiscard]] auto do_update_set(K, V&& value) const {
        static_assert(std::is_same_v<typename K::tandem_source, Source<T>>,
            "tandem: do_update_set() needs a column of the model that is inserted");
        using E = decltype(new_value<K>(std::forward<V>(value)));
        return with(SetPart<K, E>{new_value<K>(std::forward<V>(value))});
    }
    /// The written rows' columns.
    template <Expression... E>
    [[nodiscard]] auto returning(E... expressions) const {
        static_assert((E::template uses_only<Source<T>> && ...),
            "tandem: this statement returns a column of another model than it writes");
        return Insert<T, Keys<C...>, Fields<AsTuple, E...>, Parts...>{parts_, rows_, {{std::move(expressions)...}}};
    }

    /// For the session.
    auto run(SessionCore& session) const {
        static constexpr PartInfo parts[sizeof...(Parts) + 1] = {info_of<Parts>()..., {}};
        static const std::uint32_t offsets[] = {offset_of_column<C>()...};
        static const WriteInfo info{
            WriteKind::insert, &table_of<T>, parts, sizeof...(Parts), offsets, sizeof...(C), returning_of<Result>()};
        const void* addresses[sizeof...(Parts) + 1];
        parts_.addresses(addresses);
        return run_with(session, info,
            WriteRun{.info = nullptr,
                .parts = addresses,
                .rows = rows_.data(),
                .row_count = rows_.size(),
                .bind_row = &bind_part<RowValues>,
                .row_size = sizeof(RowValues),
                .returning = nullptr,
                .bind_returning = nullptr,
                .out = nullptr,
                .row_type = nullptr},
            returning_);
    }

private:
    template <class P>
    auto with(P part) const {
        return Insert<T, Keys<C...>, Result, Parts..., P>{parts_.with(std::move(part)), rows_, returning_};
    }
    /// The value as the column's own type; throws ValueError for a number beyond it.
    template <class K, class V>
    static typename K::tandem_value held(V&& value) {
        using Plain = plain_value_t<K>;
        using Given = std::remove_cvref_t<V>;
        constexpr bool null_fits = !MaybeNull<V> || is_optional<typename K::tandem_value>;
        static_assert(null_fits, "tandem: this column cannot be NULL");
        constexpr bool fits = std::same_as<Given, std::nullopt_t> || ComparableWith<V, Plain>;
        static_assert(fits, "tandem: this column cannot take a value of that type");
        if constexpr (!null_fits || !fits) return {};
        else if constexpr (std::same_as<Given, std::nullopt_t>) return std::nullopt;
        else if constexpr (Number<Plain> && is_optional<Given>)
            return value ? typename K::tandem_value(number<Plain>(*value)) : typename K::tandem_value{};
        else if constexpr (Number<Plain>) return number<Plain>(value);
        else return typename K::tandem_value(std::forward<V>(value));
    }
    template <class Plain, class V>
    static Plain number(V value) {
        if constexpr (std::integral<Plain> && std::integral<V>) {
            if (!std::in_range<Plain>(value))
                throw_out_of_range(static_cast<std::int64_t>(value), std::is_unsigned_v<Plain>, int{sizeof(Plain)} * 8);
        }
        return static_cast<Plain>(value);
    }

    [[no_unique_address]] Pack<Parts...> parts_{};
    std::vector<RowValues> rows_{};
    [[no_unique_address]] Result returning_{};
};

/// A statement that inserts rows with values for these columns; the others get their defaults.
template <ModelColumn First, ModelColumn... More>
auto insert_into(First, More...) {
    using T = typename First::tandem_model;
    static_assert((std::is_same_v<typename More::tandem_source, Source<T>> && ...),
        "tandem: insert_into() needs columns of one model");
    return Insert<T, Keys<First, More...>, NothingReturned>{};
}

template <class W>
concept WriteStatement = requires { typename W::tandem_write; };

}  // namespace tandem::orm

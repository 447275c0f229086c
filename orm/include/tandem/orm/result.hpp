/// Results: what `session.exec(query)` gives, to be read by `all()`, `first()`, `one()` and the like.
///
/// Contract: the query runs when one of these is called, in the session as it then is: `first()` asks the database for
/// one row, `one()` for two at most. Each function uses the result up. Throws InvalidStateError when the session has
/// ended before.
///
///     auto user = session.exec(User::select().where(User::c.id == 3)).one();   // NoResult, MultipleResults
///     for (auto [name, posts] : session.exec(select(User::c.username, count(Post::c.id)) …).all()) …
///     auto total = session.exec(select(count(Post::c.id))).scalar();
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/describe.hpp>
#include <tandem/orm/query.hpp>
#include <tandem/orm/ref.hpp>
#include <tandem/orm/row_type.hpp>

namespace tandem {

/// One page of what a query finds.
template <class R>
struct Page {
    std::vector<R> items{};
    std::int64_t total = 0;   ///< rows on all pages
    std::int64_t number = 1;  ///< of this page, from 1
    std::int64_t size = 0;    ///< rows on a full page

    /// How many pages there are; 0 when there are no rows.
    [[nodiscard]] std::int64_t pages() const { return total / size + (total % size != 0); }
    [[nodiscard]] bool has_previous() const { return number > 1; }
    [[nodiscard]] bool has_next() const { return number < pages(); }
};

namespace orm {

class SessionCore;
class Columns;

/// Reads a value of the row that a query stands on.
[[nodiscard]] ValueView read_column(Columns& row, int index, Kind kind);
/// Throws NoResult or MultipleResults for a result that the function of this name does not take.
[[noreturn]] void throw_not_one(bool none, const char* function = "one()");
[[noreturn]] void throw_no_query();

/// A session that may have ended by the time it is used.
class SessionHandle {
public:
    SessionHandle() = default;
    explicit SessionHandle(std::shared_ptr<SessionCore*> core) : core_(std::move(core)) {}
    [[nodiscard]] SessionCore& get() const;

private:
    std::shared_ptr<SessionCore*> core_{};
};

using TakeNodes = void (*)(void* out, std::size_t count, Node* const* nodes);
/// `nodes` has an entry for each field: the object, or null for a value.
using TakeFields = void (*)(void* out, Columns& row, Node* const* nodes);

/// How what a query finds gets into a vector of one type: one of the three is set.
struct RowSink {
    TakeNodes take_nodes = nullptr;      ///< objects
    RowTypeFunction row_type = nullptr;  ///< values
    TakeFields take_fields = nullptr;    ///< objects and values
};

/// A query that a session is to run, without its type; or none.
class PendingQuery {
public:
    PendingQuery() noexcept;
    /// Takes the query, which is one for these functions.
    PendingQuery(void* query, const QueryFunctions& functions, std::source_location place) noexcept;
    void set_session(SessionHandle session) { session_ = std::move(session); }
    PendingQuery(PendingQuery&& other) noexcept;
    PendingQuery(const PendingQuery&) = delete;
    PendingQuery& operator=(const PendingQuery&) = delete;
    PendingQuery& operator=(PendingQuery&&) = delete;
    ~PendingQuery();

    explicit operator bool() const { return query_ != nullptr; }

    /// Runs it for at most so many rows; below 0: for all.
    void fetch(const RowSink& sink, std::int64_t most, void* out);
    /// How many rows it finds.
    [[nodiscard]] std::int64_t count();
    /// Runs it for one page, and gives the number of rows on all pages. Throws ArgumentError for a page or a size below
    /// 1, and for a query that has a limit or an offset of its own.
    std::int64_t fetch_page(const RowSink& sink, std::int64_t number, std::int64_t size, void* out,
        std::size_t (*size_of)(const void* out));

private:
    friend class RowCursor;
    SessionHandle session_{};
    void* query_ = nullptr;
    const QueryFunctions* functions_ = nullptr;
    std::source_location place_{};  ///< in the program
};

/// Appends the row, objects and values, to a vector of tuples.
template <class V>
inline constexpr bool is_ref = false;
template <class T>
inline constexpr bool is_ref<Ref<T>> = true;
template <class V>
void read_field(V& value, Columns& columns, Node* node, int index) {
    if constexpr (is_ref<V>) value = V::of(node);
    else assign(value, read_column(columns, index, kind_of<V>));
}
template <class... V>
void take_fields(void* out, Columns& columns, Node* const* nodes) {
    auto& row = static_cast<std::vector<std::tuple<V...>>*>(out)->emplace_back();
    std::apply(
        [&, index = 0](V&... value) mutable { ((read_field(value, columns, nodes[index], index), ++index), ...); },
        row);
}

/// Results of one kind: what is there already, or what a query is to bring.
template <class R, class Derived>
class Results {
public:
    using Item = R;
    explicit Results(PendingQuery&& query) : query_(std::move(query)) {}
    explicit Results(std::vector<R> rows) : rows_(std::move(rows)) {}

    [[nodiscard]] std::vector<R> all() && { return take(-1); }
    /// The only one; throws NoResult or MultipleResults.
    [[nodiscard]] R one() && {
        auto rows = take(2);
        if (rows.size() != 1) throw_not_one(rows.empty());
        return std::move(rows.front());
    }
    /// How many rows there are, counted by the database.
    [[nodiscard]] std::int64_t count() && { return query_ ? query_.count() : static_cast<std::int64_t>(rows_.size()); }
    /// One page of a query in order: `page(1, 20)` has its first 20 rows, and how many there are on all pages, read in
    /// one or two statements of one snapshot. A page behind the last one is empty. Throws ArgumentError for a page or a
    /// size below 1, and when the query has a limit() or offset() of its own. Deep pages cost the rows before them:
    /// after() of the query pages by key instead.
    [[nodiscard]] Page<R> page(std::int64_t number, std::int64_t size) && {
        if (!query_) throw_no_query();
        Page<R> page{{}, 0, number, size};
        page.total = query_.fetch_page(Derived::sink, number, size, &page.items,
            [](const void* items) { return static_cast<const std::vector<R>*>(items)->size(); });
        return page;
    }

protected:
    std::vector<R> take(std::int64_t most) {
        if (query_) query_.fetch(Derived::sink, most, &rows_);
        return std::move(rows_);
    }

private:
    PendingQuery query_{};
    std::vector<R> rows_{};
};

/// Results that are rows.
template <class R, class Derived>
class AnyRows : public Results<R, Derived> {
public:
    using Results<R, Derived>::Results;

    /// The first row, if there is any.
    [[nodiscard]] std::optional<R> first() && {
        auto rows = this->take(1);
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }
    /// The only row, if there is any; throws MultipleResults.
    [[nodiscard]] std::optional<R> one_or_none() && {
        auto rows = this->take(2);
        if (rows.size() > 1) throw_not_one(false, "one_or_none()");
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }
};
/// Results that are rows of values.
template <class R>
class RowResults : public AnyRows<R, RowResults<R>> {
public:
    using AnyRows<R, RowResults<R>>::AnyRows;
    static constexpr RowSink sink{.row_type = &row_type<R>};
};

}  // namespace orm

/// What a query for objects found.
template <class T>
class Objects : public orm::Results<Ref<T>, Objects<T>> {
public:
    using orm::Results<Ref<T>, Objects<T>>::Results;

    /// The first object, or an empty Ref.
    [[nodiscard]] Ref<T> first() && {
        auto objects = this->take(1);
        return objects.empty() ? Ref<T>{} : std::move(objects.front());
    }
    /// The only object, or an empty Ref; throws MultipleResults.
    [[nodiscard]] Ref<T> one_or_none() && {
        auto objects = this->take(2);
        if (objects.size() > 1) orm::throw_not_one(false, "one_or_none()");
        return objects.empty() ? Ref<T>{} : std::move(objects.front());
    }
    static constexpr orm::RowSink sink{.take_nodes = [](void* out, std::size_t count, orm::Node* const* nodes) {
        auto& refs = *static_cast<std::vector<Ref<T>>*>(out);
        const std::size_t first = refs.size();
        refs.resize(first + count);
        for (std::size_t i = 0; i < count; ++i) refs[first + i].adopt(nodes[i]);
    }};
};

/// What a query for several objects, or for objects and values, found: tuples of Ref<T> and values.
template <class... V>
class ObjectRows : public orm::AnyRows<std::tuple<V...>, ObjectRows<V...>> {
public:
    using orm::AnyRows<std::tuple<V...>, ObjectRows<V...>>::AnyRows;
    static constexpr orm::RowSink sink{.take_fields = &orm::take_fields<V...>};
};

/// What a query for columns found.
template <class... V>
class Tuples : public orm::RowResults<std::tuple<V...>> {
public:
    using Tuple = std::tuple<V...>;
    using orm::RowResults<Tuple>::RowResults;

    /// The first column of the only row; throws NoResult or MultipleResults.
    [[nodiscard]] auto scalar() && {
        auto rows = this->take(2);
        if (rows.size() != 1) orm::throw_not_one(rows.empty(), "scalar()");
        return std::get<0>(std::move(rows.front()));
    }
    /// The first column of all rows.
    [[nodiscard]] auto scalars() && {
        std::vector<std::tuple_element_t<0, Tuple>> values;
        for (Tuple& row : this->take(-1)) values.push_back(std::move(std::get<0>(row)));
        return values;
    }
};

/// What a query for columns found, as structs.
template <class R>
using Structs = orm::RowResults<R>;

/// What raw SQL found.
class Rows {
public:
    Rows(std::vector<std::string> columns, std::vector<Row> rows, std::int64_t changed);
    Rows(const Rows& other);
    Rows(Rows&& other) noexcept;
    Rows& operator=(const Rows& other);
    Rows& operator=(Rows&& other) noexcept;
    ~Rows();

    [[nodiscard]] std::vector<Row> all() &&;
    [[nodiscard]] std::optional<Row> first() &&;
    /// The only row; throws NoResult or MultipleResults.
    [[nodiscard]] Row one() &&;
    /// The only row, if there is any; throws MultipleResults.
    [[nodiscard]] std::optional<Row> one_or_none() &&;
    /// The first value of the only row; throws NoResult or MultipleResults.
    [[nodiscard]] Value scalar() &&;
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    /// How many rows an INSERT, UPDATE or DELETE changed.
    [[nodiscard]] std::int64_t changed() const { return changed_; }

private:
    std::vector<std::string> columns_;
    std::vector<Row> rows_;
    std::int64_t changed_;
};

namespace orm {

/// Whether a member of type M takes a column of type V.
template <class M, class V>
inline constexpr bool takes =
    (is_optional<M> || !is_optional<V>)&&(std::same_as<unwrap_optional_t<M>, unwrap_optional_t<V>> ||
        (Number<unwrap_optional_t<M>> && Number<unwrap_optional_t<V>> &&
            (std::floating_point<unwrap_optional_t<M>> || std::integral<unwrap_optional_t<V>>)));
/// Counts the members of a struct, and compares their types with those of columns.
template <class... V>
struct MemberCheck {
    std::size_t count = 0;
    bool fits = true;
    template <auto Pointer>
    constexpr void operator()(Member<Pointer>, const char*, auto...) {
        using M = member_value_t<Pointer>;
        constexpr bool fitting[] = {takes<M, V>..., false};
        if (count >= sizeof...(V) || !fitting[count]) fits = false;
        ++count;
    }
};
template <class R, class... V>
constexpr MemberCheck<V...> check_members() {
    MemberCheck<V...> check;
    if constexpr (DescribedInside<R>) R::tandem_members(check);
    else Description<R>::tandem_members(check);
    return check;
}

/// What raw SQL has to give for rows of a type.
struct RowShape {
    const char* type;                  ///< for messages
    std::vector<const char*> names{};  ///< of the columns; empty: any, in order
    std::size_t count = 0;
};
template <class R>
struct ShapeOf {
    struct Namer {
        std::vector<const char*>& names;
        template <auto Pointer>
        void operator()(Member<Pointer>, const char* name, auto...) const {
            names.push_back(name);
        }
    };
    static RowShape get() {
        RowShape shape{name_of<R>()};
        visit_members<R>(Namer{shape.names});
        shape.count = shape.names.size();
        return shape;
    }
    using result = Structs<R>;
};
template <class... V>
struct ShapeOf<std::tuple<V...>> {
    static RowShape get() { return {"the tuple", {}, sizeof...(V)}; }
    using result = Tuples<V...>;
};

/// What `session.exec` makes of a query.
template <class Result, class S>
struct ResultOf;
template <class T, FixedString Alias, class... S>
struct ResultOf<Entity<T, Alias>, Scope<S...>> {
    using type = Objects<T>;
};
template <class... E, class... S>
struct ResultOf<Fields<AsTuple, E...>, Scope<S...>> {
    using type = Tuples<field_t<E, S...>...>;
};
template <class... E, class... S>
    requires(is_entity_field<E> || ...)
struct ResultOf<Fields<AsTuple, E...>, Scope<S...>> {
    using type = ObjectRows<field_t<E, S...>...>;
};
template <class R, class... E, class... S>
struct ResultOf<Fields<R, E...>, Scope<S...>> {
    static constexpr auto members = check_members<R, field_t<E, S...>...>();
    static_assert(members.count == sizeof...(E),
        "tandem: the struct lists another number of members than the query selects columns");
    static_assert(members.count != sizeof...(E) || members.fits,
        "tandem: a member of the struct cannot take the column that the query selects in its place");
    using type = Structs<R>;
};

}  // namespace orm

}  // namespace tandem

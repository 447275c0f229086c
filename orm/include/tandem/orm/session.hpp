/// `Session`: a unit of work with an identity map.
///
/// Contract: a session rolls back unless committed. Within a session one row is one object. `add` and attribute changes
/// reach the database at `flush`, which `commit` and queries do by themselves; only changed columns are written. After
/// `commit` values stay readable, also when the session has ended; relations that were not loaded then throw. After a
/// rollback new objects are transient again (values intact, generated key unset) and changed ones show the database's
/// values. Thread rule: one thread. Errors: what the database refuses is thrown as IntegrityError, Conflict or
/// OperationalError. After a flush that failed, whatever needs the database throws PendingRollback, which names the
/// first error, until rollback(); values in memory stay readable. Raw SQL that fails has no effect and stops nothing.
///
///     auto session = tandem::session();                       // in a handler; db.session() elsewhere
///     auto user = session.exec(User::select().where(User::c.username == name)).first();
///     user->email = email;
///     session.commit();
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tandem/orm/error.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/object_state.hpp>
#include <tandem/orm/query.hpp>
#include <tandem/orm/session_options.hpp>
#include <tandem/orm/sql_text.hpp>

namespace tandem {

namespace orm {

class TransactionCore;
class SessionCore;
class Columns;

/// Reads a value of the row that a query stands on.
[[nodiscard]] ValueView read_column(Columns& row, int index, Kind kind);

[[noreturn]] void throw_not_one(std::size_t count);

/// A value of a key, of any type that a column or text literal has.
template <class V>
class KeyArgument {
    using Held = std::conditional_t<std::is_convertible_v<const V&, std::string_view>, std::string, V>;

public:
    explicit KeyArgument(const V& value) : held_(value) {}
    [[nodiscard]] ValueView view() const { return view_of<Held>(held_, scratch_); }

private:
    Held held_;
    mutable Scratch scratch_{};
};

}  // namespace orm

/// What a query for objects found. Each function uses the result up.
template <class T>
class Objects {
public:
    explicit Objects(std::vector<Ref<T>> objects) : objects_(std::move(objects)) {}

    [[nodiscard]] std::vector<Ref<T>> all() && { return std::move(objects_); }
    /// The first object, or an empty Ref.
    [[nodiscard]] Ref<T> first() && { return objects_.empty() ? Ref<T>{} : std::move(objects_.front()); }
    /// The only object; throws NoResult or MultipleResults.
    [[nodiscard]] Ref<T> one() && {
        if (objects_.size() != 1) orm::throw_not_one(objects_.size());
        return std::move(objects_.front());
    }
    /// The only object, or an empty Ref; throws MultipleResults.
    [[nodiscard]] Ref<T> one_or_none() && {
        if (objects_.size() > 1) orm::throw_not_one(objects_.size());
        return std::move(*this).first();
    }

private:
    std::vector<Ref<T>> objects_;
};

/// What a query for columns found.
template <class... V>
class Tuples {
public:
    using Tuple = std::tuple<V...>;
    explicit Tuples(std::vector<Tuple> rows) : rows_(std::move(rows)) {}

    [[nodiscard]] std::vector<Tuple> all() && { return std::move(rows_); }
    [[nodiscard]] std::optional<Tuple> first() && {
        if (rows_.empty()) return std::nullopt;
        return std::move(rows_.front());
    }
    [[nodiscard]] Tuple one() && {
        if (rows_.size() != 1) orm::throw_not_one(rows_.size());
        return std::move(rows_.front());
    }
    /// The first column of the only row; throws NoResult or MultipleResults.
    [[nodiscard]] auto scalar() && { return std::get<0>(std::move(*this).one()); }

private:
    std::vector<Tuple> rows_;
};

/// What raw SQL found.
class Rows {
public:
    Rows(std::vector<std::string> columns, std::vector<Row> rows, std::int64_t changed)
        : columns_(std::move(columns)), rows_(std::move(rows)), changed_(changed) {}

    [[nodiscard]] std::vector<Row> all() && { return std::move(rows_); }
    [[nodiscard]] std::optional<Row> first() && {
        if (rows_.empty()) return std::nullopt;
        return std::move(rows_.front());
    }
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

/// While it lives, queries of its session do not flush; flush() and commit() do. Made by Session::no_autoflush().
class NoAutoflush {
public:
    explicit NoAutoflush(std::shared_ptr<int> count) : count_(std::move(count)) { ++*count_; }
    NoAutoflush(NoAutoflush&&) noexcept = default;
    NoAutoflush(const NoAutoflush&) = delete;
    NoAutoflush& operator=(const NoAutoflush&) = delete;
    NoAutoflush& operator=(NoAutoflush&&) = delete;
    ~NoAutoflush() {
        if (count_) --*count_;
    }

private:
    std::shared_ptr<int> count_;
};

class Session {
public:
    Session(Session&&) noexcept;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session& operator=(Session&&) = delete;
    ~Session();

    /// Puts an object and what its relations lead to into the session: new ones are inserted at flush, stored ones
    /// updated if changed.
    template <class T>
    Ref<T> add(const Ref<T>& object) {
        add_node(object.node());
        return object;
    }
    template <orm::ModelClass T>
    Ref<T> add(T value) {
        return add(Ref<T>(std::move(value)));
    }
    /// Deletes the object's row at flush. (C++ has a keyword `delete`.)
    template <class T>
    void remove(const Ref<T>& object) {
        remove_node(object.node());
    }
    /// Reads the object's columns again; its relations are loaded anew when next needed. What was changed and not
    /// flushed is lost (with autoflush there is no such thing: it is written first). A detached object is added. Throws
    /// ObjectDeleted when the row is gone.
    template <class T>
    void refresh(const Ref<T>& object) {
        refresh_node(object.node());
    }
    /// The same for some attributes: columns are read again and relations loaded, now.
    template <class T, class... Attribute>
        requires(sizeof...(Attribute) > 0)
    void refresh(const Ref<T>& object, Attribute... attributes) {
        with_offsets<T>([&](auto offsets) { refresh_attributes(object.node(), offsets); }, attributes...);
    }
    /// Forgets the object's values: they are read again when it is used next, which throws ObjectDeleted when the row
    /// is gone by then. What was changed and not flushed is lost. `set(object, column, value)` needs no reading.
    /// Pitfall: read through the Ref; a C++ reference from before shows the old values.
    template <class T>
    void expire(const Ref<T>& object) {
        expire_node(object.node());
    }
    /// The same for some attributes. Expired relations are loaded again when they are read; an expired column makes the
    /// next use of the object read this column again, and leaves changes of the others alone.
    template <class T, class... Attribute>
        requires(sizeof...(Attribute) > 0)
    void expire(const Ref<T>& object, Attribute... attributes) {
        with_offsets<T>([&](auto offsets) { expire_attributes(object.node(), offsets); }, attributes...);
    }
    /// Expires every persistent object of the session. Pending ones stay as they are.
    void expire_all();
    /// Takes an object out of the session: a pending one becomes transient and leaves the collections of others, a
    /// persistent one detached, with its changes. What was flushed stays so. Goes on to the loaded objects of relations
    /// with `cascade_delete`. A detached object can be added again; to another session once this one has ended. Throws
    /// InvalidStateError when the object is not in this session.
    template <class T>
    void expunge(const Ref<T>& object) {
        expunge_node(object.node());
    }
    /// Takes every object out of the session.
    void expunge_all();
    /// Whether the object is pending or persistent in this session.
    template <class T>
    [[nodiscard]] bool contains(const Ref<T>& object) const {
        return contains_node(object.node());
    }
    /// The object with this key, from the identity map or the database; an empty Ref when there is none.
    /// A key of several columns is given as several arguments, in the order listed. Throws ArgumentError when their
    /// number is another.
    template <orm::ModelClass T, class... Key>
        requires(sizeof...(Key) > 0)
    [[nodiscard]] Ref<T> get(const Key&... key) {
        // A key argument lives until the object is found: text and what codecs make of it are borrowed.
        return [this](const auto&... argument) {
            return Ref<T>::of(get_node(orm::table_of<T>(), {argument.view()...}));
        }(orm::KeyArgument<Key>(key)...);
    }

    template <class T, class... Parts>
    [[nodiscard]] Objects<T> exec(const orm::Query<T, orm::Entity<T>, Parts...>& query) {
        std::vector<Ref<T>> found;
        select_nodes(orm::table_of<T>(), query.sql(), bind_of(query), query.loaders(), &found,
            [](void* out, std::size_t count, orm::Node* const* nodes) {
                auto& refs = *static_cast<std::vector<Ref<T>>*>(out);
                refs.reserve(count);
                for (std::size_t i = 0; i < count; ++i) refs.push_back(Ref<T>::of(nodes[i]));
            });
        return Objects<T>{std::move(found)};
    }
    template <class T, class... E, class... Parts>
    [[nodiscard]] auto exec(const orm::Query<T, orm::Fields<E...>, Parts...>& query) {
        using Result = Tuples<typename E::tandem_value...>;
        std::vector<typename Result::Tuple> rows;
        select_rows(query.sql(), bind_of(query), &rows, [](void* out, orm::Columns& columns) {
            auto& tuple = static_cast<decltype(rows)*>(out)->emplace_back();
            int index = 0;
            std::apply([&](auto&... value) { (read_value(value, columns, index++), ...); }, tuple);
        });
        return Result{std::move(rows)};
    }

    /// Raw SQL with named parameters. Throws BindError before running anything when parameters and values do not match.
    Rows execute(SqlText sql, std::initializer_list<Parameter> parameters = {}) {
        return execute_text(sql.text(), parameters);
    }
    Rows execute(const UncheckedSql& sql, std::initializer_list<Parameter> parameters = {}) {
        return execute_text(sql.text, parameters);
    }
    template <class Text>
        requires(std::convertible_to<const Text&, std::string_view> && !std::is_array_v<Text>)
    Rows execute(const Text&, std::initializer_list<Parameter> = {}) {
        static_assert(!std::same_as<Text, Text>,
            "tandem: SQL text must be a string literal; bind values with :name, or say unchecked_sql(text)");
        return {{}, {}, 0};
    }

    /// Writes what has changed, without ending anything.
    void flush();
    /// Queries see the database without the session's unflushed changes while the result lives.
    [[nodiscard]] NoAutoflush no_autoflush();
    /// Flushes and makes the writes permanent (in a handler's step: seals them; they become permanent with the step).
    void commit();
    /// Undoes what was not committed.
    void rollback();

    /// For the engine.
    explicit Session(std::unique_ptr<orm::SessionCore> core);

private:
    using BindFunction = void (*)(const void* query, orm::Parameters& parameters);
    struct Binding {
        const void* query;
        BindFunction bind;
    };
    template <class Q>
    static Binding bind_of(const Q& query) {
        return {&query, [](const void* q, orm::Parameters& parameters) { static_cast<const Q*>(q)->bind(parameters); }};
    }
    template <class V>
    static void read_value(V& value, orm::Columns& columns, int index) {
        orm::assign(value, orm::read_column(columns, index, orm::kind_of<V>));
    }

    template <class T, class F, class... Attribute>
    static void with_offsets(F f, Attribute... attributes) {
        static_assert((orm::is_attribute_of<T, Attribute> && ...),
            "tandem: this attribute belongs to another model than the object");
        if constexpr ((orm::is_attribute_of<T, Attribute> && ...))
            f(std::initializer_list<std::uint32_t>{orm::AttributeOf<T>{attributes}.offset...});
    }
    void expire_node(orm::Node* node);
    void expire_attributes(orm::Node* node, std::initializer_list<std::uint32_t> offsets);
    void refresh_attributes(orm::Node* node, std::initializer_list<std::uint32_t> offsets);
    void expunge_node(orm::Node* node);
    [[nodiscard]] bool contains_node(const orm::Node* node) const;
    void add_node(orm::Node* node);
    void remove_node(orm::Node* node);
    void refresh_node(orm::Node* node);
    orm::Node* get_node(const orm::Table& table, std::initializer_list<orm::ValueView> key);
    void select_nodes(const orm::Table& table, const std::string& sql, Binding binding,
        const std::vector<orm::LoadPlan>& loaders, void* out, void (*take)(void*, std::size_t, orm::Node* const*));
    void select_rows(const std::string& sql, Binding binding, void* out, void (*take)(void*, orm::Columns&));
    Rows execute_text(std::string_view sql, std::initializer_list<Parameter> parameters);

    [[nodiscard]] orm::SessionCore& core() const;
    std::unique_ptr<orm::SessionCore> core_;
};

/// A session of the running step: what handlers and computed vars use. Throws InvalidStateError where no step runs (use
/// `db.session()` there).
[[nodiscard]] Session session(std::source_location place = std::source_location::current());
[[nodiscard]] Session session(SessionOptions options, std::source_location place = std::source_location::current());

}  // namespace tandem

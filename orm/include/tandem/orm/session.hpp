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
#include <functional>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <tandem/orm/error.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/object_state.hpp>
#include <tandem/orm/query.hpp>
#include <tandem/orm/result.hpp>
#include <tandem/orm/savepoint.hpp>
#include <tandem/orm/session_options.hpp>
#include <tandem/orm/source.hpp>
#include <tandem/orm/sql_text.hpp>
#include <tandem/orm/statement.hpp>
#include <tandem/orm/stream.hpp>

namespace tandem {

namespace orm {

class TransactionCore;
class SessionCore;
struct SessionDeleter {
    bool owns = true;
    void operator()(SessionCore* core) const noexcept;
};

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
template <class V>
    requires is_plain_stored<V>
class KeyArgument<V> {
public:
    explicit KeyArgument(const V& value) : value_(value) {}
    [[nodiscard]] ValueView view() const { return view_of(value_); }

private:
    V value_;
};

/// One integer that every std::int64_t can hold.
template <class... Key>
concept PlainIntegers = sizeof...(Key) == 1 &&
    ((std::integral<Key> && !std::same_as<Key, bool> && (std::signed_integral<Key> || sizeof(Key) < 8)) && ...);

[[noreturn]] void throw_no_object(const Table& table, std::initializer_list<ValueView> key);

}  // namespace orm

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
        Ref<T> object = Ref<T>::of(make_node(orm::table_of<T>()));
        *static_cast<T*>(object.node()->object()) = std::move(value);
        add_node(object.node());
        return object;
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
        // The key arguments live until the object is found: text and what codecs make of it are borrowed.
        if constexpr (orm::PlainIntegers<Key...>)
            return Ref<T>::of(get_node(orm::table_of<T>(), static_cast<std::int64_t>(key)...));
        else return Ref<T>::of(get_node(orm::table_of<T>(), {orm::KeyArgument<Key>(key).view()...}));
    }

    /// The same, but throws NoResult, naming class and key, when there is none.
    template <orm::ModelClass T, class... Key>
        requires(sizeof...(Key) > 0)
    [[nodiscard]] Ref<T> get_one(const Key&... key) {
        Ref<T> found = get<T>(key...);
        if (!found) orm::throw_no_object(orm::table_of<T>(), {orm::KeyArgument<Key>(key).view()...});
        return found;
    }
    /// What a query finds, read by `all()`, `first()`, `one()` …; it runs then.
    template <orm::Selection Q>
    [[nodiscard]] auto exec(Q query, std::source_location place = std::source_location::current()) {
        using Result = typename orm::ResultOf<typename Q::tandem_result, typename Q::tandem_scope>::type;
        if constexpr (Q::check_fields()) return Result{pend(new Q(std::move(query)), Q::functions, place)};
        else return Result{orm::PendingQuery{}};
    }

    /// The same row by row, with `batch` rows in memory; see stream.hpp.
    template <orm::Selection Q>
    [[nodiscard]] auto stream(
        Q query, std::size_t batch = 500, std::source_location place = std::source_location::current()) {
        using Result = typename orm::ResultOf<typename Q::tandem_result, typename Q::tandem_scope>::type;
        static_assert(Q::check_fields());
        return Stream<typename Result::Item>{pend(new Q(std::move(query)), Q::functions, place), Result::sink, batch};
    }
    /// The SQL of a query in the words of this session's database, with `?` for its values.
    template <orm::Selection Q>
    [[nodiscard]] const std::string& sql_of(const Q& query) {
        return text_of(Q::functions, query.state().is_limited());
    }

    /// From here on, queries for objects of this model, and what relations lead to, find only those that meet the
    /// condition. Objects that are here already stay; `get` and raw SQL find any.
    template <class E>
    void with_criteria(E condition) {
        for (orm::Criterion& criterion : orm::with_criteria(std::move(condition)).criteria)
            add_criterion(std::move(criterion));
    }

    /// Runs an update, delete or insert, now: `.changed()` counts the rows; with `returning`, a result of rows.
    template <orm::WriteStatement W>
    auto execute(const W& statement) {
        return statement.run(core());
    }
    /// Raw SQL with named parameters. Throws BindError before running anything when parameters and values do not match.
    Rows execute(SqlText sql, std::initializer_list<Parameter> parameters = {}) {
        return execute_text(sql.text(), parameters);
    }
    Rows execute(const UncheckedSql& sql, std::initializer_list<Parameter> parameters = {}) {
        return execute_text(sql.text, parameters);
    }
    /// The same with typed rows: `execute<std::tuple<std::int64_t, std::string>>("SELECT id, name …")` takes columns in
    /// order, `execute<UserRow>(…)` by the names of the struct's members, `execute<User>("SELECT id …")` gives the
    /// objects whose keys are selected. Throws ArgumentError when columns are missing or too many, ValueError naming
    /// the column for a value that does not fit.
    template <class R>
    auto execute(SqlText sql, std::initializer_list<Parameter> parameters = {}) {
        return execute_typed<R>(sql.text(), parameters);
    }
    template <class R>
    auto execute(const UncheckedSql& sql, std::initializer_list<Parameter> parameters = {}) {
        return execute_typed<R>(sql.text, parameters);
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
    /// Begins the transaction now, not with the first statement. Throws InvalidStateError when the session was used
    /// since its last commit or rollback: it began by itself then.
    void begin();
    /// Whether there is something that rollback() would undo, or a snapshot that is read from.
    [[nodiscard]] bool in_transaction() const;
    /// Runs `work()` and commits; what it throws rolls back and goes on. Returns what `work` returns. Throws
    /// InvalidStateError when the session is in a transaction, and from commit() and rollback() inside.
    template <class F>
    auto transaction(F&& work) {
        begin_scope();
        try {
            if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
                std::forward<F>(work)();
                end_scope(true);
            } else {
                auto result = std::forward<F>(work)();
                end_scope(true);
                return result;
            }
        } catch (...) {
            if (in_scope()) end_scope(false);
            throw;
        }
    }
    /// A part of the work that can be undone alone; see savepoint.hpp.
    Savepoint savepoint(std::source_location place = std::source_location::current());
    /// Calls `callback` once, after the next commit() (of a step's session: after the step's COMMIT); a rollback
    /// forgets it. What it throws is thrown by commit() and undoes nothing.
    void after_commit(std::function<void()> callback);
    /// Calls `callback` once, when what the session does now is rolled back; a commit forgets it.
    void after_rollback(std::function<void()> callback);

    /// What the next flush would insert, update and delete, as far as it is known before cascades; for before_flush.
    template <class T>
    [[nodiscard]] std::vector<Ref<T>> added() const {
        return refs_of<T>(changed_objects(orm::table_of<T>(), 0));
    }
    template <class T>
    [[nodiscard]] std::vector<Ref<T>> modified() const {
        return refs_of<T>(changed_objects(orm::table_of<T>(), 1));
    }
    template <class T>
    [[nodiscard]] std::vector<Ref<T>> removed() const {
        return refs_of<T>(changed_objects(orm::table_of<T>(), 2));
    }

    /// For the engine.
    explicit Session(std::unique_ptr<orm::SessionCore> core);
    /// A session that somebody else owns.
    explicit Session(orm::SessionCore& borrowed);

private:
    template <class R>
    auto execute_typed(std::string_view sql, std::initializer_list<Parameter> parameters) {
        if constexpr (orm::ModelClass<R>) {
            std::vector<Ref<R>> objects;
            for (orm::Node* node : execute_keys(orm::table_of<R>(), sql, parameters))
                objects.push_back(Ref<R>::of(node));
            return Objects<R>{std::move(objects)};
        } else {
            std::vector<R> rows;
            execute_rows(sql, parameters, orm::ShapeOf<R>::get(), &rows, orm::row_type<R>());
            return typename orm::ShapeOf<R>::result{std::move(rows)};
        }
    }
    void execute_rows(std::string_view sql, std::initializer_list<Parameter> parameters, const orm::RowShape& shape,
        void* out, const orm::RowType& type);
    std::vector<orm::Node*> execute_keys(
        const orm::Table& table, std::string_view sql, std::initializer_list<Parameter> parameters);
    void add_criterion(orm::Criterion criterion);
    template <class T, class F, class... Attribute>
    static void with_offsets(F f, Attribute... attributes) {
        static_assert((orm::is_attribute_of<T, Attribute> && ...),
            "tandem: this attribute belongs to another model than the object");
        if constexpr ((orm::is_attribute_of<T, Attribute> && ...))
            f(std::initializer_list<std::uint32_t>{orm::AttributeOf<T>{attributes}.offset...});
    }
    template <class T>
    static std::vector<Ref<T>> refs_of(const std::vector<orm::Node*>& nodes) {
        std::vector<Ref<T>> refs;
        refs.reserve(nodes.size());
        for (orm::Node* node : nodes) refs.push_back(Ref<T>::of(node));
        return refs;
    }
    [[nodiscard]] std::vector<orm::Node*> changed_objects(const orm::Table& table, int changes) const;
    void begin_scope();
    void end_scope(bool keep);
    [[nodiscard]] bool in_scope() const;
    void expire_node(orm::Node* node);
    void expire_attributes(orm::Node* node, std::initializer_list<std::uint32_t> offsets);
    void refresh_attributes(orm::Node* node, std::initializer_list<std::uint32_t> offsets);
    void expunge_node(orm::Node* node);
    [[nodiscard]] bool contains_node(const orm::Node* node) const;
    [[nodiscard]] orm::Node* make_node(const orm::Table& table);  ///< a transient object in the session's graph
    void add_node(orm::Node* node);
    void remove_node(orm::Node* node);
    void refresh_node(orm::Node* node);
    orm::Node* get_node(const orm::Table& table, std::initializer_list<orm::ValueView> key);
    orm::Node* get_node(const orm::Table& table, std::int64_t key);
    [[nodiscard]] orm::PendingQuery pend(void* query, const orm::QueryFunctions& functions, std::source_location place);
    [[nodiscard]] const std::string& text_of(const orm::QueryFunctions& query, bool limited);
    Rows execute_text(std::string_view sql, std::initializer_list<Parameter> parameters);

    [[nodiscard]] orm::SessionCore& core() const;
    std::unique_ptr<orm::SessionCore, orm::SessionDeleter> core_;
};

/// A session of the running step: what handlers and computed vars use. Throws InvalidStateError where no step runs (use
/// `db.session()` there).
[[nodiscard]] Session session(std::source_location place = std::source_location::current());
[[nodiscard]] Session session(SessionOptions options, std::source_location place = std::source_location::current());

}  // namespace tandem

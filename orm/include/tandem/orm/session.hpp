/// `Session`: a unit of work with an identity map.
///
/// Contract: a session rolls back unless committed. Within a session one row is one object. `add` and attribute changes
/// reach the database at `flush`, which `commit` and queries do by themselves; only changed columns are written. After
/// `commit` values stay readable, also when the session has ended; relations that were not loaded then throw. After a
/// rollback new objects are transient again (values intact, generated key unset) and changed ones show the database's
/// values. Thread rule: one thread. Errors: what the database refuses is thrown as IntegrityError, Conflict or
/// OperationalError; the session then has to roll back before it goes on.
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
#include <utility>
#include <vector>

#include <tandem/orm/error.hpp>
#include <tandem/orm/model.hpp>
#include <tandem/orm/query.hpp>
#include <tandem/orm/result.hpp>
#include <tandem/orm/sql_text.hpp>

namespace tandem {

namespace orm {

class TransactionCore;
class SessionCore;

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
    /// Reads the object's columns again; its relations are loaded anew when next needed. Throws ObjectDeleted when the
    /// row is gone.
    template <class T>
    void refresh(const Ref<T>& object) {
        refresh_node(object.node());
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

    /// What a query finds, read by `all()`, `first()`, `one()` …; it runs then.
    template <orm::Selection Q>
    [[nodiscard]] auto exec(Q query, std::source_location place = std::source_location::current()) {
        using Result = typename orm::ResultOf<typename Q::tandem_result, typename Q::tandem_scope>::type;
        if constexpr (Q::check_fields()) return Result{orm::PendingQuery{handle(), std::move(query), place}};
        else return Result{{}};
    }

    /// From here on, queries for objects of this model, and what relations lead to, find only those that meet the
    /// condition. Objects that are here already stay; `get` and raw SQL find any.
    template <class E>
    void with_criteria(E condition) {
        for (orm::Criterion& criterion : orm::with_criteria(std::move(condition)).criteria)
            add_criterion(std::move(criterion));
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
    /// Flushes and makes the writes permanent (in a handler's step: seals them; they become permanent with the step).
    void commit();
    /// Undoes what was not committed.
    void rollback();

    /// For the engine.
    explicit Session(std::unique_ptr<orm::SessionCore> core);

private:
    void add_criterion(orm::Criterion criterion);
    void add_node(orm::Node* node);
    void remove_node(orm::Node* node);
    void refresh_node(orm::Node* node);
    orm::Node* get_node(const orm::Table& table, std::initializer_list<orm::ValueView> key);
    [[nodiscard]] orm::SessionHandle handle();
    Rows execute_text(std::string_view sql, std::initializer_list<Parameter> parameters);

    [[nodiscard]] orm::SessionCore& core() const;
    std::unique_ptr<orm::SessionCore> core_;
};

/// A session of the running step: what handlers and computed vars use. Throws InvalidStateError where no step runs (use
/// `db.session()` there).
[[nodiscard]] Session session(std::source_location place = std::source_location::current());

}  // namespace tandem

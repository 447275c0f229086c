/// Hooks: functions of the program that run when a session flushes, writes a row, commits or rolls back.
///
/// Contract: registered on the Database, for all of its sessions that are opened afterwards; run on the session's
/// thread, in the order of registration. What they may do:
///
/// | Hook                             | Runs                           | May                               |
/// |----------------------------------|--------------------------------|-----------------------------------|
/// | `after_begin`                    | before the first statement     | query, execute                    |
/// | `before_commit`                  | before the commit's flush      | query, add, change, remove, flush |
/// | `before_flush`                   | before what there is to write  | query, add, change, remove        |
/// | `before_insert`, `before_update` | before a row, keys written     | set its columns, query, execute   |
/// | `before_delete`, `after_…`       | before or after the row        | query, execute                    |
/// | `after_flush`                    | after the last row             | query; changes wait for the next  |
/// | `after_commit`, `after_rollback` | a transaction that wrote ended | anything, in its own session      |
///
/// Hooks of rows are those of a model, `on<T>()`. None may commit, roll back or flush (but before_commit may flush):
/// that throws InvalidStateError. What a hook before the end of a commit throws is thrown by the flush or commit, and
/// the session has to be rolled back. What `after_commit` throws is thrown by commit() once all of them have run, and
/// undoes nothing. Update hooks run for objects with changed columns only. Criteria updates and raw SQL run none.
/// Without hooks nothing is spent.
///
///     db.on<User>().before_insert([](User& user, tandem::Session&) { user.created = tandem::now(); })
///                  .after_delete([](User& user) { … });
///     db.before_flush([](tandem::Session& session) { for (auto& post : session.added<Post>()) … });
#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include <tandem/orm/model.hpp>

namespace tandem {

class Session;

/// A function that is told of a session.
using SessionHook = std::function<void(Session&)>;

namespace orm {

enum class RowEvent : std::uint8_t {
    before_insert,
    after_insert,
    before_update,
    after_update,
    before_delete,
    after_delete
};
enum class SessionEvent : std::uint8_t { after_begin, before_commit, before_flush, after_flush };
using RowHook = std::function<void(void* object, Session& session)>;

class HookRegistry;
void add_hook(HookRegistry& registry, const Table& table, RowEvent event, RowHook hook);

}  // namespace orm

/// The hooks of one model; made by Database::on(). A hook takes `(T&)` or `(T&, Session&)`.
template <class T>
class ModelHooks {
public:
    explicit ModelHooks(orm::HookRegistry& registry) : registry_(&registry) {}

    template <class F>
    ModelHooks& before_insert(F hook) {
        return add(orm::RowEvent::before_insert, std::move(hook));
    }
    template <class F>
    ModelHooks& after_insert(F hook) {
        return add(orm::RowEvent::after_insert, std::move(hook));
    }
    template <class F>
    ModelHooks& before_update(F hook) {
        return add(orm::RowEvent::before_update, std::move(hook));
    }
    template <class F>
    ModelHooks& after_update(F hook) {
        return add(orm::RowEvent::after_update, std::move(hook));
    }
    template <class F>
    ModelHooks& before_delete(F hook) {
        return add(orm::RowEvent::before_delete, std::move(hook));
    }
    template <class F>
    ModelHooks& after_delete(F hook) {
        return add(orm::RowEvent::after_delete, std::move(hook));
    }

private:
    template <class F>
    ModelHooks& add(orm::RowEvent event, F hook) {
        constexpr bool takes_session = std::is_invocable_v<F&, T&, Session&>;
        static_assert(takes_session || std::is_invocable_v<F&, T&>,
            "tandem: a hook of a model takes (T&) or (T&, tandem::Session&)");
        if constexpr (takes_session) {
            orm::add_hook(*registry_, orm::table_of<T>(), event,
                [hook = std::move(hook)](
                    void* object, Session& session) mutable { hook(*static_cast<T*>(object), session); });
        } else if constexpr (std::is_invocable_v<F&, T&>) {
            orm::add_hook(*registry_, orm::table_of<T>(), event,
                [hook = std::move(hook)](void* object, Session&) mutable { hook(*static_cast<T*>(object)); });
        }
        return *this;
    }
    orm::HookRegistry* registry_;
};

}  // namespace tandem

/// `State<S>` and TANDEM_STATE: a class of the server's state that a page shows.
///
/// Contract: listed data members are vars; listed member functions that are not const are event handlers, const ones
/// are computed vars; what is not listed stays private to the server. Every client (tab) has an instance of its own. A
/// handler is one transaction: if it throws, nothing it did remains, neither in the database nor in any state. Computed
/// vars are evaluated after each event, may read the database, and may not write. A function `void on_load()` that is
/// declared (and not listed) runs once, as an event, when a page of a new client opens. Options: `(name, settable)`
/// lets the page set the var; `(name, backend)` keeps and undoes it, but never sends it. Pitfalls: members that are not
/// listed are not undone; a handler runs on the client's loop, so it must not block for long; a computed var must not
/// change objects through a Ref (const does not reach that far), or page and state differ.
///
///     struct QueryUser : tandem::State<QueryUser> {
///         std::string name;
///         std::vector<tandem::Ref<User>> users;
///         void get_users() {
///             auto session = tandem::session();
///             users = session.exec(User::select().where(User::c.username.contains(name))).all();
///         }
///         TANDEM_STATE(QueryUser, (name, settable), users, get_users)
///     };
#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tandem/framework/decode.hpp>
#include <tandem/framework/image_codec.hpp>

namespace tandem {

class StateBase;

/// The states of one client; what get_state() asks.
class StateSet {
public:
    StateSet() = default;
    StateSet(const StateSet&) = delete;
    StateSet& operator=(const StateSet&) = delete;
    virtual ~StateSet() = default;
    /// The instance of a registered class; it counts as touched in the running step.
    virtual StateBase& state(const void* tag) = 0;
};

/// What all states share.
class StateBase {
public:
    StateBase() = default;
    StateBase(const StateBase&) = delete;
    StateBase& operator=(const StateBase&) = delete;
    virtual ~StateBase() = default;

    /// Another state of the same client. What a handler changes there belongs to its transaction too.
    template <class Other>
    Other& get_state() {
        return static_cast<Other&>(state_set().state(&orm::type_tag<Other>));
    }
    /// For the framework.
    void join(StateSet& set) { set_ = &set; }

private:
    [[nodiscard]] StateSet& state_set() const;
    StateSet* set_ = nullptr;
};

template <class S>
class State : public StateBase {};

// --- registration
// ----------------------------------------------------------------------------------------------------------------------------

struct VarInfo {
    const char* name;
    bool settable = false;
    bool backend = false;
    void (*write)(ImageWriter& out, const StateBase& state);
    void (*read)(ImageReader& in, StateBase& state);
    void (*set)(StateBase& state, const JsonView& value);  ///< null unless settable
};

struct ComputedInfo {
    const char* name;
    void (*write)(ImageWriter& out, const StateBase& state);
};

struct HandlerInfo {
    const char* name;
    void (*call)(StateBase& state, const JsonView& arguments);
};

/// A registered class of states.
struct StateClass {
    std::string name;  ///< on the page: the class's name in snake_case
    const char* class_name;
    const void* tag;
    std::unique_ptr<StateBase> (*make)();
    std::vector<VarInfo> vars{};
    std::vector<ComputedInfo> computed{};
    std::vector<HandlerInfo> handlers{};
    void (*on_load)(StateBase& state) = nullptr;
};

StateClass& register_state_class(const void* tag, const char* class_name, std::unique_ptr<StateBase> (*make)());
void report_state_error(const char* class_name, const char* member, const char* text);

namespace detail {

template <class F>
struct function_traits;
template <class C, class R, class... A>
struct function_traits<R (C::*)(A...)> {
    using result = R;
    using arguments = std::tuple<std::remove_cvref_t<A>...>;
    static constexpr bool is_const = false;
};
template <class C, class R, class... A>
struct function_traits<R (C::*)(A...) const> {
    using result = R;
    using arguments = std::tuple<std::remove_cvref_t<A>...>;
    static constexpr bool is_const = true;
};
template <class C, class R, class... A>
struct function_traits<R (C::*)(A...) noexcept> : function_traits<R (C::*)(A...)> {};
template <class C, class R, class... A>
struct function_traits<R (C::*)(A...) const noexcept> : function_traits<R (C::*)(A...) const> {};

template <class S>
struct StateBuilder {
    StateClass& state_class;

    template <auto Pointer>
    void operator()(Member<Pointer>, const char* name, std::same_as<Option> auto... options) const {
        if constexpr (std::is_member_object_pointer_v<decltype(Pointer)>) {
            add_var<Pointer>(name, {options...});
        } else {
            if (sizeof...(options) > 0)
                report_state_error(state_class.class_name, name, "options are for vars, not for functions");
            if constexpr (function_traits<decltype(Pointer)>::is_const) add_computed<Pointer>(name);
            else add_handler<Pointer>(name);
        }
    }

private:
    template <auto Pointer>
    void add_var(const char* name, std::initializer_list<Option> options) const {
        using V = orm::member_value_t<Pointer>;
        VarInfo var{.name = name};
        for (const Option& option : options) {
            if (option.kind == Option::Kind::settable) var.settable = true;
            else if (option.kind == Option::Kind::backend) var.backend = true;
            else report_state_error(state_class.class_name, name, "an option that is not for vars");
        }
        var.write = [](ImageWriter& out, const StateBase& state) {
            write_image<V>(out, static_cast<const S&>(state).*Pointer);
        };
        var.read = [](ImageReader& in, StateBase& state) { read_image<V>(in, static_cast<S&>(state).*Pointer); };
        if (var.settable) {
            if constexpr (orm::is_decodable<V>()) {
                var.set = [](StateBase& state, const JsonView& value) {
                    V decoded{};
                    decode(value, decoded);
                    static_cast<S&>(state).*Pointer = std::move(decoded);
                };
            } else {
                report_state_error(state_class.class_name, name, "cannot be settable: a page cannot send this type");
                var.settable = false;
            }
        }
        state_class.vars.push_back(var);
    }
    template <auto Pointer>
    void add_computed(const char* name) const {
        using Function = function_traits<decltype(Pointer)>;
        static_assert(std::tuple_size_v<typename Function::arguments> == 0,
            "tandem: a computed var (a const function) takes no arguments");
        static_assert(!std::is_void_v<typename Function::result>,
            "tandem: a computed var (a const function) returns its value; a handler is not const");
        state_class.computed.push_back({name, [](ImageWriter& out, const StateBase& state) {
                                            const auto value = (static_cast<const S&>(state).*Pointer)();
                                            write_image(out, value);
                                        }});
    }
    template <auto Pointer>
    void add_handler(const char* name) const {
        using Function = function_traits<decltype(Pointer)>;
        static_assert(std::is_void_v<typename Function::result>,
            "tandem: an event handler returns void; a computed var is const");
        state_class.handlers.push_back(
            {name, [](StateBase& state, const JsonView& sent) {
                 typename Function::arguments arguments{};
                 decode_arguments(sent, arguments);
                 std::apply(
                     [&](auto&... argument) { (static_cast<S&>(state).*Pointer)(std::move(argument)...); }, arguments);
             }});
    }
};

template <class S>
bool register_state() {
    StateClass& state_class = register_state_class(
        &orm::type_tag<S>, S::tandem_name(), []() -> std::unique_ptr<StateBase> { return std::make_unique<S>(); });
    S::tandem_members(StateBuilder<S>{state_class});
    if constexpr (requires(S& state) { state.on_load(); })
        state_class.on_load = [](StateBase& state) { static_cast<S&>(state).on_load(); };
    return true;
}

}  // namespace detail
}  // namespace tandem

/// Inside a state: lists its vars, event handlers and computed vars, and registers it.
#define TANDEM_STATE(S, ...)                                                                                           \
    TANDEM_VISITOR(S, __VA_ARGS__)                                                                                     \
    inline static const bool tandem_registered = ::tandem::detail::register_state<S>();

/// `Ref<T>`: a handle to a model object.
///
/// Objects live as nodes of a graph; relations inside the graph are bare pointers, so cycles cannot leak; the graph
/// lives as long as a session or a handle does. Copying a Ref copies the handle, not the object. Pitfalls: an empty Ref
/// throws when used; handles are not shared between threads; a reference from `*ref` is good as long as a handle to the
/// object exists.
///
///     tandem::Ref<User> user = session.add(User{.username = "ana"});
///     user->email = "ana@example.org";        // noticed: the session compares columns when it flushes
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include <tandem/orm/describe.hpp>
#include <tandem/orm/table.hpp>

namespace tandem {

namespace orm {

struct Slab;

/// The head of an object in a graph; the object follows it in memory.
struct Node {
    enum Flag : std::uint32_t {
        unhashed = 1,     ///< no column hashes yet: the next access takes them, to find changed columns later
        expired = 2,      ///< its columns are out of date and could not be read again
        deleted = 4,      ///< its row is gone
        pending = 8,      ///< added to a session, not yet inserted
        persistent = 16,  ///< has a row
        removing = 32,    ///< its row goes with the next flush
        marked = 64,      ///< used while walking the graph
        held = 128,       ///< stored, and in the identity map of the session that has the graph, while one has it
        untracked = 256,  ///< hashed, but not accessed since its session flushed: the next access is noted
        tracked = 512,    ///< among the objects that its session compares at commit
        open = 1024,      ///< on the way from which the graph is being walked
        partial = 2048,   ///< has deferred columns, which are not read yet
        fresh = 4096,     ///< used while loading: read by this operation
        slow = unhashed | untracked | expired | deleted | partial,
        origin = 0xffff0000U,  ///< the number of the query that brought it, in its session; 0: none
    };
    const Table* table = nullptr;
    Slab* slab = nullptr;  ///< where it lives, with the graph and the hashes of its columns
    std::uint32_t handles = 0;
    std::uint32_t flags = unhashed;

    void* object() { return this + 1; }
    [[nodiscard]] const void* object() const { return this + 1; }
    void* member(std::uint32_t offset) { return static_cast<char*>(object()) + offset; }
    [[nodiscard]] const void* member(std::uint32_t offset) const { return static_cast<const char*>(object()) + offset; }
    /// Whether there are hashes of the columns as last read or written.
    [[nodiscard]] bool is_hashed() const { return (flags & (unhashed | persistent)) == persistent; }
};

Node* make_transient(const Table& table);  ///< a node in a graph of its own, with no handle
void read_deferred(Node* node);            ///< reads the columns that were deferred, or throws DetachedError
void touch(Node* node);                    ///< first access: takes column hashes, or throws for what cannot be accessed
void first_handle(Node* node);
void last_handle(Node* node) noexcept;
[[noreturn]] void throw_empty_ref(const char* class_name);

inline void retain(Node* node) {
    if (node && node->handles++ == 0) first_handle(node);
}
inline void release(Node* node) noexcept {
    if (node && --node->handles == 0) last_handle(node);
}
/// "User#3", or "User (new)".
[[nodiscard]] std::string describe(const Node* node);

template <class T>
const Table& table_of();

}  // namespace orm

template <class T>
class Ref {
public:
    using element_type = T;

    Ref() = default;
    Ref(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): a Ref may be compared with and set to nullptr
    /// A new, transient object with this value.
    template <class U>
        requires std::same_as<std::remove_cvref_t<U>, T>
    Ref(U&& value) : Ref() {  // NOLINT(google-explicit-constructor)
        adopt(orm::make_transient(orm::table_of<T>()));
        *static_cast<T*>(node_->object()) = std::forward<U>(value);
    }
    Ref(const Ref& other) : node_(other.node_) { orm::retain(node_); }
    Ref(Ref&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~Ref() { orm::release(node_); }

    /// Throws InvalidStateError when empty, ObjectDeleted or DetachedError when the object's values are gone.
    T* get() const {
        if (!node_) orm::throw_empty_ref(T::tandem_name());
        if (node_->flags & orm::Node::slow) orm::touch(node_);
        return static_cast<T*>(node_->object());
    }
    T* operator->() const { return get(); }
    T& operator*() const { return *get(); }
    explicit operator bool() const { return node_ != nullptr; }
    /// Whether both name the same object (not: equal values).
    bool operator==(const Ref& other) const { return node_ == other.node_; }

    /// The engine's view of the object; a handle of its own is not included.
    [[nodiscard]] orm::Node* node() const { return node_; }
    static Ref of(orm::Node* node) {
        Ref ref;
        ref.adopt(node);
        return ref;
    }
    /// Makes an empty Ref one for this object.
    void adopt(orm::Node* node) {
        orm::retain(node);
        node_ = node;
    }

private:
    orm::Node* node_ = nullptr;
};

}  // namespace tandem

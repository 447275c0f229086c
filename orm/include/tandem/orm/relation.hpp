/// `One<T>` and `Many<T>`: members of a model that lead to related objects.
///
/// A relation is loaded, empty, or not loaded; reading one that is not loaded asks the database while a session holds
/// the object, and throws DetachedError (naming class, attribute and cure) when none does. Setting one side sets the
/// other (`back_populates`) in memory, without SQL; the foreign key column follows at flush; an object whose row is
/// deleted leaves the collections it is in. Pitfalls: copying a model object copies what its One members point to, but
/// not its Many members; a Many without `back_populates` and without a link table can only be read; a loop over a Many
/// must not change it, and a query in the loop flushes, which takes deleted rows out: loop over `all()` instead. A Many
/// with a link table needs no partner: its rows there are written at flush.
///
///     flag->post = post;                 // post->flags has the flag too, if it is loaded
///     for (auto flag : post->flags) …    // flag is a tandem::Ref<Flag>
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include <tandem/orm/ref.hpp>

namespace tandem {

namespace orm {

/// What all One members share. Outside a graph (in a plain object) it holds a handle; inside, a bare pointer.
class OneBase {
public:
    OneBase() = default;
    OneBase(const OneBase& other);
    OneBase(OneBase&& other) noexcept;
    OneBase& operator=(const OneBase& other);
    OneBase& operator=(OneBase&& other) noexcept(false);
    ~OneBase();

    /// Whether it can be read without SQL.
    [[nodiscard]] bool is_loaded() const { return loaded_ || !owner_; }
    void set(Node* target);
    [[nodiscard]] Node* load() const;

private:
    friend struct RelationAccess;
    Node* owner_ = nullptr;
    Node* target_ = nullptr;
    bool loaded_ = false;
    bool changed_ = false;                ///< set since the foreign key was last written
    std::optional<Loading> on_access_{};  ///< what a query asked for, instead of the relation's own
};

/// What all Many members share; holds elements only inside a graph.
class ManyBase {
public:
    ManyBase() = default;
    ManyBase(const ManyBase&) {}  // NOLINT: a copy has no elements, by design
    ManyBase(ManyBase&&) noexcept {}
    ManyBase& operator=(const ManyBase&) { return *this; }  // NOLINT
    ManyBase& operator=(ManyBase&&) noexcept { return *this; }
    ~ManyBase();

    [[nodiscard]] bool is_loaded() const { return loaded_ || !owner_; }
    /// Whether it shows only the objects that a loader's condition let through.
    [[nodiscard]] bool is_filtered() const { return loaded_ && filtered_; }
    [[nodiscard]] const std::vector<Node*>& load() const;
    void insert(std::size_t position, Node* node);
    void append(Node* node);
    void remove(Node* node);
    void assign(const std::vector<Node*>& nodes);
    [[nodiscard]] Node* at(std::size_t index) const;

private:
    friend struct RelationAccess;
    Node* owner_ = nullptr;
    std::vector<Node*> items_{};
    /// What a collection with a link table held when its rows there were last read or written; null: unchanged.
    std::unique_ptr<std::vector<Node*>> linked_before_{};
    bool loaded_ = false;
    bool filtered_ = false;
    std::optional<Loading> on_access_{};
};

}  // namespace orm

/// At most one related object.
template <class T>
class One : public orm::OneBase {
public:
    using element_type = T;

    One() = default;
    One(std::nullptr_t) { set(nullptr); }        // NOLINT(google-explicit-constructor)
    One(const Ref<T>& ref) { set(ref.node()); }  // NOLINT(google-explicit-constructor)
    template <class U>
        requires std::same_as<std::remove_cvref_t<U>, T>
    One(U&& value) : One(Ref<T>(std::forward<U>(value))) {}  // NOLINT(google-explicit-constructor)
    One& operator=(const Ref<T>& ref) {
        set(ref.node());
        return *this;
    }
    One& operator=(std::nullptr_t) {
        set(nullptr);
        return *this;
    }
    template <class U>
        requires std::same_as<std::remove_cvref_t<U>, T>
    One& operator=(U&& value) {
        set(Ref<T>(std::forward<U>(value)).node());
        return *this;
    }

    /// The related object, or an empty Ref.
    [[nodiscard]] Ref<T> get() const { return Ref<T>::of(load()); }
    operator Ref<T>() const { return get(); }  // NOLINT(google-explicit-constructor)
    T* operator->() const { return get().get(); }
    T& operator*() const { return *get().get(); }
    explicit operator bool() const { return load() != nullptr; }
};

/// Any number of related objects, in the order loaded or appended.
template <class T>
class Many : public orm::ManyBase {
public:
    using element_type = T;

    class iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Ref<T>;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Ref<T>;
        iterator() = default;
        explicit iterator(orm::Node* const* position) : position_(position) {}
        Ref<T> operator*() const { return Ref<T>::of(*position_); }
        iterator& operator++() {
            ++position_;
            return *this;
        }
        iterator operator++(int) { return iterator{position_++}; }
        bool operator==(const iterator&) const = default;

    private:
        orm::Node* const* position_ = nullptr;
    };

    [[nodiscard]] iterator begin() const { return iterator{load().data()}; }
    [[nodiscard]] iterator end() const { return iterator{load().data() + load().size()}; }
    [[nodiscard]] std::size_t size() const { return load().size(); }
    [[nodiscard]] bool empty() const { return load().empty(); }
    /// The objects as they are now, to loop over while the relation changes.
    [[nodiscard]] std::vector<Ref<T>> all() const { return {begin(), end()}; }
    /// Throws ArgumentError beyond the end.
    [[nodiscard]] Ref<T> operator[](std::size_t index) const { return Ref<T>::of(at(index)); }
    void push_back(const Ref<T>& ref) { append(ref.node()); }
    /// Puts the object before the one at `position`. The order is not stored: it is that of `order_by` when loaded.
    void insert(std::size_t position, const Ref<T>& ref) { ManyBase::insert(position, ref.node()); }
    /// Takes the object out of the relation (its row stays, unless the relation says delete_orphan); nothing happens
    /// when it is not in.
    void remove(const Ref<T>& ref) { ManyBase::remove(ref.node()); }
    /// Replaces the contents: who is not in `refs` is taken out, who is new comes in.
    Many& operator=(const std::vector<Ref<T>>& refs) {
        std::vector<orm::Node*> nodes;
        nodes.reserve(refs.size());
        for (const Ref<T>& ref : refs) nodes.push_back(ref.node());
        assign(nodes);
        return *this;
    }
    Many& operator=(std::initializer_list<Ref<T>> refs) {
        *this = std::vector<Ref<T>>(refs);
        return *this;
    }
};

namespace orm {
template <class V>
inline constexpr bool is_one = false;
template <class T>
inline constexpr bool is_one<One<T>> = true;
template <class V>
inline constexpr bool is_many = false;
template <class T>
inline constexpr bool is_many<Many<T>> = true;
template <class V>
concept RelationMember = is_one<V> || is_many<V>;
}  // namespace orm

}  // namespace tandem

/// How rows of values become tuples and described structs: the places of their members, in the order of the columns. A
/// driver fills a whole row by them in one call.
#pragma once

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/describe.hpp>

namespace tandem::orm {

/// The rows of one vector type, whose elements can be made empty.
struct RowType {
    void* (*append)(void* rows);        ///< makes a row at the end of the vector and gives its address
    std::vector<StoredMember> members;  ///< one for each column
};

template <class R>
class RowMembers {
public:
    static std::vector<StoredMember> get() {
        const R row{};
        std::vector<StoredMember> members;
        visit_members<R>(Adder{row, members});
        return members;
    }

private:
    struct Adder {
        const R& row;
        std::vector<StoredMember>& members;
        template <auto Pointer>
        void operator()(Member<Pointer>, const char*, auto...) const {
            members.push_back(stored_member(row, row.*Pointer));
        }
    };
};
template <class... V>
class RowMembers<std::tuple<V...>> {
public:
    static std::vector<StoredMember> get() {
        const std::tuple<V...> row{};
        return std::apply(
            [&row](const V&... value) { return std::vector<StoredMember>{stored_member(row, value)...}; }, row);
    }
};

/// What is known of rows of type R; made once.
template <class R>
const RowType& row_type() {
    static const RowType type{
        [](void* rows) -> void* { return &static_cast<std::vector<R>*>(rows)->emplace_back(); }, RowMembers<R>::get()};
    return type;
}
using RowTypeFunction = const RowType& (*)();

}  // namespace tandem::orm

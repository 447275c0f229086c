/// Loader options: which relations a query brings along.
///
///     Post::select().options(selectinload(Post::c.user),
///     selectinload(Post::c.flags).options(selectinload(Flag::c.user)))
///
/// Contract: `selectinload` runs one more SELECT for all objects of the result (per 500 keys), whatever LIMIT says.
/// `raiseload` makes access an error, `noload` leaves the relation unread, `lazyload` restores loading on access.
#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <tandem/orm/column.hpp>
#include <tandem/orm/options.hpp>

namespace tandem::orm {

struct LoadPlan {
    const Relation* relation;
    Loading loading;
    std::vector<LoadPlan> nested{};
};

/// A loader option of a query over T that leads to Target.
template <class T, class Target>
struct Loader {
    LoadPlan plan;
    /// Options for the objects that this relation brings.
    template <class... Models, class... More>
    Loader options(Loader<Models, More>... more) && {
        static_assert((std::same_as<Models, Target> && ...),
            "tandem: this loader starts from another model than its relation leads to");
        (plan.nested.push_back(std::move(more.plan)), ...);
        return std::move(*this);
    }
};

template <RelationProxy C>
auto loader(C, Loading loading) {
    return Loader<typename C::tandem_model, typename C::tandem_target>{{&C::relation(), loading, {}}};
}
template <RelationProxy C>
auto selectinload(C relation) {
    return loader(relation, Loading::selectin);
}
template <RelationProxy C>
auto lazyload(C relation) {
    return loader(relation, Loading::select);
}
template <RelationProxy C>
auto raiseload(C relation) {
    return loader(relation, Loading::raise);
}
template <RelationProxy C>
auto noload(C relation) {
    return loader(relation, Loading::noload);
}

}  // namespace tandem::orm

// Where a session's objects came from: what a query asked for also holds when they load more later, and lazy loads in a
// loop over one result are noticed.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <vector>

#include <tandem/orm/loader.hpp>
#include <tandem/orm/ref.hpp>

namespace tandem::orm {

/// A query, or a relation through which objects of another origin led to more.
struct Origin {
    struct LazyLoads {
        const Relation* relation;
        std::size_t count;
    };
    struct Child {
        const Relation* relation;
        std::uint32_t origin;
    };
    std::shared_ptr<const LoadOptions> options{};  ///< of the query; null: none
    const std::vector<LoadPlan>* plans = nullptr;  ///< part of them: for relations of these objects; or null
    std::source_location place{};                  ///< of the query
    std::uint32_t parent = 0;
    const Relation* relation = nullptr;  ///< that led here; null: the query's own objects
    std::vector<LazyLoads> lazy_loads{};
    std::vector<Child> children{};
};

constexpr unsigned origin_shift = 16;
constexpr std::size_t most_origins = 0xffff;

/// The number of the object's origin in its session; 0: none.
[[nodiscard]] inline std::uint32_t origin_of(const Node* node) { return node->flags >> origin_shift; }

}  // namespace tandem::orm

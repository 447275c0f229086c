// What a session has done since its last commit, so that a rollback, to a savepoint or of everything, can set objects
// back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <tandem/orm/ref.hpp>

namespace tandem::orm {

/// A change of a relation in memory.
struct RelationChange {
    static constexpr std::size_t not_listed = static_cast<std::size_t>(-1);
    enum class Kind : std::uint8_t {
        target,   ///< a One with the foreign key was set; `other` is what it led to before
        linked,   ///< `other` was added to a collection with a link table
        unlinked  ///< `other` was taken out of one
    };
    Node* owner;
    const Relation* relation;
    Node* other;
    std::size_t position;  ///< in the collection (of `other`, for `target`) before, for `linked` after
    Kind kind = Kind::target;
    bool was_loaded = true;
    bool mirrored = false;  ///< the other side's change: the link's row is not this collection's to write
};

/// A collection's changes that were written to its link table.
struct WrittenLinks {
    Node* owner;
    const Relation* relation;
    std::vector<Node*> before;
};

struct Insertion {
    Node* node;
    bool generated_key;
};

struct UndoLog {
    std::vector<RelationChange> relations{};
    std::vector<WrittenLinks> links{};
    std::vector<Insertion> inserted{};
    std::vector<Node*> updated{};
    std::vector<Node*> erased{};
    // Read while unsealed writes were there, so what was read may be undone with them:
    std::vector<Node*> read{};
    std::vector<std::pair<Node*, const Relation*>> collections{};

    [[nodiscard]] bool empty() const {
        return relations.empty() && links.empty() && inserted.empty() && updated.empty() && erased.empty() &&
            read.empty() && collections.empty();
    }
    /// A moment in the log.
    struct Mark {
        std::size_t relations = 0;
        std::size_t links = 0;
        std::size_t inserted = 0;
        std::size_t updated = 0;
        std::size_t erased = 0;
        std::size_t read = 0;
        std::size_t collections = 0;
    };
    [[nodiscard]] Mark mark() const {
        return {relations.size(), links.size(), inserted.size(), updated.size(), erased.size(), read.size(),
            collections.size()};
    }
    /// Takes out what came after a moment.
    [[nodiscard]] UndoLog take_after(const Mark& mark) {
        const auto split = [](auto& from, std::size_t at) {
            const auto first = from.begin() + static_cast<std::ptrdiff_t>(std::min(at, from.size()));
            std::remove_cvref_t<decltype(from)> part{
                std::make_move_iterator(first), std::make_move_iterator(from.end())};
            from.erase(first, from.end());
            return part;
        };
        return {split(relations, mark.relations), split(links, mark.links), split(inserted, mark.inserted),
            split(updated, mark.updated), split(erased, mark.erased), split(read, mark.read),
            split(collections, mark.collections)};
    }
    /// Forgets an object that leaves the session.
    void forget(const Node* node) {
        std::erase_if(relations, [node](const RelationChange& c) {
            return c.owner == node || (c.kind != RelationChange::Kind::target && c.other == node);
        });
        std::erase_if(links, [node](const WrittenLinks& w) { return w.owner == node; });
    }
};

}  // namespace tandem::orm

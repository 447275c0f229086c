// Objects of a stream leave the session when nobody holds them, so that a long stream needs the memory of a batch.
#include "session_core.hpp"

namespace tandem::orm {

void SessionCore::let_go(std::uint32_t from) {
    // What a rollback would set back has to stay.
    if (from == 0 || !undo_.empty()) return;
    // Looking at all objects of the session pays when there are many new ones.
    if (graph_->nodes < 2 * kept_nodes_) return;

    std::vector<bool> is_streamed(origins_.size() + 1);
    for (std::size_t i = from; i <= origins_.size(); ++i)
        is_streamed[i] = i == from || is_streamed[origins_[i - 1]->parent];

    std::vector<Node*> candidates;
    std::vector<Node*> kept;
    const auto keep = [&kept](Node* node) {
        if ((node->flags & Node::marked) != 0) return;
        node->flags |= Node::marked;
        kept.push_back(node);
    };
    graph_->each([&](Node* node) {
        constexpr std::uint32_t stored = Node::held | Node::persistent;
        constexpr std::uint32_t busy = Node::pending | Node::deleted | Node::removing;
        const bool may_go = node->handles == 0 && (node->flags & (stored | busy)) == stored &&
            origin_of(node) < is_streamed.size() && is_streamed[origin_of(node)] && !is_changed(node);
        if (may_go) candidates.push_back(node);
        else keep(node);
    });
    for (std::size_t i = 0; i < kept.size(); ++i) {
        each_related(kept[i], keep);
        each_taken_out(kept[i], keep);
    }

    std::erase_if(candidates, [](const Node* node) { return (node->flags & Node::marked) != 0; });
    const auto goes = [](const Node* node) { return (node->flags & Node::marked) == 0; };
    std::erase_if(touched_, goes);
    std::erase_if(recent_, goes);
    for (Node* node : candidates) forget(node);
    for (Node* node : kept) node->flags &= ~std::uint32_t{Node::marked};
    graph_->discard(candidates);
    kept_nodes_ = graph_->nodes;
}

}  // namespace tandem::orm

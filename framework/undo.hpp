// The last committed image of a state, and setting the state back to it.
#pragma once

#include <string>
#include <vector>

#include <tandem/framework/state.hpp>

namespace tandem {

/// What a state was after its last step: its vars, and every model object that they lead to through loaded relations.
/// Holds handles to these objects, and sets them back in place, so that other states that show the same objects see
/// them restored too.
class UndoImage {
public:
    UndoImage() = default;
    UndoImage(const UndoImage&) = delete;
    UndoImage& operator=(const UndoImage&) = delete;
    UndoImage(UndoImage&& other) noexcept;
    UndoImage& operator=(UndoImage&& other) noexcept;
    ~UndoImage();

    [[nodiscard]] static UndoImage of(const StateClass& state_class, const StateBase& state);
    void restore(const StateClass& state_class, StateBase& state) const;
    /// Whether the state leads to model objects, which others may change.
    [[nodiscard]] bool has_objects() const { return !nodes_.empty(); }

private:
    std::string vars_{};
    std::string objects_{};
    std::vector<orm::Node*> nodes_{};  ///< retained
};

}  // namespace tandem

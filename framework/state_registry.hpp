// The registered classes of states. Filled while static objects are made, read-only afterwards.
#pragma once

#include <deque>

#include <tandem/framework/state.hpp>

namespace tandem {

[[nodiscard]] const std::deque<StateClass>& state_classes();
/// Throws one MappingError that lists everything wrong with the states, if anything is.
void check_states();

}  // namespace tandem

#include <tandem/framework/state.hpp>

#include "state_registry.hpp"

namespace tandem {
namespace {

struct Registry {
    std::deque<StateClass> classes{};  // a deque keeps addresses
    std::vector<std::string> errors{};
};
Registry& registry() {
    static Registry instance;
    return instance;
}

}  // namespace

StateSet& StateBase::state_set() const {
    if (!set_)
        throw InvalidStateError(
            "get_state() needs a state that belongs to a client; one made by hand has no neighbours");
    return *set_;
}

StateClass& register_state_class(const void* tag, const char* class_name, std::unique_ptr<StateBase> (*make)()) {
    std::string_view name = class_name;
    if (const auto colon = name.rfind(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
    return registry().classes.emplace_back(
        StateClass{.name = orm::snake_case(name), .class_name = class_name, .tag = tag, .make = make});
}

void report_state_error(const char* class_name, const char* member, const char* text) {
    registry().errors.push_back(std::string{class_name} + "." + member + ": " + text);
}

const std::deque<StateClass>& state_classes() { return registry().classes; }

void check_states() {
    std::vector<std::string> errors = registry().errors;
    const auto& classes = registry().classes;
    for (std::size_t i = 0; i < classes.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (classes[i].name == classes[j].name)
                errors.push_back(std::string{classes[j].class_name} + " and " + classes[i].class_name +
                    " are both state \"" + classes[i].name + "\"");
    if (errors.empty()) return;
    std::string text =
        "the states have " + std::to_string(errors.size()) + (errors.size() == 1 ? " error:" : " errors:");
    for (const std::string& error : errors) text += "\n  " + error;
    throw MappingError(text);
}

}  // namespace tandem

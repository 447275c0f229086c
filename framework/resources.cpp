#include <map>

#include <tandem/framework/resources.hpp>

namespace tandem {
namespace {

std::map<std::string_view, std::vector<Resource>>& registry() {
    static std::map<std::string_view, std::vector<Resource>> instance;
    return instance;
}

}  // namespace

bool register_resources(std::string_view app_name, std::vector<Resource> resources) {
    auto& of_app = registry()[app_name];
    of_app.insert(of_app.end(), resources.begin(), resources.end());
    return true;
}

const std::vector<Resource>& resources_of(std::string_view app_name) {
    static const std::vector<Resource> none;
    const auto found = registry().find(app_name);
    return found == registry().end() ? none : found->second;
}

}  // namespace tandem

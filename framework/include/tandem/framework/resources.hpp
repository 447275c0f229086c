/// Files embedded in a binary: an app's pages and assets (by tandem_app()), and the browser client.
///
/// Registered while static objects are made, read-only afterwards. Pitfall: two apps of one name share their files.
#pragma once

#include <string_view>
#include <vector>

namespace tandem {

struct Resource {
    enum class Kind { page, asset };
    Kind kind;
    std::string_view path;    ///< as requested, e.g. "/" or "/assets/app.css"
    std::string_view source;  ///< the file it was made from, for development
    std::string_view content;
};

/// Registers files for the app of this name; used by generated code.
bool register_resources(std::string_view app_name, std::vector<Resource> resources);
/// The files of an app; empty when none were registered.
[[nodiscard]] const std::vector<Resource>& resources_of(std::string_view app_name);

}  // namespace tandem

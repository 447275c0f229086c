/// Declares `tandem::Json`, the JSON value that users touch, without its cost. Include <tandem/json.hpp> where you look
/// inside one.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tandem {

using Json = nlohmann::json;

}  // namespace tandem

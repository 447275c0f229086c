/// `tandem::Json`, complete: for code that reads or builds JSON values (a model's dict(), a handler that takes any
/// form).
///
///     tandem::Json Post::dict() const { auto d = Model::dict(); d["title"] = "…"; return d; }
#pragma once

#include <nlohmann/json.hpp>  // IWYU pragma: export

#include <tandem/orm/json_fwd.hpp>

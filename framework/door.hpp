// Who may talk to the app: the rule over the headers Host and Origin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem {

/// Whether a browser may reach the app under this Host: an IP address, localhost, a name under .localhost or .local, or
/// a configured name; with or without a port. Other names could be somebody else's domain that resolves to this machine
/// (DNS rebinding).
[[nodiscard]] bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed);

/// Whether an Origin ("http://name:port") is the page of this Host, compared whole. An absent Origin is not.
[[nodiscard]] bool is_same_origin(std::string_view origin, std::string_view host);

}  // namespace tandem

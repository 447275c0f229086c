// EXPECT: tandem: this option's function returns another type than the member's
#include "models.hpp"

inline std::string name() { return "x"; }
struct Named : tandem::Model<Named> {
    std::optional<std::int64_t> number{};
    TANDEM_MODEL(Named, (number, default_value(name)))
};

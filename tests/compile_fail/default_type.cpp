// EXPECT: tandem: this option's value has another type than the member
// LINES: 48
#include "models.hpp"

struct Shape : tandem::Model<Shape> {
    std::optional<int> corners{};
    TANDEM_MODEL(Shape, (corners, default_value("four")))
};

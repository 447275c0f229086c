// EXPECT: tandem: a column cannot be a std::optional of a std::optional; NULL is one value
// LINES: 48
#include "models.hpp"

struct Shape : tandem::Model<Shape> {
    std::optional<std::optional<int>> corners{};
    TANDEM_MODEL(Shape, corners)
};

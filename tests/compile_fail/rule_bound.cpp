// EXPECT: tandem: min() and max() take a value that the member can be compared with
// LINES: 48
#include "models.hpp"

struct Shape : tandem::Model<Shape> {
    std::optional<tandem::Date> made{};
    TANDEM_MODEL(Shape, (made, min("2000-01-01")))
};

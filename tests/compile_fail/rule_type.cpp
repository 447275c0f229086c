// EXPECT: tandem: min_length(), max_length(), pattern() and email are for texts
// LINES: 48
#include "models.hpp"

struct Shape : tandem::Model<Shape> {
    int corners = 0;
    TANDEM_MODEL(Shape, (corners, min_length(3)))
};

// EXPECT: tandem: a column cannot hold this member's type; specialise tandem::Codec for it
// LINES: 45
#include "models.hpp"

struct Shape : tandem::Model<Shape> {
    std::vector<int> corners;
    TANDEM_MODEL(Shape, corners)
};

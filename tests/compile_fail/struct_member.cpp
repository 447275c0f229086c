// EXPECT: tandem: a column cannot hold this member's type; specialise tandem::Codec for it
#include "models.hpp"

struct Point {
    double x = 0;
};
struct Placed : tandem::Model<Placed> {
    Point at{};
    TANDEM_MODEL(Placed, at)
};

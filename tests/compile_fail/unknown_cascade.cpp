// EXPECT: cascade_all
#include "models.hpp"

struct Shelf : tandem::Model<Shelf> {
    tandem::Many<Post> posts{};
    TANDEM_MODEL(Shelf, (posts, cascade_all))
};

// EXPECT: eager
#include "models.hpp"

struct Shelf : tandem::Model<Shelf> {
    tandem::Many<Post> posts{};
    TANDEM_MODEL(Shelf, (posts, lazy(eager)))
};

// EXPECT: tandem: a column cannot hold this member's type; specialise tandem::Codec for it
#include "models.hpp"

struct Linked : tandem::Model<Linked> {
    Linked* next = nullptr;
    TANDEM_MODEL(Linked, next)
};

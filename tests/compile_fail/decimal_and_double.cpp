// EXPECT: tandem: this column cannot be compared with a value of that type
// LINES: 20
#include "models.hpp"

struct Item : tandem::Model<Item> {
    tandem::Decimal<10, 2> price{};
    TANDEM_MODEL(Item, price)
};
auto query() { return Item::select().where(Item::c.price == 1.5); }

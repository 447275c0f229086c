// EXPECT: tandem: this column cannot be compared with a value of that type
// LINES: 20
#include "models.hpp"

enum class Color { red, blue };
TANDEM_ENUM(Color, red, blue)
struct Item : tandem::Model<Item> {
    Color color = Color::red;
    TANDEM_MODEL(Item, color)
};
auto query() { return Item::select().where(Item::c.color == "red"); }

// EXPECT: tandem: this column cannot be compared with a value of that type
// LINES: 20
#include "models.hpp"

struct Event : tandem::Model<Event> {
    std::optional<tandem::Timestamp> at{};
    TANDEM_MODEL(Event, at)
};
auto query() { return Event::select().where(Event::c.at == "2026-01-01"); }

// EXPECT: tandem: check() takes a function of the member's value
#include "models.hpp"

inline bool is_even(std::int64_t number) { return number % 2 == 0; }
struct Rule : tandem::Model<Rule> {
    std::string text;
    TANDEM_MODEL(Rule, (text, check(is_even)))
};

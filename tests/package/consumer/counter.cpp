#include <tandem/tandem.hpp>

struct Counter : tandem::State<Counter> {
    std::int64_t count = 0;
    void add(std::int64_t n) { count += n; }
    TANDEM_STATE(Counter, count, add)
};

int main(int argc, char** argv) { return tandem::App({.app_name = "counter", .db_url = ""}).run(argc, argv); }

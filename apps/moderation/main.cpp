// The moderation board: posts, their flags and the users behind them. Run it with `moderation run`.
#include <tandem/tandem.hpp>

#include "sample_data.hpp"
#include "states.hpp"

int main(int argc, char** argv) {
    tandem::App app({.app_name = "moderation", .db_url = "sqlite:///moderation.db"});
    app.on_start([](tandem::Database& database) { fill_if_empty(database); });
    return app.run(argc, argv);
}

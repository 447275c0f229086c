// EXPECT: tandem: SQL integers are signed; convert this value yourself
#include "models.hpp"

void run(tandem::Session& session, std::uint64_t id) {
    session.execute("DELETE FROM user WHERE id = :id", {{"id", id}});
}

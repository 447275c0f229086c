// EXPECT: tandem_transactions_belong_to_the_session
// LINES: 20
#include "models.hpp"

void run(tandem::Session& session) { (void)session.execute("-- a comment before it\nCOMMIT"); }

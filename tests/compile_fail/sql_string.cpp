// EXPECT: tandem: SQL text must be a string literal; bind values with :name, or say unchecked_sql(text)
// LINES: 20
#include "models.hpp"

void run(tandem::Session& session, const std::string& name) { (void)session.execute("SELECT '" + name + "'"); }

/// Something to moderate: 40 users, 200 posts and 600 flags, the same at every run.
#pragma once

#include <tandem/orm.hpp>

/// Fills the tables, in one transaction, if all of them are empty.
void fill_if_empty(tandem::Database& database);

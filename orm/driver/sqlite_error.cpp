#include "driver/sqlite_error.hpp"

#include <string>

#include <sqlite3.h>

#include <tandem/orm/error.hpp>

namespace tandem::orm {

bool spoils_connection(int code) {
    switch (code & 0xff) {
        case SQLITE_CANTOPEN:
        case SQLITE_CORRUPT:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_NOMEM:
        case SQLITE_NOTADB: return true;
        default: return false;
    }
}

namespace {

/// What a broken constraint means to who wrote the row.
const char* constraint_advice(int extended) {
    switch (extended) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return "another row has this value already; choose another one, or change that row (on_conflict() does so)";
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return "a row refers to one that is not there, or is deleted while others refer to it; store what it "
                   "refers "
                   "to first, and delete or release what refers to it before it goes";
        case SQLITE_CONSTRAINT_NOTNULL: return "a column that must have a value has none; give it one";
        case SQLITE_CONSTRAINT_CHECK: return "a check of the table refuses the values";
        default: return "a constraint of the database refuses this";
    }
}

}  // namespace

void throw_sqlite(sqlite3* db, int code, std::string_view sql) {
    const int extended = db ? sqlite3_extended_errcode(db) : code;
    std::string text = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    if (!sql.empty()) text += " in: " + std::string{sql};
    switch (extended & 0xff) {
        case SQLITE_CONSTRAINT: throw IntegrityError(std::string{constraint_advice(extended)} + " (" + text + ")");
        case SQLITE_BUSY:
            // In a transaction that has read, waiting would not help: what it read is no longer the newest.
            if (extended == SQLITE_BUSY_SNAPSHOT || (db && sqlite3_txn_state(db, nullptr) == SQLITE_TXN_READ))
                throw Conflict("another session wrote after this one had read; run it again, opened with "
                               "session(tandem::write) when it is going to write (" +
                    text + ")");
            throw OperationalError(
                "the database is locked by another program, and stayed so up to the busy timeout; try again (" + text +
                ")");
        case SQLITE_FULL: throw OperationalError("the disk is full; free space and try again (" + text + ")");
        case SQLITE_READONLY:
            throw OperationalError(
                "the database file or its folder cannot be written; check its permissions (" + text + ")");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw OperationalError(
                "the file is damaged or not a SQLite database; restore it from a backup (" + text + ")");
        case SQLITE_IOERR:
            throw OperationalError("the disk or file system failed; nothing of this transaction is stored. Check the "
                                   "disk and try again (" +
                text + ")");
        case SQLITE_CANTOPEN:
            throw OperationalError("the database file, or one that belongs to it, cannot be opened; check that its "
                                   "folder exists and can be written (" +
                text + ")");
        case SQLITE_NOMEM: throw OperationalError("the database ran out of memory (" + text + ")");
        case SQLITE_ERROR:
        case SQLITE_MISMATCH:
        case SQLITE_RANGE:
        case SQLITE_TOOBIG:
            if (text.find("no such table") != text.npos || text.find("no such column") != text.npos ||
                text.find("has no column named") != text.npos)
                text = "the database does not have what the models name; create_tables() makes missing tables, a "
                       "migration changes one that is there (" +
                    text + ")";
            throw SqlError(text);
        default: throw OperationalError(text);
    }
}

}  // namespace tandem::orm

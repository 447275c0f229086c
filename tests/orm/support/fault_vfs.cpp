#include "support/fault_vfs.hpp"

#include <cstring>
#include <mutex>
#include <new>

#include <sqlite3.h>

namespace {

struct State {
    std::mutex mutex{};
    bool armed = false;
    bool fired = false;
    int seen = 0;
    FaultPlan plan{};
};
State& state() {
    static State instance;
    return instance;
}
sqlite3_vfs* real_vfs = nullptr;

/// The code that an operation fails with, or SQLITE_OK.
int fault(unsigned operation, const std::string& file) {
    State& s = state();
    const std::lock_guard lock{s.mutex};
    if (!s.armed || (s.plan.operations & operation) == 0 || file.find(s.plan.file) == file.npos) return SQLITE_OK;
    ++s.seen;
    if (s.seen < s.plan.nth || (s.seen > s.plan.nth && !s.plan.from_then_on)) return SQLITE_OK;
    s.fired = true;
    return s.plan.code;
}

struct FaultFile {
    sqlite3_file base;  // first: SQLite sees only this
    sqlite3_io_methods methods;
    std::string* name;
    sqlite3_file* real;  // follows in memory
};
FaultFile& of(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return of(file).real; }
const std::string& name(sqlite3_file* file) { return *of(file).name; }

template <class F>
int unless_fault(sqlite3_file* file, unsigned operation, F f) {
    const int code = fault(operation, name(file));
    return code != SQLITE_OK ? code : f(real(file));
}

void fill_methods(sqlite3_io_methods& m, int version) {
    std::memset(&m, 0, sizeof m);
    m.iVersion = version < 2 ? version : 2;  // without memory-mapped reads
    m.xClose = [](sqlite3_file* f) {
        delete of(f).name;
        return real(f)->pMethods->xClose(real(f));
    };
    m.xRead = [](sqlite3_file* f, void* to, int count, sqlite3_int64 at) {
        return unless_fault(f, fail_read, [&](sqlite3_file* r) { return r->pMethods->xRead(r, to, count, at); });
    };
    m.xWrite = [](sqlite3_file* f, const void* from, int count, sqlite3_int64 at) {
        return unless_fault(f, fail_write, [&](sqlite3_file* r) { return r->pMethods->xWrite(r, from, count, at); });
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
        return unless_fault(f, fail_truncate, [&](sqlite3_file* r) { return r->pMethods->xTruncate(r, size); });
    };
    m.xSync = [](sqlite3_file* f, int flags) {
        return unless_fault(f, fail_sync, [&](sqlite3_file* r) { return r->pMethods->xSync(r, flags); });
    };
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
        return unless_fault(f, fail_size, [&](sqlite3_file* r) { return r->pMethods->xFileSize(r, size); });
    };
    m.xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); };
    m.xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
        return real(f)->pMethods->xCheckReservedLock(real(f), out);
    };
    m.xFileControl = [](sqlite3_file* f, int op, void* data) {
        return real(f)->pMethods->xFileControl(real(f), op, data);
    };
    m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int count, int flags) {
        return real(f)->pMethods->xShmLock(real(f), offset, count, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); };
}

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* base, int flags, int* out_flags) {
    FaultFile& file = of(base);
    file.base.pMethods = nullptr;
    const std::string path_text = path ? path : "";
    if (const int code = fault(fail_open, path_text); code != SQLITE_OK) return code;
    {
        const std::lock_guard lock{state().mutex};
        if (state().armed && state().plan.read_only && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
            flags &= ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
            flags |= SQLITE_OPEN_READONLY;
        }
    }
    file.real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(base) + sizeof(FaultFile));
    const int code = real_vfs->xOpen(real_vfs, path, file.real, flags, out_flags);
    if (!file.real->pMethods) return code;
    file.name = new std::string{path_text};
    fill_methods(file.methods, file.real->pMethods->iVersion);
    file.base.pMethods = &file.methods;
    return code;
}

}  // namespace

void Faults::install() {
    static const bool done = [] {
        real_vfs = sqlite3_vfs_find(nullptr);
        static sqlite3_vfs vfs = *real_vfs;
        vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + real_vfs->szOsFile;
        vfs.zName = "faults";
        vfs.pNext = nullptr;
        vfs.xOpen = open_file;
        return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
    }();
    (void)done;
}

Faults::Faults(const FaultPlan& plan) {
    install();
    State& s = state();
    const std::lock_guard lock{s.mutex};
    s.plan = plan;
    s.seen = 0;
    s.fired = false;
    s.armed = true;
}
Faults::~Faults() {
    const std::lock_guard lock{state().mutex};
    state().armed = false;
}
bool Faults::fired() {
    const std::lock_guard lock{state().mutex};
    return state().fired;
}

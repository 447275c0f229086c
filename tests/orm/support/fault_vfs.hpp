// A disk that fails on command: a VFS of SQLite between it and the real one.
#pragma once

#include <string>

/// The operations that can fail, to be combined.
enum : unsigned {
    fail_open = 1,
    fail_read = 2,
    fail_write = 4,
    fail_sync = 8,
    fail_truncate = 16,
    fail_size = 32,
};

/// What fails while a Faults lives: from the `nth` matching operation on files whose path contains `file` on, that one
/// or all that follow too.
struct FaultPlan {
    unsigned operations = 0;
    int nth = 1;
    int code = 0;  ///< SQLite's
    bool from_then_on = false;
    std::string file{};
    bool read_only = false;  ///< database files open for reading only
};

/// SQLite files opened by this program while one lives, or after the first one lived, obey its plan.
class Faults {
public:
    explicit Faults(const FaultPlan& plan);
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;
    ~Faults();
    /// Whether the plan's operation came.
    [[nodiscard]] static bool fired();
    /// Puts the VFS in place, so that files opened from now on can fail later.
    static void install();
};

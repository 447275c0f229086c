#include "driver/sqlite_memory.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <sqlite3.h>

namespace tandem::orm {
namespace {

constexpr std::size_t block_size = 1024;
constexpr const char* vfs_name = "tandem-memory";

using Version = std::uint64_t;

/// A piece of the database as one commit left it, and behind it what it was before.
struct Block {
    Version version = 0;
    std::unique_ptr<Block> older{};
    std::array<char, block_size> bytes{};
};

}  // namespace

/// The contents, and who reads which version of them. One connection writes at a time; what it writes gets the next
/// version and is shown when it unlocks.
class MemoryStore {
public:
    struct Reader {
        Version version = 0;
        std::int64_t size = 0;
    };

    void begin_read(Reader& reader) {
        const std::lock_guard lock{mutex_};
        reader = {current_, size_};
        readers_.push_back(&reader);
    }
    void end_read(Reader& reader) {
        const std::lock_guard lock{mutex_};
        std::erase(readers_, &reader);
        forget();
    }
    int begin_write(Reader& reader) {
        const std::lock_guard lock{mutex_};
        if (writer_ && writer_ != &reader) return SQLITE_BUSY;
        if (reader.version != current_) return SQLITE_BUSY_SNAPSHOT;
        writer_ = &reader;
        return SQLITE_OK;
    }
    void end_write(Reader& reader) {
        const std::lock_guard lock{mutex_};
        if (writer_ != &reader) return;
        writer_ = nullptr;
        if (!written_.empty()) {
            ++current_;
            history_.push_back({current_, std::exchange(written_, {})});
        }
        size_ = new_size_;
        reader = {current_, size_};
        forget();
    }
    [[nodiscard]] bool is_writing() {
        const std::lock_guard lock{mutex_};
        return writer_ != nullptr;
    }
    [[nodiscard]] std::int64_t size_for(const Reader& reader) {
        const std::lock_guard lock{mutex_};
        return writer_ == &reader ? new_size_ : reader.size;
    }

    /// Reads what the reader may see; false when the database ends before, the rest being zeros.
    bool read(const Reader& reader, char* to, std::size_t count, std::int64_t offset) {
        const std::lock_guard lock{mutex_};
        const bool own = writer_ == &reader;
        const std::int64_t end = own ? new_size_ : reader.size;
        const Version version = own ? current_ + 1 : reader.version;
        const bool whole = offset + static_cast<std::int64_t>(count) <= end;
        if (!whole) {
            std::memset(to, 0, count);
            count = offset < end ? static_cast<std::size_t>(end - offset) : 0;
        }
        in_pieces(offset, count, [&](std::size_t index, std::size_t from, std::size_t length) {
            const Block* block = index < blocks_.size() ? blocks_[index].get() : nullptr;
            while (block && block->version > version) block = block->older.get();
            if (block) std::memcpy(to, block->bytes.data() + from, length);
            else std::memset(to, 0, length);
            to += length;
        });
        return whole;
    }
    void write(const char* from, std::size_t count, std::int64_t offset) {
        const std::lock_guard lock{mutex_};
        in_pieces(offset, count, [&](std::size_t index, std::size_t at, std::size_t length) {
            std::memcpy(block_to_write(index, length < block_size).bytes.data() + at, from, length);
            from += length;
        });
        new_size_ = std::max(new_size_, offset + static_cast<std::int64_t>(count));
    }
    void truncate(std::int64_t size) {
        const std::lock_guard lock{mutex_};
        new_size_ = std::min(new_size_, size);
    }

private:
    struct Commit {
        Version version;
        std::vector<std::size_t> blocks;
    };

    template <class F>
    static void in_pieces(std::int64_t offset, std::size_t count, F f) {
        auto at = static_cast<std::size_t>(offset);
        while (count > 0) {
            const std::size_t from = at % block_size;
            const std::size_t length = std::min(count, block_size - from);
            f(at / block_size, from, length);
            at += length;
            count -= length;
        }
    }
    Block& block_to_write(std::size_t index, bool keeps_rest) {
        if (index >= blocks_.size()) blocks_.resize(index + 1);
        std::unique_ptr<Block>& block = blocks_[index];
        if (block && block->version == current_ + 1) return *block;
        written_.push_back(index);
        std::unique_ptr<Block> fresh = new_block();
        if (keeps_rest) {
            if (block) fresh->bytes = block->bytes;
            else fresh->bytes.fill(0);
        }
        fresh->version = current_ + 1;
        fresh->older = std::move(block);
        block = std::move(fresh);
        return *block;
    }
    std::unique_ptr<Block> new_block() {
        if (spare_.empty()) return std::make_unique<Block>();
        std::unique_ptr<Block> block = std::move(spare_.back());
        spare_.pop_back();
        return block;
    }
    /// Frees what nobody can read any more: what a commit replaced, once every reader began after it.
    void forget() {
        Version oldest = current_;
        for (const Reader* reader : readers_) oldest = std::min(oldest, reader->version);
        for (; !history_.empty() && history_.front().version <= oldest; history_.pop_front())
            for (const std::size_t index : history_.front().blocks) forget_older(index, history_.front().version);
    }
    void forget_older(std::size_t index, Version version) {
        Block* block = blocks_[index].get();
        while (block && block->version > version) block = block->older.get();
        // Commits are forgotten in order, so nothing older is behind what this one replaced.
        if (!block || !block->older) return;
        if (spare_.size() < 64) spare_.push_back(std::move(block->older));
        else block->older.reset();
    }

    std::mutex mutex_{};
    Version current_ = 0;
    std::int64_t size_ = 0;      ///< as committed
    std::int64_t new_size_ = 0;  ///< as the writer has it
    std::vector<std::unique_ptr<Block>> blocks_{};
    std::vector<std::size_t> written_{};  ///< blocks of the version being written
    std::deque<Commit> history_{};        ///< commits that some reader began before
    std::vector<const Reader*> readers_{};
    const Reader* writer_ = nullptr;
    std::vector<std::unique_ptr<Block>> spare_{};
};

namespace {

/// The stores by the names that connections open.
class Stores {
public:
    std::string add(const std::shared_ptr<MemoryStore>& store) {
        const std::lock_guard lock{mutex_};
        std::erase_if(stores_, [](const auto& named) { return named.second.expired(); });
        std::string name = "/" + std::to_string(++count_);
        stores_.emplace(name, store);
        return name;
    }
    std::shared_ptr<MemoryStore> find(const char* name) {
        const std::lock_guard lock{mutex_};
        const auto found = name ? stores_.find(name) : stores_.end();
        return found == stores_.end() ? nullptr : found->second.lock();
    }

private:
    std::mutex mutex_{};
    unsigned long count_ = 0;
    std::map<std::string, std::weak_ptr<MemoryStore>> stores_{};
};
Stores& stores() {
    static Stores instance;
    return instance;
}

/// What SQLite has in place of a file.
struct MemoryFile {
    sqlite3_file base;  // first: SQLite sees only this
    std::shared_ptr<MemoryStore> store;
    MemoryStore::Reader reader;
    int lock = SQLITE_LOCK_NONE;
};
MemoryFile& file_of(sqlite3_file* file) { return *reinterpret_cast<MemoryFile*>(file); }

/// No exception may pass through SQLite.
template <class F>
int guarded(F f) noexcept {
    try {
        return f();
    } catch (...) { return SQLITE_IOERR_NOMEM; }
}

int unlock_file(sqlite3_file* base, int level) {
    MemoryFile& file = file_of(base);
    return guarded([&] {
        if (file.lock > SQLITE_LOCK_SHARED && level <= SQLITE_LOCK_SHARED) file.store->end_write(file.reader);
        if (file.lock >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE) file.store->end_read(file.reader);
        file.lock = std::min(file.lock, level);
        return SQLITE_OK;
    });
}
int lock_file(sqlite3_file* base, int level) {
    MemoryFile& file = file_of(base);
    return guarded([&] {
        if (file.lock >= level) return SQLITE_OK;
        if (file.lock == SQLITE_LOCK_NONE) {
            file.store->begin_read(file.reader);
            file.lock = SQLITE_LOCK_SHARED;
        }
        if (level > SQLITE_LOCK_SHARED && file.lock == SQLITE_LOCK_SHARED)
            if (const int code = file.store->begin_write(file.reader); code != SQLITE_OK) return code;
        file.lock = level;
        return SQLITE_OK;
    });
}
int close_file(sqlite3_file* base) {
    unlock_file(base, SQLITE_LOCK_NONE);
    file_of(base).~MemoryFile();
    return SQLITE_OK;
}
int read_file(sqlite3_file* base, void* to, int count, sqlite3_int64 offset) {
    return guarded([&] {
        MemoryFile& file = file_of(base);
        return file.store->read(file.reader, static_cast<char*>(to), static_cast<std::size_t>(count), offset)
            ? SQLITE_OK
            : SQLITE_IOERR_SHORT_READ;
    });
}
int write_file(sqlite3_file* base, const void* from, int count, sqlite3_int64 offset) {
    return guarded([&] {
        file_of(base).store->write(static_cast<const char*>(from), static_cast<std::size_t>(count), offset);
        return SQLITE_OK;
    });
}
int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
    file_of(base).store->truncate(size);
    return SQLITE_OK;
}
int file_size(sqlite3_file* base, sqlite3_int64* size) {
    MemoryFile& file = file_of(base);
    *size = file.store->size_for(file.reader);
    return SQLITE_OK;
}
int check_reserved_lock(sqlite3_file* base, int* is_reserved) {
    *is_reserved = file_of(base).store->is_writing() ? 1 : 0;
    return SQLITE_OK;
}

const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods table = [] {
        sqlite3_io_methods m{};
        m.iVersion = 1;
        m.xClose = close_file;
        m.xRead = read_file;
        m.xWrite = write_file;
        m.xTruncate = truncate_file;
        m.xSync = [](sqlite3_file*, int) { return SQLITE_OK; };
        m.xFileSize = file_size;
        m.xLock = lock_file;
        m.xUnlock = unlock_file;
        m.xCheckReservedLock = check_reserved_lock;
        m.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
        m.xSectorSize = [](sqlite3_file*) { return int{block_size}; };
        m.xDeviceCharacteristics = [](sqlite3_file*) {
            return SQLITE_IOCAP_ATOMIC | SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SAFE_APPEND |
                SQLITE_IOCAP_SEQUENTIAL;
        };
        return m;
    }();
    return table;
}

int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* base, int flags, int* out_flags) {
    return guarded([&] {
        base->pMethods = nullptr;
        auto store = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? stores().find(name) : nullptr;
        if (!store) return SQLITE_CANTOPEN;
        ::new (static_cast<void*>(base)) MemoryFile{{&methods()}, std::move(store), {}, SQLITE_LOCK_NONE};
        if (out_flags) *out_flags = flags | SQLITE_OPEN_MEMORY;
        return SQLITE_OK;
    });
}

/// Time and randomness are the system's.
sqlite3_vfs* make_vfs() {
    static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
    vfs.iVersion = 2;  // without the calls of version 3
    vfs.szOsFile = sizeof(MemoryFile);
    vfs.pNext = nullptr;
    vfs.zName = vfs_name;
    vfs.xOpen = open_file;
    vfs.xDelete = [](sqlite3_vfs*, const char*, int) { return SQLITE_OK; };
    vfs.xAccess = [](sqlite3_vfs*, const char*, int, int* exists) {
        *exists = 0;
        return SQLITE_OK;
    };
    vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) {
        sqlite3_snprintf(size, out, "%s", name);
        return SQLITE_OK;
    };
    sqlite3_vfs_register(&vfs, 0);
    return &vfs;
}

}  // namespace

MemoryDatabase::MemoryDatabase() : store_(std::make_shared<MemoryStore>()) {
    [[maybe_unused]] static const sqlite3_vfs* registered = make_vfs();
    uri_ = "file:" + stores().add(store_) + "?vfs=" + vfs_name;
}

}  // namespace tandem::orm

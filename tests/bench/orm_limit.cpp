// The limit: the same jobs, written by hand on SQLite's C interface as a careful programmer would for one program.
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "orm_workloads.hpp"

namespace bench {
namespace {

void check(sqlite3* db, int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        throw std::runtime_error(std::string{"limit: "} + sqlite3_errmsg(db));
}

class Statement {
public:
    Statement(sqlite3* db, const std::string& sql) : db_(db) {
        check(db, sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
    }
    Statement(Statement&& other) noexcept : db_(other.db_), handle_(std::exchange(other.handle_, nullptr)) {}
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement() { sqlite3_finalize(handle_); }

    void bind(int index, std::int64_t value) { check(db_, sqlite3_bind_int64(handle_, index, value)); }
    void bind(int index, double value) { check(db_, sqlite3_bind_double(handle_, index, value)); }
    /// The text has to stay until the statement is reset.
    void bind(int index, const std::string& value) {
        check(db_, sqlite3_bind_text(handle_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
    }
    bool step() {
        const int code = sqlite3_step(handle_);
        if (code == SQLITE_ROW) return true;
        check(db_, code);
        return false;
    }
    void reset() { sqlite3_reset(handle_); }
    void run() {
        step();
        reset();
    }
    [[nodiscard]] std::int64_t integer(int column) { return sqlite3_column_int64(handle_, column); }
    [[nodiscard]] double real(int column) { return sqlite3_column_double(handle_, column); }
    [[nodiscard]] std::string text(int column) {
        const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
    }

private:
    sqlite3* db_;
    sqlite3_stmt* handle_ = nullptr;
};

class Database {
public:
    Database(Where where, bool with_rows) : file_(where) {
        const std::string name = where == Where::memory ? new_memory_name() : file_.path();
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
        check(db_, sqlite3_open_v2(name.c_str(), &db_, flags, nullptr));
        run("PRAGMA foreign_keys = ON");
        if (where == Where::file) run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        for (const std::string& statement : statements_of("orm_schema.sql")) run(statement);
        if (with_rows)
            for (const std::string& statement : statements_of("orm_rows.sql")) run(statement);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close_v2(db_); }

    void run(const std::string& sql) { check(db_, sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr)); }
    [[nodiscard]] Statement prepare(const std::string& sql) { return {db_, sql}; }
    [[nodiscard]] std::uint64_t number(const std::string& sql) {
        Statement statement = prepare(sql);
        statement.step();
        return static_cast<std::uint64_t>(statement.integer(0));
    }
    [[nodiscard]] std::int64_t last_key() const { return sqlite3_last_insert_rowid(db_); }

private:
    /// A database that several connections could share, as Tandem's sessions do; ":memory:" belongs to one connection
    /// alone, and its transactions cost about a third less.
    static std::string new_memory_name() {
        static int count = 0;
        return "file:/limit-" + std::to_string(++count) + "?vfs=memdb";
    }
    DatabaseFile file_;
    sqlite3* db_ = nullptr;
};

struct Item {
    std::int64_t id = 0;
    std::int64_t number = 0;
    std::string name;
    double price = 0;
};
Item read_item(Statement& row) { return {row.integer(0), row.integer(1), row.text(2), row.real(3)}; }

std::uint64_t checksum_of(const std::vector<Item>& items) {
    Checksum sum;
    for (const Item& item : items) sum.add_item(item.id, item.number, item.name, item.price);
    return sum.value();
}

class LoadItems {
public:
    LoadItems(Where where, bool timed_reading) : db_(where, true), timed_reading_(timed_reading) {}
    std::uint64_t operator()(Stopwatch& watch) {
        std::uint64_t sum = 0;
        watch.start();
        {
            std::vector<Item> items;
            while (select_.step()) items.push_back(read_item(select_));
            select_.reset();
            if (!timed_reading_) watch.stop();
            sum = checksum_of(items);
            if (!timed_reading_) watch.start();
        }
        watch.stop();
        return sum;
    }

private:
    Database db_;
    Statement select_ = db_.prepare("SELECT id, number, name, price FROM item");
    bool timed_reading_;
};

class InsertItems {
public:
    explicit InsertItems(Where where) : where_(where) {}
    std::uint64_t operator()(Stopwatch& watch) {
        Database db{where_, false};
        Statement begin = db.prepare("BEGIN IMMEDIATE");
        Statement insert = db.prepare("INSERT INTO item (number, name, price) VALUES (?, ?, ?)");
        Statement commit = db.prepare("COMMIT");
        const auto& values = all_item_values();
        watch.start();
        {
            std::vector<Item> items;
            begin.run();
            for (const ItemValues& item : values) {
                Item& added = items.emplace_back(Item{0, item.number, item.name, item.price});
                insert.bind(1, added.number);
                insert.bind(2, added.name);
                insert.bind(3, added.price);
                insert.run();
                added.id = db.last_key();
            }
            commit.run();
        }
        watch.stop();
        return db.number(items_checksum);
    }

private:
    Where where_;
};

class GetItems {
public:
    explicit GetItems(Where where) : db_(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        std::uint64_t sum = 0;
        watch.start();
        {
            std::vector<Item> items;
            begin_.run();  // as a session does, so that no get takes the file's lock anew
            for (const std::int64_t key : keys_) {
                select_.bind(1, key);
                if (select_.step()) items.push_back(read_item(select_));
                select_.reset();
            }
            rollback_.run();
            watch.stop();
            sum = checksum_of(items);
            watch.start();
        }
        watch.stop();
        return sum;
    }

private:
    Database db_;
    Statement begin_ = db_.prepare("BEGIN");
    Statement select_ = db_.prepare("SELECT id, number, name, price FROM item WHERE id = ?");
    Statement rollback_ = db_.prepare("ROLLBACK");
    std::vector<std::int64_t> keys_ = shuffled_keys(item_count);
};

/// Posts with all that belongs to them, by one SELECT per table and 500 keys, put together by position.
class LoadGraph {
public:
    explicit LoadGraph(Where where) : db_(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        Checksum sum;
        watch.start();
        {
            std::vector<Post> posts;
            std::unordered_map<std::int64_t, std::size_t> post_places;
            begin_.run();
            while (posts_.step())
                posts.push_back({posts_.integer(0), posts_.text(1), posts_.text(2), posts_.integer(3)});
            posts_.reset();
            post_places.reserve(posts.size());
            std::vector<std::int64_t> post_keys;
            for (const Post& post : posts) {
                post_places.emplace(post.id, post_keys.size());
                post_keys.push_back(post.id);
            }

            std::unordered_map<std::int64_t, User> users;
            load_users(posts, users);
            for (Post& post : posts) post.user = &users.at(post.user_id);
            std::vector<Flag> flags;
            each_by_keys(flags_of_, post_keys, [&](Statement& row) {
                flags.push_back({row.integer(0), row.text(1), row.integer(2), row.integer(3)});
            });
            load_users(flags, users);
            for (Flag& flag : flags) {
                flag.user = &users.at(flag.user_id);
                posts[post_places.at(flag.post_id)].flags.push_back(&flag);
            }
            rollback_.run();
            watch.stop();
            for (const Post& post : posts) {
                sum.add_post(post.id, post.title, post.body, post.user->username);
                for (const Flag* flag : post.flags) sum.add_flag(flag->id, flag->message, flag->user->username);
            }
            watch.start();
        }
        watch.stop();
        return sum.value();
    }

private:
    static constexpr std::size_t keys_per_select = 500;
    struct User {
        std::int64_t id = 0;
        std::string username;
        std::string email;
    };
    struct Flag {
        std::int64_t id = 0;
        std::string message;
        std::int64_t post_id = 0;
        std::int64_t user_id = 0;
        const User* user = nullptr;
    };
    struct Post {
        std::int64_t id = 0;
        std::string title;
        std::string body;
        std::int64_t user_id = 0;
        const User* user = nullptr;
        std::vector<const Flag*> flags{};
    };

    static std::string in_list() {
        std::string list = " IN (?";
        for (std::size_t i = 1; i < keys_per_select; ++i) list += ",?";
        return list + ")";
    }
    /// Runs a select of 500 keys as often as needed; unused places hold the last key again.
    template <class F>
    static void each_by_keys(Statement& select, const std::vector<std::int64_t>& keys, F take) {
        for (std::size_t first = 0; first < keys.size(); first += keys_per_select) {
            for (std::size_t i = 0; i < keys_per_select; ++i)
                select.bind(static_cast<int>(i + 1), keys[std::min(first + i, keys.size() - 1)]);
            while (select.step()) take(select);
            select.reset();
        }
    }
    template <class Owner>
    void load_users(const std::vector<Owner>& owners, std::unordered_map<std::int64_t, User>& users) {
        std::vector<std::int64_t> keys;
        for (const Owner& owner : owners)
            if (users.try_emplace(owner.user_id).second) keys.push_back(owner.user_id);
        each_by_keys(users_, keys, [&users](Statement& row) {
            users[row.integer(0)] = {row.integer(0), row.text(1), row.text(2)};
        });
    }

    Database db_;
    Statement begin_ = db_.prepare("BEGIN");
    Statement posts_ = db_.prepare("SELECT id, title, body, user_id FROM post");
    Statement users_ = db_.prepare("SELECT id, username, email FROM user WHERE id" + in_list());
    Statement flags_of_ = db_.prepare("SELECT id, message, post_id, user_id FROM flag WHERE post_id" + in_list());
    Statement rollback_ = db_.prepare("ROLLBACK");
};

class ChangeItems {
public:
    explicit ChangeItems(Where where) : db_(where, true) {
        Statement select =
            db_.prepare("SELECT id, number, name, price FROM item WHERE id <= " + std::to_string(changed_count));
        while (select.step()) items_.push_back(read_item(select));
    }
    std::uint64_t operator()(Stopwatch& watch) {
        const std::uint64_t before = db_.number(numbers_checksum);
        watch.start();
        begin_.run();
        for (Item& item : items_) {
            ++item.number;
            update_.bind(1, item.number);
            update_.bind(2, item.id);
            update_.run();
        }
        commit_.run();
        watch.stop();
        return db_.number(numbers_checksum) - before;
    }

private:
    Database db_;
    Statement begin_ = db_.prepare("BEGIN IMMEDIATE");
    Statement update_ = db_.prepare("UPDATE item SET number = ? WHERE id = ?");
    Statement commit_ = db_.prepare("COMMIT");
    std::vector<Item> items_{};
};

class SmallTransactions {
public:
    explicit SmallTransactions(Where where) : db_(where, false) {}
    std::uint64_t operator()(Stopwatch& watch) {
        const auto& values = all_item_values();
        watch.start();
        for (std::int64_t i = 0; i < transaction_count; ++i) {
            const ItemValues& from = values[static_cast<std::size_t>(i)];
            Item item{0, from.number, from.name, from.price};
            begin_.run();
            insert_.bind(1, item.number);
            insert_.bind(2, item.name);
            insert_.bind(3, item.price);
            insert_.run();
            item.id = db_.last_key();
            commit_.run();
        }
        watch.stop();
        const std::uint64_t sum = db_.number(items_checksum);
        db_.run("DELETE FROM item");
        return sum;
    }

private:
    Database db_;
    Statement begin_ = db_.prepare("BEGIN IMMEDIATE");
    Statement insert_ = db_.prepare("INSERT INTO item (number, name, price) VALUES (?, ?, ?)");
    Statement commit_ = db_.prepare("COMMIT");
};

/// A std::function wants to be copied; a contender with a connection cannot be.
template <class C, class... Args>
Contender make(Args... args) {
    auto contender = std::make_shared<C>(args...);
    return [contender](Stopwatch& watch) { return (*contender)(watch); };
}

}  // namespace

Contender limit_contender(Workload workload, Where where) {
    switch (workload) {
        case Workload::load_objects:
        case Workload::load_structs: return make<LoadItems>(where, false);
        case Workload::read_objects: return make<LoadItems>(where, true);
        case Workload::insert: return make<InsertItems>(where);
        case Workload::get: return make<GetItems>(where);
        case Workload::graph: return make<LoadGraph>(where);
        case Workload::change: return make<ChangeItems>(where);
        case Workload::small_transactions: return make<SmallTransactions>(where);
        case Workload::hit:
        case Workload::hit_many: break;
    }
    return {};
}

}  // namespace bench

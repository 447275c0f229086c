// Tandem's side of `bench orm`: the jobs as its documentation would have them written.
#include <memory>
#include <optional>

#include <tandem/orm.hpp>

#include "orm_workloads.hpp"

namespace bench {
namespace {

struct Item : tandem::Model<Item> {
    std::int64_t number = 0;
    std::string name;
    double price = 0;
    TANDEM_MODEL(Item, number, name, price)
};

struct Flag;
struct User : tandem::Model<User> {
    std::string username;
    std::string email;
    TANDEM_MODEL(User, username, email)
};
struct Post : tandem::Model<Post> {
    std::string title;
    std::string body;
    std::int64_t user_id = 0;
    tandem::One<User> user{};
    tandem::Many<Flag> flags{};
    TANDEM_MODEL(Post, title, body, (user_id, foreign_key("user.id")), user, (flags, back_populates("post")))
};
struct Flag : tandem::Model<Flag> {
    std::string message;
    std::int64_t post_id = 0;
    std::int64_t user_id = 0;
    tandem::One<Post> post{};
    tandem::One<User> user{};
    TANDEM_MODEL(Flag, message, (post_id, foreign_key("post.id")), (user_id, foreign_key("user.id")),
        (post, back_populates("flags")), user)
};

/// A database with the tables of orm_schema.sql, not those that create_tables() makes: all contenders have the same.
class Base {
public:
    Base(Where where, bool with_rows)
        : file_(where), db_(where == Where::memory ? "sqlite:///:memory:" : "sqlite:///" + file_.path()) {
        auto session = db_.session(tandem::write);
        for (const std::string& statement : statements_of("orm_schema.sql"))
            session.execute(tandem::unchecked_sql(statement));
        if (with_rows)
            for (const std::string& statement : statements_of("orm_rows.sql"))
                session.execute(tandem::unchecked_sql(statement));
        session.commit();
    }
    [[nodiscard]] std::uint64_t number(const char* sql) {
        auto session = db_.session();
        return static_cast<std::uint64_t>(std::get<std::int64_t>(session.execute(tandem::unchecked_sql(sql)).scalar()));
    }
    [[nodiscard]] tandem::Database& db() { return db_; }

private:
    DatabaseFile file_;
    tandem::Database db_;
};

/// Reading an object takes the hashes of its columns, which is work, and freeing them later would be counted. So what
/// was loaded is read whole in the first run, the one that is not counted, and in samples in the others.
class LoadedItems {
public:
    [[nodiscard]] std::uint64_t check(const std::vector<tandem::Ref<Item>>& items) {
        if (!sum_) return *(sum_ = checksum_of(items));
        bool right = items.size() == static_cast<std::size_t>(item_count);
        for (std::size_t i = 0; right && i < items.size(); i += 1000) {
            const Item& item = *items[i];
            const ItemValues expected = item_values(item.id);
            right = item.number == expected.number && item.name == expected.name && item.price == expected.price;
        }
        if (!right) throw std::runtime_error("tandem: the objects loaded are not the items stored");
        return *sum_;
    }
    [[nodiscard]] static std::uint64_t checksum_of(const std::vector<tandem::Ref<Item>>& items) {
        Checksum sum;
        for (const auto& item : items) sum.add_item(item->id, item->number, item->name, item->price);
        return sum.value();
    }

private:
    std::optional<std::uint64_t> sum_{};
};

class LoadObjects : Base {
public:
    explicit LoadObjects(Where where) : Base(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        std::uint64_t sum = 0;
        watch.start();
        {
            auto session = db().session();
            const auto items = session.exec(Item::select()).all();
            watch.stop();
            sum = loaded_.check(items);
            watch.start();
        }
        watch.stop();
        return sum;
    }

private:
    LoadedItems loaded_{};
};

class ReadObjects : Base {
public:
    explicit ReadObjects(Where where) : Base(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        std::uint64_t sum = 0;
        watch.start();
        {
            auto session = db().session();
            sum = LoadedItems::checksum_of(session.exec(Item::select()).all());
        }
        watch.stop();
        return sum;
    }
};

struct PlainItem {
    std::int64_t id = 0;
    std::int64_t number = 0;
    std::string name;
    double price = 0;
    TANDEM_STRUCT(PlainItem, id, number, name, price)
};

class LoadStructs : Base {
public:
    explicit LoadStructs(Where where) : Base(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        Checksum sum;
        watch.start();
        {
            auto session = db().session();
            const std::vector<PlainItem> rows =
                session.exec(tandem::select(Item::c.id, Item::c.number, Item::c.name, Item::c.price).into<PlainItem>())
                    .all();
            watch.stop();
            for (const PlainItem& row : rows) sum.add_item(row.id, row.number, row.name, row.price);
            watch.start();
        }
        watch.stop();
        return sum.value();
    }
};

class InsertItems {
public:
    explicit InsertItems(Where where) : where_(where) {}
    std::uint64_t operator()(Stopwatch& watch) {
        Base base{where_, false};
        const auto& values = all_item_values();
        // The connection and its pool are there, as with every contender; the statement is the first of its text.
        watch.start();
        {
            auto session = base.db().session(tandem::write);
            for (const ItemValues& item : values)
                session.add(Item{.number = item.number, .name = item.name, .price = item.price});
            session.commit();
        }
        watch.stop();
        return base.number(items_checksum);
    }

private:
    Where where_;
};

class GetItems : Base {
public:
    explicit GetItems(Where where) : Base(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        std::uint64_t sum = 0;
        watch.start();
        {
            auto session = db().session();
            std::vector<tandem::Ref<Item>> items;
            for (const std::int64_t key : keys_)
                if (auto item = session.get<Item>(key)) items.push_back(std::move(item));
            watch.stop();
            sum = loaded_.check(items);
            watch.start();
        }
        watch.stop();
        return sum;
    }

private:
    LoadedItems loaded_{};
    std::vector<std::int64_t> keys_ = shuffled_keys(item_count);
};

class HitItems : Base {
public:
    HitItems(Where where, std::int64_t count) : Base(where, true), keys_(shuffled_keys(count)) {}
    std::uint64_t operator()(Stopwatch& watch) {
        auto session = db().session();
        const auto held =
            session.exec(Item::select().where(Item::c.id <= static_cast<std::int64_t>(keys_.size()))).all();
        std::uint64_t found = 0;
        watch.start();
        for (std::int64_t done = 0; done < item_count;) {
            for (const std::int64_t key : keys_) {
                const auto item = session.get<Item>(key);
                found += item ? 1 : 0;
            }
            done += static_cast<std::int64_t>(keys_.size());
        }
        watch.stop();
        return found;
    }

private:
    std::vector<std::int64_t> keys_;
};

class LoadGraph : Base {
public:
    explicit LoadGraph(Where where) : Base(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        watch.start();
        {
            auto session = db().session();
            const auto posts = session
                                   .exec(Post::select().options(tandem::selectinload(Post::c.user),
                                       tandem::selectinload(Post::c.flags).options(tandem::selectinload(Flag::c.user))))
                                   .all();
            watch.stop();
            check(posts);
            watch.start();
        }
        watch.stop();
        return *sum_;
    }

private:
    /// Whole in the first run, in samples in the others, as LoadedItems has it.
    void check(const std::vector<tandem::Ref<Post>>& posts) {
        Checksum sum;
        for (std::size_t i = 0; i < posts.size(); i += sum_ ? 100 : 1) {
            const auto& post = posts[i];
            sum.add_post(post->id, post->title, post->body, post->user->username);
            for (const auto& flag : post->flags) sum.add_flag(flag->id, flag->message, flag->user->username);
        }
        if (!sum_) sum_ = sum.value();
        else if (!sample_) sample_ = sum.value();
        else if (*sample_ != sum.value()) throw std::runtime_error("tandem: other posts than before were loaded");
    }
    std::optional<std::uint64_t> sum_{};
    std::optional<std::uint64_t> sample_{};
};

class ChangeItems : Base {
public:
    explicit ChangeItems(Where where) : Base(where, true) {}
    std::uint64_t operator()(Stopwatch& watch) {
        const std::uint64_t before = number(numbers_checksum);
        {
            auto session = db().session(tandem::write);
            const auto items = session.exec(Item::select().where(Item::c.id <= changed_count)).all();
            watch.start();
            for (const auto& item : items) ++item->number;
            session.commit();
            watch.stop();
        }
        return number(numbers_checksum) - before;
    }
};

class SmallTransactions : Base {
public:
    explicit SmallTransactions(Where where) : Base(where, false) {}
    std::uint64_t operator()(Stopwatch& watch) {
        const auto& values = all_item_values();
        watch.start();
        for (std::int64_t i = 0; i < transaction_count; ++i) {
            const ItemValues& from = values[static_cast<std::size_t>(i)];
            auto session = db().session(tandem::write);
            session.add(Item{.number = from.number, .name = from.name, .price = from.price});
            session.commit();
        }
        watch.stop();
        const std::uint64_t sum = number(items_checksum);
        auto session = db().session(tandem::write);
        session.execute("DELETE FROM item");
        session.commit();
        return sum;
    }
};

template <class C, class... Args>
Contender make(Args... args) {
    auto contender = std::make_shared<C>(args...);
    return [contender](Stopwatch& watch) { return (*contender)(watch); };
}

}  // namespace

Contender tandem_contender(Workload workload, Where where) {
    switch (workload) {
        case Workload::load_objects: return make<LoadObjects>(where);
        case Workload::read_objects: return make<ReadObjects>(where);
        case Workload::load_structs: return make<LoadStructs>(where);
        case Workload::insert: return make<InsertItems>(where);
        case Workload::get: return make<GetItems>(where);
        case Workload::hit: return make<HitItems>(where, hit_count);
        case Workload::hit_many: return make<HitItems>(where, item_count);
        case Workload::graph: return make<LoadGraph>(where);
        case Workload::change: return make<ChangeItems>(where);
        case Workload::small_transactions: return make<SmallTransactions>(where);
    }
    return {};
}

}  // namespace bench

// SOCI's side of `bench orm`, as its documentation has it: statements prepared once, values bound to variables.
#include "orm_workloads.hpp"

#ifdef TANDEM_BENCH_SOCI

#include <memory>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace bench {
namespace {

struct Item {
    long long id = 0;
    long long number = 0;
    std::string name;
    double price = 0;
};

std::uint64_t checksum_of(const std::vector<Item>& items) {
    Checksum sum;
    for (const Item& item : items) sum.add_item(item.id, item.number, item.name, item.price);
    return sum.value();
}

class Base {
public:
    Base(Where where, bool with_rows)
        : file_(where), session_(soci::sqlite3, where == Where::memory ? std::string{":memory:"} : file_.path()) {
        session_ << "PRAGMA foreign_keys = ON";
        if (where == Where::file) {
            session_ << "PRAGMA journal_mode = WAL";
            session_ << "PRAGMA synchronous = NORMAL";
        }
        for (const std::string& statement : statements_of("orm_schema.sql")) session_ << statement;
        if (!with_rows) return;
        for (const std::string& statement : statements_of("orm_rows.sql")) session_ << statement;
    }
    [[nodiscard]] std::uint64_t number(const char* sql) {
        long long value = 0;
        session_ << sql, soci::into(value);
        return static_cast<std::uint64_t>(value);
    }
    [[nodiscard]] soci::session& session() { return session_; }

private:
    DatabaseFile file_;
    soci::session session_;
};

class LoadItems : Base {
public:
    LoadItems(Where where, bool timed_reading) : Base(where, true), timed_reading_(timed_reading) {}
    std::uint64_t operator()(Stopwatch& watch) {
        std::uint64_t sum = 0;
        watch.start();
        {
            std::vector<Item> items;
            Item item;
            soci::statement select = (session().prepare << "SELECT id, number, name, price FROM item",
                soci::into(item.id), soci::into(item.number), soci::into(item.name), soci::into(item.price));
            select.execute();
            while (select.fetch()) items.push_back(item);
            if (!timed_reading_) watch.stop();
            sum = checksum_of(items);
            if (!timed_reading_) watch.start();
        }
        watch.stop();
        return sum;
    }

private:
    bool timed_reading_;
};

class InsertItems {
public:
    explicit InsertItems(Where where) : where_(where) {}
    std::uint64_t operator()(Stopwatch& watch) {
        Base base{where_, false};
        const auto& values = all_item_values();
        watch.start();
        {
            std::vector<Item> items;
            Item item;
            soci::transaction transaction{base.session()};
            soci::statement insert =
                (base.session().prepare << "INSERT INTO item (number, name, price) VALUES (:number, :name, :price)",
                    soci::use(item.number), soci::use(item.name), soci::use(item.price));
            for (const ItemValues& from : values) {
                item = {0, from.number, from.name, from.price};
                insert.execute(true);
                base.session().get_last_insert_id("item", item.id);
                items.push_back(item);
            }
            transaction.commit();
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
            std::vector<Item> items;
            Item item;
            long long wanted = 0;
            soci::transaction transaction{session()};
            soci::statement select =
                (session().prepare << "SELECT id, number, name, price FROM item WHERE id = :id", soci::use(wanted),
                    soci::into(item.id), soci::into(item.number), soci::into(item.name), soci::into(item.price));
            for (const std::int64_t key : keys_) {
                wanted = key;
                if (select.execute(true)) items.push_back(item);
            }
            transaction.rollback();
            watch.stop();
            sum = checksum_of(items);
            watch.start();
        }
        watch.stop();
        return sum;
    }

private:
    std::vector<std::int64_t> keys_ = shuffled_keys(item_count);
};

class ChangeItems : Base {
public:
    explicit ChangeItems(Where where) : Base(where, true) {
        Item item;
        soci::statement select =
            (session().prepare << "SELECT id, number, name, price FROM item WHERE id <= " << changed_count,
                soci::into(item.id), soci::into(item.number), soci::into(item.name), soci::into(item.price));
        select.execute();
        while (select.fetch()) items_.push_back(item);
    }
    std::uint64_t operator()(Stopwatch& watch) {
        const std::uint64_t before = number(numbers_checksum);
        watch.start();
        {
            long long value = 0;
            long long key = 0;
            soci::transaction transaction{session()};
            soci::statement update = (session().prepare << "UPDATE item SET number = :number WHERE id = :id",
                soci::use(value), soci::use(key));
            for (Item& item : items_) {
                value = ++item.number;
                key = item.id;
                update.execute(true);
            }
            transaction.commit();
        }
        watch.stop();
        return number(numbers_checksum) - before;
    }

private:
    std::vector<Item> items_{};
};

class SmallTransactions : Base {
public:
    explicit SmallTransactions(Where where) : Base(where, false) {}
    std::uint64_t operator()(Stopwatch& watch) {
        const auto& values = all_item_values();
        watch.start();
        for (std::int64_t i = 0; i < transaction_count; ++i) {
            const ItemValues& from = values[static_cast<std::size_t>(i)];
            Item item{0, from.number, from.name, from.price};
            soci::transaction transaction{session()};
            session() << "INSERT INTO item (number, name, price) VALUES (:number, :name, :price)",
                soci::use(item.number), soci::use(item.name), soci::use(item.price);
            session().get_last_insert_id("item", item.id);
            transaction.commit();
        }
        watch.stop();
        const std::uint64_t sum = number(items_checksum);
        session() << "DELETE FROM item";
        return sum;
    }
};

template <class C, class... Args>
Contender make(Args... args) {
    auto contender = std::make_shared<C>(args...);
    return [contender](Stopwatch& watch) { return (*contender)(watch); };
}

}  // namespace

Contender soci_contender(Workload workload, Where where) {
    switch (workload) {
        case Workload::load_objects:
        case Workload::load_structs: return make<LoadItems>(where, false);
        case Workload::read_objects: return make<LoadItems>(where, true);
        case Workload::insert: return make<InsertItems>(where);
        case Workload::get: return make<GetItems>(where);
        case Workload::change: return make<ChangeItems>(where);
        case Workload::small_transactions: return make<SmallTransactions>(where);
        // It has no relations and no identity map.
        case Workload::graph:
        case Workload::hit:
        case Workload::hit_many: break;
    }
    return {};
}

}  // namespace bench

#else

namespace bench {
Contender soci_contender(Workload /*workload*/, Where /*where*/) { return {}; }
}  // namespace bench

#endif

// Limits of a Database: connections, turns to write, threads.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <sstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/database.hpp>
#include <tandem/orm/transaction.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;
using Catch::Matchers::ContainsSubstring;
using std::chrono::milliseconds;
using tandem::Database;
using Clock = std::chrono::steady_clock;

namespace {

milliseconds since(Clock::time_point start) { return std::chrono::duration_cast<milliseconds>(Clock::now() - start); }
std::string line_text(int line) { return "pool_test.cpp:" + std::to_string(line); }

/// A database with one account and eight threads that add to its balance.
class Counter : public Fixture {
public:
    Counter() { oracle.run("INSERT INTO account (id, name, password_hash, balance) VALUES (1, 'a', '', 0)"); }
    template <class F>
    void on_eight_threads(F f) {
        std::vector<std::thread> threads;
        threads.reserve(8);
        for (int t = 0; t < 8; ++t) threads.emplace_back(f);
        for (auto& thread : threads) thread.join();
    }
};

}  // namespace

TEST_CASE("S145 a session that finds no connection waits, then says who has them; the next one works", "[pool]") {
    const TemporaryFolder folder;
    const bool in_memory = GENERATE(true, false);
    CAPTURE(in_memory);
    Database db{in_memory ? "sqlite://" : "sqlite:///" + (folder.path() / "x.db").string(),
        {.connections = 1, .timeout = milliseconds{200}}};
    db.create_tables();
    {
        const int line = __LINE__ + 1;
        auto first = db.session();
        CHECK_FALSE(first.get<User>(1));
        auto second = db.session();
        const auto start = Clock::now();
        const auto message = error_of<tandem::TimeoutError>([&] { (void)second.get<User>(1); });
        const auto waited = since(start);
        CHECK(waited >= milliseconds{200});
        CHECK(waited <= milliseconds{1000});
        CHECK_THAT(message,
            ContainsSubstring(line_text(line)) && ContainsSubstring(line_text(line + 2)) &&
                ContainsSubstring("for 0.2 s") && ContainsSubstring("on this thread") &&
                ContainsSubstring("DatabaseOptions::connections"));
        first.rollback();
        CHECK_FALSE(second.get<User>(1));
    }
    auto third = db.session();
    CHECK_FALSE(third.get<User>(1));
}

TEST_CASE("a session waits for a connection that another thread is about to give back", "[pool]") {
    Database db{"sqlite://", {.connections = 1, .timeout = milliseconds{5000}}};
    db.create_tables();
    std::promise<void> taken;
    std::thread other{[&] {
        auto session = db.session();
        (void)session.get<User>(1);
        taken.set_value();
        std::this_thread::sleep_for(milliseconds{50});
    }};
    taken.get_future().wait();
    auto session = db.session();
    CHECK_FALSE(session.get<User>(1));
    other.join();
}

TEST_CASE("connections go to those who wait in the order of asking", "[pool]") {
    Database db{"sqlite://", {.connections = 1, .timeout = milliseconds{10'000}}};
    db.create_tables();
    std::vector<int> order;
    std::vector<std::thread> threads;
    {
        auto session = db.session();
        (void)session.get<User>(1);
        for (int t = 0; t < 5; ++t) {
            threads.emplace_back([&db, &order, t] {
                auto mine = db.session();
                (void)mine.get<User>(1);
                order.push_back(t);  // one connection: one thread at a time
            });
            std::this_thread::sleep_for(milliseconds{30});
        }
    }
    for (auto& thread : threads) thread.join();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("a Database without a connection, or with a negative timeout, is refused", "[pool]") {
    CHECK_THROWS_AS((Database{"sqlite://", {.connections = 0}}), tandem::ArgumentError);
    CHECK_THROWS_AS((Database{"sqlite://", {.timeout = milliseconds{-1}}}), tandem::ArgumentError);
}

TEST_CASE("a session that outlives its Database says so, and ends in peace", "[pool]") {
    const TemporaryFolder folder;
    const auto file = (folder.path() / "x.db").string();
    std::optional<Database> db{std::in_place, GENERATE(true, false) ? "sqlite://" : "sqlite:///" + file};
    db->create_tables();
    {
        const int line = __LINE__ + 1;
        auto session = db->session();
        const auto ana = session.add(User{.username = "ana"});
        session.flush();
        db.reset();
        CHECK_THAT(error_of<tandem::InvalidStateError>([&] { session.commit(); }),
            ContainsSubstring(line_text(line)) && ContainsSubstring("Database"));
        CHECK(ana->username == "ana");
    }
    if (std::filesystem::exists(file)) CHECK(Oracle{file}.row("SELECT count(*) FROM user") == "0");
}

TEST_CASE_METHOD(Counter, "S073 eight threads that read, then write in write sessions count to 800", "[pool]") {
    on_eight_threads([this] {
        for (int i = 0; i < 100; ++i) {
            auto session = db.session(tandem::write);
            session.get<types::Account>(1)->balance += 1;
            session.commit();
        }
    });
    CHECK(oracle.row("SELECT balance FROM account") == "800");
}

TEST_CASE("S073 the same in memory", "[pool]") {
    Database db{"sqlite://"};
    db.create_tables();
    {
        auto session = db.session(tandem::write);
        session.add(types::Account{.name = "a"});
        session.commit();
    }
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&db] {
            for (int i = 0; i < 100; ++i) {
                auto session = db.session(tandem::write);
                session.get<types::Account>(1)->balance += 1;
                session.commit();
            }
        });
    for (auto& thread : threads) thread.join();
    auto session = db.session();
    CHECK(session.get<types::Account>(1)->balance == 800);
}

TEST_CASE_METHOD(Counter, "S073 plain sessions that turn writer throw Conflict and lose no update", "[pool]") {
    std::atomic<int> stored{0};
    std::atomic<int> others{0};
    on_eight_threads([&] {
        for (int done = 0; done < 100;) {
            auto session = db.session();
            session.get<types::Account>(1)->balance += 1;
            try {
                session.commit();
                ++done;
                ++stored;
            } catch (const tandem::Conflict&) {
            } catch (const std::exception&) {
                ++others;
                ++done;
            }
        }
    });
    CHECK(others == 0);
    CHECK(stored == 800);
    CHECK(oracle.row("SELECT balance FROM account") == "800");
}

TEST_CASE("S073 two sessions that both read, then both write: the second one meets Conflict", "[pool]") {
    const TemporaryFolder folder;
    Database db{GENERATE(true, false) ? "sqlite://" : "sqlite:///" + (folder.path() / "x.db").string()};
    db.create_tables();
    {
        auto session = db.session(tandem::write);
        session.add(types::Account{.name = "a"});
        session.commit();
    }
    auto first = db.session();
    auto second = db.session();
    first.get<types::Account>(1)->balance += 1;
    second.get<types::Account>(1)->balance += 1;
    first.flush();
    SECTION("while the first one still writes") {
        CHECK_THROWS_AS(second.commit(), tandem::Conflict);
        first.commit();
    }
    SECTION("after the first one has committed") {
        first.commit();
        CHECK_THAT(error_of<tandem::Conflict>([&] { second.commit(); }), ContainsSubstring("session(tandem::write)"));
    }
    second.rollback();
    CHECK(second.get<types::Account>(1)->balance == 1);
    second.get<types::Account>(1)->balance += 1;
    second.commit();
    auto third = db.session();
    CHECK(third.get<types::Account>(1)->balance == 2);
}

TEST_CASE("readers and a writer do not wait for each other, and readers keep their view", "[pool]") {
    const TemporaryFolder folder;
    Database db{GENERATE(true, false) ? "sqlite://" : "sqlite:///" + (folder.path() / "x.db").string(),
        {.busy_timeout = milliseconds{0}}};
    db.create_tables();
    const auto count = [](tandem::Session& session) {
        return std::get<std::int64_t>(session.execute("SELECT count(*) FROM user").scalar());
    };
    auto early = db.session();
    CHECK(count(early) == 0);
    auto writer = db.session(tandem::write);
    for (int i = 0; i < 3; ++i) {
        writer.add(User{.username = "user" + std::to_string(i)});
        writer.flush();
        auto reader = db.session();
        CHECK(count(reader) == i);
        writer.commit();
        CHECK(count(reader) == i);
        reader.rollback();
        CHECK(count(reader) == i + 1);
        CHECK(count(early) == 0);
    }
    early.rollback();
    CHECK(count(early) == 3);
}

TEST_CASE_METHOD(Fixture, "a second writer on one thread is an error at once, not a wait for oneself", "[pool]") {
    const int line = __LINE__ + 1;
    std::optional<tandem::Session> first{db.session(tandem::write)};
    first->add(User{.username = "ana"});
    SECTION("a write session") { first->flush(); }
    SECTION("a plain session that turned writer") {
        first.reset();
        first.emplace(db.session());
        first->add(User{.username = "ana"});
        first->flush();
    }
    SECTION("a step") {
        first.reset();
        tandem::orm::Transaction step{db, tandem::orm::Access::write};
        auto joined = step.session();
        joined.execute("DELETE FROM flag");
        auto second = db.session(tandem::write);
        CHECK_THROWS_AS((void)second.get<User>(1), tandem::InvalidStateError);
        return;
    }
    auto second = db.session(tandem::write);
    const auto start = Clock::now();
    const auto message = error_of<tandem::InvalidStateError>([&] { (void)second.get<User>(1); });
    CHECK(since(start) < milliseconds{100});
    CHECK_THAT(message, ContainsSubstring("same thread") && ContainsSubstring("pool_test.cpp:"));
    CHECK(line > 0);
    first->commit();
    CHECK(second.get<User>(1)->username == "ana");
}

TEST_CASE_METHOD(Fixture, "who waits in vain for the turn to write learns who has it", "[pool]") {
    Database hasty{"sqlite:///" + file(), {.busy_timeout = milliseconds{100}}};
    const int line = __LINE__ + 1;
    auto first = hasty.session(tandem::write);
    first.add(User{.username = "ana"});
    first.flush();
    std::string message;
    std::thread{[&] {
        auto second = hasty.session(tandem::write);
        message = error_of<tandem::TimeoutError>([&] { (void)second.get<User>(1); });
    }}.join();
    CHECK_THAT(message, ContainsSubstring(line_text(line)) && ContainsSubstring("turn to write"));
    first.commit();
    std::thread{[&] {
        auto second = hasty.session(tandem::write);
        CHECK(second.get<User>(1)->username == "ana");
    }}.join();
}

TEST_CASE_METHOD(Fixture, "writers get their turns in the order of asking", "[pool]") {
    std::vector<std::thread> threads;
    {
        auto first = db.session(tandem::write);
        first.execute("DELETE FROM user");
        for (int t = 0; t < 5; ++t) {
            threads.emplace_back([this, t] {
                auto session = db.session(tandem::write);
                session.add(User{.username = "user" + std::to_string(t)});
                session.commit();
            });
            std::this_thread::sleep_for(milliseconds{30});
        }
    }
    for (auto& thread : threads) thread.join();
    CHECK(oracle.rows("SELECT username FROM user ORDER BY id") ==
        std::vector<std::string>{"user0", "user1", "user2", "user3", "user4"});
}

TEST_CASE_METHOD(BlogFixture, "a session used on another thread throws, naming both threads", "[thread]") {
    const int line = __LINE__ + 1;
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto ben = session.get<User>(2);
    const auto refused = [&](auto f) {
        std::string message;
        std::thread{[&] { message = error_of<tandem::InvalidStateError>(f); }}.join();
        return message;
    };
    std::ostringstream here;
    here << std::this_thread::get_id();
    CHECK_THAT(refused([&] { (void)session.get<User>(2); }),
        ContainsSubstring(line_text(line)) && ContainsSubstring("belongs to thread " + here.str()));
    CHECK_THAT(refused([&] { session.execute("SELECT 1"); }), ContainsSubstring("belongs to thread"));
    CHECK_THAT(refused([&] { session.commit(); }), ContainsSubstring("belongs to thread"));
    CHECK_THAT(refused([&] { session.rollback(); }), ContainsSubstring("belongs to thread"));
    CHECK_THAT(refused([&] { (void)ben->username; }), ContainsSubstring("belongs to thread"));
    CHECK_THAT(refused([&] { (void)ana->posts.size(); }), ContainsSubstring("belongs to thread"));
    CHECK(ana->username == "ana");
    CHECK(session.get<User>(3)->username == "cy");
}

TEST_CASE_METHOD(BlogFixture, "a session may be opened on one thread and used on another", "[thread]") {
    auto session = db.session(tandem::write);
    std::thread{[moved = std::move(session)]() mutable {
        moved.get<User>(1)->email = "moved";
        moved.commit();
    }}.join();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "moved");
}

TEST_CASE_METHOD(BlogFixture, "objects of an ended session may be read on another thread", "[thread]") {
    tandem::Ref<User> ana;
    {
        auto session = db.session();
        ana = session.get<User>(1);
    }
    std::string name;
    std::thread{[&] { name = ana->username; }}.join();
    CHECK(name == "ana");
}

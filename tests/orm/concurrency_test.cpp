// Several sessions at once on one file.
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::User;

TEST_CASE_METHOD(BlogFixture, "S073 writers that say so wait for each other, and no update is lost") {
    oracle.run("UPDATE user SET email = '0' WHERE id = 1");
    constexpr int writers = 8;
    constexpr int increments = 100;
    std::vector<std::string> errors(writers);
    std::vector<std::thread> threads;
    threads.reserve(writers);
    for (int i = 0; i < writers; ++i) {
        threads.emplace_back([this, &error = errors[static_cast<std::size_t>(i)]] {
            try {
                for (int n = 0; n < increments; ++n) {
                    auto session = db.session(tandem::write);
                    const auto ana = session.get<User>(1);
                    ana->email = std::to_string(std::stoi(ana->email) + 1);
                    session.commit();
                }
            } catch (const std::exception& failed) { error = failed.what(); }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& error : errors) CHECK(error.empty());
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "800");
}

TEST_CASE_METHOD(BlogFixture, "S073 of two sessions that read and then write, the second meets a Conflict") {
    auto first = db.session();
    auto second = db.session();
    const auto mine = first.get<User>(1);
    const auto theirs = second.get<User>(1);
    mine->email = "first";
    first.commit();
    theirs->email = "second";
    CHECK_THROWS_AS(second.commit(), tandem::Conflict);
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "first");
    second.rollback();
    CHECK(theirs->email == "first");
    theirs->email = "second";
    second.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "second");
}

// Hooks of rows, flushes and transactions: order, what they may do, and what their errors undo.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/hooks.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using Catch::Matchers::ContainsSubstring;
using tandem::ObjectState;
using tandem::Session;
using tandem::state_of;
using Log = std::vector<std::string>;

TEST_CASE_METHOD(BlogFixture, "hooks run in the order of the work") {
    Log log;
    const auto note = [&log](const std::string& what) { return [&log, what](Session&) { log.push_back(what); }; };
    const auto note_row = [&log](const std::string& what) {
        return [&log, what](const User& user) { log.push_back(what + " " + user.username); };
    };
    db.after_begin(note("after_begin"));
    db.before_commit(note("before_commit"));
    db.before_flush(note("before_flush"));
    db.after_flush(note("after_flush"));
    db.after_commit([&] { log.emplace_back("after_commit"); });
    db.after_rollback([&] { log.emplace_back("after_rollback"); });
    db.on<User>()
        .before_insert(note_row("before_insert"))
        .after_insert(note_row("after_insert"))
        .before_update(note_row("before_update"))
        .after_update(note_row("after_update"))
        .before_delete(note_row("before_delete"))
        .after_delete(note_row("after_delete"));
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto dee = session.get<User>(4);
    CHECK(log == Log{"after_begin"});
    log.clear();
    ana->email = "changed";
    session.add(User{.username = "eva"});
    session.remove(dee);
    session.commit();
    CHECK(log ==
        Log{"before_commit", "before_flush", "before_update ana", "after_update ana", "before_insert eva",
            "after_insert eva", "before_delete dee", "after_delete dee", "after_flush", "after_commit"});
    log.clear();
    session.commit();
    CHECK(log == Log{"before_commit"});
    log.clear();
    ana->email = "again";
    session.flush();
    session.rollback();
    CHECK(log ==
        Log{"before_flush", "before_update ana", "after_begin", "after_update ana", "after_flush", "after_rollback"});
}

TEST_CASE_METHOD(BlogFixture, "hooks of one event run in the order of registration, and only for their model") {
    std::string log;
    db.on<User>().before_insert([&](User&) { log += "1"; });
    db.on<User>().before_insert([&](User&, Session&) { log += "2"; });
    db.on<Post>().before_insert([&](Post&) { log += "p"; });
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.commit();
    CHECK(log == "12");
}

TEST_CASE_METHOD(BlogFixture, "a hook before a row sets its columns, and they are written") {
    db.on<User>().before_insert([](User& user) { user.email = user.username + "@new"; });
    db.on<User>().before_update([](User& user) { user.email = user.username + "@changed"; });
    auto session = db.session();
    const auto eva = session.add(User{.username = "eva"});
    session.get<User>(1)->username = "anna";
    session.commit();
    CHECK(eva->email == "eva@new");
    CHECK_FALSE(tandem::is_modified(eva));
    CHECK(oracle.rows("SELECT username, email FROM user WHERE id IN (1, 5) ORDER BY id") ==
        Log{"anna|anna@changed", "eva|eva@new"});
}

TEST_CASE_METHOD(BlogFixture, "an update hook does not run for an object without a change") {
    int count = 0;
    db.on<User>().before_update([&](User&) { ++count; }).after_update([&](User&) { ++count; });
    auto session = db.session();
    const auto ana = session.get<User>(1);
    ana->email = "other";
    ana->email = "ana@x.io";
    session.commit();
    CHECK(count == 0);
}

TEST_CASE_METHOD(BlogFixture, "an update hook that takes the change back leaves nothing to write") {
    db.on<User>().before_update([](User& user) { user.email = "ana@x.io"; });
    auto session = db.session();
    session.get<User>(1)->email = "changed";
    StatementLog log{db};
    session.flush();
    CHECK(log.size() == 0);
}

TEST_CASE_METHOD(BlogFixture, "before_flush sees what is going to be written, and may add to it") {
    Log seen;
    db.before_flush([&](Session& session) {
        for (const auto& user : session.added<User>()) seen.push_back("added " + user->username);
        for (const auto& user : session.modified<User>()) seen.push_back("modified " + user->username);
        for (const auto& user : session.removed<User>()) {
            seen.push_back("removed " + user->username);
            session.add(Post{.title = "farewell " + user->username, .user_id = 1});
        }
        CHECK(session.added<Post>().size() == 1);
        CHECK(session.modified<Post>().empty());
    });
    auto session = db.session({.autoflush = false});
    (void)session.get<Post>(1)->title;
    const auto dee = session.get<User>(4);
    session.get<User>(1)->email = "changed";
    session.get<User>(2)->email = "ben@x.io";
    session.add(User{.username = "eva"});
    session.remove(dee);
    session.commit();
    CHECK(seen == Log{"added eva", "modified ana", "removed dee"});
    CHECK(oracle.row("SELECT user_id FROM post WHERE title = 'farewell dee'") == "1");
}

TEST_CASE_METHOD(BlogFixture, "what a hook changes after the flush is written by the commit") {
    db.after_flush([](Session& session) {
        const auto ana = session.get<User>(1);
        if (ana->email == "ana@x.io") ana->email = "after";
        if (!session.get<User>(77)) {
            User user{.username = "late"};
            user.id = 77;
            session.add(user);
        }
    });
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.commit();
    CHECK(oracle.row("SELECT email FROM user WHERE id = 1") == "after");
    CHECK(oracle.row("SELECT username FROM user WHERE id = 77") == "late");
}

TEST_CASE_METHOD(BlogFixture, "an exception of a hook undoes everything and is thrown as it is") {
    const auto thrower = [](auto&...) { throw std::domain_error("hook"); };
    auto hooks = db.on<User>();
    SECTION("before_flush") {
        db.before_flush([](Session&) { throw std::domain_error("hook"); });
    }
    SECTION("after_flush") {
        db.after_flush([](Session&) { throw std::domain_error("hook"); });
    }
    SECTION("before_insert") { hooks.before_insert(thrower); }
    SECTION("after_insert") { hooks.after_insert(thrower); }
    SECTION("before_update") { hooks.before_update(thrower); }
    SECTION("after_update") { hooks.after_update(thrower); }
    SECTION("before_delete") { hooks.before_delete(thrower); }
    SECTION("after_delete") { hooks.after_delete(thrower); }
    auto session = db.session();
    const auto ana = session.get<User>(1);
    const auto dee = session.get<User>(4);
    ana->email = "changed";
    const auto eva = session.add(User{.username = "eva"});
    session.remove(dee);
    CHECK_THROWS_AS(session.commit(), std::domain_error);
    CHECK_THAT(error_of<tandem::PendingRollback>([&] { session.execute("SELECT 1"); }), ContainsSubstring("hook"));
    session.rollback();
    CHECK(ana->email == "ana@x.io");
    CHECK(state_of(eva) == ObjectState::transient);
    CHECK(state_of(dee) == ObjectState::persistent);
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "hooks cannot end the session's work") {
    int refused = 0;
    const auto try_all = [&](Session& session) {
        CHECK_THROWS_AS(session.commit(), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.rollback(), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.savepoint(), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.begin(), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.transaction([] {}), tandem::InvalidStateError);
        ++refused;
    };
    db.after_begin(try_all);
    db.before_commit(try_all);
    db.before_flush(try_all);
    db.before_flush([](Session& session) { CHECK_THROWS_AS(session.flush(), tandem::InvalidStateError); });
    db.after_flush(try_all);
    db.on<User>().before_insert([&](User&, Session& session) { try_all(session); });
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.commit();
    CHECK(refused == 5);
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

TEST_CASE_METHOD(BlogFixture, "what a hook throws before the end of a commit has to be rolled back, wherever it runs") {
    bool fails = false;
    const auto hook = [&](Session&) {
        if (fails) throw std::runtime_error("not today");
    };
    SECTION("before the commit") { db.before_commit(hook); }
    SECTION("after the beginning") { db.after_begin(hook); }
    SECTION("before the flush") { db.before_flush(hook); }
    SECTION("after the flush") { db.after_flush(hook); }
    auto session = db.session();
    session.add(User{.username = "eva"});
    fails = true;
    CHECK_THROWS_AS(session.commit(), std::runtime_error);
    fails = false;
    CHECK_THAT(
        error_of<tandem::PendingRollback>([&] { session.commit(); }), Catch::Matchers::ContainsSubstring("not today"));
    session.rollback();
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "4");
}

TEST_CASE_METHOD(BlogFixture, "a row's hook may query and run SQL, but neither add nor remove") {
    db.on<User>().before_insert([](User& user, Session& session) {
        CHECK_THROWS_AS(session.add(Post{.title = "p"}), tandem::InvalidStateError);
        CHECK_THROWS_AS(session.remove(session.get<Post>(1)), tandem::InvalidStateError);
        user.email = std::to_string(session.exec(Post::select()).all().size());
    });
    db.on<User>().after_insert([](User& user, Session& session) {
        session.execute("INSERT INTO post (title, body, user_id) VALUES (:title, '', :user)",
            {{"title", "first of " + user.username}, {"user", user.id}});
    });
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.add(User{.username = "fay"});
    session.commit();
    CHECK(oracle.rows("SELECT username, email, title FROM user JOIN post ON user_id = user.id WHERE user.id > 4") ==
        Log{"eva|5|first of eva", "fay|6|first of fay"});
}

TEST_CASE_METHOD(BlogFixture, "a hook that runs hundreds of statements does not disturb the flush") {
    db.on<User>().before_insert([](User&, Session& session) {
        for (int i = 0; i < 300; ++i) session.execute(tandem::unchecked_sql("SELECT " + std::to_string(i)));
    });
    auto session = db.session();
    for (const auto* name : {"a", "b", "c"}) session.add(User{.username = name});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "7");
}

TEST_CASE_METHOD(BlogFixture, "commit and rollback hooks run for what was written only") {
    std::string log;
    db.after_commit([&] { log += "c"; });
    db.after_rollback([&] { log += "r"; });
    {
        auto session = db.session();
        (void)session.get<User>(1);
        session.commit();
        (void)session.get<User>(2);
        session.rollback();
    }
    CHECK(log.empty());
    {
        auto session = db.session();
        session.execute("DELETE FROM flag");
    }
    CHECK(log == "r");
    tandem::orm::Transaction step{db, tandem::orm::Access::write};
    {
        auto session = step.session();
        session.execute("DELETE FROM flag");
        session.commit();
    }
    CHECK(log == "r");
    step.commit();
    CHECK(log == "rc");
}

TEST_CASE_METHOD(BlogFixture, "a session keeps the hooks that were there when it was opened") {
    int count = 0;
    auto before = db.session();
    db.on<User>().before_insert([&](User&) { ++count; });
    before.add(User{.username = "eva"});
    before.commit();
    CHECK(count == 0);
    auto after = db.session();
    after.add(User{.username = "fay"});
    after.commit();
    CHECK(count == 1);
}

TEST_CASE_METHOD(BlogFixture, "a hook that takes its session away does no harm") {
    db.before_flush([](Session& session) { const auto taken = std::move(session); });
    auto session = db.session();
    session.add(User{.username = "eva"});
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user") == "5");
}

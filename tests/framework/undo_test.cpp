// P1: a handler that throws changes nothing, in the database or in any state.
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>

#include <tandem/tandem.hpp>

#include "support/test_client.hpp"

using tandem::Json;
using tandem::Ref;
using tandem::testing::TestClient;
using tandem::testing::TestEngine;

namespace undo {

struct Chapter;
struct Book : tandem::Model<Book> {
    std::string title;
    std::string secret;
    tandem::Many<Chapter> chapters{};
    TANDEM_MODEL(Book, title, (secret, hidden), (chapters, back_populates("book")))
};
struct Chapter : tandem::Model<Chapter> {
    std::string name;
    std::int64_t book_id = 0;
    tandem::One<Book> book{};
    TANDEM_MODEL(Chapter, name, (book_id, foreign_key("book.id")), (book, back_populates("chapters")))
};

struct Place {
    std::string city;
    std::vector<std::int64_t> numbers;
    TANDEM_STRUCT(Place, city, numbers)
};

struct Shelf : tandem::State<Shelf> {
    std::vector<Ref<Book>> books;
    std::vector<std::string> words{"one", "two"};
    Place place{"Rome", {1, 2}};
    std::map<std::string, Place> places{};
    std::optional<Place> home{};

    void on_load() {
        auto session = tandem::session();
        if (session.exec(tandem::select(tandem::count(Book::c.id))).scalar() == 0) {
            auto first = session.add(Book{.title = "First", .secret = "s1"});
            session.add(Book{.title = "Second", .secret = "s2"});
            session.add(Chapter{.name = "Start", .book = first});
            session.add(Chapter{.name = "End", .book = first});
            session.commit();
        }
        books = session.exec(Book::select().options(selectinload(Book::c.chapters)).order_by(Book::c.id)).all();
    }

    void change_and_throw(const std::string& what);
    void rename(std::int64_t at, std::string title) {
        books.at(static_cast<std::size_t>(at))->title = std::move(title);
    }
    std::vector<std::string> stored() const {
        auto session = tandem::session();
        std::vector<std::string> rows;
        for (auto& [title, secret] :
            session.exec(tandem::select(Book::c.title, Book::c.secret).order_by(Book::c.id)).all())
            rows.push_back(title.append("/").append(secret));
        for (auto& [name, book] :
            session.exec(tandem::select(Chapter::c.name, Chapter::c.book_id).order_by(Chapter::c.id)).all())
            rows.push_back(name.append("@").append(std::to_string(book)));
        return rows;
    }
    TANDEM_STATE(Shelf, books, words, place, places, home, change_and_throw, rename, stored)
};

struct Window : tandem::State<Window> {
    Ref<Book> book;
    std::int64_t opened = 0;
    std::string private_note;
    void open() {
        book = get_state<Shelf>().books.at(0);
        ++opened;
    }
    TANDEM_STATE(Window, book, opened, (private_note, backend), open)
};

/// Changes a detached object in one event and stores it in a later one.
struct Draft : tandem::State<Draft> {
    Ref<Chapter> chapter;
    void open() { chapter = get_state<Shelf>().books.at(0)->chapters[0]; }
    void edit(std::string name) { chapter->name = std::move(name); }
    void move() { chapter->book = get_state<Shelf>().books.at(1); }
    void bad() { throw std::runtime_error("no"); }
    void save() {
        auto session = tandem::session();
        session.add(chapter);
        session.commit();
    }
    TANDEM_STATE(Draft, chapter, open, edit, move, bad, save)
};

void Shelf::change_and_throw(const std::string& what) {
    auto& window = get_state<Window>();
    if (what == "list") words = {"three"};
    if (what == "list") words.emplace_back("four");
    if (what == "struct") place = {"Oslo", {}};
    if (what == "map") places["a"] = {"Bern", {7}};
    if (what == "optional") home = Place{"Kiel", {9}};
    if (what == "detached column") books.at(0)->title = "Changed";
    if (what == "hidden column") books.at(0)->secret = "Changed";
    if (what == "relation") books.at(0)->chapters.remove(books.at(0)->chapters[0]);
    if (what == "moved relation") books.at(1)->chapters.push_back(books.at(0)->chapters[1]);
    if (what == "grown relation") books.at(0)->chapters.push_back(Ref<Chapter>(Chapter{.name = "New"}));
    if (what == "other state") {
        window.opened = 99;
        window.private_note = "changed";
        window.book = nullptr;
    }
    if (what == "database") {
        auto session = tandem::session();
        session.execute("UPDATE book SET title = 'Changed'");
        session.commit();
    }
    if (what == "session column") {
        auto session = tandem::session();
        session.add(books.at(0));
        books.at(0)->title = "Changed";
        session.add(Book{.title = "Third"});
        session.commit();
        books.push_back(session.exec(Book::select().where(Book::c.title == "Third")).one());
    }
    if (what == "deleted") {
        auto session = tandem::session();
        for (auto chapter : books.at(0)->chapters) session.remove(chapter);
        session.remove(books.at(0));
        session.commit();
    }
    if (what == "reloaded") {
        auto session = tandem::session();
        books = session.exec(Book::select()).all();
        session.commit();
    }
    if (what == "cleared") books.clear();
    if (what == "uncommitted") {
        auto session = tandem::session();
        session.add(books.at(1));
        books.at(1)->title = "Changed";
        session.flush();
    }
    throw std::runtime_error("no");
}

}  // namespace undo

TEST_CASE("a handler that throws changes nothing") {
    for (const char* what : {"nothing", "list", "struct", "map", "optional", "detached column", "hidden column",
             "relation", "moved relation", "grown relation", "other state", "database", "session column", "deleted",
             "reloaded", "cleared", "uncommitted"}) {
        DYNAMIC_SECTION("after it changed: " << what) {
            TestEngine engine;
            TestClient client{engine};
            REQUIRE(client.call("window.open") == "ok");
            const Json before = client.tree();
            REQUIRE(before["shelf"]["books"][0]["chapters"].size() == 2);

            const Json outcome = client.call("shelf.change_and_throw", {what});

            CHECK(outcome["code"] == "failed");
            CHECK(client.last_ops().empty());
            // Not only what was sent, but what the server itself now holds and stores:
            CHECK(client.fresh_tree() == before);
            CHECK(client.call("window.open") == "ok");
            CHECK(client.tree()["window"]["opened"] == 2);
            CHECK(client.tree()["shelf"] == before["shelf"]);
            CHECK(client.call("shelf.rename", {0, "Fine"}) == "ok");
            CHECK(client.tree()["window"]["book"]["title"] == "Fine");
        }
    }
}

TEST_CASE("what was changed before a failed event is stored by a later save") {
    TestEngine engine;
    TestClient client{engine};
    REQUIRE(client.call("draft.open") == "ok");
    REQUIRE(client.call("draft.edit", {"Edited"}) == "ok");
    REQUIRE(client.call("draft.move") == "ok");
    CHECK(client.call("draft.bad")["code"] == "failed");
    REQUIRE(client.call("draft.save") == "ok");
    CHECK(client.tree()["shelf"]["stored"] == Json::parse(R"(["First/s1", "Second/s2", "Edited@2", "End@1"])"));
}

TEST_CASE("an object that two states show is changed, and undone, in both") {
    TestEngine engine;
    TestClient client{engine};
    client.call("window.open");
    client.call("shelf.rename", {0, "Renamed"});
    CHECK(client.tree()["window"]["book"]["title"] == "Renamed");
    CHECK(client.tree()["shelf"]["books"][0]["title"] == "Renamed");
    client.call("shelf.change_and_throw", {"detached column"});
    CHECK(client.fresh_tree()["window"]["book"]["title"] == "Renamed");
    CHECK(client.fresh_tree() == client.tree());
}

TEST_CASE("a failure's text stays on the server; the client gets an id that the log has too") {
    TestEngine engine;
    TestClient client{engine};
    engine.log.clear();
    const Json outcome = client.call("shelf.change_and_throw", {"nothing"});
    CHECK(outcome.dump().find("no\"") == std::string::npos);
    CHECK_FALSE(outcome.contains("detail"));
    const auto id = outcome.at("id").get<std::string>();
    REQUIRE_FALSE(engine.log.empty());
    CHECK(engine.log[0].find(id) != std::string::npos);
    CHECK(engine.log[0].find("shelf.change_and_throw") != std::string::npos);
}

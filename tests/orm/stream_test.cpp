#include <algorithm>
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/stream.hpp>
#include <tandem/orm/transaction.hpp>

#include "query_models.hpp"

using namespace queries;
using namespace tandem;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Counts how many of it there are.
struct Alive {
    Alive() { most = std::max(most, ++count); }
    Alive(const Alive&) : Alive() {}
    Alive& operator=(const Alive&) = default;
    ~Alive() { --count; }
    inline static std::int64_t count = 0;
    inline static std::int64_t most = 0;
};
void forget_peak() { Alive::most = Alive::count; }

struct Shelf;
struct Item : Model<Item> {
    std::string text;
    std::int64_t shelf_id = 0;
    One<Shelf> shelf{};
    Alive alive{};
    TANDEM_MODEL(Item, text, (shelf_id, foreign_key("shelf.id"), index), (shelf, back_populates("items")))
};
struct Shelf : Model<Shelf> {
    std::string name;
    Many<Item> items{};
    Alive alive{};
    TANDEM_MODEL(Shelf, name, (items, back_populates("shelf")))
};
struct ItemRow {
    std::int64_t id = 0;
    std::string text;
    Alive alive{};
    TANDEM_STRUCT(ItemRow, id, text)
};

/// 100,000 items on 50,000 shelves, two on each.
class ItemFixture : public Fixture {
public:
    ItemFixture() {
        oracle.run("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
                   " INSERT INTO shelf (id, name) SELECT i, 's' || i FROM n;"
                   "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
                   " INSERT INTO item (id, text, shelf_id) SELECT i, 'text ' || i, (i + 1) / 2 FROM n;");
        forget_peak();
    }
};

}  // namespace

TEST_CASE_METHOD(ItemFixture, "streamed rows need the memory of a batch, however many there are", "[stream]") {
    auto session = db.session();
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    for (const ItemRow& row : session.stream(select(Item::c.id, Item::c.text).into<ItemRow>(), 100)) {
        ++rows;
        sum += row.id;
    }
    CHECK(rows == 100'000);
    CHECK(sum == 5'000'050'000);
    CHECK(Alive::most < 300);
}

TEST_CASE_METHOD(ItemFixture, "streamed objects that nobody holds leave the session with their batch", "[stream]") {
    auto session = db.session();
    std::int64_t rows = 0;
    for (const auto& item : session.stream(Item::select().options(selectinload(Item::c.shelf)), 100)) {
        ++rows;
        if (item->shelf->name.empty()) FAIL("a shelf without name");
    }
    CHECK(rows == 100'000);
    CHECK(Alive::most < 1'500);
}

TEST_CASE_METHOD(ItemFixture, "objects loaded on access in the loop leave with the streamed ones", "[stream]") {
    db.on_lazy_loop(LazyLoops::ignore);
    auto session = db.session();
    std::int64_t items = 0;
    for (const auto& shelf : session.stream(Shelf::select().where(Shelf::c.id <= 2'000), 100))
        items += static_cast<std::int64_t>(shelf->items.size());
    CHECK(items == 4'000);
    CHECK(Alive::most < 2'000);
}

TEST_CASE_METHOD(ItemFixture, "rows of objects and values stream, too", "[stream]") {
    auto session = db.session();
    std::int64_t rows = 0;
    for (const auto& [item, shelf, name] :
        session.stream(select(Item::c, Shelf::c, Shelf::c.name).join(Item::c.shelf), 100)) {
        if (shelf->name != name || item->shelf_id != shelf->id) FAIL("a row does not hold together");
        ++rows;
    }
    CHECK(rows == 100'000);
    CHECK(Alive::most < 1'500);
}

TEST_CASE_METHOD(QueryFixture, "what is held, and what it leads to, stays in the session", "[stream]") {
    auto session = db.session();
    std::vector<Ref<Post>> kept;
    Post* first = nullptr;
    for (const auto& post :
        session.stream(Post::select().order_by(Post::c.id).options(selectinload(Post::c.flags)), 1)) {
        if (post->id == 1) first = post.get();
        if (post->id == 1 || post->id == 3) kept.push_back(post);
    }
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].get() == first);
    CHECK(session.get<Post>(1) == kept[0]);
    StatementLog log{db};
    CHECK(kept[0]->flags.size() == 2);
    CHECK(kept[1]->flags[0]->message == "f3");
    CHECK(log.size() == 0);
    // Nobody held post 2: it is read again.
    CHECK(session.get<Post>(2)->title == "p2");
    CHECK(log.count("SELECT") == 1);
}

TEST_CASE_METHOD(QueryFixture, "objects changed in a stream stay until they are written", "[stream]") {
    auto session = db.session(tandem::write);
    for (const auto& user : session.stream(User::select().order_by(User::c.id), 1)) user->email = "all@x.io";
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM user WHERE email = 'all@x.io'") == "4");
}

TEST_CASE_METHOD(QueryFixture, "partitions come in vectors, the last one with what is left", "[stream]") {
    auto session = db.session();
    std::vector<std::size_t> sizes;
    Ids found;
    for (const auto& posts : session.stream(Post::select().order_by(Post::c.id)).partitions(2)) {
        sizes.push_back(posts.size());
        for (const auto& post : posts) found.push_back(post->id);
    }
    CHECK(sizes == std::vector<std::size_t>{2, 2, 1});
    CHECK(found == Ids{1, 2, 3, 4, 5});
    for ([[maybe_unused]] auto& batch : session.stream(Post::select().where(Post::c.id < 0)).partitions(2))
        FAIL("there is nothing to go through");
    CHECK_THROWS_AS(session.stream(Post::select()).partitions(0), ArgumentError);
    CHECK_THROWS_AS(session.stream(Post::select(), 0), ArgumentError);
}

TEST_CASE_METHOD(QueryFixture, "relations are loaded whole for each batch, with whatever loader", "[stream]") {
    const auto lengths = [this](auto option) {
        auto session = db.session();
        StatementLog log{db};
        std::vector<std::size_t> found;
        for (const auto& users : session.stream(User::select().order_by(User::c.id).options(option)).partitions(2)) {
            const std::size_t statements = log.size();
            for (const auto& user : users) found.push_back(user->posts.size());
            CHECK(log.size() == statements);
        }
        CHECK(log.count("SELECT") == 3);
        return found;
    };
    const std::vector<std::size_t> expected{1, 3, 1, 0};
    CHECK(lengths(selectinload(User::c.posts)) == expected);
    CHECK(lengths(joinedload(User::c.posts)) == expected);
    CHECK(lengths(subqueryload(User::c.posts)) == expected);
}

TEST_CASE_METHOD(QueryFixture, "limit and offset mean the same in a stream", "[stream]") {
    auto session = db.session();
    Ids found;
    for (const auto& post : session.stream(Post::select().order_by(Post::c.id).limit(3).offset(1), 2))
        found.push_back(post->id);
    CHECK(found == Ids{2, 3, 4});
}

TEST_CASE_METHOD(
    QueryFixture, "queries run inside a stream's loop, the same one and other streams included", "[stream]") {
    auto session = db.session();
    const auto users = User::select().order_by(User::c.id);
    std::string found;
    for (const auto& user : session.stream(users, 1)) {
        for (const auto& inner : session.stream(users, 1)) found += user->username[0] + inner->username.substr(0, 1);
        found += ' ';
        CHECK(session.exec(users).all().size() == 4);
        CHECK(session.exec(users).first()->id == 1);
    }
    CHECK(found == "aaabacad babbbcbd cacbcccd dadbdcdd ");

    auto one = session.stream(select(Post::c.id).order_by(Post::c.id), 1);
    auto two = session.stream(select(Post::c.id).order_by(Post::c.id.desc()), 1);
    auto left = one.begin();
    auto right = two.begin();
    for (; left != one.end() && right != two.end(); ++left, ++right)
        CHECK(std::get<0>(*left) + std::get<0>(*right) == 6);
}

TEST_CASE_METHOD(QueryFixture, "300 other statements inside the loop do not disturb a stream", "[stream]") {
    auto session = db.session();
    std::int64_t rows = 0;
    for (const auto& [id] : session.stream(select(Post::c.id).order_by(Post::c.id), 1)) {
        for (int i = 0; i < 300; ++i) session.execute(unchecked_sql("SELECT " + std::to_string(id * 1000 + i)));
        CHECK(id == ++rows);
    }
    CHECK(rows == 5);
}

TEST_CASE_METHOD(QueryFixture, "a stream shows what was there when it began, whatever its session writes", "[stream]") {
    auto session = db.session(tandem::write);
    Ids found;
    for (const auto& [id, title] : session.stream(select(Post::c.id, Post::c.title).order_by(Post::c.id), 1)) {
        found.push_back(id);
        CHECK(title == "p" + std::to_string(id));
        session.add(Post{.title = "new"});
        session.execute(update<Post>().set(Post::c.title, "changed"));
        session.execute(delete_from<Post>().where(Post::c.id == 4));
        if (found.size() > 10) break;
    }
    CHECK(found == Ids{1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(QueryFixture, "objects of a stream stay as they were when the loop writes", "[stream]") {
    auto session = db.session(tandem::write);
    std::string found;
    for (const auto& post : session.stream(Post::select().order_by(Post::c.id), 2)) {
        found += post->title + " ";
        post->title += "!";
        session.add(Post{.title = "new"});
        session.flush();
    }
    session.commit();
    CHECK(found == "p1 p2 p3 p4 p5 ");
    CHECK(oracle.row("SELECT count(*) FROM post WHERE title LIKE 'p_!'") == "5");
    CHECK(oracle.row("SELECT count(*) FROM post") == "10");
}

TEST_CASE_METHOD(ItemFixture, "a write that makes a long stream be read into memory is told of", "[stream]") {
    std::vector<std::string> warnings;
    db.on_warning([&](std::string_view text) { warnings.emplace_back(text); });
    auto session = db.session(tandem::write);
    std::int64_t rows = 0;
    for ([[maybe_unused]] const auto& row : session.stream(select(Item::c.id)))
        if (++rows == 1) session.execute(update<Shelf>().set(Shelf::c.name, "x").where(Shelf::c.id == 1));
    CHECK(rows == 100'000);
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings.front(), ContainsSubstring("stream_test.cpp:") && ContainsSubstring("after()"));
}

TEST_CASE_METHOD(QueryFixture, "another session may write meanwhile: the stream keeps its snapshot", "[stream]") {
    auto session = db.session();
    Ids found;
    for (const auto& [id] : session.stream(select(Post::c.id).order_by(Post::c.id), 1)) {
        found.push_back(id);
        auto writer = db.session(tandem::write);
        writer.execute(delete_from<Post>().where(Post::c.id == 4));
        writer.commit();
    }
    CHECK(found == Ids{1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(QueryFixture, "commit, rollback and the session's end end a stream, in a short one, too", "[stream]") {
    const auto query = select(Post::c.id).order_by(Post::c.id);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{500}}) {
        auto session = db.session();
        auto stream = session.stream(query, batch);
        auto row = stream.begin();
        session.commit();
        CHECK_THAT(error_of<InvalidStateError>([&] { ++row; }),
            ContainsSubstring("stream_test.cpp:") && ContainsSubstring("committed"));

        auto next = session.stream(query, batch);
        row = next.begin();
        CHECK(std::get<0>(*row) == 1);
        session.rollback();
        CHECK_THAT(error_of<InvalidStateError>([&] { ++row; }), ContainsSubstring("rolled back"));
        CHECK_THROWS_AS(next.begin(), InvalidStateError);
        CHECK(session.exec(query).all().size() == 5);
    }
    auto session = std::make_unique<Session>(db.session());
    auto stream = session->stream(query, 1);
    auto row = stream.begin();
    auto unread = session->stream(query, 1);
    session.reset();
    CHECK_THROWS_AS(++row, InvalidStateError);
    CHECK_THROWS_AS(unread.begin(), InvalidStateError);
}

TEST_CASE_METHOD(QueryFixture, "a savepoint's rollback ends a stream; its commit does not", "[stream]") {
    auto session = db.session(tandem::write);
    const auto query = select(Post::c.id).order_by(Post::c.id);
    auto kept = session.stream(query, 1);
    auto row = kept.begin();
    session.savepoint().commit();
    CHECK(std::get<0>(*++row) == 2);
    session.savepoint().rollback();
    CHECK_THAT(error_of<InvalidStateError>([&] { ++row; }), ContainsSubstring("savepoint"));
}

TEST_CASE_METHOD(QueryFixture, "the end of a step ends the streams of its sessions", "[stream]") {
    const auto query = select(Post::c.id).order_by(Post::c.id);
    orm::Transaction step{db, orm::Access::write};
    auto session = step.session();
    auto stream = session.stream(query, 1);
    auto row = stream.begin();
    step.commit();
    CHECK_THROWS_AS(++row, InvalidStateError);
}

TEST_CASE_METHOD(QueryFixture, "another session of the step may write and be undone during a stream", "[stream]") {
    orm::Transaction step{db, orm::Access::write};
    auto reader = step.session();
    Ids found;
    for (const auto& [id] : reader.stream(select(Post::c.id).order_by(Post::c.id), 1)) {
        found.push_back(id);
        auto writer = step.session();
        writer.execute(delete_from<Post>().where(Post::c.id == 4));
        if (id == 3) writer.rollback();
    }
    CHECK(found == Ids{1, 2, 3, 4, 5});
}

TEST_CASE_METHOD(QueryFixture, "a stream that is left half-way leaves nothing behind", "[stream]") {
    const auto query = select(Post::c.id).order_by(Post::c.id);
    auto session = db.session(tandem::write);
    for ([[maybe_unused]] const auto& row : session.stream(query, 1)) break;
    CHECK_THROWS_AS(
        [&] {
            for ([[maybe_unused]] const auto& row : session.stream(query, 1)) throw std::runtime_error("loop");
        }(),
        std::runtime_error);
    // With a statement left open the table could not be dropped.
    session.execute("DROP TABLE message");
    session.execute(delete_from<Flag>());
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM flag") == "0");
    CHECK(session.exec(query).all().size() == 5);
}

TEST_CASE_METHOD(QueryFixture, "a stream that was moved away says so, and its rows go with it", "[stream]") {
    auto session = db.session();
    auto stream = session.stream(select(Post::c.id).order_by(Post::c.id), 2);
    CHECK(std::get<0>(*stream.begin()) == 1);
    auto moved = std::move(stream);
    CHECK_THAT(error_of<InvalidStateError>(
                   [&] { (void)stream.begin(); }),  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
        ContainsSubstring("moved"));
    Ids found;
    for (const auto& [id] : moved) found.push_back(id);
    CHECK(found == Ids{2, 3, 4, 5});
    CHECK(moved.begin() == moved.end());
}

TEST_CASE_METHOD(QueryFixture, "a row that cannot be read ends the stream with the error of its value", "[stream]") {
    oracle.run("PRAGMA ignore_check_constraints = ON; INSERT INTO number (id, small, big, real, flag, text)"
               " VALUES (1, 1, 1, 1, 0, 'a'), (2, 99999999999, 1, 1, 0, 'b'), (3, 1, 1, 1, 0, 'c')");
    auto session = db.session();
    auto stream = session.stream(select(Number::c.small).order_by(Number::c.id), 1);
    auto row = stream.begin();
    CHECK_THAT(error_of<ValueError>([&] { ++row; }), ContainsSubstring("small"));
    CHECK_THROWS_AS(stream.begin(), InvalidStateError);
    CHECK(session.exec(select(Number::c.small).where(Number::c.id == 3)).scalar() == 1);
}

TEST_CASE_METHOD(QueryFixture, "a stream does not go on after a failed flush", "[stream]") {
    auto session = db.session(tandem::write);
    auto stream = session.stream(select(Post::c.id).order_by(Post::c.id), 1);
    auto row = stream.begin();
    session.add(User{.username = "ana"});
    CHECK_THROWS_AS(session.flush(), IntegrityError);
    session.rollback();
    CHECK_THROWS_AS(++row, InvalidStateError);
}

TEST_CASE_METHOD(QueryFixture, "a stream that is echoed tells its statement once", "[stream]") {
    std::vector<std::string> lines;
    db.echo([&](std::string_view line) { lines.emplace_back(line); });
    auto session = db.session();
    for (const auto& [id] : session.stream(select(Post::c.id).order_by(Post::c.id), 1))
        (void)session.exec(User::select().where(User::c.id == id)).first();
    CHECK(std::ranges::count_if(
              lines, [](const std::string& line) { return line.find("FROM \"post\"") != line.npos; }) == 1);
}

#include <memory>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include <tandem/orm/ref.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Flag;
using blog::Post;
using blog::User;
using tandem::Ref;

namespace aligned {

struct alignas(16) Point {
    std::int64_t packed = 0;
};
/// Its objects may stand only at every 16th byte.
struct Landmark : tandem::Model<Landmark> {
    Point point{};
    std::string name;
    TANDEM_MODEL(Landmark, point, name)
};

[[nodiscard]] bool is_aligned(const Landmark& landmark) {
    return reinterpret_cast<std::uintptr_t>(&landmark) % 16 == 0;
}

}  // namespace aligned

template <>
struct tandem::Codec<aligned::Point> {
    using stored = std::int64_t;
    static std::int64_t store(const aligned::Point& point) { return point.packed; }
    static aligned::Point load(std::int64_t packed) { return {packed}; }
};

// LeakSanitizer looks on: what these tests make must be gone at the end.

TEST_CASE("an empty Ref is false, equal to nullptr, and throws when used") {
    const Ref<User> nobody;
    CHECK_FALSE(nobody);
    CHECK(nobody == nullptr);
    CHECK_THROWS_AS(nobody->username, tandem::InvalidStateError);
    CHECK_THROWS_AS(*nobody, tandem::InvalidStateError);
}

TEST_CASE("copies of a Ref name one object") {
    const Ref<User> first{User{.username = "ana"}};
    const Ref<User> second = first;  // NOLINT: a copy is what is tested
    second->username = "ben";
    CHECK(first->username == "ben");
    CHECK(first == second);
}

TEST_CASE("objects of equal values are not the same") {
    CHECK_FALSE(Ref<User>{User{.username = "ana"}} == Ref<User>{User{.username = "ana"}});
}

TEST_CASE("a Ref that is assigned, moved from or assigned to itself keeps what it names") {
    Ref<User> ana{User{.username = "ana"}};
    const Ref<User>& same = ana;
    ana = same;
    CHECK(ana->username == "ana");
    Ref<User> moved = std::move(ana);
    CHECK(moved->username == "ana");
    CHECK_FALSE(ana);  // NOLINT: a moved-from Ref is empty
    moved = nullptr;
    CHECK_FALSE(moved);
}

TEST_CASE("circles of relations do not keep themselves alive") {
    const Ref<User> ana{User{.username = "ana"}};
    for (int i = 0; i < 10; ++i) {
        const Ref<Post> post{Post{.title = std::string(100, 'x'), .user = ana}};
        post->flags.push_back(Flag{.message = "f", .user = ana});
    }
    CHECK(ana->posts.size() == 10);
    CHECK(ana->flags.size() == 10);
}

TEST_CASE("a handle to any object of a graph keeps all that it leads to") {
    Ref<Flag> flag{Flag{.message = "f", .post = Post{.title = "p", .user = User{.username = "ana"}}}};
    CHECK(flag->post->user->username == "ana");
    Ref<User> ana = flag->post->user;
    flag = nullptr;
    CHECK(ana->posts[0]->flags[0]->message == "f");
}

TEST_CASE("graphs of new objects merge whichever is larger") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<User> ben{User{.username = "ben"}};
    for (int i = 0; i < 40; ++i) ana->posts.push_back(Post{.title = "a" + std::to_string(i)});
    ben->posts.push_back(Post{.title = "b"});
    const Ref<Flag> flag{Flag{.message = "f"}};
    flag->user = ben;
    flag->post = ana->posts[39];
    CHECK(ben->flags[0]->post->user.get() == ana);
    CHECK(ana->posts.size() == 40);
    CHECK(ana->posts[0]->title == "a0");
}

TEST_CASE("a relation to itself is a relation") {
    const Ref<types::Place> place{types::Place{.label = "here"}};
    place->parent = place;
    CHECK(place->children[0] == place);
}

TEST_CASE("a copy of an object is a new object: values and Ones are copied, collections are not") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<Post> post{Post{.title = "p", .user = ana}};
    post->flags.push_back(Flag{.message = "f"});
    Post copy = *post;
    CHECK(copy.title == "p");
    CHECK(copy.user.get() == ana);
    CHECK(copy.flags.empty());
    CHECK(ana->posts.size() == 1);
    copy.title = "copy";
    CHECK(post->title == "p");
    const Ref<Post> second{copy};
    CHECK(ana->posts.size() == 2);
    CHECK(post->flags.size() == 1);
}

TEST_CASE("an object can be assigned, also to itself") {
    const Ref<User> ana{User{.username = "ana"}};
    const Ref<User> ben{User{.username = "ben"}};
    const Ref<Post> post{Post{.title = "p", .user = ana}};
    const Ref<Post> other{Post{.title = "o", .user = ben}};
    const Post& same = *post;
    *post = same;
    CHECK(post->title == "p");
    CHECK(post->user.get() == ana);
    CHECK(ana->posts.size() == 1);
    *post = *other;
    CHECK(post->title == "o");
    CHECK(post->user.get() == ben);
    CHECK(ana->posts.empty());
    CHECK(ben->posts.size() == 2);
}

TEST_CASE("a plain object holds what its One leads to") {
    Post post;
    {
        const Ref<User> ana{User{.username = "ana"}};
        post.user = ana;
    }
    CHECK(post.user->username == "ana");
    Post moved = std::move(post);
    CHECK(moved.user->username == "ana");
    moved.user = nullptr;
    CHECK_FALSE(moved.user);
}

TEST_CASE_METHOD(BlogFixture, "a Ref outlives its session, with all that was loaded") {
    Ref<User> ben;
    {
        auto session = db.session();
        ben = session
                  .exec(User::select()
                            .where(User::c.id == 2)
                            .options(tandem::selectinload(User::c.posts).options(tandem::selectinload(Post::c.flags))))
                  .one();
    }
    CHECK(ben->posts.size() == 3);
    CHECK(ben->posts[1]->flags[0]->message == "f3");
    CHECK(ben->posts[1]->user.get() == ben);
}

TEST_CASE("a Ref outlives the Database") {
    Ref<User> user;
    {
        auto db = std::make_unique<tandem::Database>("sqlite://");
        db->create_tables();
        auto session = db->session();
        session.add(User{.username = "ana"});
        session.commit();
        user = db->session().exec(User::select()).one();
    }
    CHECK(user->username == "ana");
    CHECK_THROWS_AS(user->posts.size(), tandem::DetachedError);
}

TEST_CASE_METHOD(BlogFixture, "a new object's empty relations stay readable after its session") {
    Ref<User> user;
    {
        auto session = db.session();
        user = session.add(User{.username = "new"});
        session.commit();
    }
    CHECK(user->posts.empty());
}

TEST_CASE_METHOD(BlogFixture, "a change of a detached object survives a session that only shares its graph") {
    Ref<User> ben = db.session().exec(User::select().where(User::c.username == "ben")).one();
    ben->email = "changed@x.io";
    {
        auto session = db.session();
        auto post = session.get<Post>(1);
        post->user = ben;
        session.commit();
    }
    CHECK(db.session().exec(User::select().where(User::c.username == "ben")).one()->email == "changed@x.io");
}

TEST_CASE_METHOD(BlogFixture, "two objects for one row cannot come into a session together") {
    Ref<Post> post = db.session().exec(Post::select().options(tandem::selectinload(Post::c.user)).limit(1)).one();
    Ref<User> user = db.session().get<User>(post->user_id);
    auto session = db.session();
    CHECK_THROWS_AS(session.add(blog::Flag{.message = "m", .post = post, .user = user}), tandem::InvalidStateError);
}

TEST_CASE_METHOD(BlogFixture, "objects that no handle leads to go with the session, the others stay") {
    Ref<User> ana;
    {
        auto session = db.session();
        const auto users =
            session.exec(User::select().order_by(User::c.id).options(tandem::selectinload(User::c.posts))).all();
        ana = users[0];
    }
    CHECK(ana->posts[0]->title == "p1");
    ana = nullptr;
}

TEST_CASE_METHOD(BlogFixture, "making an object of parts of two sessions is refused and leaks nothing") {
    auto first = db.session();
    auto second = db.session();
    const auto post = first.get<Post>(1);
    const auto ben = second.get<User>(2);
    CHECK_THROWS_AS((Ref<Flag>{Flag{.message = "f", .post = post, .user = ben}}), tandem::InvalidStateError);
}

TEST_CASE_METHOD(BlogFixture, "objects of an ended session that join another one leave room for what that one loads") {
    // Of flags, which are smaller than posts: a post in a flag's place would reach into the next one.
    std::vector<Ref<Flag>> flags;
    {
        auto session = db.session();
        flags = session.exec(Flag::select().order_by(Flag::c.id).limit(3)).all();
    }
    auto session = db.session();
    std::vector<Ref<Post>> posts = session.exec(Post::select().where(Post::c.id <= 2).order_by(Post::c.id)).all();
    session.add(flags[0]);
    for (Ref<Post>& post : session.exec(Post::select().where(Post::c.id > 2).order_by(Post::c.id)).all())
        posts.push_back(std::move(post));

    std::vector<std::string> titles;
    titles.reserve(posts.size());
    for (const Ref<Post>& post : posts) titles.push_back(post->title);
    CHECK(titles == std::vector<std::string>{"p1", "p2", "p3", "p4", "p5"});
    std::vector<std::string> messages;
    messages.reserve(flags.size());
    for (const Ref<Flag>& flag : flags) messages.push_back(flag->message);
    CHECK(messages == std::vector<std::string>{"f1", "f2", "f3"});
}

TEST_CASE("objects of a class that is aligned more than others stand where they may") {
    tandem::Database db{"sqlite:///:memory:"};
    db.create_tables();
    std::vector<Ref<aligned::Landmark>> made;
    {
        auto session = db.session();
        for (std::int64_t i = 1; i <= 600; ++i)
            made.push_back(session.add(aligned::Landmark{.point = {i}, .name = std::string(40, 'n')}));
        session.commit();
    }
    auto session = db.session();
    auto read = session.exec(aligned::Landmark::select().order_by(aligned::Landmark::c.id)).all();
    REQUIRE(read.size() == made.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
        CHECK((is_aligned(*made[i]) && is_aligned(*read[i])));
        CHECK(read[i]->point.packed == static_cast<std::int64_t>(i + 1));
        CHECK(read[i]->name == std::string(40, 'n'));
    }
    read[299]->point.packed = -1;  // hashes stand behind all objects of a slab, and are told apart
    read[300]->name = "other";
    session.commit();
    const auto changed = db.session()
                             .exec(aligned::Landmark::select()
                                       .where(aligned::Landmark::c.id.in({300, 301}))
                                       .order_by(aligned::Landmark::c.id))
                             .all();
    REQUIRE(changed.size() == 2);
    CHECK(changed[0]->point.packed == -1);
    CHECK(changed[0]->name == std::string(40, 'n'));
    CHECK(changed[1]->point.packed == 301);
    CHECK(changed[1]->name == "other");
}

TEST_CASE_METHOD(BlogFixture, "new objects of several classes, made in turn, are freed in part and made again") {
    auto session = db.session();
    std::vector<Ref<User>> users;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 40; ++i) {
            const std::string name = std::to_string(round) + "." + std::to_string(i);
            const Ref<User> user = session.add(User{.username = "u" + name});
            const Ref<Post> post = session.add(Post{.title = "p" + name, .user = user});
            session.add(Flag{.message = "f" + name, .post = post, .user = user});
            if (i % 10 == 0) users.push_back(user);
        }
        session.rollback();  // nothing leads to most of them any more
    }
    for (const Ref<User>& user : users) session.add(user);
    session.commit();
    std::vector<std::string> names;
    names.reserve(users.size());
    for (const Ref<User>& user : users) names.push_back(user->username);
    CHECK(names ==
        std::vector<std::string>{
            "u0.0", "u0.10", "u0.20", "u0.30", "u1.0", "u1.10", "u1.20", "u1.30", "u2.0", "u2.10", "u2.20", "u2.30"});
    for (const Ref<User>& user : users) {
        REQUIRE(user->posts.size() == 1);
        CHECK(user->posts[0]->title == "p" + user->username.substr(1));
        CHECK(user->posts[0]->flags.size() == 1);
    }
}

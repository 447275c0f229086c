// Random work against a plain model: after each commit and rollback a fresh connection must see what the model says,
// and so must the objects.
#define CATCH_CONFIG_ENABLE_ALL_STRINGMAKERS
#include <map>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "blog.hpp"
#include "support/oracle.hpp"

using blog::Post;
using blog::User;
using tandem::Ref;

namespace {

/// What the database should hold, by name: e-mails of users, and the users of posts.
struct Expected {
    std::map<std::string, std::string> users;
    std::map<std::string, std::string> posts;
};

class Run {
public:
    Run(Fixture& fixture, unsigned seed)
        : random_(seed), db_(fixture.db), oracle_(fixture.oracle), session_(db_.session()) {
        oracle_.run("DELETE FROM post; DELETE FROM user");
    }

    void step() {
        switch (pick(16)) {
            case 0:
            case 1: add_user(); break;
            case 2:
            case 3: add_post(); break;
            case 4: change_user(); break;
            case 5:
            case 6: move_post(); break;
            case 7: remove_post(); break;
            case 8: remove_user(); break;
            case 9:
                log_ += " flush";
                session_->flush();
                break;
            case 10:
                log_ += " commit";
                while (!savepoints_.empty()) end_savepoint(true);
                session_->commit();
                stored_ = current_;
                check();
                break;
            case 11:
                log_ += " rollback";
                savepoints_.clear();
                if (pick(2) == 0) session_->rollback();
                else reopen();
                current_ = stored_;
                drop_unstored();
                check();
                break;
            case 12:
                log_ += " savepoint";
                savepoints_.push_back({session_->savepoint(), current_, users_, posts_});
                break;
            case 13: end_savepoint(false); break;
            case 14: end_savepoint(true); break;
            default: expire(); break;
        }
    }
    [[nodiscard]] const std::string& log() const { return log_; }
    void finish() {
        while (!savepoints_.empty()) end_savepoint(pick(2) == 0);
        session_->commit();
        stored_ = current_;
        check();
    }

private:
    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_); }
    template <class Map>
    auto& any(Map& map) {
        return *std::next(map.begin(), static_cast<std::ptrdiff_t>(pick(map.size())));
    }

    void add_user() {
        const std::string name = "u" + std::to_string(++count_);
        log_ += " add:" + name;
        users_[name] = session_->add(User{.username = name, .email = "e"});
        current_.users[name] = "e";
    }
    void add_post() {
        if (users_.empty()) return;
        const std::string title = "p" + std::to_string(++count_);
        const auto& [name, user] = any(users_);
        log_ += " add:" + title + ">" + name;
        if (pick(2) == 0) {
            posts_[title] = session_->add(Post{.title = title, .user = user});
        } else {
            const Ref<Post> post{Post{.title = title}};
            user->posts.push_back(post);
            posts_[title] = post;
        }
        current_.posts[title] = name;
    }
    void change_user() {
        if (users_.empty()) return;
        const auto& [name, user] = any(users_);
        log_ += " change:" + name;
        user->email = "e" + std::to_string(pick(3));
        current_.users[name] = user->email;
    }
    void move_post() {
        if (posts_.empty()) return;
        const auto& [title, post] = any(posts_);
        const auto& [name, user] = any(users_);
        log_ += " move:" + title + ">" + name;
        if (pick(2) == 0) post->user = user;
        else user->posts.push_back(post);
        current_.posts[title] = name;
    }
    void remove_post() {
        if (posts_.empty()) return;
        const auto [title, post] = any(posts_);
        log_ += " remove:" + title;
        session_->remove(post);
        posts_.erase(title);
        current_.posts.erase(title);
        removed_posts_[title] = post;
    }
    void remove_user() {
        if (users_.empty()) return;
        const auto [name, user] = any(users_);
        for (const auto& [title, owner] : current_.posts)
            if (owner == name) return;  // the foreign key would refuse it
        log_ += " remove:" + name;
        session_->flush();  // posts that left the user have to do so before it goes
        session_->remove(user);
        users_.erase(name);
        current_.users.erase(name);
        removed_users_[name] = user;
    }
    /// Keeps or undoes what came since the innermost savepoint.
    void end_savepoint(bool keep) {
        if (savepoints_.empty()) return;
        Saved& saved = savepoints_.back();
        log_ += keep ? " keep" : " undo";
        if (keep) {
            saved.savepoint.commit();
        } else {
            saved.savepoint.rollback();
            current_ = saved.expected;
            users_ = saved.users;
            posts_ = saved.posts;
            check_objects(current_);
        }
        savepoints_.pop_back();
    }
    void expire() {
        if (users_.empty()) return;
        session_->flush();
        log_ += " expire";
        if (pick(4) == 0) session_->expire_all();
        else session_->expire(any(users_).second);
        if (!posts_.empty()) session_->expire(any(posts_).second);
    }
    void reopen() {
        log_ += "(new session)";
        session_.reset();
        session_.emplace(db_.session());
        // Stored objects are taken up again; what was not stored is forgotten.
        for (auto* users : {&users_, &removed_users_})
            for (auto& [name, user] : *users)
                if (stored_.users.contains(name)) session_->add(user);
        for (auto* posts : {&posts_, &removed_posts_})
            for (auto& [title, post] : *posts)
                if (stored_.posts.contains(title)) session_->add(post);
    }
    void drop_unstored() {
        users_.merge(removed_users_);
        posts_.merge(removed_posts_);
        std::erase_if(users_, [&](const auto& entry) { return !stored_.users.contains(entry.first); });
        std::erase_if(posts_, [&](const auto& entry) { return !stored_.posts.contains(entry.first); });
    }

    void check() {
        removed_users_.clear();
        removed_posts_.clear();
        Expected found;
        for (const auto& row : oracle_.rows("SELECT username, email FROM user"))
            found.users[row.substr(0, row.find('|'))] = row.substr(row.find('|') + 1);
        for (const auto& row : oracle_.rows("SELECT title, username FROM post JOIN user ON user.id = user_id"))
            found.posts[row.substr(0, row.find('|'))] = row.substr(row.find('|') + 1);
        INFO("after" << log_);
        CHECK(found.users == stored_.users);
        CHECK(found.posts == stored_.posts);

        check_objects(stored_);
    }
    void check_objects(const Expected& expected) {
        INFO("after" << log_);
        Expected held;
        for (const auto& [name, user] : users_) held.users[user->username] = user->email;
        for (const auto& [title, post] : posts_) held.posts[post->title] = post->user->username;
        CHECK(held.users == expected.users);
        CHECK(held.posts == expected.posts);

        std::map<std::string, std::string> listed;
        for (const auto& [name, user] : users_)
            for (const auto& post : user->posts) listed[post->title] = name;
        CHECK(listed == expected.posts);
    }

    std::mt19937 random_;
    tandem::Database& db_;
    Oracle& oracle_;
    std::optional<tandem::Session> session_;
    int count_ = 0;
    std::string log_{};
    Expected stored_{};
    Expected current_{};
    struct Saved {
        tandem::Savepoint savepoint;
        Expected expected;
        std::map<std::string, Ref<User>> users;
        std::map<std::string, Ref<Post>> posts;
    };
    std::vector<Saved> savepoints_{};
    std::map<std::string, Ref<User>> users_{};
    std::map<std::string, Ref<Post>> posts_{};
    std::map<std::string, Ref<User>> removed_users_{};
    std::map<std::string, Ref<Post>> removed_posts_{};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "random work ends as a plain model says, in the database and in memory") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        INFO("seed " << seed);
        Run run{*this, seed};
        for (int i = 0; i < 40; ++i) {
            try {
                run.step();
            } catch (const std::exception& error) { FAIL(error.what() << " after" << run.log()); }
        }
        run.finish();
    }
}

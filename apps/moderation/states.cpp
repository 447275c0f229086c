#include "states.hpp"

#include <algorithm>
#include <utility>

#include "rules.hpp"

using tandem::count;
using tandem::select;
using tandem::selectinload;

namespace {

/// What is shown when another tab was faster.
const char* const user_is_gone = "There is no such user any more: somebody else has removed or renamed them.";

std::string in_quotes(const std::string& text) { return "“" + text + "”"; }

tandem::Ref<User> find_user(tandem::Session& session, const std::string& username) {
    return session.exec(User::select().where(User::c.username == username)).first();
}

/// Another tab may have changed or removed the user that a state holds.
void reread(tandem::Ref<User>& user) {
    if (!user) return;
    auto session = tandem::session();
    user = session.get<User>(user->id);
}

Belongings belongings_of(tandem::Session& session, std::int64_t user_id) {
    const auto rows = session
                          .execute("SELECT (SELECT count(*) FROM post WHERE user_id = :id),"
                                   " (SELECT count(*) FROM flag WHERE user_id = :id),"
                                   " (SELECT count(*) FROM flag JOIN post ON post.id = flag.post_id"
                                   "   WHERE post.user_id = :id AND flag.user_id <> :id)",
                              {{"id", user_id}})
                          .all();
    const auto number = [&](std::size_t column) { return std::get<std::int64_t>(rows.front().at(column)); };
    return {.posts = number(0), .flags = number(1), .flags_on_posts = number(2)};
}

}  // namespace

// --- Board -----------------------------------------------------------------------------------------------------------

void Board::dismiss() { notice.clear(); }

void Board::refresh() { reload(""); }

void Board::reload(std::string what_happened) {
    get_state<PostState>().load_posts();
    get_state<QueryUser>().get_users();
    reread(get_state<FlagPostForm>().user);
    reread(get_state<AddUserForm>().user);
    notice = std::move(what_happened);
}

Counts Board::counts() const {
    auto session = tandem::session();
    return {.users = session.exec(select(count(User::c.id))).scalar(),
        .posts = session.exec(select(count(Post::c.id))).scalar(),
        .flags = session.exec(select(count(Flag::c.id))).scalar()};
}

// --- posts and flags -------------------------------------------------------------------------------------------------

void PostState::on_load() { load_posts(); }

void PostState::load_posts() {
    auto session = tandem::session();
    const std::int64_t all = session.exec(select(count(Post::c.id))).scalar();
    page_count = std::max<std::int64_t>(1, (all + page_size - 1) / page_size);
    page = std::clamp<std::int64_t>(page, 1, page_count);
    posts = session
                .exec(Post::select()
                          .options(selectinload(Post::c.user),
                              selectinload(Post::c.flags).options(selectinload(Flag::c.user)))
                          .order_by(Post::c.update_ts.desc(), Post::c.id.desc())
                          .offset((page - 1) * page_size)
                          .limit(page_size))
                .all();
}

void PostState::show_page(std::int64_t number) {
    page = number;
    load_posts();
    get_state<Board>().dismiss();
}

void FlagPostForm::on_load() {
    auto session = tandem::session();
    user = session.exec(User::select().order_by(User::c.id).limit(1)).first();
}

void FlagPostForm::act_as(std::int64_t user_id) {
    auto session = tandem::session();
    user = session.get<User>(user_id);
    if (!user) throw tandem::UserError(user_is_gone);
}

void FlagPostForm::flag_post(FlagForm form_data) {
    check_message(form_data.message);
    if (!user) throw tandem::UserError("Choose first whom you act as.");
    auto session = tandem::session();
    // Read again: a row that another tab has removed cannot flag anything.
    user = session.get<User>(user->id);
    if (!user) throw tandem::UserError("The user you act as has been removed. Choose another one.");
    auto post = session.get<Post>(form_data.post_id);
    if (!post) return get_state<Board>().reload("Somebody else has removed this post: there is nothing to flag.");
    const std::string title = post->title;
    session.add(Flag{.message = form_data.message, .post = post, .user = user});
    session.commit();
    get_state<Board>().reload("Flagged " + in_quotes(title) + ".");
}

std::vector<Person> FlagPostForm::people() const {
    auto session = tandem::session();
    std::vector<Person> people;
    for (auto& [id, username] : session.exec(select(User::c.id, User::c.username).order_by(User::c.username)).all())
        people.push_back({.id = id, .username = std::move(username)});
    return people;
}

void RemoveFlag::remove_flag() {
    auto session = tandem::session();
    auto flag = session.get<Flag>(flag_id);
    if (!flag) return get_state<Board>().reload("Somebody else has already removed this flag.");
    // `user` is loaded here, on access: for a single object that is fine.
    const std::string what = "Removed " + flag->user->username + "’s flag " + in_quotes(flag->message) + ".";
    session.remove(flag);
    session.commit();
    get_state<Board>().reload(what);
}

// --- users -----------------------------------------------------------------------------------------------------------

void QueryUser::on_load() { get_users(); }

void QueryUser::get_users() {
    auto session = tandem::session();
    users = session.exec(User::select().where(User::c.username.contains(name)).order_by(User::c.username)).all();
}

void AddUser::add_user() {
    auto session = tandem::session();
    User user{.username = username, .email = email};
    check_user(session, user);
    session.add(user);
    session.commit();
    username.clear();
    email.clear();
    get_state<Board>().reload("Added " + user.username + ".");
}

void AddUserForm::add_user(User form_data) {
    auto session = tandem::session();
    check_user(session, form_data);
    user = session.add(std::move(form_data));
    session.commit();
    session.refresh(user);
    get_state<Board>().reload("Added " + user->username + ".");
}

void AddUserForm::update_user(const tandem::Json& form_data) {
    if (!user) return;
    auto session = tandem::session();
    user->set(form_data);
    check_user(session, *user);
    try {
        session.add(user);
        session.commit();
        session.refresh(user);
    } catch (const tandem::ObjectDeleted&) { throw tandem::UserError(user_is_gone); }
    get_state<Board>().reload("Saved " + user->username + ".");
}

void AddUserForm::done() { user = nullptr; }

void ChangeEmail::modify_user() {
    check_email(email);
    auto session = tandem::session();
    auto user = find_user(session, username);
    if (!user) throw tandem::UserError(user_is_gone);
    user->email = email;
    session.add(user);
    session.commit();
    get_state<Board>().reload("The e-mail address of " + username + " is now " + email + ".");
}

void RemoveUser::delete_user() {
    auto session = tandem::session();
    auto user = find_user(session, username);
    if (!user) return get_state<Board>().reload("Somebody else has already removed " + username + ".");
    const Belongings left = belongings_of(session, user->id);
    if (left.posts + left.flags > 0)
        throw tandem::UserError(username + " still has " + counted(left.posts, "post") + " and " +
            counted(left.flags, "flag") + ". Remove everything, or keep the user.");
    session.remove(user);
    session.commit();
    get_state<Board>().reload("Removed " + username + ".");
}

void RemoveUser::delete_user_with_everything() {
    auto session = tandem::session();
    auto user = find_user(session, username);
    if (!user) return get_state<Board>().reload("Somebody else has already removed " + username + ".");
    const Belongings left = belongings_of(session, user->id);
    session.execute("DELETE FROM flag WHERE user_id = :id OR post_id IN (SELECT id FROM post WHERE user_id = :id)",
        {{"id", user->id}});
    session.execute("DELETE FROM post WHERE user_id = :id", {{"id", user->id}});
    session.remove(user);
    session.commit();
    get_state<Board>().reload("Removed " + username + " with " + counted(left.posts, "post") + " and " +
        counted(left.flags + left.flags_on_posts, "flag") + ".");
}

Belongings RemoveUser::belongings() const {
    auto session = tandem::session();
    const auto user = find_user(session, username);
    return user ? belongings_of(session, user->id) : Belongings{};
}

// --- raw SQL ---------------------------------------------------------------------------------------------------------

void RawState::insert_user_raw(std::string username, std::string email) {
    auto session = tandem::session();
    User user{.username = std::move(username), .email = std::move(email)};
    check_user(session, user);
    session.execute("INSERT INTO user (username, email) "
                    "VALUES (:username, :email)",
        {{"username", user.username}, {"email", user.email}});
    session.commit();
    get_state<Board>().reload("Inserted " + user.username + " with SQL.");
}

std::vector<tandem::Row> RawState::raw_user_tuples() const {
    auto session = tandem::session();
    return session.execute("SELECT * FROM user").all();
}

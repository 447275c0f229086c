/// What the page shows and what it can do. Each browser tab has these states for itself; the database is everyone's.
///
/// Handlers that change the database end with Board::reload, so that the page shows what is stored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tandem/tandem.hpp>

#include "models.hpp"

struct Counts {
    std::int64_t users = 0;
    std::int64_t posts = 0;
    std::int64_t flags = 0;
    TANDEM_STRUCT(Counts, users, posts, flags)
};

/// The page as a whole.
struct Board : tandem::State<Board> {
    std::string notice;  ///< what happened last, in words

    void dismiss();
    /// Shows what other tabs have done.
    void refresh();
    /// Reads all that the page shows again, and says what happened.
    void reload(std::string what_happened);
    Counts counts() const;

    TANDEM_STATE(Board, notice, dismiss, refresh, counts)
};

/// The posts, newest first, a page at a time.
struct PostState : tandem::State<PostState> {
    static constexpr std::int64_t page_size = 15;

    std::vector<tandem::Ref<Post>> posts;
    std::int64_t page = 1;
    std::int64_t page_count = 1;

    void on_load();
    void load_posts();
    /// Shows page `number`, or the nearest that exists.
    void show_page(std::int64_t number);

    TANDEM_STATE(PostState, posts, page, page_count, load_posts, show_page)
};

struct FlagForm {
    std::int64_t post_id = 0;
    std::string message;
    TANDEM_STRUCT(FlagForm, post_id, message)
};

struct Person {
    std::int64_t id = 0;
    std::string username;
    TANDEM_STRUCT(Person, id, username)
};

/// Flags a post in the name of `user`.
struct FlagPostForm : tandem::State<FlagPostForm> {
    tandem::Ref<User> user;
    std::int64_t post_id = 0;  ///< the post that the dialog is about

    void on_load();
    void act_as(std::int64_t user_id);
    void flag_post(FlagForm form_data);
    /// Whom one can act as.
    std::vector<Person> people() const;

    TANDEM_STATE(FlagPostForm, user, (post_id, settable), act_as, flag_post, people)
};

/// Takes a flag away.
struct RemoveFlag : tandem::State<RemoveFlag> {
    std::int64_t flag_id = 0;  ///< the flag that the dialog asks about

    void remove_flag();

    TANDEM_STATE(RemoveFlag, (flag_id, settable), remove_flag)
};

/// Finds users by a part of their name.
struct QueryUser : tandem::State<QueryUser> {
    std::string name;
    std::vector<tandem::Ref<User>> users;

    void on_load();
    void get_users();

    TANDEM_STATE(QueryUser, (name, settable), users, get_users)
};

/// Adds a user whose fields are vars of the state.
struct AddUser : tandem::State<AddUser> {
    std::string username;
    std::string email;

    void add_user();

    TANDEM_STATE(AddUser, (username, settable), (email, settable), add_user)
};

/// Adds a user from a form, and keeps hold of the new user to correct it.
struct AddUserForm : tandem::State<AddUserForm> {
    tandem::Ref<User> user;

    void add_user(User form_data);
    void update_user(const tandem::Json& form_data);
    /// Lets go of the new user: the form is for another one.
    void done();

    TANDEM_STATE(AddUserForm, user, add_user, update_user, done)
};

struct ChangeEmail : tandem::State<ChangeEmail> {
    std::string username;
    std::string email;

    void modify_user();

    TANDEM_STATE(ChangeEmail, (username, settable), (email, settable), modify_user)
};

struct Belongings {
    std::int64_t posts = 0;
    std::int64_t flags = 0;           ///< that the user has set
    std::int64_t flags_on_posts = 0;  ///< that others have set on the user's posts
    TANDEM_STRUCT(Belongings, posts, flags, flags_on_posts)
};

/// Removes a user: alone only one who has left nothing behind.
struct RemoveUser : tandem::State<RemoveUser> {
    std::string username;

    void delete_user();
    void delete_user_with_everything();
    /// What would go with the user.
    Belongings belongings() const;

    TANDEM_STATE(RemoveUser, (username, settable), delete_user, delete_user_with_everything, belongings)
};

/// SQL as one writes it oneself.
struct RawState : tandem::State<RawState> {
    void insert_user_raw(std::string username, std::string email);
    std::vector<tandem::Row> raw_user_tuples() const;

    TANDEM_STATE(RawState, insert_user_raw, raw_user_tuples)
};

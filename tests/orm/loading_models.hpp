// The models of the loading tests: the conformance suite's blog with tags and optional owners, its tree, keys of
// several columns, a one to one, several foreign keys to one table, and relations that load themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "support/oracle.hpp"

namespace reading {

struct User;
struct Flag;
struct Tag;

struct Post : tandem::Model<Post> {
    std::string title;
    std::optional<std::int64_t> user_id{};
    tandem::One<User> user{};
    tandem::Many<Flag> flags{};
    tandem::Many<Tag> tags{};
    TANDEM_MODEL(Post, title, (user_id, foreign_key("r_user.id")), (user, back_populates("posts")),
        (flags, back_populates("post"), order_by("id")), (tags, link("r_post_tag"), back_populates("posts")))
    TANDEM_TABLE(Post, table_name("r_post"))
};
struct User : tandem::Model<User> {
    std::string username;
    std::optional<std::string> email{};
    tandem::Many<Post> posts{};
    tandem::Many<Flag> flags{};
    TANDEM_MODEL(User, (username, unique), email, (posts, back_populates("user")), (flags, back_populates("user")))
    TANDEM_TABLE(User, table_name("r_user"))
};
struct Flag : tandem::Model<Flag> {
    std::int64_t post_id = 0;
    std::optional<std::int64_t> user_id{};
    std::string message;
    tandem::One<Post> post{};
    tandem::One<User> user{};
    TANDEM_MODEL(Flag, (post_id, foreign_key("r_post.id")), (user_id, foreign_key("r_user.id")), message,
        (post, back_populates("flags")), (user, back_populates("flags")))
    TANDEM_TABLE(Flag, table_name("r_flag"))
};
struct Tag : tandem::Model<Tag> {
    std::string label;
    tandem::Many<Post> posts{};
    TANDEM_MODEL(Tag, label, (posts, link("r_post_tag"), back_populates("tags")))
    TANDEM_TABLE(Tag, table_name("r_tag"))
};

/// A tree; children in reverse order of their labels.
struct Branch : tandem::Model<Branch> {
    std::string label;
    std::optional<std::int64_t> parent_id{};
    tandem::One<Branch> parent{};
    tandem::Many<Branch> children{};
    TANDEM_MODEL(Branch, label, (parent_id, foreign_key("r_branch.id")), (parent, back_populates("children")),
        (children, back_populates("parent"), order_by("label desc")))
    TANDEM_TABLE(Branch, table_name("r_branch"))
};

struct Member;
/// A key of two columns.
struct Group : tandem::Model<Group, void> {
    std::int64_t a = 0;
    std::string b;
    tandem::Many<Member> members{};
    TANDEM_MODEL(Group, (a, primary_key), (b, primary_key), (members, back_populates("group")))
    TANDEM_TABLE(Group, table_name("r_group"))
};
struct Member : tandem::Model<Member> {
    std::optional<std::int64_t> ga{};
    std::optional<std::string> gb{};
    tandem::One<Group> group{};
    TANDEM_MODEL(Member, ga, gb, (group, back_populates("members")))
    TANDEM_TABLE(Member, table_name("r_member"), foreign_key({"ga", "gb"}, "r_group", {"a", "b"}))
};

struct Passport;
/// One to one: the foreign key is on the other side.
struct Person : tandem::Model<Person> {
    std::string name;
    tandem::One<Passport> passport{};
    TANDEM_MODEL(Person, name, (passport, back_populates("person")))
    TANDEM_TABLE(Person, table_name("r_person"))
};
struct Passport : tandem::Model<Passport> {
    std::string number;
    std::optional<std::int64_t> person_id{};
    tandem::One<Person> person{};
    TANDEM_MODEL(
        Passport, number, (person_id, foreign_key("r_person.id"), unique), (person, back_populates("passport")))
    TANDEM_TABLE(Passport, table_name("r_passport"))
};

/// Two foreign keys to one table.
struct Letter : tandem::Model<Letter> {
    std::int64_t sender_id = 0;
    std::int64_t receiver_id = 0;
    tandem::One<Person> sender{};
    tandem::One<Person> receiver{};
    TANDEM_MODEL(Letter, (sender_id, foreign_key("r_person.id")), (receiver_id, foreign_key("r_person.id")),
        (sender, foreign_key("sender_id")), (receiver, foreign_key("receiver_id")))
    TANDEM_TABLE(Letter, table_name("r_letter"))
};

struct Song;
/// Relations that load themselves, each in another way, and lead back to each other.
struct Disc : tandem::Model<Disc> {
    std::string name;
    std::string notes;
    tandem::Many<Song> songs{};
    TANDEM_MODEL(Disc, name, (notes, deferred), (songs, back_populates("disc"), lazy(joined)))
    TANDEM_TABLE(Disc, table_name("r_disc"))
};
struct Song : tandem::Model<Song> {
    std::string name;
    std::optional<std::int64_t> disc_id{};
    tandem::One<Disc> disc{};
    tandem::Many<struct Verse> verses{};
    TANDEM_MODEL(Song, name, (disc_id, foreign_key("r_disc.id")), (disc, back_populates("songs"), lazy(joined)),
        (verses, back_populates("song"), lazy(subquery)))
    TANDEM_TABLE(Song, table_name("r_song"))
};
struct Verse : tandem::Model<Verse> {
    std::string text;
    std::int64_t song_id = 0;
    tandem::One<Song> song{};
    TANDEM_MODEL(Verse, text, (song_id, foreign_key("r_song.id")), (song, back_populates("verses"), lazy(immediate)))
    TANDEM_TABLE(Verse, table_name("r_verse"))
};

/// The conformance suite's data.
class ReadingFixture : public Fixture {
public:
    ReadingFixture() {
        oracle.run("INSERT INTO r_user (id, username, email) VALUES (1, 'ana', 'ana@x.io'), (2, 'ben', 'ben@x.io'),"
                   "(3, 'cy', NULL), (4, 'dee', 'dee@y.io');"
                   "INSERT INTO r_post (id, title, user_id) VALUES (1, 'p1', 1), (2, 'p2', 2), (3, 'p3', 2),"
                   "(4, 'p4', 2), (5, 'p5', 3);"
                   "INSERT INTO r_flag (id, post_id, user_id, message) VALUES (1, 1, 2, 'f1'), (2, 1, 3, 'f2'),"
                   "(3, 3, 1, 'f3'), (4, 3, 3, 'f4'), (5, 5, 1, 'f5'), (6, 5, 2, 'f6');"
                   "INSERT INTO r_tag (id, label) VALUES (1, 't1'), (2, 't2'), (3, 't3'), (4, 't4');"
                   "INSERT INTO r_post_tag (r_post_id, r_tag_id) VALUES (1, 1), (1, 2), (2, 2), (3, 1), (3, 2), (3, 3),"
                   "(5, 3);"
                   "INSERT INTO r_branch (id, parent_id, label) VALUES (1, NULL, 'n1'), (2, 1, 'n2'), (3, 1, 'n3'),"
                   "(4, 1, 'n4'), (5, 3, 'n5'), (6, 3, 'n6'), (7, 3, 'n7')");
    }
};

using Ids = std::vector<std::int64_t>;
/// The keys of objects, in order.
template <class Range>
Ids ids_of(const Range& objects) {
    Ids ids;
    for (const auto& object : objects) ids.push_back(object->id);
    return ids;
}
/// Per user, the keys of the posts; not of users only, so that any relation can be asked for.
template <class Objects, class Relation>
std::vector<Ids> lists_of(const Objects& objects, Relation relation) {
    std::vector<Ids> lists;
    lists.reserve(objects.size());
    for (const auto& object : objects) lists.push_back(ids_of((*object).*relation));
    return lists;
}

}  // namespace reading

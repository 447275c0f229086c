// More models for the tests of relations: keys of two columns, one to one, children with every kind of ON DELETE, and
// rows that count their changes. They share a program with query_models.hpp.
#pragma once

#include "query_models.hpp"

namespace graphs {

struct Child;
/// Its child cannot be without it, and goes with nothing.
struct Parent : tandem::Model<Parent> {
    std::string name;
    tandem::Many<Child> children{};
    TANDEM_MODEL(Parent, name, (children, back_populates("parent")))
};
struct Child : tandem::Model<Child> {
    std::int64_t parent_id = 0;
    tandem::One<Parent> parent{};
    TANDEM_MODEL(Child, (parent_id, foreign_key("parent.id")), (parent, back_populates("children")))
};

struct Engine;
struct Car : tandem::Model<Car> {
    std::string name;
    tandem::One<Engine> engine{};
    TANDEM_MODEL(Car, name, (engine, back_populates("car")))
};
struct Engine : tandem::Model<Engine> {
    std::optional<std::int64_t> car_id{};
    tandem::One<Car> car{};
    TANDEM_MODEL(Engine, (car_id, foreign_key("car.id"), unique), (car, back_populates("engine")))
};

struct Leaf;
/// The database deletes leaves with their branch.
struct Branch : tandem::Model<Branch> {
    std::string name;
    tandem::Many<Leaf> leaves{};
    TANDEM_MODEL(Branch, name, (leaves, back_populates("branch"), cascade_delete, passive_deletes, order_by("id")))
};
struct Leaf : tandem::Model<Leaf> {
    std::optional<std::int64_t> branch_id{};
    tandem::One<Branch> branch{};
    TANDEM_MODEL(Leaf, (branch_id, foreign_key("branch.id"), on_delete(cascade)), (branch, back_populates("leaves")))
};

struct Member;
struct Group : tandem::Model<Group, void> {
    std::int64_t a = 0;
    std::string b;
    tandem::Many<Member> members{};
    TANDEM_MODEL(Group, (a, primary_key), (b, primary_key), (members, back_populates("group"), order_by("id")))
};
struct Member : tandem::Model<Member> {
    std::optional<std::int64_t> group_a{};
    std::optional<std::string> group_b{};
    tandem::One<Group> group{};
    TANDEM_MODEL(Member, group_a, group_b, (group, back_populates("members")))
    TANDEM_TABLE(Member, foreign_key({"group_a", "group_b"}, "group", {"a", "b"}))
};

struct Document : tandem::Model<Document> {
    std::int64_t revision = 1;
    std::string text;
    TANDEM_MODEL(Document, (revision, version), text)
};

/// Two foreign keys to one table, chosen by name; a person's letters in the order they were sent.
struct Letter;
struct Person : tandem::Model<Person> {
    std::string name;
    tandem::Many<Letter> sent{};
    tandem::Many<Letter> received{};
    TANDEM_MODEL(Person, name, (sent, back_populates("sender"), order_by("subject desc")),
        (received, back_populates("receiver"), foreign_key("receiver_id")))
};
struct Letter : tandem::Model<Letter> {
    std::string subject;
    std::optional<std::int64_t> sender_id{};
    std::optional<std::int64_t> receiver_id{};
    tandem::One<Person> sender{};
    tandem::One<Person> receiver{};
    TANDEM_MODEL(Letter, subject, (sender_id, foreign_key("person.id")), (receiver_id, foreign_key("person.id")),
        (sender, foreign_key("sender_id"), back_populates("sent")), (receiver, back_populates("received")))
};

/// Two ways from a class to itself.
struct Worker : tandem::Model<Worker> {
    std::string name;
    std::optional<std::int64_t> boss_id{};
    std::optional<std::int64_t> mentor_id{};
    tandem::One<Worker> boss{};
    tandem::One<Worker> mentor{};
    TANDEM_MODEL(Worker, name, (boss_id, foreign_key("worker.id"), index), (mentor_id, foreign_key("worker.id"), index),
        (boss, foreign_key("boss_id")), (mentor, foreign_key("mentor_id")))
};
/// Refers to one of its own kind in any case, by a key of two columns.
struct Town : tandem::Model<Town, void> {
    std::string land;
    std::string name;
    std::string capital_land;
    std::string capital_name;
    tandem::One<Town> capital{};
    TANDEM_MODEL(Town, (land, primary_key), (name, primary_key), capital_land, capital_name, capital)
    TANDEM_TABLE(Town, foreign_key({"capital_land", "capital_name"}, "town", {"land", "name"}))
};
/// Cannot be without a leader, whose key the database makes.
struct Unit : tandem::Model<Unit> {
    std::int64_t leader_id = 0;
    tandem::One<Unit> leader{};
    TANDEM_MODEL(Unit, (leader_id, foreign_key("unit.id")), leader)
};

/// Tunes do not know which mixtapes they are on.
struct Tune : tandem::Model<Tune> {
    std::string name;
    TANDEM_MODEL(Tune, name)
};
struct Mixtape : tandem::Model<Mixtape> {
    std::string name;
    tandem::Many<Tune> tunes{};
    TANDEM_MODEL(Mixtape, name, (tunes, link("mixtape_tune"), order_by("id")))
};

}  // namespace graphs

/// Which of the rows of a table there are.
inline std::vector<std::string> stored(Oracle& oracle, const std::string& table, const std::string& columns = "id") {
    return oracle.rows("SELECT " + columns + " FROM \"" + table + "\" ORDER BY 1");
}

using Texts = std::vector<std::string>;

/// The first words of the statements that ran, e.g. "INSERT user".
inline Texts words(const StatementLog& log) {
    Texts found;
    for (const std::string& sql : log.statements()) {
        const std::string verb = sql.substr(0, sql.find(' '));
        const auto open = sql.find('"', verb == "SELECT" ? sql.find(" FROM ") : 0);
        found.push_back(verb + " " + sql.substr(open + 1, sql.find('"', open + 1) - open - 1));
    }
    return found;
}

// The ORM alone, without the framework.
#include <tandem/orm.hpp>

struct Note : tandem::Model<Note> {
    std::string text;
    TANDEM_MODEL(Note, text)
};

int main() {
    tandem::Database db{"sqlite:///:memory:"};
    db.create_tables();
    {
        auto session = db.session();
        session.add(Note{.text = "hello"});
        session.commit();
    }
    auto session = db.session();
    return session.exec(Note::select().where(Note::c.text == "hello")).one()->id == 1 ? 0 : 1;
}

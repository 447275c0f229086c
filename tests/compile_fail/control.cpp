// What the cases do, done right: this one must compile.
#include "models.hpp"

void run(tandem::Session& session, const std::string& name) {
    (void)session.exec(User::select().where(User::c.username == name && User::c.age > 3).order_by(User::c.username))
        .all();
    (void)session.exec(User::select().where(User::c.age == std::nullopt || User::c.id == User::c.id)).first();
    (void)session.exec(User::select().where(User::c.username.in(std::vector<std::string>{name}))).one_or_none();
    (void)session
        .exec(User::select().options(tandem::selectinload(User::c.posts).options(tandem::selectinload(Post::c.user))))
        .all();
    (void)session.exec(tandem::select(User::c.id, tandem::count(User::c.username)).group_by(User::c.id)).all();
    (void)session.execute("INSERT INTO user (username) VALUES (:name)", {{"name", name}});
    (void)session.execute(tandem::unchecked_sql("SELECT '" + name + "'"));
}

// Columns that several models share.
#include <catch2/catch_test_macros.hpp>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "support/oracle.hpp"

namespace mixins {

struct Stamped {
    std::optional<tandem::Timestamp> created_at{};
    std::int32_t revision = 1;
    TANDEM_MIXIN(Stamped, (created_at, server_default(now)), revision)
};
struct Owned {
    std::string owner;
    TANDEM_MIXIN(Owned, (owner, index, min_length(1)))
};

struct Article : tandem::Model<Article, std::int64_t, Stamped> {
    std::string title;
    TANDEM_MODEL(Article, title)
};
struct File : tandem::Model<File, tandem::Uuid, Stamped, Owned> {
    std::string path;
    TANDEM_MODEL(File, path)
};

}  // namespace mixins

using mixins::Article;
using mixins::File;

TEST_CASE_METHOD(Fixture, "a mixin's members are columns of each model that names it", "[mixins]") {
    CHECK(oracle.rows("SELECT name FROM pragma_table_info('article')") ==
        std::vector<std::string>{"id", "title", "created_at", "revision"});
    CHECK(oracle.rows("SELECT name FROM pragma_table_info('file')") ==
        std::vector<std::string>{"id", "path", "created_at", "revision", "owner"});
    CHECK(
        oracle.row("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_file%'") == "ix_file_owner");
}

TEST_CASE_METHOD(
    Fixture, "models with mixins stay aggregates, and their shared columns are queried like others", "[mixins]") {
    auto session = db.session();
    const auto article = session.add(Article{.title = "a"});
    File file{.path = "/x"};
    file.owner = "ana";
    session.add(std::move(file));
    session.commit();
    CHECK(article->created_at);
    CHECK(article->revision == 1);
    article->revision = 2;
    session.commit();
    auto other = db.session();
    CHECK(other.exec(Article::select().where(Article::c.revision == 2 && Article::c.created_at != std::nullopt))
              .one()
              ->title == "a");
    CHECK(other.exec(File::select().where(File::c.owner == "ana").order_by(File::c.created_at)).one()->path == "/x");
    CHECK(other.exec(tandem::select(File::c.owner, File::c.path)).one() ==
        std::tuple{std::string{"ana"}, std::string{"/x"}});
}

TEST_CASE_METHOD(Fixture, "rules and options of a mixin hold in its models", "[mixins]") {
    auto session = db.session();
    session.add(File{.path = "/x"});
    CHECK_THROWS_AS(session.flush(), tandem::ValidationError);
    Article article{.title = "a"};
    article.set({{"revision", 7}});
    CHECK(article.revision == 7);
    CHECK(article.dict()["revision"] == 7);
}

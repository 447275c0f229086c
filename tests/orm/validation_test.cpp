// Rules beside members: where they are checked, what they say, and what the browser is told.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

#include "support/oracle.hpp"

using Catch::Matchers::ContainsSubstring;
using tandem::Json;
using tandem::ValidationError;

namespace rules {

inline bool is_even(std::int32_t number) { return number % 2 == 0; }
inline std::string no_blanks(const std::string& text) {
    return text.find(' ') == std::string::npos ? "" : "must have no blanks";
}

struct Member : tandem::Model<Member> {
    std::string name;
    std::string email{"a@x.io"};
    std::optional<std::string> zip{};
    std::int32_t age = 18;
    double score = 0;
    tandem::Decimal<6, 2> fee{};
    std::optional<tandem::Date> joined{};
    std::string plan{"free"};
    std::int32_t level = 0;
    std::string code;
    std::string secret{"hidden rule"};
    TANDEM_MODEL(Member, (name, min_length(2), max_length(30)), (email, email, unique),
        (zip, pattern("[0-9]{2}-[0-9]{3}", "must be a postcode such as 00-950")), (age, min(18), max(120)),
        (score, min(0), max(1.5)), (fee, max(100)),
        (joined, min(std::chrono::year{2000} / std::chrono::January / std::chrono::day{1})),
        (plan, one_of("free", "pro")), (level, check(is_even, "must be even")), (code, check(no_blanks)),
        (secret, hidden, min_length(5)))
};

}  // namespace rules

using rules::Member;

namespace {

ValidationError::Fields fields_of(const Json& form) {
    Member member{.name = "ana"};
    try {
        member.set(form);
    } catch (const ValidationError& error) { return error.fields(); }
    return {};
}
/// What is said of one field.
std::string said(const char* field, const Json& value) {
    const auto fields = fields_of({{field, value}});
    return fields.empty() ? "" : fields.at(field);
}

}  // namespace

TEST_CASE("a broken rule says what is wrong in words", "[rules]") {
    CHECK(said("name", "x") == "must have at least 2 characters");
    CHECK(said("name", std::string(31, 'x')) == "must have at most 30 characters");
    CHECK(said("email", "nobody") == "must be an e-mail address");
    CHECK(said("zip", "950") == "must be a postcode such as 00-950");
    CHECK(said("age", 17) == "must be at least 18");
    CHECK(said("age", "121") == "must be at most 120");
    CHECK(said("score", 1.6) == "must be at most 1.5");
    CHECK(said("score", -0.5) == "must be at least 0");
    CHECK(said("fee", "100.01") == "must be at most 100.00");
    CHECK(said("joined", "1999-12-31") == "must be at least 2000-01-01");
    CHECK(said("plan", "gold") == "must be free or pro");
    CHECK(said("level", 3) == "must be even");
    CHECK(said("code", "a b") == "must have no blanks");
}

TEST_CASE("bounds themselves are right", "[rules]") {
    CHECK(said("name", "xy").empty());
    CHECK(said("name", std::string(30, 'x')).empty());
    CHECK(said("zip", "00-950").empty());
    CHECK(said("age", 18).empty());
    CHECK(said("age", 120).empty());
    CHECK(said("score", 1.5).empty());
    CHECK(said("fee", 100).empty());
    CHECK(said("joined", "2000-01-01").empty());
    CHECK(said("plan", "pro").empty());
}

TEST_CASE("an empty optional keeps every rule", "[rules]") {
    CHECK(said("zip", nullptr).empty());
    CHECK(said("joined", nullptr).empty());
    CHECK(said("joined", "").empty());
}

TEST_CASE("lengths count characters, not bytes", "[rules]") {
    std::string emoji;
    for (int i = 0; i < 30; ++i) emoji += "😀";
    CHECK(said("name", emoji).empty());
    CHECK(said("name", emoji + "😀") == "must have at most 30 characters");
    CHECK(said("name", "ż") == "must have at least 2 characters");
}

TEST_CASE("a pattern matches the whole text, and no text makes it slow", "[rules]") {
    CHECK_FALSE(said("zip", "00-950 ").empty());
    CHECK_FALSE(said("zip", "x00-950").empty());
    CHECK_FALSE(said("zip", "00-950\n").empty());
    const tandem::orm::Pattern nested{"(a+)+b"};
    CHECK_FALSE(nested.matches(std::string(100'000, 'a')));
    CHECK(nested.matches("aaab"));
    CHECK_FALSE(tandem::orm::Pattern{".*"}.matches("\xFF"));
    CHECK(tandem::orm::Pattern{"."}.matches("漢"));
    CHECK_THAT(tandem::orm::Pattern{"(a"}.mistake(), ContainsSubstring("(a") && ContainsSubstring("missing )"));
}

TEST_CASE("e-mail addresses are those that HTML takes", "[rules]") {
    using tandem::orm::is_email;
    for (const char* text : {"a@x.io", "a.b+c@sub.example.org", "x@localhost", "!#$%&'*+/=?^_`{|}~-@x.y"})
        CHECK(is_email(text));
    for (const char* text :
        {"", "@", "a@", "@x.io", "a b@x.io", "a@x..io", "a@-x.io", "a@x.io ", "a@x.io\n", "ż@x.io", "a@b@c"})
        CHECK_FALSE(is_email(text));
    CHECK_FALSE(is_email(std::string(250, 'a') + "@x.io"));
}

TEST_CASE("set reports everything that is wrong together, by field, and changes nothing", "[rules]") {
    Member member{.name = "ana", .age = 30};
    try {
        member.set({{"name", "x"}, {"email", "y"}, {"age", "old"}, {"level", 2}, {"nowhere", 1}, {"id", 5},
            {"secret", "a long secret"}});
        FAIL("nothing was thrown");
    } catch (const ValidationError& error) {
        CHECK(error.fields() ==
            ValidationError::Fields{{"age", "must be an integer, not \"old\""}, {"email", "must be an e-mail address"},
                {"id", "cannot be set by a form"}, {"name", "must have at least 2 characters"},
                {"nowhere", "is no column of Member"}, {"secret", "cannot be set by a form"}});
        CHECK_THAT(error.what(), ContainsSubstring("Member.email must be an e-mail address"));
    }
    CHECK(member.name == "ana");
    CHECK(member.age == 30);
    CHECK(member.level == 0);
}

TEST_CASE_METHOD(Fixture, "flush checks new objects before any SQL", "[rules]") {
    auto session = db.session();
    session.add(Member{.name = "right", .email = "right@x.io"});
    const auto wrong = session.add(Member{.name = "x", .age = 3});
    StatementLog log{db};
    try {
        session.flush();
        FAIL("nothing was thrown");
    } catch (const ValidationError& error) {
        CHECK(error.fields() ==
            ValidationError::Fields{{"age", "must be at least 18"}, {"name", "must have at least 2 characters"}});
        CHECK_THAT(error.what(), ContainsSubstring("Member (new).name must have at least 2 characters"));
    }
    CHECK(log.size() == 0);
    wrong->name = "xy";
    wrong->age = 18;
    session.commit();
    CHECK(oracle.row("SELECT count(*) FROM member") == "2");
}

TEST_CASE_METHOD(Fixture, "flush checks what was changed, not what was stored before the rule", "[rules]") {
    oracle.run(
        "INSERT INTO member (id, name, email, age, score, fee, plan, level, code, secret) VALUES (1, 'x', 'a@x.io', "
        "18, 0, 0, 'old plan', 0, '', '')");
    auto session = db.session();
    const auto member = session.get<Member>(1);
    member->level = 2;
    session.flush();
    member->age = 3;
    CHECK_THAT(error_of<ValidationError>([&] { session.flush(); }),
        ContainsSubstring("Member#1.age must be at least 18") && !ContainsSubstring("plan"));
    member->age = 19;
    session.commit();
    CHECK(oracle.row("SELECT name, age, level FROM member") == "x|19|2");
}

TEST_CASE("rules and types are the attributes of an HTML input", "[rules]") {
    using Attributes = std::vector<tandem::HtmlAttribute>;
    const auto of = [](auto column) { return tandem::html_attributes(column); };
    CHECK(of(Member::c.name) == Attributes{{"required"}, {"minlength", "2"}, {"maxlength", "30"}});
    CHECK(of(Member::c.email) == Attributes{{"type", "email"}});
    CHECK(of(Member::c.zip) == Attributes{{"pattern", "[0-9]{2}-[0-9]{3}"}});
    CHECK(of(Member::c.age) ==
        Attributes{{"required"}, {"type", "number"}, {"step", "1"}, {"min", "18"}, {"max", "120"}});
    CHECK(of(Member::c.score) ==
        Attributes{{"required"}, {"type", "number"}, {"step", "any"}, {"min", "0"}, {"max", "1.5"}});
    CHECK(of(Member::c.fee) == Attributes{{"required"}, {"type", "number"}, {"step", "0.01"}, {"max", "100.00"}});
    CHECK(of(Member::c.joined) == Attributes{{"type", "date"}, {"min", "2000-01-01"}});
    CHECK(of(Member::c.code).empty());
}

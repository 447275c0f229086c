#include "sample_data.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models.hpp"

namespace {

using namespace std::chrono_literals;
using tandem::Ref;

constexpr std::size_t user_count = 40;
constexpr std::size_t post_count = 200;
/// The last two users only read.
constexpr std::size_t active_users = user_count - 2;

/// The first of the posts; those after it follow some hours apart.
constexpr tandem::Timestamp first_post = std::chrono::sys_days{std::chrono::January / 5 / 2026} + 8h;

struct Name {
    std::string_view username;
    std::string_view mailbox;
};

constexpr std::array<Name, user_count> names{{
    {"Ana Lima", "ana.lima"},
    {"Ahmed Al-Sayed", "ahmed"},
    {"Aoife O’Brien", "aoife.obrien"},
    {"Bjørn Ås", "bjorn"},
    {"Carlos Núñez", "carlos.nunez"},
    {"Chloë D'Angelo", "chloe"},
    {"Dmitri Volkov", "d.volkov"},
    {"Elif Yıldız", "elif"},
    {"Emeka Okafor", "emeka.okafor"},
    {"Fatima Zahra", "fatima"},
    {"François Lefèvre", "francois"},
    {"Grace Kim", "grace.kim"},
    {"Hannah Weiß", "hannah.weiss"},
    {"Ingrid Sørensen", "ingrid"},
    {"Isabel Peña", "isabel"},
    {"Jiří Novák", "jiri.novak"},
    {"Kwame Mensah", "kwame"},
    {"Liam O'Connor", "liam"},
    {"Łukasz Żak", "lukasz.zak"},
    {"Maja Kovačević", "maja"},
    {"Mei Lin", "mei.lin"},
    {"Nguyễn Thị Hoa", "hoa.nguyen"},
    {"Noor Hassan", "noor"},
    {"Olga Petrova", "olga.petrova"},
    {"Pádraig Ó Sé", "padraig"},
    {"Priya Sharma", "priya"},
    {"Raúl Ibáñez", "raul"},
    {"Siobhán Byrne", "siobhan"},
    {"Sunny 🌻", "sunny"},
    {"Tomás Oliveira", "tomas"},
    {"Ursula Meier", "ursula.meier"},
    {"Vikram Rao", "vikram"},
    {"Yael Cohen", "yael"},
    {"Zoë van Dijk", "zoe"},
    {"Αλέξης Παπαδόπουλος", "alexis"},
    {"Ольга Иванова", "olga.ivanova"},
    {"سارة محمود", "sara"},
    {"山田 花子", "hanako.yamada"},
    {"Quiet Reader", "quiet"},
    {"Yuki Just-Arrived", "yuki"},
}};

constexpr std::array<std::string_view, 3> mail_hosts{"example.org", "example.com", "mail.example.net"};

/// `{}` is where a thing or a place goes.
struct Subject {
    std::string_view title;
    std::string_view body;
};

constexpr std::array<Subject, 10> subjects{{
    {"For sale: {}", "Hardly used, from a home without smoke or pets. Collection only; make me an offer."},
    {"Free to a good home: {}", "It has to be gone by the weekend. First come, first served, and please bring a bag."},
    {"Lost: {}", "I last had it on the number 4 bus towards the harbour. There's a small reward, and a big thank-you."},
    {"Found: {}", "Somebody left it on the bench by the fountain. Tell me what is special about it and it's yours."},
    {"Looking for {}", "Only for a week or two. I'd return it clean, with a jar of home-made plum jam."},
    {"Does anybody know how to repair {}?",
        "The shop wants more than it cost. I've watched three videos, and now there are parts left over."},
    {"Warning about {}", "I paid up front and never heard from the seller again. Don't make the same mistake."},
    {"Swap: {} for something useful", "No money, please. Surprise me – the odder the better."},
    {"Thank you for {}!", "You know who you are. This neighbourhood is the best one I've lived in."},
    {"Opinions on {}?", "Half of my family swears by it, the other half left the room. What do you think?"},
}};

constexpr std::array<std::string_view, 20> things{"a walnut bookcase", "a child's bicycle", "two concert tickets",
    "a box of vinyl records", "an espresso machine", "a sewing machine", "the grey umbrella", "a set of house keys",
    "a left-handed guitar", "tomato seedlings", "a ladder (4 m)", "an old film camera", "the community oven",
    "a pair of skis", "a talking parrot", "twelve jam jars", "a folding kayak", "the Thursday choir", "an accordion",
    "a crate of quinces"};

/// The body of one post, to see what a page does with a long one.
constexpr std::string_view long_body =
    R"(I have kept this diary of the blackbird in our yard since February, and several of you asked me to share it.

In the first week she only came at dawn. She would sit on the gutter, look at the cat, look at me, and leave. By the second week she had decided that the cat was a piece of furniture, which – between us – is what the cat has been trying to be for eleven years. On the 19th she brought the first twig, dropped it, fetched it again, dropped it again, and flew off in what I can only call a temper.

March was rain. I moved the ladder under the eaves so that the ivy would stay dry, and that turned out to be the whole trick: two days later there was the beginning of a nest on the third rung. We have not used the ladder since. If you wondered why our windows look the way they do: this is why.

Four eggs, blue-green and speckled, on the 2nd of April. Three chicks on the 16th. One of them is much louder than the others and we have named it after my brother-in-law. They left on the 30th, all on the same morning, while I was making coffee – I saw only the last one go.

What I learned: leave ladders where they are, put out half an apple rather than bread, and do not name anything after relatives who read this board. Hello, Jürgen. 🐦)";

constexpr std::array<std::string_view, 16> reasons{"Spam", "This is a duplicate of another post.",
    "Off topic: belongs to the market board", "Rude tone", "Looks like a scam – asks for payment up front",
    "Shows somebody's phone number", "The price changes in every reply.", "Not from this neighbourhood",
    "Advertising for a shop", "Already sold weeks ago", "It's the third time this week.",
    "Selling animals isn't allowed here.", "Misleading title", "Please check: the photo is from a catalogue",
    "Written by a bot? 🤖", "I was threatened in the replies."};

/// How many flags each post has, for 20 posts; 60 in all, so that 200 posts have 600.
constexpr std::array<std::size_t, 20> flags_per_post{0, 3, 1, 0, 6, 2, 0, 4, 1, 10, 3, 0, 2, 5, 1, 8, 3, 2, 4, 5};

/// Equal on every platform, unlike the standard library's distributions.
class Dice {
public:
    /// A number below `sides`.
    std::size_t roll(std::size_t sides) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>((state_ >> 33U) % sides);
    }

private:
    std::uint64_t state_ = 2026;
};

std::string with(std::string_view text, std::string_view thing) {
    std::string filled{text};
    if (const auto place = filled.find("{}"); place != std::string::npos) filled.replace(place, 2, thing);
    return filled;
}

std::vector<Ref<User>> add_users(tandem::Session& session) {
    std::vector<Ref<User>> users;
    for (const auto& [username, mailbox] : names) {
        const auto host = mail_hosts[users.size() % mail_hosts.size()];
        users.push_back(session.add(
            User{.username = std::string{username}, .email = std::string{mailbox} + "@" + std::string{host}}));
    }
    // Users get their keys in this order.
    session.flush();
    return users;
}

/// Each title once: every pair of a subject and a thing.
std::vector<Ref<Post>> add_posts(tandem::Session& session, Dice& dice, const std::vector<Ref<User>>& users) {
    static_assert(post_count == subjects.size() * things.size());
    std::vector<Ref<Post>> posts;
    tandem::Timestamp time = first_post;
    for (std::size_t i = 0; i < post_count; ++i) {
        // 7 and 20 have no common divisor: subjects and things vary from post to post, and no pair comes twice.
        const Subject& subject = subjects[(i + i / things.size()) % subjects.size()];
        const std::string_view thing = things[i * 7 % things.size()];
        time += std::chrono::minutes{60 + dice.roll(54 * 60)};
        time += std::chrono::microseconds{dice.roll(1'000'000)};
        posts.push_back(session.add(Post{.title = with(subject.title, thing),
            .body = std::string{subject.body},
            .update_ts = time,
            .user = users[dice.roll(active_users)]}));
    }
    posts.at(post_count - 4)->title = "The blackbird diary";
    posts.at(post_count - 4)->body = long_body;
    session.flush();
    return posts;
}

/// Nobody flags a post twice.
void add_flags(
    tandem::Session& session, Dice& dice, const std::vector<Ref<User>>& users, const std::vector<Ref<Post>>& posts) {
    for (std::size_t i = 0; i < posts.size(); ++i) {
        // 11 is coprime to the number of active users, so that the steps meet each of them once.
        const std::size_t first = dice.roll(active_users);
        for (std::size_t k = 0; k < flags_per_post[i % flags_per_post.size()]; ++k)
            session.add(Flag{.message = std::string{reasons[dice.roll(reasons.size())]},
                .post = posts[i],
                .user = users[(first + 11 * k) % active_users]});
    }
}

bool is_empty(tandem::Session& session) {
    return session.exec(tandem::select(tandem::count(User::c.id))).scalar() == 0 &&
        session.exec(tandem::select(tandem::count(Post::c.id))).scalar() == 0 &&
        session.exec(tandem::select(tandem::count(Flag::c.id))).scalar() == 0;
}

}  // namespace

void fill_if_empty(tandem::Database& database) {
    auto session = database.session(tandem::write);
    if (!is_empty(session)) return;
    Dice dice;
    const auto users = add_users(session);
    const auto posts = add_posts(session, dice, users);
    add_flags(session, dice, users, posts);
    session.commit();
}

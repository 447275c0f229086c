// The models of the tests: the blog of the reference, and a class with a column of each type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tandem/json.hpp>
#include <tandem/orm.hpp>

namespace blog {

struct User;
struct Flag;

struct Post : tandem::Model<Post> {
    std::string title;
    std::string body;
    std::int64_t user_id = 0;
    std::optional<tandem::Timestamp> update_ts{};
    tandem::One<User> user{};
    tandem::Many<Flag> flags{};

    // As in the reference: without microseconds.
    [[nodiscard]] tandem::Json dict() const {
        auto d = Model::dict();
        if (update_ts) d["update_ts"] = tandem::isoformat(std::chrono::floor<std::chrono::seconds>(*update_ts));
        return d;
    }
    TANDEM_MODEL(Post, title, body, (user_id, foreign_key("user.id")), (update_ts, server_default(now)),
        (user, back_populates("posts")), (flags, back_populates("post")))
};

struct User : tandem::Model<User> {
    std::string username;
    std::string email;
    tandem::Many<Post> posts{};
    tandem::Many<Flag> flags{};
    TANDEM_MODEL(User, (username, unique), email, (posts, back_populates("user")), (flags, back_populates("user")))
};

struct Flag : tandem::Model<Flag> {
    std::int64_t post_id = 0;
    std::int64_t user_id = 0;
    std::string message;
    tandem::One<Post> post{};
    tandem::One<User> user{};
    TANDEM_MODEL(Flag, (post_id, foreign_key("post.id")), (user_id, foreign_key("user.id")), message,
        (post, back_populates("flags")), (user, back_populates("flags")))
};

}  // namespace blog

namespace types {

enum class Colour : std::uint8_t { red = 1, blue = 2 };

struct Money {
    std::int64_t cents = 0;
    bool operator==(const Money&) const = default;
};

}  // namespace types

template <>
struct tandem::Codec<types::Money> {
    using stored = std::int64_t;
    static std::int64_t store(const types::Money& money) { return money.cents; }
    static types::Money load(std::int64_t cents) {
        if (cents < 0) throw tandem::ValueError("is a negative amount");
        return {cents};
    }
};

namespace types {

struct Everything : tandem::Model<Everything> {
    bool flag = false;
    std::int8_t i8 = 0;
    std::int16_t i16 = 0;
    std::int32_t i32 = 0;
    std::int64_t i64 = 0;
    std::uint8_t u8 = 0;
    std::uint16_t u16 = 0;
    std::uint32_t u32 = 0;
    std::uint64_t u64 = 0;
    float single = 0;
    double real = 0;
    std::string text;
    tandem::Timestamp time{};
    tandem::Blob blob{};
    Colour colour = Colour::red;
    Money money{};
    std::optional<bool> maybe_flag{};
    std::optional<std::int32_t> maybe_number{};
    std::optional<double> maybe_real{};
    std::optional<std::string> maybe_text{};
    std::optional<tandem::Timestamp> maybe_time{};
    std::optional<tandem::Blob> maybe_blob{};
    TANDEM_MODEL(Everything, flag, i8, i16, i32, i64, u8, u16, u32, u64, single, real, text, time, blob, colour, money,
        maybe_flag, maybe_number, maybe_real, maybe_text, maybe_time, maybe_blob)
};

/// The key is a text, under the usual name.
struct Country : tandem::Model<Country, std::string> {
    std::string name;
    TANDEM_MODEL(Country, name)
};

/// The key has another name, and the columns have other names in the database.
struct Product : tandem::Model<Product, void> {
    std::string code;
    std::string label;
    std::optional<std::string> country_id{};
    tandem::One<Country> country{};
    TANDEM_MODEL(Product, (code, primary_key), (label, column_name("title"), index),
        (country_id, foreign_key("country.id")), country)
};

/// The inherited `id` is redefined.
struct Badge : tandem::Model<Badge> {
    std::string id;  // NOLINT: hides the inherited one on purpose
    std::int32_t level = 0;
    TANDEM_MODEL(Badge, (id, primary_key), level)
};

/// Options for pages: hidden, readonly and defaults.
struct Account : tandem::Model<Account> {
    std::string name;
    std::string password_hash;
    std::int64_t balance = 0;
    std::optional<std::int32_t> level{};
    std::optional<std::string> note{};
    TANDEM_MODEL(Account, name, (password_hash, hidden), (balance, readonly), (level, server_default("7")), note)
};

/// A tree: a relation of a class with itself.
struct Place : tandem::Model<Place> {
    std::string label;
    std::optional<std::int64_t> parent_id{};
    tandem::One<Place> parent{};
    tandem::Many<Place> children{};
    TANDEM_MODEL(Place, label, (parent_id, foreign_key("place.id")), (parent, back_populates("children")),
        (children, back_populates("parent")))
};

struct Track;
/// Relations whose loading is set in the model.
struct Album : tandem::Model<Album> {
    std::string name;
    tandem::Many<Track> tracks{};
    TANDEM_MODEL(Album, name, (tracks, back_populates("album"), lazy(selectin)))
};
struct Studio : tandem::Model<Studio> {
    std::string name;
    tandem::Many<Track> tracks{};
    TANDEM_MODEL(Studio, name, (tracks, back_populates("studio"), lazy(noload)))
};
struct Track : tandem::Model<Track> {
    std::string name;
    std::optional<std::int64_t> album_id{};
    std::optional<std::int64_t> studio_id{};
    tandem::One<Album> album{};
    tandem::One<Studio> studio{};
    TANDEM_MODEL(Track, name, (album_id, foreign_key("album.id")), (studio_id, foreign_key("studio.id")),
        (album, back_populates("tracks"), lazy(raise)), (studio, back_populates("tracks")))
};

}  // namespace types

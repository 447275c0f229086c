/// What a column holds, in words every database knows: from it the dialect makes the type's name in its own.
///
/// Contract: deduced from the member's C++ type; a Codec of your own may say more with a member
/// `static constexpr tandem::orm::SqlType sql_type{…}`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tandem::orm {

struct SqlType {
    enum class Name : std::uint8_t {
        boolean,
        integer,  ///< `bits` wide
        real,     ///< `bits` wide
        text,     ///< of at most `length` characters; 0: any
        time,     ///< a point in time, UTC, microseconds
        blob,
        date,
        time_of_day,
        duration,
        decimal,  ///< of `precision` digits, `scale` of them after the point
        json,
        uuid,
        enumeration,  ///< one of `labels`
    };
    Name name = Name::text;
    std::uint8_t bits = 64;
    std::uint8_t precision = 0;
    std::uint8_t scale = 0;
    std::uint32_t length = 0;
    std::span<const std::string_view> labels{};
};

}  // namespace tandem::orm

// Names of constraints and indexes: made from what they are, so that each build and each database has the same.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::orm {

/// Collects what needs a name, then gives each one: `prefix_table_column…`. A name longer than PostgreSQL allows ends
/// in a hash instead; where two would be equal, both get a hash of what they are.
class NameMaker {
public:
    using Place = std::size_t;

    /// A name that is taken, as a table's.
    void reserve(std::string_view name);
    /// Something named by its parts, e.g. {"uq", "user", "email"}; `given` is used instead unless it is empty.
    Place add(std::vector<std::string> parts, std::string given = {});
    /// Throws MappingError when two given names are equal.
    void make();
    [[nodiscard]] const std::string& name(Place place) const { return entries_[place].name; }

private:
    struct Entry {
        std::vector<std::string> parts;
        std::string given;
        std::string name{};
    };
    std::vector<Entry> entries_{};
    std::vector<std::string> reserved_{};
};

/// SQL as part of a name: its letters, digits and characters beyond ASCII, `_` for what lies between.
[[nodiscard]] std::string words_of(std::string_view sql);

}  // namespace tandem::orm

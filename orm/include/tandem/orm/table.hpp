/// Metadata: what the engine knows of each model. Made once per class at program start, read-only afterwards, so any
/// thread may read it.
///
/// Contract: nothing throws while a program's static objects are made; what is wrong with the models is collected and
/// thrown together, as one MappingError, by `check_models()` (Database's constructor calls it, and the first use of a
/// relation). Pitfall: two models of one table name are reported there too.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/json_fwd.hpp>
#include <tandem/orm/options.hpp>

namespace tandem::orm {

struct Table;

/// The address of `type_tag<T>` identifies T, also where T is only declared.
template <class T>
inline char type_tag = 0;

struct Column {
    std::string name;              ///< in the database
    const char* member = nullptr;  ///< in C++ and on the wire
    std::uint32_t offset = 0;      ///< bytes from the start of the object
    const ColumnType* type = nullptr;
    bool primary_key = false;
    bool unique = false;
    bool index = false;
    bool hidden = false;
    bool readonly = false;
    std::optional<std::string> foreign_key{};     ///< "table.column"
    std::optional<std::string> server_default{};  ///< SQL; empty text stands for the current time
};

struct Relation {
    const char* name = nullptr;
    std::uint32_t offset = 0;
    bool many = false;
    const void* target_tag = nullptr;
    const char* back_populates = nullptr;
    Loading loading = Loading::select;
    // Resolved by check_models().
    const Table* target = nullptr;
    std::size_t local_column = 0;   ///< of the table that has the relation
    std::size_t remote_column = 0;  ///< of the target
    const Relation* reverse = nullptr;
};

/// What the engine does with objects of a class it does not know.
struct ObjectOperations {
    std::uint32_t size;
    void (*construct)(void*);
    void (*destroy)(void*) noexcept;
    Json (*dict)(const void*);  ///< null unless the class overrides dict()
};

struct Table {
    std::string name;
    const char* class_name = nullptr;
    const ObjectOperations* operations = nullptr;
    std::vector<Column> columns{};
    std::vector<Relation> relations{};
    std::size_t key = 0;                     ///< index of the primary key's column
    std::vector<const char*> shown_names{};  ///< members that pages see: columns that are not hidden, then relations

    [[nodiscard]] const Column& column_at(std::uint32_t offset) const;
    [[nodiscard]] const Relation& relation_at(std::uint32_t offset) const;
    [[nodiscard]] const Column* find_column(std::string_view member) const;
    [[nodiscard]] const Column& key_column() const { return columns[key]; }
    /// Every column, quoted and qualified by `prefix` (the table's name or an alias), in order.
    [[nodiscard]] std::string select_list() const;
};

// Registration, used by TANDEM_MODEL.
Table& register_table(const void* tag, const char* class_name, const ObjectOperations* operations);
void add_column(
    Table& table, const char* name, std::uint32_t offset, const ColumnType* type, std::span<const Option> options);
void add_relation(Table& table, const char* name, std::uint32_t offset, bool many, const void* target,
    std::span<const Option> options);

/// All models, each after those its foreign keys refer to (cycles in the order of registration).
[[nodiscard]] std::vector<const Table*> tables_in_dependency_order();
/// Resolves relations and throws one MappingError that lists everything wrong with the models, if anything is.
void check_models();

/// `QueryUser` → `query_user`, `HTTPLog` → `http_log`.
[[nodiscard]] std::string snake_case(std::string_view name);
/// An identifier in double quotes.
[[nodiscard]] std::string quoted(std::string_view identifier);

}  // namespace tandem::orm

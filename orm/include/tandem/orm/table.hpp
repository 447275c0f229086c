/// Metadata: what the engine knows of each model. Made once per class at program start, read-only afterwards, so any
/// thread may read it.
///
/// Contract: nothing throws while a program's static objects are made; what is wrong with the models is collected and
/// thrown together, as one MappingError, by `check_models()` (Database's constructor calls it, and the first use of a
/// relation). Pitfall: two models of one table name are reported there too.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/json_fwd.hpp>
#include <tandem/orm/options.hpp>
#include <tandem/orm/validation.hpp>

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
    bool version = false;
    bool deferred = false;
    bool inherited = false;  ///< the id that Model<T> brings
    bool not_null = false;   ///< although the member is optional
    bool autoincrement = false;
    bool client_key = false;                             ///< 0, "" or nil is a key like any other
    std::uint32_t max_length = 0;                        ///< of a text, in characters; 0: any
    std::string sql_type{};                              ///< instead of the dialect's
    std::optional<std::string> server_default{};         ///< SQL; empty text stands for the current time
    std::function<void(void* member)> client_default{};  ///< sets an unset member before an INSERT
    std::function<void(void* member)> on_update{};       ///< sets the member whenever another column is updated
    std::vector<Rule> rules{};

    /// The column is NOT NULL.
    [[nodiscard]] bool is_required() const { return !type->nullable || not_null; }
};

struct ForeignKey {
    std::vector<std::size_t> columns{};  ///< of the table that has it
    std::string target_table{};
    std::vector<std::string> target_names{};  ///< columns of the target, as in the database
    ForeignKeyAction on_delete = ForeignKeyAction::no_action;
    ForeignKeyAction on_update = ForeignKeyAction::no_action;
    bool deferrable = false;
    std::string name{};  ///< empty: the schema makes one
    // Resolved by check_models().
    const Table* target = nullptr;
    std::vector<std::size_t> target_columns{};
};

/// A constraint or index over columns of one table; which columns of TableOption it uses depends on its kind.
struct TableConstraint {
    TableOption option;
    std::vector<std::size_t> columns{};  ///< resolved by check_models()
};

/// How a many-to-many relation leads through its link table.
struct LinkTable {
    const Table* table = nullptr;
    std::vector<std::size_t> owner_columns{};   ///< of the link table, which refer to the relation's owner
    std::vector<std::size_t> target_columns{};  ///< of the link table, which refer to its target
};

/// On which side the foreign key of a relation is.
enum class Direction : std::uint8_t {
    many_to_one,   ///< here: a One
    one_to_many,   ///< there: a Many, or a One where there is at most one
    many_to_many,  ///< in a link table
};

struct OrderTerm {
    std::size_t column;  ///< of the target
    bool descending;
};

struct Relation {
    const char* name = nullptr;
    std::uint32_t offset = 0;
    bool many = false;  ///< a Many, not a One
    const void* target_tag = nullptr;
    const char* back_populates = nullptr;
    const char* foreign_key = nullptr;  ///< the member that joins, where several could
    const char* link_name = nullptr;
    const char* order_by = nullptr;
    Loading loading = Loading::select;
    bool save_update = true;
    bool cascade_delete = false;
    bool delete_orphan = false;
    bool passive_deletes = false;
    // Resolved by check_models(). Column i of the owner equals column i of the target; through a link table these are
    // the keys of both.
    const Table* owner = nullptr;
    const Table* target = nullptr;
    Direction direction = Direction::many_to_one;
    std::vector<std::size_t> local_columns{};   ///< of the table that has the relation
    std::vector<std::size_t> remote_columns{};  ///< of the target
    const LinkTable* link = nullptr;
    std::vector<OrderTerm> order{};
    const Relation* reverse = nullptr;

    [[nodiscard]] bool to_one() const { return direction == Direction::many_to_one; }
};

/// What the engine does with objects of a class it does not know.
struct ObjectOperations {
    std::uint32_t size;
    std::uint32_t alignment;
    void (*construct)(void*);
    void (*destroy)(void*) noexcept;
    Json (*dict)(const void*);  ///< null unless the class overrides dict()
};

struct Table {
    std::string name;
    const char* class_name = nullptr;              ///< of a link table without a model: its name
    const ObjectOperations* operations = nullptr;  ///< null for a link table without a model
    std::vector<Column> columns{};
    std::vector<StoredMember> members{};  ///< the same columns, as drivers read and write them
    std::vector<Relation> relations{};
    std::vector<ForeignKey> foreign_keys{};
    std::vector<TableConstraint> constraints{};
    std::vector<std::size_t> key{};          ///< the primary key's columns
    std::vector<std::size_t> key_first{};    ///< all columns, the key's before the others
    bool integer_key = false;                ///< one column, an integer, which the database can number
    bool has_rules = false;                  ///< a column of it has
    bool has_on_update = false;              ///< a column of it has
    bool has_defaults = false;               ///< a column beside the key has one, set here or by the database
    std::size_t index = 0;                   ///< counts the tables, from 0
    std::size_t rank = 0;                    ///< in dependency order: what it refers to comes before, cycles aside
    std::optional<std::size_t> version{};    ///< the column that counts changes
    std::vector<const char*> shown_names{};  ///< members that pages see: columns that are not hidden, then relations

    [[nodiscard]] const Column& column_at(std::uint32_t offset) const;
    [[nodiscard]] const Relation& relation_at(std::uint32_t offset) const;
    [[nodiscard]] const Column* find_column(std::string_view member) const;
    /// The first of the key's columns: the key itself, unless it has several.
    [[nodiscard]] const Column& key_column() const { return columns[key.front()]; }
    [[nodiscard]] bool is_key(std::size_t column) const { return columns[column].primary_key; }
    /// Every column, quoted and qualified by `prefix` (the table's name or an alias), in order.
    [[nodiscard]] std::string select_list() const;
    [[nodiscard]] std::string select_list(std::string_view prefix) const;
};

// Registration, used by TANDEM_MODEL.
Table& register_table(const void* tag, const char* class_name, const ObjectOperations* operations);
Column& add_column(
    Table& table, const char* name, std::uint32_t offset, const ColumnType* type, std::span<const Option> options);
void add_relation(Table& table, const char* name, std::uint32_t offset, bool many, const void* target,
    std::span<const Option> options);
void add_table_option(Table& table, TableOption option);

/// All tables: models and link tables. Complete after check_models().
[[nodiscard]] std::vector<const Table*> all_tables();
/// All tables, each after those its foreign keys refer to (cycles in the order of registration).
[[nodiscard]] std::vector<const Table*> tables_in_dependency_order();
/// Resolves relations and throws one MappingError that lists everything wrong with the models, if anything is.
void check_models();

/// `QueryUser` → `query_user`, `HTTPLog` → `http_log`.
[[nodiscard]] std::string snake_case(std::string_view name);
/// An identifier in double quotes.
[[nodiscard]] std::string quoted(std::string_view identifier);

}  // namespace tandem::orm

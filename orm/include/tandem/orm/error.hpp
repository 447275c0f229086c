/// Errors of the ORM: one exception class with a kind, and an alias per kind to catch.
///
/// Contract: every error names what went wrong (class, attribute, table), why, and what to do. After an error nothing
/// is half done: the statement that failed has no effect. Pitfall: catch by reference; the aliases are distinct types
/// derived from `tandem::Error`.
///
///     try { session.commit(); } catch (const tandem::IntegrityError& error) { … error.what() … }
#pragma once

#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace tandem {

/// What kind of failure an Error is.
enum class ErrorKind {
    argument,             ///< a call that cannot be meant, found before any SQL ran
    bind,                 ///< raw SQL whose parameters do not fit the given values
    circular_dependency,  ///< new objects refer to each other, so that none can be stored first
    conflict,             ///< another writer was faster; running again may succeed
    detached,             ///< an unloaded attribute of an object that no session holds
    integrity,            ///< a constraint of the database refused the change
    invalid_state,        ///< an object or session is not in a state that allows the call
    lazy_load_forbidden,
    mapping,  ///< the models contradict each other; reported at start
    multiple_results,
    no_result,
    object_deleted,
    operational,       ///< the database could not do it: locked, full, unreadable, missing
    pending_rollback,  ///< a session whose flush failed is used before it was rolled back
    read_only,         ///< a write where only reading is allowed (a computed var)
    session_overlap,
    sql,         ///< a statement that the database does not understand, or a table or column that it does not have
    stale_data,  ///< the row of an object was changed or deleted by somebody else
    timeout,     ///< waited in vain for a connection, or for the turn to write; the message says who has it
    validation,  ///< a value that its column or argument cannot take
};

/// Base of all errors of Tandem.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

private:
    ErrorKind kind_;
};

/// An Error of one kind, so that it can be caught alone.
template <ErrorKind Kind>
class ErrorOf : public Error {
public:
    explicit ErrorOf(const std::string& text) : Error(Kind, text) {}
};

using ArgumentError = ErrorOf<ErrorKind::argument>;
using BindError = ErrorOf<ErrorKind::bind>;
using CircularDependency = ErrorOf<ErrorKind::circular_dependency>;
using Conflict = ErrorOf<ErrorKind::conflict>;
using DetachedError = ErrorOf<ErrorKind::detached>;
using IntegrityError = ErrorOf<ErrorKind::integrity>;
using InvalidStateError = ErrorOf<ErrorKind::invalid_state>;
using LazyLoadForbidden = ErrorOf<ErrorKind::lazy_load_forbidden>;
using MappingError = ErrorOf<ErrorKind::mapping>;
using MultipleResults = ErrorOf<ErrorKind::multiple_results>;
using NoResult = ErrorOf<ErrorKind::no_result>;
using ObjectDeleted = ErrorOf<ErrorKind::object_deleted>;
using OperationalError = ErrorOf<ErrorKind::operational>;
using PendingRollback = ErrorOf<ErrorKind::pending_rollback>;
using ReadOnlyError = ErrorOf<ErrorKind::read_only>;
using SessionOverlap = ErrorOf<ErrorKind::session_overlap>;
using SqlError = ErrorOf<ErrorKind::sql>;
using StaleData = ErrorOf<ErrorKind::stale_data>;
using TimeoutError = ErrorOf<ErrorKind::timeout>;
using ValueError = ErrorOf<ErrorKind::validation>;

/// Values break rules, or do not fit their members; with a text by field name.
class ValidationError : public ValueError {
public:
    using Fields = std::map<std::string, std::string>;

    /// `ValidationError({{"message", "is required"}})`
    ValidationError(std::initializer_list<Fields::value_type> fields);
    ValidationError(const std::string& text, Fields fields);
    ValidationError(const ValidationError& other);
    ValidationError(ValidationError&& other) noexcept;
    ValidationError& operator=(const ValidationError& other);
    ValidationError& operator=(ValidationError&& other) noexcept;
    ~ValidationError() override;
    [[nodiscard]] static ValidationError of(const Fields& fields);
    [[nodiscard]] const Fields& fields() const { return fields_; }

private:
    static std::string join(const Fields& fields);
    Fields fields_;
};

}  // namespace tandem

// Values beside raw SQL.
#include <utility>

#include <tandem/orm/sql_text.hpp>

namespace tandem {

Parameter::Parameter(std::string_view name, std::nullptr_t) : name_(name) {}
Parameter::Parameter(std::string_view name, std::nullopt_t) : name_(name) {}
Parameter::Parameter(std::string_view name, double value) : name_(name), value_(value) {}
Parameter::Parameter(std::string_view name, std::string value) : name_(name), value_(std::move(value)) {}
Parameter::Parameter(std::string_view name, std::string_view value) : name_(name), value_(std::string{value}) {}
Parameter::Parameter(std::string_view name, const char* value) : name_(name), value_(std::string{value}) {}
Parameter::Parameter(std::string_view name, Timestamp value) : name_(name), time_(value) {}
Parameter::Parameter(std::string_view name, Blob value) : name_(name), value_(std::move(value)) {}
Parameter::Parameter(std::string_view name, Value value) : name_(name), value_(std::move(value)) {}
Parameter::Parameter(const Parameter& other) = default;
Parameter::Parameter(Parameter&& other) noexcept = default;
Parameter& Parameter::operator=(const Parameter& other) = default;
Parameter& Parameter::operator=(Parameter&& other) noexcept = default;
Parameter::~Parameter() = default;

Parameter Parameter::integer(std::string_view name, std::int64_t value) { return {name, Value{value}}; }

orm::ValueView Parameter::view() const { return time_ ? orm::ValueView::of(*time_) : orm::ValueView::from(value_); }

}  // namespace tandem

// The common column types, made once for all programs.
#include <tandem/orm/codec.hpp>

namespace tandem::orm {

template <>
const ColumnType* column_type_of<bool>() {
    return &column_type<bool>;
}
template <>
const ColumnType* column_type_of<std::int32_t>() {
    return &column_type<std::int32_t>;
}
template <>
const ColumnType* column_type_of<std::int64_t>() {
    return &column_type<std::int64_t>;
}
template <>
const ColumnType* column_type_of<double>() {
    return &column_type<double>;
}
template <>
const ColumnType* column_type_of<std::string>() {
    return &column_type<std::string>;
}
template <>
const ColumnType* column_type_of<Timestamp>() {
    return &column_type<Timestamp>;
}
template <>
const ColumnType* column_type_of<std::optional<bool>>() {
    return &column_type<std::optional<bool>>;
}
template <>
const ColumnType* column_type_of<std::optional<std::int32_t>>() {
    return &column_type<std::optional<std::int32_t>>;
}
template <>
const ColumnType* column_type_of<std::optional<std::int64_t>>() {
    return &column_type<std::optional<std::int64_t>>;
}
template <>
const ColumnType* column_type_of<std::optional<double>>() {
    return &column_type<std::optional<double>>;
}
template <>
const ColumnType* column_type_of<std::optional<std::string>>() {
    return &column_type<std::optional<std::string>>;
}
template <>
const ColumnType* column_type_of<std::optional<Timestamp>>() {
    return &column_type<std::optional<Timestamp>>;
}

}  // namespace tandem::orm

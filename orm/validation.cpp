#include <memory>

#include <re2/re2.h>

#include <tandem/orm/error.hpp>
#include <tandem/orm/ref.hpp>
#include <tandem/orm/table.hpp>
#include <tandem/orm/validation.hpp>

#include "column_values.hpp"

namespace tandem {

ValidationError::ValidationError(std::initializer_list<Fields::value_type> fields)
    : ValidationError(join(fields), fields) {}
ValidationError::ValidationError(const std::string& text, Fields fields)
    : ValueError(text), fields_(std::move(fields)) {}
ValidationError::ValidationError(const ValidationError& other) = default;
ValidationError::ValidationError(ValidationError&& other) noexcept = default;
ValidationError& ValidationError::operator=(const ValidationError& other) = default;
ValidationError& ValidationError::operator=(ValidationError&& other) noexcept = default;
ValidationError::~ValidationError() = default;
ValidationError ValidationError::of(const Fields& fields) { return {join(fields), fields}; }

std::string ValidationError::join(const Fields& fields) {
    std::string text;
    for (const auto& [field, problem] : fields) {
        if (!text.empty()) text += "; ";
        text += field;
        text += ": ";
        text += problem;
    }
    return text;
}

namespace orm {
namespace {

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    return options;
}
const RE2& as_re2(const std::shared_ptr<const void>& expression) { return *static_cast<const RE2*>(expression.get()); }

std::string characters(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " character" : " characters");
}

}  // namespace

Pattern::Pattern(std::string_view expression)
    : expression_(std::make_shared<const RE2>(re2::StringPiece{expression.data(), expression.size()}, options())) {}
bool Pattern::matches(std::string_view text) const {
    return RE2::FullMatch(re2::StringPiece{text.data(), text.size()}, as_re2(expression_));
}
std::string Pattern::mistake() const {
    const RE2& expression = as_re2(expression_);
    return expression.ok() ? "" : "\"" + expression.pattern() + "\" is no regular expression: " + expression.error();
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
    return count;
}

bool is_email(std::string_view text) {
    // The definition of HTML (html.spec.whatwg.org, "valid e-mail address"); mail systems take at most 254 bytes.
    static const Pattern pattern{R"([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"
                                 R"((?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*)"};
    return text.size() <= 254 && pattern.matches(text);
}

std::string length_problem(std::string_view text, std::size_t least, std::size_t most) {
    const std::size_t count = count_characters(text);
    if (count < least) return "must have at least " + characters(least);
    if (count > most) return "must have at most " + characters(most);
    return {};
}

std::string list_problem(const std::vector<std::string>& values) {
    std::string text = "must be ";
    for (std::size_t i = 0; i < values.size(); ++i)
        text += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + values[i];
    return text;
}

std::string problems_of(const std::vector<Rule>& rules, const void* member) {
    std::string text;
    for (const Rule& rule : rules) {
        const std::string problem = rule.problem ? rule.problem(member) : "";
        if (!problem.empty()) text += (text.empty() ? "" : "; ") + problem;
    }
    return text;
}

void check_rules(const std::vector<Node*>& added, const std::vector<Node*>& touched) {
    ValidationError::Fields fields;
    std::string text;
    const auto check = [&](const Node* node, const Column& column) {
        const std::string problem = problems_of(column.rules, node->member(column.offset));
        if (problem.empty()) return;
        text += (text.empty() ? "" : "; ") + describe(node) + '.' + column.member + ' ' + problem;
        fields.emplace(column.member, problem);
    };
    for (const Node* node : added) {
        if (!node->table->has_rules || (node->flags & Node::pending) == 0) continue;
        for (const Column& column : node->table->columns) check(node, column);
    }
    for (const Node* node : touched) {
        if (!node->table->has_rules || !node->is_hashed() || (node->flags & (Node::deleted | Node::removing)) != 0)
            continue;
        for (std::size_t i = 0; i < node->table->columns.size(); ++i)
            if (!node->table->columns[i].rules.empty() && is_column_changed(node, i))
                check(node, node->table->columns[i]);
    }
    if (!fields.empty()) throw BrokenRules(text, std::move(fields));
}

namespace {

/// The type of an input for a kind of values, and its step.
void add_type(std::vector<HtmlAttribute>& attributes, const ColumnType& type) {
    switch (type.kind) {
        case Kind::boolean: attributes.push_back({"type", "checkbox"}); break;
        case Kind::integer:
            attributes.push_back({"type", "number"});
            attributes.push_back({"step", "1"});
            break;
        case Kind::real:
            attributes.push_back({"type", "number"});
            attributes.push_back({"step", "any"});
            break;
        case Kind::decimal:
            attributes.push_back({"type", "number"});
            attributes.push_back({"step", to_string(Fixed{1, type.sql.scale})});
            break;
        case Kind::date: attributes.push_back({"type", "date"}); break;
        case Kind::time_of_day: attributes.push_back({"type", "time"}); break;
        case Kind::time: attributes.push_back({"type", "datetime-local"}); break;
        default: break;
    }
}

}  // namespace

std::vector<HtmlAttribute> html_attributes(const Column& column) {
    std::vector<HtmlAttribute> attributes;
    add_type(attributes, *column.type);
    bool may_be_empty = column.type->kind == Kind::text && column.type->sql.name == SqlType::Name::text;
    for (const Rule& rule : column.rules) {
        for (const HtmlAttribute& attribute : rule.attributes) {
            attributes.push_back(attribute);
            if (attribute.name == "minlength" && attribute.value != "0") may_be_empty = false;
        }
    }
    const bool optional = column.type->nullable || may_be_empty || column.type->kind == Kind::boolean;
    if (!optional) attributes.insert(attributes.begin(), {"required"});
    return attributes;
}

}  // namespace orm
}  // namespace tandem

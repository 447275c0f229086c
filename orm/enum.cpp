#include <tandem/orm/enum.hpp>
#include <tandem/orm/error.hpp>

namespace tandem::orm {
namespace {

std::string listed(const std::string_view* labels, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += i == 0 ? "" : i + 1 == count ? " or " : ", ";
        text += labels[i];
    }
    return text;
}

}  // namespace

void throw_no_enumerator(const char* name, long long value, const std::string_view* labels, std::size_t count) {
    throw ValueError("holds the number " + std::to_string(value) + ", which is no " + name + " (" +
        listed(labels, count) + "); list it in TANDEM_ENUM if it is one");
}
void throw_no_label(const char*, std::string_view text, const std::string_view* labels, std::size_t count) {
    throw ValueError("must be " + listed(labels, count) + ", not \"" + std::string{text.substr(0, 64)} + "\"");
}

}  // namespace tandem::orm

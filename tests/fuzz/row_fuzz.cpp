// Any values in a row, read into a model with a column of each type: the driver's quick way and the codecs' way agree,
// and what was read can be written and read again.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <optional>

#include "blog.hpp"
#include "driver/driver.hpp"

namespace {

using namespace tandem::orm;
using types::Everything;

[[noreturn]] void broken(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

/// Takes values from the input.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    void bind_next(Statement& statement, int index) {
        const int kind = rest_.empty() ? 0 : static_cast<unsigned char>(rest_[0]) % 5;
        const std::size_t length = rest_.size() < 2 ? 0 : static_cast<unsigned char>(rest_[1]);
        rest_.remove_prefix(std::min<std::size_t>(rest_.size(), 2));
        const std::string_view bytes = rest_.substr(0, length);
        rest_.remove_prefix(bytes.size());
        std::int64_t number = 0;
        std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
        double real = 0;
        std::memcpy(&real, &number, sizeof real);
        switch (kind) {
            case 1: return statement.bind(index, ValueView::of(number));
            case 2: return statement.bind(index, std::isnan(real) ? ValueView{} : ValueView::of(real));
            case 3: return statement.bind(index, ValueView::of(bytes));
            case 4:
                return statement.bind(
                    index, ValueView::blob({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}));
            default: return statement.bind(index, {});
        }
    }

private:
    std::string_view rest_;
};

const Table& table() {
    static const Table& everything = table_of<Everything>();
    return everything;
}

/// The place of the column that did not fit, or nothing.
template <class F>
std::optional<std::size_t> refused(F f) {
    try {
        f();
    } catch (const ColumnError& error) { return error.column(); }
    return std::nullopt;
}

bool equal(const Everything& a, const Everything& b) {
    Scratch left;
    Scratch right;
    for (const Column& column : table().columns) {
        const auto at = [&](const Everything& object) {
            return reinterpret_cast<const char*>(&object) + column.offset;
        };
        if (hash(column.type->view(at(a), left)) != hash(column.type->view(at(b), right))) return false;
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto driver = make_driver("sqlite://", std::chrono::seconds{1});
    static const auto connection = driver->connect();
    const auto& columns = table().columns;
    std::string sql = "SELECT ?";
    for (std::size_t i = 1; i < columns.size(); ++i) sql += ", ?";

    Everything quick;
    {
        Statement& statement = connection->prepare(sql);
        const StatementUse use{statement};
        Input input{data, size};
        for (std::size_t i = 0; i < columns.size(); ++i) input.bind_next(statement, static_cast<int>(i) + 1);
        if (!statement.step()) broken("no row");
        Everything slow;
        const auto quick_refused = refused([&] { statement.read(table().members, 0, &quick); });
        const auto slow_refused = refused([&] { statement.Statement::read(table().members, 0, &slow); });
        if (quick_refused != slow_refused) broken("one way refuses what the other takes");
        if (quick_refused) return 0;
        if (!equal(quick, slow)) broken("the two ways read different values");
    }
    std::vector<std::size_t> all(columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    Statement& statement = connection->prepare(sql);
    const StatementUse use{statement};
    Everything again;
    try {
        statement.bind_members(table().members, all, 1, &quick);
    } catch (const ColumnError&) { return 0; }  // a float that became NaN, a time beyond year 9999
    if (!statement.step()) broken("no row");
    statement.read(table().members, 0, &again);
    if (!equal(quick, again)) broken("what was written is not what is read");
    return 0;
}

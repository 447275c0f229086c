// Echo: a connection that tells what it is asked, with values and times. It stands before the real connection only
// while somebody listens, so that it costs nothing else.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "driver/driver.hpp"

namespace tandem::orm {

/// Takes a line, without its end.
using EchoSink = std::function<void(std::string_view line)>;

class EchoConnection;

class EchoStatement final : public Statement {
public:
    EchoStatement(EchoConnection& connection, Statement& statement, std::string_view sql);
    [[nodiscard]] const std::string& sql() const { return sql_; }

    int parameter_count() const override { return statement_.parameter_count(); }
    int parameter_index(std::string_view name) const override { return statement_.parameter_index(name); }
    std::string_view parameter_name(int index) const override { return statement_.parameter_name(index); }
    void bind(int index, const ValueView& value) override;
    void bind_borrowed(int index, const ValueView& value) override;
    void bind_members(std::span<const StoredMember> members, std::span<const std::size_t> picked, int first,
        const void* object) override;
    void bind_list(int index, std::span<const Value> values, Kind kind) override;
    void bind_integers(int index, std::span<const std::int64_t> values) override {
        bind_list(index, std::vector<Value>(values.begin(), values.end()), Kind::integer);
    }
    void bind_rows(int index, std::span<const Value> values, std::span<const Kind> kinds) override;
    bool step() override;
    void reset() noexcept override;
    int column_count() const override { return statement_.column_count(); }
    std::string_view column_name(int index) const override { return statement_.column_name(index); }
    ValueView column(int index, Kind wanted) override { return statement_.column(index, wanted); }
    ValueView column(int index) override { return statement_.column(index); }
    void read(std::span<const StoredMember> members, int first, void* object) override {
        statement_.read(members, first, object);
    }
    void read_picked(
        std::span<const StoredMember> members, std::span<const std::size_t> picked, int first, void* object) override {
        statement_.read_picked(members, picked, first, object);
    }
    bool is_readonly() const override { return statement_.is_readonly(); }
    std::size_t longest_pattern() const override { return statement_.longest_pattern(); }

private:
    void note(int index, std::string text);
    void tell(std::string_view failure);
    EchoConnection& connection_;
    Statement& statement_;
    std::string sql_;
    std::vector<bool> secret_;           ///< per parameter: it belongs to a hidden column
    std::vector<std::string> values_{};  ///< as they are shown
    std::chrono::steady_clock::duration spent_{};
    bool running_ = false;
};

class EchoConnection final : public Connection {
public:
    explicit EchoConnection(Connection& connection) : connection_(connection) {}
    void write_to(std::shared_ptr<const EchoSink> sink) { sink_ = std::move(sink); }
    /// Writes a line; what a sink throws is dropped, for the statement has been run.
    void tell(std::string_view sql, std::string_view values, std::chrono::steady_clock::duration spent,
        std::string_view failure) noexcept;

    Statement& prepare(std::string_view sql) override;
    void run(const std::string& sql) override;
    void begin(bool writes) override;
    void commit() override;
    void rollback() noexcept override;
    void savepoint() override;
    void release_savepoint() override;
    void rollback_to_savepoint() noexcept override;
    bool in_transaction() const override { return connection_.in_transaction(); }
    std::int64_t changed_rows() const override { return connection_.changed_rows(); }
    std::int64_t last_insert_key() const override { return connection_.last_insert_key(); }
    bool is_sound() const override { return connection_.is_sound(); }
    std::vector<std::string> table_names() override { return connection_.table_names(); }
    void observe(std::shared_ptr<const StatementObserver> observer) override {
        connection_.observe(std::move(observer));
    }

private:
    template <class F>
    void timed(std::string_view word, F f);
    Connection& connection_;
    std::shared_ptr<const EchoSink> sink_{};
    std::unordered_map<Statement*, std::unique_ptr<EchoStatement>> statements_{};
};

/// For each parameter of an SQL text whether its value must not be shown: its name is that of a hidden column, or the
/// text compares it with one or stores it in one. Rather one too many than one too few.
[[nodiscard]] std::vector<bool> secret_parameters(std::string_view sql);

}  // namespace tandem::orm

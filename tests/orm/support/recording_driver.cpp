#include "support/recording_driver.hpp"

#include <algorithm>
#include <cctype>

#include <tandem/orm/codec.hpp>
#include <tandem/orm/error.hpp>

namespace {

using namespace tandem::orm;
using tandem::Row;
using tandem::Value;

std::string shown(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
    if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    return std::holds_alternative<std::monostate>(value) ? "NULL" : "<bytes>";
}

class RecordingStatement final : public Statement {
public:
    RecordingStatement(Recording& recording, std::string_view sql) : recording_(recording), sql_(sql) {
        for (std::size_t i = 0; i < sql_.size(); ++i) {
            if (sql_[i] != '?' && sql_[i] != ':') continue;
            std::size_t end = i + 1;
            while (end < sql_.size() && (std::isalnum(static_cast<unsigned char>(sql_[end])) != 0 || sql_[end] == '_'))
                ++end;
            names_.push_back(sql_.substr(i + 1, end - i - 1));
        }
        values_.resize(names_.size());
    }

    int parameter_count() const override { return static_cast<int>(names_.size()); }
    int parameter_index(std::string_view name) const override {
        const auto found = std::ranges::find(names_, name);
        return found == names_.end() ? 0 : static_cast<int>(found - names_.begin()) + 1;
    }
    std::string_view parameter_name(int index) const override { return names_.at(static_cast<std::size_t>(index - 1)); }
    void bind(int index, const ValueView& value) override { put(index, shown(to_value(value))); }
    void bind_list(int index, std::span<const Value> values, Kind /*kind*/) override { put(index, list(values)); }
    void bind_rows(int index, std::span<const Value> values, std::span<const Kind> /*kinds*/) override {
        put(index, list(values));
    }
    bool step() override {
        if (!running_) begin();
        if (at_ + 1 >= static_cast<std::ptrdiff_t>(rows_.size())) return false;
        ++at_;
        return true;
    }
    void reset() noexcept override {
        running_ = false;
        at_ = -1;
    }

    int column_count() const override {
        if (running_) return rows_.empty() ? 0 : static_cast<int>(rows_.front().size());
        const auto answer = find_answer();
        return answer == recording_.answers.end() || answer->rows.empty()
            ? 0
            : static_cast<int>(answer->rows.front().size());
    }
    std::string_view column_name(int /*index*/) const override { return "column"; }
    ValueView column(int index, Kind wanted) override {
        const ValueView stored = column(index);
        return wanted == Kind::time && stored.kind() == Kind::text ? coerce(stored, wanted) : stored;
    }
    ValueView column(int index) override {
        return ValueView::from(rows_.at(static_cast<std::size_t>(at_)).at(static_cast<std::size_t>(index)));
    }
    bool is_readonly() const override { return sql_.starts_with("SELECT"); }

private:
    static std::string list(std::span<const Value> values) {
        std::string text = "(";
        for (const Value& value : values) text += (text.size() > 1 ? ", " : "") + shown(value);
        return text + ")";
    }
    [[nodiscard]] std::deque<Recording::Answer>::iterator find_answer() const {
        return std::ranges::find_if(
            recording_.answers, [&](const Recording::Answer& answer) { return sql_.find(answer.part) != sql_.npos; });
    }
    void put(int index, std::string text) { values_.at(static_cast<std::size_t>(index - 1)) = std::move(text); }
    void begin() {
        running_ = true;
        at_ = -1;
        rows_.clear();
        std::string line = sql_;
        if (!values_.empty()) {
            line += " [";
            for (std::size_t i = 0; i < values_.size(); ++i) line += (i > 0 ? ", " : "") + values_[i];
            line += "]";
        }
        recording_.lines.push_back(line);
        auto& answers = recording_.answers;
        const auto found = find_answer();
        if (found != answers.end()) {
            const Recording::Answer answer = std::move(*found);
            answers.erase(found);
            if (!answer.error.empty()) throw tandem::OperationalError(answer.error);
            rows_ = answer.rows;
        } else if (sql_.starts_with("INSERT")) {
            last_key() = recording_.next_key++;
            if (sql_.find("RETURNING") != sql_.npos) rows_ = {Row{last_key()}};
        }
    }
    std::int64_t& last_key() { return last_key_; }
    Recording& recording_;
    std::string sql_;
    std::vector<std::string> names_{};
    std::vector<std::string> values_{};
    std::vector<Row> rows_{};
    std::ptrdiff_t at_ = -1;
    std::int64_t last_key_ = 0;
    bool running_ = false;
};

class RecordingConnection final : public Connection {
public:
    explicit RecordingConnection(std::shared_ptr<Recording> recording) : recording_(std::move(recording)) {
        recording_->lines.emplace_back("connect");
    }
    ~RecordingConnection() override { recording_->lines.emplace_back("disconnect"); }

    Statement& prepare(std::string_view sql) override {
        auto& statement = statements_[std::string{sql}];
        if (!statement) statement = std::make_unique<RecordingStatement>(*recording_, sql);
        statement->reset();
        return *statement;
    }
    void run(const std::string& sql) override { recording_->lines.push_back(sql); }
    void begin(bool writes) override {
        recording_->lines.emplace_back(writes ? "BEGIN write" : "BEGIN");
        in_transaction_ = true;
    }
    void commit() override {
        recording_->lines.emplace_back("COMMIT");
        in_transaction_ = false;
    }
    void rollback() noexcept override {
        if (in_transaction_) recording_->lines.emplace_back("ROLLBACK");
        in_transaction_ = false;
    }
    void savepoint() override { recording_->lines.emplace_back("SAVEPOINT"); }
    void release_savepoint() override { recording_->lines.emplace_back("RELEASE"); }
    void rollback_to_savepoint() noexcept override { recording_->lines.emplace_back("ROLLBACK TO"); }
    bool in_transaction() const override { return in_transaction_; }
    std::int64_t changed_rows() const override { return recording_->changed_rows; }
    std::int64_t last_insert_key() const override { return recording_->next_key - 1; }
    bool is_sound() const override { return recording_->is_sound; }
    std::vector<std::string> table_names() override { return {}; }
    void observe(std::shared_ptr<const StatementObserver> /*observer*/) override {}

private:
    std::shared_ptr<Recording> recording_;
    std::map<std::string, std::unique_ptr<RecordingStatement>> statements_{};
    bool in_transaction_ = false;
};

/// Words that no other database has.
class RecordingDialect final : public Dialect {
public:
    std::string type_name(const SqlType& type) const override {
        return type.name == SqlType::Name::integer ? "NUMBER" : "THING";
    }
    std::string_view autoincrement() const override { return "ALWAYS_NEW"; }
    std::string_view current_time() const override { return "THE_TIME"; }
    std::string_view in_list() const override { return " AMONG (?)"; }
    std::string in_rows(std::size_t width) const override { return " AMONG " + std::to_string(width) + " (?)"; }
    bool keeps_last_key() const override { return false; }
};

class RecordingDriver final : public Driver {
public:
    explicit RecordingDriver(std::shared_ptr<Recording> recording) : recording_(std::move(recording)) {}
    std::unique_ptr<Connection> connect() override { return std::make_unique<RecordingConnection>(recording_); }
    const Dialect& dialect() const override {
        static const RecordingDialect instance;
        return instance;
    }

private:
    std::shared_ptr<Recording> recording_;
};

}  // namespace

std::unique_ptr<Driver> make_recording_driver(std::shared_ptr<Recording> recording) {
    return std::make_unique<RecordingDriver>(std::move(recording));
}

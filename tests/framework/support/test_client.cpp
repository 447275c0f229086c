#include "support/test_client.hpp"

#include <set>
#include <stdexcept>

namespace tandem::testing {
namespace {

void require(bool condition, const Json& op) {
    if (!condition) throw std::runtime_error("this op does not apply: " + op.dump());
}

Json& at(Json& tree, const Json& path, std::size_t steps, const Json& op) {
    Json* place = &tree;
    for (std::size_t i = 0; i < steps; ++i) {
        const Json& step = path.at(i);
        if (step.is_string()) {
            require(place->is_object() && place->contains(step.get<std::string>()), op);
            place = &(*place)[step.get<std::string>()];
        } else {
            require(place->is_array() && step.get<std::size_t>() < place->size(), op);
            place = &(*place)[step.get<std::size_t>()];
        }
    }
    return *place;
}

void set(Json& tree, const Json& path, const Json& op) {
    Json& parent = at(tree, path, path.size() - 1, op);
    const Json& last = path.back();
    if (last.is_string()) {
        require(parent.is_object(), op);
        parent[last.get<std::string>()] = op.at(2);
    } else {
        require(parent.is_array() && last.get<std::size_t>() < parent.size(), op);
        parent[last.get<std::size_t>()] = op.at(2);
    }
}

void splice(Json& list, const Json& op) {
    const auto i = op.at(2).get<std::size_t>();
    const auto removed = op.at(3).get<std::size_t>();
    require(list.is_array() && i + removed <= list.size(), op);
    const auto begin = list.begin() + static_cast<std::ptrdiff_t>(i);
    list.erase(begin, begin + static_cast<std::ptrdiff_t>(removed));
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(i), op.at(4).begin(), op.at(4).end());
}

void move(Json& list, const Json& op) {
    const auto from = op.at(2).get<std::size_t>();
    const auto to = op.at(3).get<std::size_t>();
    require(list.is_array() && from < list.size() && to < list.size(), op);
    Json element = list[from];
    list.erase(from);
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(to), std::move(element));
}

void remove(Json& list, const Json& op) {
    std::set<std::size_t> gone;
    for (const Json& entry : op.at(2)) {
        const auto first = entry.is_array() ? entry.at(0).get<std::size_t>() : entry.get<std::size_t>();
        const auto count = entry.is_array() ? entry.at(1).get<std::size_t>() : 1;
        require(gone.empty() || first > *gone.rbegin(), op);
        for (std::size_t i = 0; i < count; ++i) gone.insert(first + i);
    }
    require(list.is_array() && !gone.empty() && *gone.rbegin() < list.size(), op);
    for (auto index = gone.rbegin(); index != gone.rend(); ++index) list.erase(*index);
}

void reorder(Json& list, const Json& op) {
    require(list.is_array() && op.at(2).size() == list.size(), op);
    Json result = Json::array();
    std::set<std::size_t> used;
    for (const Json& index : op.at(2)) {
        require(index.get<std::size_t>() < list.size() && used.insert(index.get<std::size_t>()).second, op);
        result.push_back(list[index.get<std::size_t>()]);
    }
    list = std::move(result);
}

}  // namespace

void apply_ops(Json& tree, const Json& ops) {
    for (const Json& op : ops) {
        const auto name = op.at(0).get<std::string>();
        const Json& path = op.at(1);
        if (name == "s") {
            set(tree, path, op);
        } else if (name == "d") {
            Json& parent = at(tree, path, path.size() - 1, op);
            require(parent.is_object() && parent.erase(path.back().get<std::string>()) == 1, op);
        } else {
            Json& place = at(tree, path, path.size(), op);
            if (name == "a") {
                require(place.is_string(), op);
                place = place.get<std::string>() + op.at(2).get<std::string>();
            } else if (name == "p") {
                splice(place, op);
            } else if (name == "m") {
                move(place, op);
            } else if (name == "r") {
                remove(place, op);
            } else if (name == "o") {
                reorder(place, op);
            } else {
                require(false, op);
            }
        }
    }
}

TestEngine::TestEngine(std::string db_url) {
    config.db_url = std::move(db_url);
    config.log = [this](LogLevel, std::string_view text) { log.emplace_back(text); };
    engine = std::make_unique<Engine>(config);
}

TestClient::TestClient(TestEngine& engine, std::string tab) : engine_(engine), tab_(std::move(tab)) { connect(); }

void TestClient::connect() {
    channel_ = std::make_unique<Channel>(*engine_.engine, inbox_);
    const Json hello = {"hello",
        {{"proto", 1}, {"build", "test"}, {"tab", tab_}, {"page", "/"}, {"token", nullptr}, {"resume", nullptr}}};
    const auto answer = exchange(hello.dump());
    if (answer.size() != 1 || answer[0].at(0) != "welcome") throw std::runtime_error("hello was not welcomed");
    welcome_ = answer[0].at(1);
    tree_ = welcome_.at("tree");
    n_ = welcome_.at("n").get<std::uint64_t>();
    seq_ = welcome_.at("seq").get<std::uint64_t>();
}

void TestClient::reconnect() {
    channel_.reset();
    inbox_.frames.clear();
    inbox_.close_code = 0;
    connect();
}

std::vector<Json> TestClient::exchange(const std::string& frame) {
    channel_->receive(frame);
    std::vector<Json> answers;
    for (; !inbox_.frames.empty(); inbox_.frames.pop_front()) {
        last_frame_ = inbox_.frames.front();
        answers.push_back(Json::parse(last_frame_));
    }
    return answers;
}

Json TestClient::call_with(const std::string& handler, const Json& arguments) {
    const auto answers = exchange(Json{"event", ++n_, handler, arguments}.dump());
    if (answers.size() != 1 || answers[0].at(0) != "ack" || answers[0].at(1) != n_)
        throw std::runtime_error("the event was not answered");
    const Json& ack = answers[0];
    if (ack.at(3) != seq_ + 1) throw std::runtime_error("seq did not rise by one: " + ack.dump());
    seq_ = ack.at(3).get<std::uint64_t>();
    last_ops_ = ack.at(4);
    apply_ops(tree_, last_ops_);
    return ack.at(2);
}

Json TestClient::fresh_tree() {
    const auto answers = exchange(R"(["resync"])");
    if (answers.size() != 1 || answers[0].at(0) != "snapshot") throw std::runtime_error("resync was not answered");
    seq_ = answers[0].at(1).get<std::uint64_t>();
    return answers[0].at(2);
}

}  // namespace tandem::testing

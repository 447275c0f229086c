#include "channel.hpp"

#include <algorithm>
#include <optional>

#include "client.hpp"
#include "engine.hpp"
#include "image_json.hpp"
#include "state_registry.hpp"

namespace tandem {
namespace {

constexpr std::int64_t protocol_version = 1;
constexpr std::int64_t no_retry = -1;

bool is_tab_id(std::string_view text) {
    return text.size() == 32 &&
        std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// A number of the protocol itself; a text that encodes one is none.
std::optional<std::int64_t> integer_of(const JsonView& view) {
    if (view.type() != JsonView::Type::scalar || view.plain_text()) return std::nullopt;
    const orm::ValueView value = view.scalar();
    return value.kind() == orm::Kind::integer ? std::optional{value.integer()} : std::nullopt;
}

template <class Infos, class Wanted>
void append_names(std::string& out, const Infos& infos, Wanted wanted) {
    out += '[';
    bool first = true;
    for (const auto& info : infos) {
        if (!wanted(info)) continue;
        if (!std::exchange(first, false)) out += ',';
        append_json_text(out, info.name);
    }
    out += ']';
}

/// What a page may call and set: `{state: {handlers, settable}}`, names sorted.
std::string describe_states() {
    std::string out = "{";
    for (const StateClass& state_class : state_classes()) {
        if (out.size() > 1) out += ',';
        append_json_text(out, state_class.name);
        out += ":{\"handlers\":";
        append_names(out, state_class.handlers, [](const HandlerInfo&) { return true; });
        out += ",\"settable\":";
        append_names(out, state_class.vars, [](const VarInfo& var) { return var.settable; });
        out += '}';
    }
    return out + '}';
}

}  // namespace

Channel::~Channel() {
    if (client_) engine_.leave(tab_, *this);
}

void Channel::receive(std::string_view text) {
    if (closed_) return;
    const auto frame = engine_.parser().parse(text);
    if (!frame || frame->type() != JsonView::Type::list || frame->size() == 0)
        return fail("a frame is a JSON array that starts with its name");
    std::vector<JsonView> fields;
    frame->each_element([&](const JsonView& field) { fields.push_back(field); });
    const auto name = fields.front().plain_text();
    if (!name) return fail("a frame starts with its name");

    if (*name == "hello") {
        if (client_) return fail("a second hello");
        if (fields.size() < 2 || fields[1].type() != JsonView::Type::object) return fail("hello takes an object");
        return hello(fields[1]);
    }
    if (!client_) return fail("a frame before hello");
    if (*name == "event") {
        const auto n = fields.size() < 4 ? std::nullopt : integer_of(fields[1]);
        const auto handler = fields.size() < 4 ? std::nullopt : fields[2].plain_text();
        if (!n || *n < 1 || !handler || fields[3].type() != JsonView::Type::list)
            return fail("an event takes a number, a handler and a list of arguments");
        return event(static_cast<std::uint64_t>(*n), *handler, fields[3]);
    }
    if (*name == "resync") {
        const std::uint64_t seq = client_->next_seq();
        return peer_.send("[\"snapshot\"," + std::to_string(seq) + ',' + client_->tree() + ']');
    }
    if (*name == "seen" || *name == "cancel") return;  // reserved
    fail("an unknown frame");
}

void Channel::hello(const JsonView& options) {
    std::optional<std::int64_t> proto;
    std::string tab;
    options.each_member([&](std::string_view name, const JsonView& value) {
        if (name == "proto") proto = integer_of(value);
        if (name == "tab") tab = value.plain_text().value_or("");
    });
    if (proto != protocol_version || !is_tab_id(tab))
        return fail("hello without a protocol version or tab id that this server knows");
    const auto [client, fresh] = engine_.arrive(tab, *this);
    if (!client) {
        constexpr int retry_ms = 5000;
        return bye("too_many", retry_ms, 1013);
    }
    client_ = client;
    tab_ = std::move(tab);
    if (!fresh) client_->refresh();
    const Limits& limits = engine_.config().limits;
    const std::uint64_t seq = client_->next_seq();
    std::string frame = R"(["welcome",{"proto":1,"build":)";
    append_json_text(frame, engine_.build());
    frame += std::string{",\"fresh\":"} + (fresh ? "true" : "false") +
        ",\"n\":" + std::to_string(client_->last_event()) + ",\"seq\":" + std::to_string(seq) +
        ",\"limits\":{\"message_bytes\":" + std::to_string(limits.message_bytes) +
        ",\"in_flight\":" + std::to_string(limits.in_flight) + "},\"states\":" + describe_states() +
        ",\"tree\":" + client_->tree() + "}]";
    peer_.send(std::move(frame));
}

void Channel::event(std::uint64_t n, std::string_view handler, const JsonView& arguments) {
    if (n > client_->last_event() + 1) return fail("an event number was left out");
    std::string outcome;
    std::string ops = "[]";
    if (n <= client_->last_event()) {
        const std::string* receipt = client_->receipt(n);
        if (!receipt) return fail("an event that was answered long ago");
        outcome = *receipt;
    } else {
        const auto result = client_->run(handler, arguments);
        outcome = result.outcome.json();
        ops = result.ops.json();
    }
    const std::uint64_t seq = client_->next_seq();
    peer_.send("[\"ack\"," + std::to_string(n) + ',' + outcome + ',' + std::to_string(seq) + ',' + ops + ']');
}

void Channel::restart(int retry_ms) { bye("restart", retry_ms, 1012); }
void Channel::replaced() { bye("replaced", no_retry, 1008); }

void Channel::fail(std::string_view why) {
    engine_.log(LogLevel::warning, "a connection was closed for a protocol error: " + std::string{why});
    bye("protocol", no_retry, 1002);
}

void Channel::bye(std::string_view code, std::int64_t retry_ms, std::uint16_t close_code) {
    if (std::exchange(closed_, true)) return;
    std::string frame = "[\"bye\",{\"code\":";
    append_json_text(frame, code);
    frame += ",\"retry_ms\":" + (retry_ms == no_retry ? std::string{"null"} : std::to_string(retry_ms)) + "}]";
    peer_.send(std::move(frame));
    peer_.close(close_code);
}

}  // namespace tandem

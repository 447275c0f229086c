#include "client.hpp"

#include <algorithm>
#include <optional>

#include <tandem/orm/transaction.hpp>

#include "engine.hpp"
#include "image_json.hpp"
#include "state_registry.hpp"

namespace tandem {
namespace {

/// A database transaction for the step that runs, if there is a database; tandem::session() joins it.
class StepTransaction {
public:
    StepTransaction(Database* database, orm::Access access) {
        if (database) transaction_.emplace(*database, access);
        ambient_.emplace(transaction_ ? &*transaction_ : nullptr);
    }
    void commit() {
        if (transaction_) transaction_->commit();
    }

private:
    std::optional<orm::Transaction> transaction_{};
    std::optional<orm::AmbientTransaction> ambient_{};  // ends before the transaction does
};

std::string image_of(const VarInfo& var, const StateClass& state_class, const StateBase& state) {
    std::string image;
    ImageWriter out{image};
    try {
        var.write(out, state);
    } catch (const ValueError& error) {
        throw ValueError(std::string{state_class.class_name} + "." + var.name + " " + error.what());
    }
    return image;
}

void show_change(
    Ops& ops, const StateClass& state_class, const char* name, std::string_view before, std::string_view after) {
    if (before == after) return;
    std::string path;
    append_json_text(path, state_class.name);
    path += ',';
    append_json_text(path, name);
    append_diff(ops, path, before, after);
}

}  // namespace

Client::Client(Engine& engine) : engine_(engine) {
    for (const StateClass& state_class : state_classes()) {
        Instance& instance =
            instances_.emplace_back(Instance{.state_class = &state_class, .state = state_class.make()});
        instance.state->join(*this);
        for (const VarInfo& var : state_class.vars)
            instance.vars.push_back(var.backend ? std::string{} : image_of(var, state_class, *instance.state));
        instance.computed.resize(state_class.computed.size());
        instance.undo = UndoImage::of(state_class, *instance.state);
    }
    load();
}

void Client::load() {
    Ops unseen;  // the page gets the whole tree
    for (Instance& instance : instances_) {
        if (!instance.state_class->on_load || instance.loaded) continue;
        const Outcome outcome = step(instance.state_class->name + ".on_load", unseen, [&] {
            instance.touched = true;
            instance.state_class->on_load(*instance.state);
        });
        instance.loaded = outcome.is_ok();
    }
    evaluate_computed(unseen);
}

StateBase& Client::state(const void* tag) {
    const auto found =
        std::ranges::find(instances_, tag, [](const Instance& instance) { return instance.state_class->tag; });
    if (found == instances_.end()) throw InvalidStateError("get_state() of a class that is no registered state");
    found->touched = true;
    return *found->state;
}

template <class F>
Outcome Client::step(std::string_view what, Ops& ops, F&& f) {
    for (Instance& instance : instances_) instance.touched = false;
    try {
        std::vector<Change> changes;
        {
            // Readers never wait; a write that meets a newer commit of another program is a Conflict, never a lost
            // update.
            StepTransaction transaction{engine_.database(), orm::Access::upgrade};
            f();
            changes = collect_changes();
            transaction.commit();
        }
        apply(changes, ops);
    } catch (...) {
        // The transaction has rolled back by now: first the database, then what shows it.
        undo();
        std::string log_text;
        Outcome outcome = outcome_of_current_exception(engine_.config().development, log_text);
        if (!log_text.empty()) engine_.log(LogLevel::error, std::string{what} + ": " + log_text);
        return outcome;
    }
    // What goes wrong from here on does not undo what is committed.
    evaluate_computed(ops);
    return {};
}

Client::Result Client::run(std::string_view handler, const JsonView& arguments) {
    ++last_event_;
    Result result;
    const auto dot = handler.find('.');
    const std::string_view state_name = handler.substr(0, dot);
    const std::string_view member = dot == std::string_view::npos ? std::string_view{} : handler.substr(dot + 1);
    const auto instance = std::ranges::find(
        instances_, state_name, [](const Instance& i) { return std::string_view{i.state_class->name}; });

    const HandlerInfo* found = nullptr;
    const VarInfo* var = nullptr;
    if (instance != instances_.end()) {
        for (const HandlerInfo& candidate : instance->state_class->handlers)
            if (member == candidate.name) found = &candidate;
        for (const VarInfo& candidate : instance->state_class->vars)
            if (candidate.settable && member.starts_with("set_") && member.substr(4) == candidate.name)
                var = &candidate;
    }
    if (!found && !var) {
        result.outcome = {.code = "unknown_handler",
            .message = "There is no handler \"" + std::string{handler.substr(0, 100)} + "\"."};
    } else {
        result.outcome = step(handler, result.ops, [&] {
            instance->touched = true;
            if (found) {
                found->call(*instance->state, arguments);
                return;
            }
            if (arguments.size() != 1)
                throw ValidationError("takes 1 argument, " + std::to_string(arguments.size()) + " were sent", {});
            arguments.each_element([&](const JsonView& value) {
                try {
                    var->set(*instance->state, value);
                } catch (const ValidationError&) { throw; } catch (const ValueError& error) {
                    throw ValidationError({{var->name, error.what()}});
                }
            });
        });
    }
    receipts_.push_back(result.outcome.json());
    if (receipts_.size() > engine_.config().limits.in_flight) receipts_.pop_front();
    return result;
}

const std::string* Client::receipt(std::uint64_t n) const {
    if (n == 0 || n > last_event_ || last_event_ - n >= receipts_.size()) return nullptr;
    return &receipts_[receipts_.size() - 1 - static_cast<std::size_t>(last_event_ - n)];
}

/// The new images of every state that may have changed: touched, or showing objects that another state may have
/// changed. Throws when a page cannot show a value.
std::vector<Client::Change> Client::collect_changes() {
    std::vector<Change> changes;
    for (Instance& instance : instances_) {
        if (!instance.touched && !instance.undo.has_objects()) continue;
        const StateClass& state_class = *instance.state_class;
        Change& change = changes.emplace_back(Change{&instance, {}, {}});
        for (const VarInfo& var : state_class.vars)
            change.vars.push_back(var.backend ? std::string{} : image_of(var, state_class, *instance.state));
        change.undo = UndoImage::of(state_class, *instance.state);
    }
    return changes;
}

void Client::apply(std::vector<Change>& changes, Ops& ops) {
    for (Change& change : changes) {
        Instance& instance = *change.instance;
        for (std::size_t i = 0; i < change.vars.size(); ++i)
            if (!instance.state_class->vars[i].backend)
                show_change(
                    ops, *instance.state_class, instance.state_class->vars[i].name, instance.vars[i], change.vars[i]);
        instance.vars = std::move(change.vars);
        instance.undo = std::move(change.undo);
    }
}

void Client::undo() {
    for (Instance& instance : instances_)
        if (instance.touched || instance.undo.has_objects())
            instance.undo.restore(*instance.state_class, *instance.state);
}

void Client::evaluate_computed(Ops& ops) {
    StepTransaction snapshot{engine_.database(), orm::Access::read};
    for (Instance& instance : instances_) {
        for (std::size_t i = 0; i < instance.computed.size(); ++i) {
            const ComputedInfo& var = instance.state_class->computed[i];
            std::string image;
            try {
                ImageWriter out{image};
                var.write(out, *instance.state);
            } catch (...) {
                // The event it follows is done; the page keeps the last value.
                engine_.log(LogLevel::error,
                    std::string{instance.state_class->class_name} + "." + var.name + ": " +
                        text_of_current_exception());
                if (!instance.computed[i].empty()) continue;
                image.clear();
                ImageWriter{image}.null();
            }
            if (!instance.computed[i].empty())
                show_change(ops, *instance.state_class, var.name, instance.computed[i], image);
            instance.computed[i] = std::move(image);
        }
    }
}

void Client::refresh() { load(); }

std::string Client::tree() const {
    std::string out = "{";
    const auto member = [&out](const char* name, const std::string& image) {
        if (out.back() != '{') out += ',';
        append_json_text(out, name);
        out += ':';
        ImageReader in{image};
        append_json(out, in);
    };
    for (const Instance& instance : instances_) {
        if (out.back() != '{') out += ',';
        append_json_text(out, instance.state_class->name);
        out += ":{";
        for (std::size_t i = 0; i < instance.vars.size(); ++i)
            if (!instance.state_class->vars[i].backend) member(instance.state_class->vars[i].name, instance.vars[i]);
        for (std::size_t i = 0; i < instance.computed.size(); ++i)
            member(instance.state_class->computed[i].name, instance.computed[i]);
        out += '}';
    }
    return out + '}';
}

}  // namespace tandem

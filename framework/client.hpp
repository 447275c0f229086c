// One tab: its states, the order of its events, and what its page was last shown.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <tandem/framework/state.hpp>

#include "diff.hpp"
#include "outcome.hpp"
#include "undo.hpp"

namespace tandem {

class Engine;

class Client final : public StateSet {
public:
    /// Makes the states and runs their on_load.
    explicit Client(Engine& engine);

    StateBase& state(const void* tag) override;

    /// How event n ended, and the ops it made.
    struct Result {
        Outcome outcome;
        Ops ops;
    };
    /// Runs the next event.
    Result run(std::string_view handler, const JsonView& arguments);
    /// The recorded outcome of an event that ran before; null when it is not remembered any more.
    [[nodiscard]] const std::string* receipt(std::uint64_t n) const;

    [[nodiscard]] std::uint64_t last_event() const { return last_event_; }
    [[nodiscard]] std::uint64_t next_seq() { return ++seq_; }
    /// For a page that starts with a whole tree: runs each on_load that has failed so far, and evaluates the computed
    /// vars anew, as others may have changed what they read.
    void refresh();
    /// The whole tree, as a JSON object.
    [[nodiscard]] std::string tree() const;

private:
    struct Instance {
        const StateClass* state_class;
        std::unique_ptr<StateBase> state;
        bool touched = false;
        bool loaded = false;  ///< its on_load has succeeded
        UndoImage undo{};
        std::vector<std::string> vars{};      ///< images as last shown; of backend vars empty
        std::vector<std::string> computed{};  ///< the same; empty where it has never been evaluated
    };
    /// What a step made of a state, before it is committed.
    struct Change {
        Instance* instance;
        UndoImage undo;
        std::vector<std::string> vars;
    };

    /// Runs f as one step: in one transaction, with the changes shown in `ops`; undone as a whole if anything fails.
    template <class F>
    Outcome step(std::string_view what, Ops& ops, F&& f);
    std::vector<Change> collect_changes();
    void apply(std::vector<Change>& changes, Ops& ops);
    void undo();
    void evaluate_computed(Ops& ops);
    void load();

    Engine& engine_;
    std::vector<Instance> instances_{};
    std::uint64_t last_event_ = 0;
    std::uint64_t seq_ = 0;
    std::deque<std::string> receipts_{};  ///< outcomes of the last events, newest last
};

}  // namespace tandem

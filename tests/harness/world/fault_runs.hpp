// Runs of small plans with one fault or two, and what their traces say.
#pragma once

#include <algorithm>
#include <vector>

#include "harness/system/registry/registry.hpp"
#include "harness/world/world.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::testing {

inline constexpr Instant fault_start = Instant(0) + seconds(6);
inline constexpr Instant fault_end = Instant(0) + seconds(10);

// From 6 s to 10 s.
inline fault::Fault fault_on(fault::Kind kind, std::uint32_t node) {
  fault::Fault fault;
  fault.kind = kind;
  fault.at = fault_start;
  fault.length = fault_end - fault_start;
  fault.nodes = {NodeId(node)};
  return fault;
}

inline fault::Fault power_cut(std::uint32_t node, Duration at, Duration length) {
  fault::Fault fault = fault_on(fault::Kind::node_restart, node);
  fault.at = Instant(0) + at;
  fault.length = length;
  fault.mode = fault::Mode::power_loss;
  return fault;
}

inline scenario::Plan plan_with(const std::vector<fault::Fault>& faults) {
  scenario::Plan plan = small_plan(1);
  for (const fault::Fault& fault : faults) add_fault(plan, fault);
  return plan;
}

inline world::Result run_plan(const scenario::Plan& plan) {
  const auto system = system::make_system();
  world::World world(plan, *system);
  return world.run();
}

inline world::Result run_with(const std::vector<fault::Fault>& faults) {
  return run_plan(plan_with(faults));
}

inline std::vector<Event> events(const world::Result& result, EventKind kind,
                                 NodeId node = no_node) {
  std::vector<Event> found;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == kind && (node == no_node || event.node == node)) found.push_back(event);
  }
  return found;
}

inline std::size_t between(const std::vector<Event>& events, Instant from, Instant to) {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(),
                    [&](const Event& event) { return event.at >= from && event.at < to; }));
}

// Word a of the last of the events before `to`; 0 if there is none.
inline std::uint64_t last_index(const std::vector<Event>& events, Instant to) {
  std::uint64_t index = 0;
  for (const Event& event : events) index = event.at < to ? event.a : index;
  return index;
}

// Word c, the delay, of the slowest of the events in [from, to).
inline Duration longest(const std::vector<Event>& events, Instant from, Instant to) {
  Duration most;
  for (const Event& event : events) {
    if (event.at >= from && event.at < to) {
      most = std::max(most, Duration(static_cast<std::int64_t>(event.c)));
    }
  }
  return most;
}

// Servers of three nodes run `body`, told which they are; clients do nothing.
class Servers final : public system::System {
 public:
  using Program = std::function<void(NodeId, env::Environment&)>;
  explicit Servers(Program program) : program_(std::move(program)) {}

  [[nodiscard]] std::string name() const override { return "servers"; }
  [[nodiscard]] std::vector<std::string> planted() const override { return {}; }
  // There is no next release.
  node::Program program(const scenario::Plan&, NodeId node, fault::Release release) override {
    if (release == fault::Release::next) return {};
    return [this, node](env::Environment& environment) { program_(node, environment); };
  }
  std::unique_ptr<system::Session> open_session(const scenario::Plan&, RegionId, env::Environment&,
                                                system::ClientWorld) override {
    return std::make_unique<Silent>();
  }

 private:
  class Silent final : public system::Session {
    void perform(record::Operation&, Instant, const system::Haste&) override {}
    std::optional<std::vector<record::AuditedAccount>> audit(ShardId, Instant) override {
      return std::nullopt;
    }
  };
  Program program_;
};

}  // namespace blackout::testing

#include "harness/world/corruption.hpp"
#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using node::Cluster;

node::Moment moment_of(fault::Moment moment) {
  switch (moment) {
    case fault::Moment::before_persist:
      return node::Moment::before_persist;
    case fault::Moment::after_persist:
      return node::Moment::after_persist;
    case fault::Moment::before_send:
      return node::Moment::before_send;
    case fault::Moment::after_send:
      break;
  }
  return node::Moment::after_send;
}

void end_cycles(Cluster& cluster, const Fault& fault, FaultTag tag) {
  for (const NodeId id : fault.nodes) cluster.node(id).end_cycle(tag);
}

Handler restart() {
  return {Kind::node_restart,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            region::stop(cluster, fault.nodes, stop_mode(fault.mode), tag);
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            region::start(cluster, fault.nodes, tag);
          },
          node_effect};
}

Handler pause() {
  return {Kind::node_pause,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            region::pause(cluster, fault.nodes, tag);
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            region::resume(cluster, fault.nodes, tag);
          },
          node_effect};
}

Handler slow() {
  return {Kind::node_slow,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) cluster.node(id).slow(fault.factor_permille, tag);
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) cluster.node(id).restore(tag);
          },
          node_effect};
}

Handler crash_at() {
  return {Kind::node_crash_at,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) {
              cluster.node(id).arm(moment_of(fault.moment), fault.count, stop_mode(fault.mode),
                                   tag);
            }
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) cluster.node(id).disarm(tag);
          },
          node_effect,
          [](Cluster& cluster, const Fault& fault) {
            for (const NodeId id : fault.nodes) cluster.node(id).watch();
          }};
}

Handler crash_loop() {
  return {Kind::node_crash_loop,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            const node::Cycle cycle{Duration(), fault.period / 2, fault.period};
            for (const NodeId id : fault.nodes) {
              cluster.node(id).cycle(cycle, stop_mode(fault.mode), tag);
            }
          },
          end_cycles, node_effect};
}

// One node after the other; `release` says what each starts with.
template <class ReleaseOf>
void roll(Cluster& cluster, const Fault& fault, FaultTag tag, const ReleaseOf& release) {
  Duration first;
  for (const NodeId id : fault.nodes) {
    cluster.node(id).cycle({first, fault.down, Duration()}, stop_mode(fault.mode), tag,
                           release(id));
    first = first + fault.down + fault.gap;
  }
}

Handler rolling_restart() {
  return {Kind::rolling_restart,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            roll(cluster, fault, tag, [](NodeId) { return node::Release(); });
          },
          end_cycles, node_effect};
}

Handler rolling_version_change() {
  return {Kind::rolling_version_change,
          [](const Stage& stage, const Fault& fault, FaultTag tag) {
            roll(stage, fault, tag, [&](NodeId id) {
              return node::Release{static_cast<std::uint32_t>(fault.release),
                                   stage.program(id, fault.release)};
            });
          },
          end_cycles,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            std::uint64_t sum = 0;
            for (const NodeId id : fault.nodes) sum += cluster.node(id).programs_changed(tag);
            return sum;
          }};
}

Handler memory_limit() {
  return {Kind::node_memory_limit,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) {
              cluster.node(id).limit_memory(fault.memory_bytes, tag);
            }
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) cluster.node(id).lift_limit(tag);
          },
          node_effect};
}

Handler state_corrupted() {
  return {
      Kind::state_corrupted,
      [](const Stage& stage, const Fault& fault, FaultTag tag) {
        stage.corruption.corrupt(fault, tag);
      },
      {},
      [](const Stage& stage, const Fault&, FaultTag tag) { return stage.corruption.effect(tag); }};
}

}  // namespace

node::StopMode stop_mode(fault::Mode mode) {
  switch (mode) {
    case fault::Mode::graceful:
      return node::StopMode::graceful;
    case fault::Mode::process_crash:
      return node::StopMode::process_crash;
    case fault::Mode::power_loss:
      break;
  }
  return node::StopMode::power_loss;
}

std::uint64_t node_effect(Cluster& cluster, const Fault& fault, FaultTag tag) {
  std::uint64_t sum = 0;
  for (const NodeId id : fault.nodes) sum += cluster.node(id).effect(tag);
  return sum;
}

Handlers node_handlers() {
  return {restart(),
          pause(),
          slow(),
          crash_at(),
          crash_loop(),
          rolling_restart(),
          rolling_version_change(),
          memory_limit(),
          state_corrupted()};
}

}  // namespace blackout::world

// Ghost state of spoilt copies: which replica's state is known to be wrong, since when, and what
// the platform made of it.
//
// The truth is the event of the corruption alone; what a replica says of its own state makes none
// right but where it says that another's state took its place. Until then nothing is expected of
// the checksum of that state, and of every other everything. A process that ends takes a wrong
// state with it, and brings it back where it starts from a snapshot of its own that it took
// meanwhile.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "harness/check/replicas.hpp"
#include "host/base/event.hpp"

namespace blackout::check {

// From when a state went wrong until it was right again, its process ended, or the run did.
struct Divergence {
  NodeId node;
  ShardId shard;
  Instant since;
  EventId event;
  // The states that are wrong are those as of an index above `after`, and up to `until`.
  std::uint64_t after = 0;
  std::uint64_t until = std::numeric_limits<std::uint64_t>::max();
  std::optional<Instant> found, quarantined, repaired, ended;
};

class Divergences {
 public:
  explicit Divergences(const Replicas& replicas) : replicas_(replicas) {}

  static bool concerns(EventKind kind);
  // An event of such a kind, of which `replicas` has heard.
  void update(const Event& event, EventId id);

  // The replica's state is wrong now.
  [[nodiscard]] bool spoilt(NodeId node, ShardId shard) const;
  // It was as of `index`.
  [[nodiscard]] bool was_wrong(NodeId node, ShardId shard, std::uint64_t index) const;
  [[nodiscard]] const std::vector<Divergence>& all() const { return all_; }

 private:
  // Indexes whose snapshots, if the replica took them, hold a wrong state.
  struct Window {
    std::uint64_t from = 0;
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
  };
  struct State {
    std::optional<std::size_t> open;  // in all_
    std::vector<Window> windows;      // of snapshots that may be on its disk
    std::vector<Window> recovering;   // that it may start from now ...
    Instant recovered;                // ... at this moment
  };

  State& state(NodeId node, ShardId shard) { return states_[{node, shard}]; }
  void begin(State& state, const Event& event, EventId id, std::uint64_t after);
  void end(State& state, Instant at, std::uint64_t until);
  void process_ended(const Event& event);
  void recovered(State& state, const Event& event, EventId id);

  const Replicas& replicas_;
  std::map<std::pair<NodeId, ShardId>, State> states_;  // of replicas that ever were spoilt
  std::vector<Divergence> all_;
};

}  // namespace blackout::check

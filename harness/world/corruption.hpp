// Bits that flip in the memory of servers; what of the state they spoil, the system under test
// knows.
//
// Which bit is drawn by the fault's moment and the node, so that another fault shifts nothing. Of
// every bit the trace says when it flipped: it is the truth that a judge compares with what the
// system notices.
#pragma once

#include <cstdint>
#include <map>

#include "harness/scenario/plan.hpp"
#include "harness/system/system.hpp"
#include "harness/world/handlers.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::world {

class Corruption {
 public:
  Corruption(const scenario::Plan& plan, system::System& system, trace::Recorder& recorder)
      : plan_(plan), system_(system), recorder_(recorder) {}

  // One bit on each node: in the group that the fault's target names, else in the first one that
  // the node votes in.
  void corrupt(const fault::Fault& fault, FaultTag tag);
  // Bits that flipped with this tag.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;

 private:
  [[nodiscard]] ShardId shard_of(const fault::Fault& fault, NodeId node) const;

  const scenario::Plan& plan_;
  system::System& system_;
  trace::Recorder& recorder_;
  std::map<FaultTag, std::uint64_t> effects_;
};

}  // namespace blackout::world

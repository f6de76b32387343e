// Tagged integers: mixing a node with a shard, or a term with an index, does not compile.
#pragma once

#include <compare>
#include <cstdint>

namespace blackout {
inline namespace base {

template <class Tag, class Representation>
class Id {
 public:
  using Value = Representation;
  constexpr Id() = default;
  constexpr explicit Id(Representation value) : value_(value) {}
  [[nodiscard]] constexpr Representation value() const { return value_; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  Representation value_ = 0;
};

// A machine of the platform or a client host, dense from 0 in the order of the Plan.
using NodeId = Id<struct NodeTag, std::uint32_t>;
// A region, dense from 0 in the order of the Plan.
using RegionId = Id<struct RegionTag, std::uint16_t>;
// A replicated group, dense from 0 in the order of the Plan.
using ShardId = Id<struct ShardTag, std::uint32_t>;
// One logical client request, however often it is retried; 0 means none.
using OperationId = Id<struct OperationTag, std::uint64_t>;
// Position of an event in the trace, from 1; 0 means none.
using EventId = Id<struct EventTag, std::uint64_t>;

// "No node": not a valid index.
inline constexpr NodeId no_node{0xFFFF'FFFF};
inline constexpr ShardId no_shard{0xFFFF'FFFF};

}  // namespace base
}  // namespace blackout

// A whole state on its way from one replica to another: who asks, and who gives.
//
// Neither decides anything: when to ask for a state and what to do with it is the shard's matter.
// One part is under way at a time, and each is asked for by the one that needs it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "platform/replica/audit_protocol.hpp"

namespace blackout::replica {

// Of a replica whose own state is of no use.
class Repair {
 public:
  // The state is as of `index`. An answer is waited for this many ticks.
  Repair(raft::Index index, std::uint64_t patience_ticks)
      : held_after_(index), patience_ticks_(patience_ticks) {}

  struct Ask {
    NodeId to;
    AuditMessage message;  // of kind request, without the shard
  };
  // One tick passed: what to ask, if it is time. Of `others`, not empty, the first is asked first,
  // and whoever is silent several times gives way to the next.
  std::optional<Ask> tick(const std::vector<NodeId>& others);
  // A part that was not asked for is ignored. What to ask next; empty if nothing new came, or this
  // was the last.
  std::optional<Ask> on_part(NodeId from, const AuditMessage& part);

  // The whole state is here.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] NodeId from() const { return asked_; }
  [[nodiscard]] raft::Index index() const { return index_; }
  [[nodiscard]] BytesView state() const { return state_; }
  // It is of no use: the next of the others is asked, from the start.
  void refuse();

  // The next entry that was committed. The last held_max of them are kept ...
  static constexpr std::size_t held_max = 100'000;
  void hold(const raft::Entry& entry);
  // ... for a state that is as of here or later.
  [[nodiscard]] raft::Index held_after() const { return held_after_; }
  [[nodiscard]] const std::deque<raft::Entry>& held() const { return held_; }

 private:
  [[nodiscard]] Ask ask();

  raft::Index held_after_;
  std::deque<raft::Entry> held_;
  std::uint64_t patience_ticks_;
  std::size_t turn_ = 0;  // of the others
  NodeId asked_ = no_node;
  std::uint64_t waited_ticks_ = 0;
  std::uint32_t silences_ = 0;
  raft::Index index_;
  std::uint64_t size_ = 0, digest_ = 0;
  Bytes state_;
  bool complete_ = false;
};

// A state that is given part by part.
class Offer {
 public:
  Offer(raft::Index index, Bytes state);

  [[nodiscard]] raft::Index index() const { return index_; }
  // Empty beyond the end.
  [[nodiscard]] std::optional<AuditMessage> part(std::uint64_t offset);
  // One tick passed; how many did since a part was asked for.
  std::uint64_t tick() { return ++idle_ticks_; }

 private:
  raft::Index index_;
  Bytes state_;
  std::uint64_t digest_;
  std::uint64_t idle_ticks_ = 0;
};

}  // namespace blackout::replica

// What a node holds in each role. One variant, so that a follower cannot have a leader's state.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "platform/raft/configuration.hpp"
#include "platform/raft/progress.hpp"

namespace blackout::raft {

// Votes of one campaign.
class Ballot {
 public:
  void record(NodeId voter, bool granted) {
    std::vector<NodeId>& side = granted ? granted_ : refused_;
    if (std::find(side.begin(), side.end(), voter) == side.end()) side.push_back(voter);
  }
  [[nodiscard]] bool answered(NodeId voter) const {
    return std::find(granted_.begin(), granted_.end(), voter) != granted_.end() ||
           std::find(refused_.begin(), refused_.end(), voter) != refused_.end();
  }
  [[nodiscard]] bool won(const Configuration& configuration) const {
    return granted_.size() >= configuration.majority();
  }
  [[nodiscard]] bool lost(const Configuration& configuration) const {
    return refused_.size() > configuration.voters().size() - configuration.majority();
  }

 private:
  std::vector<NodeId> granted_, refused_;
};

struct Follower {
  NodeId leader = no_node;
};

// Asks whether it would win before it opens a term (9.6).
struct PreCandidate {
  Ballot ballot;
};

struct Candidate {
  Ballot ballot;
  bool transfer = false;  // the leader asked for this campaign
};

struct Leader {
  struct PendingRead {
    std::uint64_t round;
    std::uint64_t context;
    Index index;
  };
  struct Transfer {
    NodeId to;
    std::uint64_t since_ticks;
  };

  std::vector<Progress> followers;  // by id
  Index term_start;  // its no-op; commit >= term_start proves the commit index current
  std::uint64_t heartbeat_ticks = 0;  // of the last heartbeat
  bool heartbeat_due = false;         // with the next Output
  Index commit_at_heartbeat;          // of the last heartbeat ...
  Index settled;                      // ... and of the one before: a follower in step holds it
  // Rounds of heartbeats (6.4). One for reads is open until an Output carries it.
  std::uint64_t round = 0;
  std::uint64_t read_round = 0;  // the newest that left with reads
  bool round_open = false;
  std::deque<PendingRead> reads;
  std::optional<Transfer> transfer;
  std::uint64_t transfer_ticks = 0;  // of the last attempt
  bool asked_to_campaign = false;    // another node, which may do so late: no promise binds then

  // The follower that a message is from; null if it is of another disk or no member.
  [[nodiscard]] Progress* answering(const Message& message) {
    Progress* follower = find(message.from);
    return follower != nullptr && follower->disk == message.from_disk ? follower : nullptr;
  }
  [[nodiscard]] Progress* find(NodeId node) {
    return const_cast<Progress*>(std::as_const(*this).find(node));
  }
  [[nodiscard]] const Progress* find(NodeId node) const {
    for (const Progress& follower : followers) {
      if (follower.id == node) return &follower;
    }
    return nullptr;
  }
};

using RoleState = std::variant<Follower, PreCandidate, Candidate, Leader>;

}  // namespace blackout::raft

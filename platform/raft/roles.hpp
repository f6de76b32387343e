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
  void record(const MemberId& voter, bool granted) {
    std::vector<MemberId>& side = granted ? granted_ : refused_;
    if (!holds(side, voter)) side.push_back(voter);
  }
  [[nodiscard]] bool answered(const MemberId& voter) const {
    return holds(granted_, voter) || holds(refused_, voter);
  }
  [[nodiscard]] bool won(const Configuration& configuration) const {
    return configuration.majority_value([&](const MemberId& id) { return holds(granted_, id); });
  }
  [[nodiscard]] bool lost(const Configuration& configuration) const {
    return !configuration.majority_value([&](const MemberId& id) { return !holds(refused_, id); });
  }

 private:
  static bool holds(const std::vector<MemberId>& side, const MemberId& voter) {
    return std::find(side.begin(), side.end(), voter) != side.end();
  }
  std::vector<MemberId> granted_, refused_;
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
    MemberId to;
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

  // The follower that a message is from; null if that is no member.
  [[nodiscard]] Progress* answering(const Message& message) {
    return find({message.from, message.from_disk});
  }
  [[nodiscard]] Progress* find(const MemberId& id) {
    return const_cast<Progress*>(std::as_const(*this).find(id));
  }
  [[nodiscard]] const Progress* find(const MemberId& id) const {
    for (const Progress& follower : followers) {
      if (follower.member() == id) return &follower;
    }
    return nullptr;
  }
};

using RoleState = std::variant<Follower, PreCandidate, Candidate, Leader>;

}  // namespace blackout::raft

// A cluster of pure cores in memory: each with a disk that holds what its Outputs persisted, a
// network that holds messages until a test delivers them, and a ghost that knows every fact and
// judges it.
//
// Nothing happens by itself. After each input the test calls settle(node), which takes the Output
// and persists it, unless the node's disk is held; a held Output's messages wait with it.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platform/raft/raft.hpp"

namespace blackout::raft {

inline Payload payload_of(std::string_view text) {
  return Payload(Bytes(text.begin(), text.end()));
}

// That a configuration's entry holds.
Configuration configuration_of(const Entry& entry);
std::string node_name(NodeId node);
// "joint {n0 n1- n2.1+}": node, disk but for the founding one, + for who comes, - for who goes.
std::string text_of(const Configuration& configuration);
inline void PrintTo(const Configuration& configuration, std::ostream* out) {
  *out << text_of(configuration);
}

struct MemoryDisk {
  HardState hard_state;
  Snapshot snapshot{};
  std::vector<Entry> entries;  // from the snapshot on

  void write(const Output& output) {
    if (output.hard_state.has_value()) hard_state = *output.hard_state;
    if (output.snapshot.has_value()) {
      snapshot = *output.snapshot;
      entries.clear();
    }
    if (output.truncate_from.has_value()) entries.resize(*output.truncate_from - base() - 1);
    entries.insert(entries.end(), output.entries.begin(), output.entries.end());
  }
  [[nodiscard]] Index base() const { return snapshot.position.index; }
  // What a snapshot stands for, it holds.
  [[nodiscard]] bool holds(Index index, Term term) const {
    if (index <= base()) return true;
    return index <= base() + entries.size() && entries[index - base() - 1].term == term;
  }
};

// A state machine that remembers all that it applied, in order, by one digest. Its form for a
// snapshot takes several chunks.
struct StateMachine {
  Index applied;
  std::uint64_t digest = 0;

  void apply(const Entry& entry);
  [[nodiscard]] Bytes encode() const;
  static StateMachine decode(BytesView state);
};

class Cluster;

// Judges the facts of all nodes; the first thing wrong is kept as a sentence.
class Ghost {
 public:
  void observe(const Cluster& cluster, NodeId node, const Fact& fact);
  void applied(const StateMachine& state, const Entry& entry);
  // A node took over `state` from a snapshot at `position`.
  void restored(const Position& position, const StateMachine& state);
  // A node starts with the configuration at its log's base, or restores it with a snapshot.
  void starts(NodeId node, Index base, const Configuration& configuration) {
    in_force_[node] = {{base, configuration}};
  }
  void holds(NodeId node, const Entry& entry);
  // Another disk: nothing that it promised is on it.
  void forget_votes(NodeId node) {
    std::erase_if(votes_, [node](const auto& vote) { return vote.first.first == node; });
  }
  // The latest commit index that any node has known.
  [[nodiscard]] Index committed() const { return Index(committed_.size()); }
  void expect(bool holds, const std::string& sentence) {
    if (!holds && wrong_.empty()) wrong_ = sentence;
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  struct Committed {
    std::uint64_t chain_hash;
    Term known_in;  // smallest term in which a node knew it
  };
  void leads(const Cluster& cluster, NodeId node, Term term);
  void commits(const Cluster& cluster, NodeId node, Index index);
  [[nodiscard]] bool durable(const Cluster& cluster, NodeId leader, Index index, Term term) const;

  // Each node's configurations, from its log's base on, as the facts so far have them.
  std::map<NodeId, std::vector<std::pair<Index, Configuration>>> in_force_;
  std::map<NodeId, Role> roles_;  // when the fact became true; the node may have gone on since
  std::map<std::pair<NodeId, std::uint64_t>, std::uint64_t> votes_;  // (voter, term) -> candidate
  std::map<std::uint64_t, NodeId> leaders_;                          // by term
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> chains_;  // (index, term)
  std::vector<Committed> committed_;
  std::string wrong_;
};

class Cluster {
 public:
  struct Node {
    Config config;
    MemoryDisk disk{};
    std::multimap<DiskId, MemoryDisk> lost_disks{};
    std::unique_ptr<Raft> raft{};
    std::deque<Output> unpersisted{};
    bool disk_held = false;
    std::uint64_t incarnation = 0;
    StateMachine state{};
    std::size_t restored = 0;  // snapshots of a leader, in this incarnation
    std::vector<Fact> facts{};
    std::vector<ReadGrant> reads{};
    std::vector<std::uint64_t> reads_refused{};

    [[nodiscard]] MemberId id() const { return {config.self, config.disk}; }
    // On this disk, if it has or had it: an answer of one that is lost may still be under way.
    [[nodiscard]] bool stored(DiskId on, Index index, Term term) const {
      const auto [first, last] = lost_disks.equal_range(on);
      return (on == config.disk && disk.holds(index, term)) ||
             std::any_of(first, last,
                         [&](const auto& lost) { return lost.second.holds(index, term); });
    }
  };

  // Voters 0..count-1, `model` with self and voters replaced; then machines that are no members.
  explicit Cluster(std::size_t count, Config model = default_config(), std::size_t spares = 0);
  static Config default_config();

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  Node& at(std::size_t node) { return nodes_[node]; }
  [[nodiscard]] const Node& at(std::size_t node) const { return nodes_[node]; }
  Raft& operator[](std::size_t node) { return *nodes_[node].raft; }
  [[nodiscard]] const Raft& operator[](std::size_t node) const { return *nodes_[node].raft; }
  Ghost& ghost() { return ghost_; }

  // Takes the Output, if there is any, and deals with it; returns a copy.
  Output settle(std::size_t node);
  // Persists the oldest waiting Output.
  void persist_one(std::size_t node);
  void persist_all(std::size_t node);
  // Loses what was not persisted; the disk's content starts a new incarnation.
  void restart(std::size_t node);
  // Makes a snapshot of its state durable and drops the log before it, if nothing waits for the
  // disk.
  void compact(std::size_t node);
  // It comes back with an empty disk in the place of its own, and knows of it or not.
  void replace_disk(std::size_t node, bool knows = true);
  // It leads, all of its log is committed, no change is under way, and every voter has the disk
  // that it votes with.
  [[nodiscard]] bool whole(std::size_t node) const;

  void tick(std::size_t node, std::size_t ticks = 1);
  void deliver(Message message);
  // Delivers in order of sending until nothing is under way.
  void deliver_all();
  // Messages between these two, in both directions, are lost from now on.
  void cut(std::size_t a, std::size_t b) {
    cut_one_way(a, b);
    cut_one_way(b, a);
  }
  void cut_one_way(std::size_t from, std::size_t to) { cut_.insert({from, to}); }
  void heal() { cut_.clear(); }
  void isolate(std::size_t node);
  [[nodiscard]] bool is_cut(const Message& message) const;
  // Ticks this node until it campaigns, then delivers everything.
  void elect(std::size_t node);
  // Proposes one command to this node; true if it was accepted.
  bool propose(std::size_t node, std::string_view text);
  // The terms of a node's log in memory.
  [[nodiscard]] std::vector<std::uint64_t> terms(std::size_t node) const;

  std::deque<Message> network;
  // Sees each Output before anything of it leaves.
  std::function<void(std::size_t node, const Output& output)> watch;

 private:
  void send(std::vector<Message>& messages);

  std::vector<Node> nodes_;
  std::uint64_t disks_ = 0;  // that replaced others
  std::set<std::pair<std::size_t, std::size_t>> cut_;
  Ghost ghost_;
};

}  // namespace blackout::raft

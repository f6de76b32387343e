// Who could reach whom, and when: what the faults in force left possible.
//
// A link is a path unless it is cut, held (until it is released), flapping (from its first spell to
// its end, also between spells) or drops large messages; slow, lossy, narrow, corrupting and reset
// links are paths.
//
// Kept as the faults are traced; evaluated once per instant at which something changed. From it
// comes what is owed (objectives.md): a client region is owed a shard's service while a host of its
// clients is up and has a path, both ways, to some server that is one of, or connected both ways to
// all of, a majority of the shard's voters that are up, connected to each other, with working disks
// and clocks inside the declared bounds. Slow disks and lossy links still owe, and so does a lying
// disk; one that fails, fills up or stands still does not, nor one whose medium holds what nobody
// wrote there, until another takes its place, nor an empty one that took the place of another (or
// was given up by its node), until its node is a voter of its shards again by a committed entry.
// While voters come and go, a majority is one of those before and one of those to come. A
// clock is out of bound while it is stepped, misled or smeared (from the first instant) by more
// than the bound, or runs faster or slower than it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "harness/check/electorate.hpp"
#include "host/base/event.hpp"
#include "reports/record/plan_facts.hpp"

namespace blackout::check {

// A piecewise constant function of true time, from 0 on.
class Steps {
 public:
  void set(Instant from, bool value);
  [[nodiscard]] bool at(Instant t) const;
  // True at every instant of [from, to].
  [[nodiscard]] bool throughout(Instant from, Instant to) const;
  // How long it is true within [from, to).
  [[nodiscard]] Duration measure(Instant from, Instant to) const;

 private:
  struct Step {
    Instant from;
    bool value;
  };
  [[nodiscard]] std::size_t find(Instant t) const;
  std::vector<Step> steps_;
};

class Reach {
 public:
  explicit Reach(const record::PlanFacts& plan);

  static bool concerns(EventKind kind);
  // An event of such a kind. Changes at one instant count as one.
  void change(const Event& event);
  // Makes what changed before `now` visible; call with never() at the end.
  void settle(Instant now) {
    if (dirty_ && now > changed_) evaluate();
  }

  [[nodiscard]] const Steps& owed(RegionId region, ShardId shard) const {
    return owed_[pair(region, shard)];
  }
  // No majority of the shard's voters could be reached from the region's clients by any chain of
  // links, whatever their direction: what is answered here is answered without the others.
  [[nodiscard]] const Steps& apart(RegionId region, ShardId shard) const {
    return apart_[pair(region, shard)];
  }
  // Nothing changed after `from`, up to and with `to`. What is apart at every instant may still be
  // joined over time: a voter that answers before it dies and one that wakes afterwards make a
  // majority.
  [[nodiscard]] bool steady(Instant from, Instant to) const;
  // The voter is up and connected both ways with enough others to make a majority.
  [[nodiscard]] bool attached(ShardId shard, std::size_t voter) const {
    return attached_[shard.value()][voter].value;
  }
  [[nodiscard]] Instant attached_since(ShardId shard, std::size_t voter) const {
    return attached_[shard.value()][voter].since;
  }
  // When it last ceased to be; 0 if it never did.
  [[nodiscard]] Instant detached_at(ShardId shard, std::size_t voter) const {
    return attached_[shard.value()][voter].lost;
  }
  [[nodiscard]] bool up(NodeId node) const {
    const Node& n = nodes_[node.value()];
    return n.running && !n.paused;
  }
  // The voter's disk took the place of another and has no vote in the shard yet.
  [[nodiscard]] bool learns(NodeId voter, ShardId shard) const {
    const std::vector<ShardId>& lacks = nodes_[voter.value()].lacks;
    return std::find(lacks.begin(), lacks.end(), shard) != lacks.end();
  }
  // Was it ever stopped, or one of its links ever no path?
  [[nodiscard]] bool was_away(NodeId node) const { return nodes_[node.value()].was_away; }

 private:
  struct Node {
    bool running = true, paused = false, disk_fails = false, disk_spoilt = false, was_away = false;
    std::vector<ShardId> lacks;  // shards in which the disk has no vote yet
    std::int64_t clock_off_ns = 0, clock_misled_ns = 0, clock_drift_ppm = 0;
  };
  // How many faults let nothing through, and how many only some.
  struct Link {
    std::uint32_t shut = 0, unreliable = 0;
  };
  struct Attached {
    bool value = true;
    Instant since, lost;
  };

  [[nodiscard]] std::size_t pair(RegionId region, ShardId shard) const {
    return shard.value() * plan_.regions.size() + region.value();
  }
  [[nodiscard]] bool cut(NodeId from, NodeId to) const {
    const auto found = links_.find({from, to});
    return found != links_.end() && found->second.shut > 0;
  }
  [[nodiscard]] bool both_ways(NodeId a, NodeId b) const {
    return links_.empty() || a == b || (!links_.contains({a, b}) && !links_.contains({b, a}));
  }
  [[nodiscard]] bool disk_works(NodeId node) const {
    const Node& n = nodes_[node.value()];
    return !n.disk_fails && !n.disk_spoilt && n.lacks.empty();
  }
  [[nodiscard]] bool sound(NodeId voter) const;
  // Whether it changed anything.
  bool change_link(const Event& event);
  bool change_node(const Event& event);
  void replace_disk(Node& node, NodeId id);
  void change_member(const Event& event);
  void commit(const Event& event);
  void obstruct(NodeId from, NodeId to, std::uint32_t Link::*how);
  void clear(NodeId from, NodeId to, std::uint32_t Link::*how);
  void touch(Instant at) {
    dirty_ = true;
    changed_ = at;
  }
  void evaluate();
  [[nodiscard]] bool is_owed(RegionId region, ShardId shard) const;
  [[nodiscard]] bool holds_clique(const std::vector<NodeId>& voters,
                                  const Electorate& electorate) const;
  [[nodiscard]] bool is_apart(RegionId region, ShardId shard) const;
  void evaluate_attached();

  const record::PlanFacts& plan_;
  std::vector<Node> nodes_;
  struct Vote {
    NodeId node;
    ShardId shard;
    Suffrage suffrage;
    std::uint64_t index;  // of the entry that gives or takes it
  };
  std::vector<Vote> votes_;              // not known to be committed
  std::vector<Electorate> electorates_;  // by shard; joint from its report to the next one's commit
  std::vector<NodeId> servers_;
  std::vector<std::vector<NodeId>> hosts_;           // client hosts by region
  std::map<std::pair<NodeId, NodeId>, Link> links_;  // directed; those that are no path
  std::vector<Steps> owed_, apart_;
  std::vector<std::vector<Attached>> attached_;
  std::vector<Instant> changes_;
  bool dirty_ = true;
  Instant changed_;
};

}  // namespace blackout::check

#include "harness/check/reach.hpp"

#include <algorithm>
#include <functional>

namespace blackout::check {

void Steps::set(Instant from, bool value) {
  if (!steps_.empty() && steps_.back().value == value) return;
  if (!steps_.empty() && steps_.back().from == from) {
    steps_.pop_back();
    return set(from, value);
  }
  steps_.push_back({from, value});
}

std::size_t Steps::find(Instant t) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), t,
                                      [](Instant at, const Step& step) { return at < step.from; });
  return static_cast<std::size_t>(after - steps_.begin());  // 0: before the first
}

bool Steps::at(Instant t) const {
  const std::size_t i = find(t);
  return i > 0 && steps_[i - 1].value;
}

bool Steps::throughout(Instant from, Instant to) const {
  const std::size_t i = find(from);
  if (i == 0 || !steps_[i - 1].value) return false;
  return i == steps_.size() || steps_[i].from > to;
}

Duration Steps::measure(Instant from, Instant to) const {
  Duration sum;
  std::size_t i = find(from);
  if (i > 0) --i;
  for (; i < steps_.size() && steps_[i].from < to; ++i) {
    if (!steps_[i].value) continue;
    const Instant start = std::max(from, steps_[i].from);
    const Instant end = i + 1 < steps_.size() ? std::min(to, steps_[i + 1].from) : to;
    if (end > start) sum = sum + (end - start);
  }
  return sum;
}

Reach::Reach(const record::PlanFacts& plan)
    : plan_(plan),
      nodes_(plan.nodes.size()),
      hosts_(plan.regions.size()),
      owed_(plan.regions.size() * plan.shards.size()),
      apart_(plan.regions.size() * plan.shards.size()) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const NodeId node(static_cast<std::uint32_t>(i));
    if (plan.nodes[i].client_host) {
      hosts_[plan.nodes[i].region.value()].push_back(node);
    } else {
      servers_.push_back(node);
    }
  }
  for (const record::ShardFact& shard : plan.shards) {
    attached_.emplace_back(shard.voters.size());
    electorates_.emplace_back(shard.voters);
  }
}

bool Reach::concerns(EventKind kind) {
  switch (kind) {
    case EventKind::node_started:
    case EventKind::node_stopped:
    case EventKind::node_paused:
    case EventKind::node_resumed:
    case EventKind::link_cut:
    case EventKind::link_healed:
    case EventKind::link_held:
    case EventKind::link_released:
    case EventKind::link_flapping:
    case EventKind::link_settled:
    case EventKind::link_degraded:
    case EventKind::link_restored:
    case EventKind::disk_state_set:
    case EventKind::disk_bit_flipped:
    case EventKind::disk_write_misdirected:
    case EventKind::disk_replaced:
    case EventKind::clock_stepped:
    case EventKind::clock_drift_set:
    case EventKind::clock_state_set:
    case EventKind::disk_disowned:
    case EventKind::member_changed:
    case EventKind::commit_advanced:
      return true;
    default:
      return false;
  }
}

void Reach::replace_disk(Node& node, NodeId id) {
  node.lacks.clear();
  for (std::uint32_t s = 0; s < plan_.shards.size(); ++s) {
    const std::vector<NodeId>& voters = plan_.shards[s].voters;
    if (std::find(voters.begin(), voters.end(), id) != voters.end()) node.lacks.emplace_back(s);
  }
  std::erase_if(votes_, [id](const Vote& vote) { return vote.node == id; });
}

void Reach::change_member(const Event& event) {
  const NodeId member = node_of_word(event.a);
  if (member.value() >= nodes_.size()) return;
  const Vote given{member, event.shard, static_cast<Suffrage>(event.b), event.c};
  std::erase_if(votes_, [&](const Vote& vote) {
    return vote.node == given.node && vote.shard == given.shard;
  });
  const bool joint = given.suffrage == Suffrage::incoming || given.suffrage == Suffrage::outgoing;
  if (!joint) return votes_.push_back(given);
  if (electorates_[given.shard.value()].change(member, given.suffrage)) touch(event.at);
}

void Reach::commit(const Event& event) {
  std::erase_if(votes_, [&](const Vote& vote) {
    if (vote.shard != event.shard || vote.index > event.a) return false;
    const bool votes = vote.suffrage == Suffrage::voter &&
                       std::erase(nodes_[vote.node.value()].lacks, vote.shard) != 0;
    const bool counts = electorates_[vote.shard.value()].change(vote.node, vote.suffrage);
    if (votes || counts) touch(event.at);
    return true;
  });
}

void Reach::obstruct(NodeId from, NodeId to, std::uint32_t Link::*how) {
  ++(links_[{from, to}].*how);
  nodes_[from.value()].was_away = true;
  if (to.value() < nodes_.size()) nodes_[to.value()].was_away = true;
}

void Reach::clear(NodeId from, NodeId to, std::uint32_t Link::*how) {
  const auto found = links_.find({from, to});
  if (found == links_.end() || found->second.*how == 0) return;
  --(found->second.*how);
  if (found->second.shut == 0 && found->second.unreliable == 0) links_.erase(found);
}

void Reach::change(const Event& event) {
  settle(event.at);
  if (event.kind == EventKind::commit_advanced) return commit(event);
  if (event.kind == EventKind::member_changed) return change_member(event);
  if (change_node(event) || change_link(event)) touch(event.at);
}

bool Reach::change_link(const Event& event) {
  const NodeId to = node_of_word(event.a);
  switch (event.kind) {
    case EventKind::link_cut:
    case EventKind::link_held:
      obstruct(event.node, to, &Link::shut);
      return true;
    case EventKind::link_healed:
    case EventKind::link_released:
      clear(event.node, to, &Link::shut);
      return true;
    case EventKind::link_flapping:
      obstruct(event.node, to, &Link::unreliable);
      return true;
    case EventKind::link_settled:
      clear(event.node, to, &Link::unreliable);
      return true;
    case EventKind::link_degraded:
      if (event.c != 0) obstruct(event.node, to, &Link::unreliable);
      return event.c != 0;
    case EventKind::link_restored:
      if (event.c != 0) clear(event.node, to, &Link::unreliable);
      return event.c != 0;
    default:
      return false;
  }
}

bool Reach::change_node(const Event& event) {
  Node& node = nodes_[event.node.value()];
  switch (event.kind) {
    case EventKind::node_started:
      node.running = true;
      return true;
    case EventKind::node_stopped:
      node.running = false;
      node.was_away = true;
      return true;
    case EventKind::node_paused:
      node.paused = true;
      return true;
    case EventKind::node_resumed:
      node.paused = false;
      return true;
    case EventKind::disk_state_set:
      node.disk_fails = event.a != 0;
      return true;
    case EventKind::disk_bit_flipped:
    case EventKind::disk_write_misdirected:
      node.disk_spoilt = true;
      return true;
    case EventKind::disk_replaced:
      node.disk_spoilt = false;
      // What goes back to an old copy still votes, until it finds what it lost.
      if (event.a == 0) replace_disk(node, event.node);
      return true;
    case EventKind::disk_disowned:
      replace_disk(node, event.node);
      return true;
    case EventKind::clock_stepped:
      node.clock_off_ns += static_cast<std::int64_t>(event.a);
      return true;
    case EventKind::clock_drift_set:
      node.clock_drift_ppm = static_cast<std::int64_t>(event.a);
      return true;
    case EventKind::clock_state_set:
      node.clock_misled_ns =
          static_cast<std::int64_t>(event.b) - static_cast<std::int64_t>(event.c);
      return true;
    default:
      return false;
  }
}

bool Reach::sound(NodeId voter) const {
  const Node& node = nodes_[voter.value()];
  const auto within = [](std::int64_t value, std::int64_t bound) {
    return -bound <= value && value <= bound;
  };
  return up(voter) && disk_works(voter) &&
         within(node.clock_off_ns + node.clock_misled_ns, plan_.clock_offset_max.ns()) &&
         within(node.clock_drift_ppm, plan_.clock_drift_max_ppm);
}

bool Reach::steady(Instant from, Instant to) const {
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), from);
  return next == changes_.end() || *next > to;
}

void Reach::evaluate() {
  dirty_ = false;
  changes_.push_back(changed_);
  for (std::uint32_t s = 0; s < plan_.shards.size(); ++s) {
    for (std::uint16_t r = 0; r < plan_.regions.size(); ++r) {
      if (hosts_[r].empty()) continue;
      const std::size_t i = pair(RegionId(r), ShardId(s));
      owed_[i].set(changed_, is_owed(RegionId(r), ShardId(s)));
      apart_[i].set(changed_, is_apart(RegionId(r), ShardId(s)));
    }
  }
  evaluate_attached();
}

bool Reach::is_owed(RegionId region, ShardId shard) const {
  const Electorate& electorate = electorates_[shard.value()];
  if (!electorate.majority([this](NodeId voter) { return sound(voter); })) return false;
  for (const NodeId gateway : servers_) {
    if (!up(gateway)) continue;
    bool reached = false;
    for (const NodeId host : hosts_[region.value()]) {
      reached = reached || (up(host) && both_ways(host, gateway));
    }
    if (!reached) continue;
    std::vector<NodeId> near;
    for (const NodeId voter : electorate.voters()) {
      if (sound(voter) && both_ways(gateway, voter)) near.push_back(voter);
    }
    if (links_.empty() || holds_clique(near, electorate)) return true;
  }
  return false;
}

namespace {

// Extends a clique voter by voter; a shard has few voters.
bool clique(const std::vector<std::uint32_t>& links, std::uint32_t chosen, std::uint32_t candidates,
            const std::function<bool(std::uint32_t)>& suffice) {
  if (suffice(chosen)) return true;
  while (candidates != 0) {
    if (!suffice(chosen | candidates)) return false;
    const int first = __builtin_ctz(candidates);
    candidates &= candidates - 1;
    if (clique(links, chosen | 1U << first, candidates & links[static_cast<std::size_t>(first)],
               suffice)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool Reach::holds_clique(const std::vector<NodeId>& voters, const Electorate& electorate) const {
  const std::size_t count = std::min<std::size_t>(voters.size(), 32);
  std::vector<std::uint32_t> links(count);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = 0; b < count; ++b) {
      if (a != b && both_ways(voters[a], voters[b])) links[a] |= 1U << b;
    }
  }
  const std::uint32_t all = count == 32 ? ~0U : (1U << count) - 1;
  return clique(links, 0, all, [&](std::uint32_t chosen) {
    return electorate.majority([&](NodeId voter) {
      const auto at = std::find(voters.begin(), voters.end(), voter) - voters.begin();
      return static_cast<std::size_t>(at) < count && (chosen >> at & 1) != 0;
    });
  });
}

bool Reach::is_apart(RegionId region, ShardId shard) const {
  const Electorate& electorate = electorates_[shard.value()];
  if (links_.empty()) return !electorate.majority([this](NodeId voter) { return up(voter); });
  std::vector<NodeId> frontier;
  std::vector<bool> seen(nodes_.size());
  for (const NodeId host : hosts_[region.value()]) {
    if (!up(host)) continue;
    seen[host.value()] = true;
    frontier.push_back(host);
  }
  while (!frontier.empty()) {
    const NodeId from = frontier.back();
    frontier.pop_back();
    for (const NodeId to : servers_) {
      if (seen[to.value()] || !up(to) || (cut(from, to) && cut(to, from))) continue;
      seen[to.value()] = true;
      frontier.push_back(to);
    }
  }
  return !electorate.majority([&](NodeId voter) { return seen[voter.value()]; });
}

void Reach::evaluate_attached() {
  for (std::size_t s = 0; s < plan_.shards.size(); ++s) {
    const std::vector<NodeId>& voters = plan_.shards[s].voters;
    for (std::size_t v = 0; v < voters.size(); ++v) {
      const bool value = up(voters[v]) && electorates_[s].majority([&](NodeId other) {
        return up(other) && both_ways(voters[v], other);
      });
      Attached& attached = attached_[s][v];
      if (attached.value == value) continue;
      attached = {value, changed_, value ? attached.lost : changed_};
    }
  }
}

}  // namespace blackout::check

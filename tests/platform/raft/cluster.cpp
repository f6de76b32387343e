#include "tests/platform/raft/cluster.hpp"

#include <algorithm>

#include "host/base/hash.hpp"
#include "platform/raft/codec.hpp"

namespace blackout::raft {

std::string node_name(NodeId node) {
  return node == no_node ? "nobody" : "n" + std::to_string(node.value());
}

std::string text_of(const Configuration& configuration) {
  std::string text;
  for (const Member& member : configuration.members()) {
    text += (text.empty() ? "{" : " ") + node_name(member.id.node);
    if (member.id.disk != founding_disk) text += "." + std::to_string(member.id.disk.value());
    if (!member.votes) text += "+";
    if (!member.next) text += "-";
  }
  return (configuration.joint() ? "joint " : "") + text + "}";
}

Configuration configuration_of(const Entry& entry) {
  Reader in(view_of(entry.payload));
  return *decode_configuration(in);
}

void StateMachine::apply(const Entry& entry) {
  applied = entry.index;
  digest = combine64(digest, entry.chain_hash);
}

Bytes StateMachine::encode() const {
  Bytes bytes;
  Writer out(bytes);
  out.u64(applied.value());
  out.u64(digest);
  out.raw(Bytes(300, 's'));
  return bytes;
}

StateMachine StateMachine::decode(BytesView state) {
  Reader in(state);
  StateMachine decoded;
  decoded.applied = Index(in.u64());
  decoded.digest = in.u64();
  return decoded;
}

void Ghost::observe(const Cluster& cluster, NodeId node, const Fact& fact) {
  switch (fact.kind) {
    case EventKind::vote_cast: {
      const auto [vote, fresh] = votes_.try_emplace({node, fact.b}, fact.a);
      expect(fresh || vote->second == fact.a, "a node votes for two candidates in one term");
      break;
    }
    case EventKind::role_changed:
      roles_[node] = static_cast<Role>(fact.a);
      if (static_cast<Role>(fact.a) == Role::leader) leads(cluster, node, Term(fact.b));
      break;
    case EventKind::entry_appended: {
      const auto [chain, fresh] = chains_.try_emplace({fact.a, fact.b}, fact.c);
      expect(fresh || chain->second == fact.c, "two logs with one (index, term) differ before it");
      const Log& log = cluster[node.value()].log();
      const auto held = log.at(Index(fact.a));
      // It may be overruled within the same Output.
      if (held && held->chain_hash == fact.c && Index(fact.a) > log.base().index) {
        holds(node, log.entry(Index(fact.a)));
      }
      break;
    }
    case EventKind::log_truncated: {
      auto& mine = in_force_[node];
      while (mine.size() > 1 && mine.back().first >= Index(fact.a)) mine.pop_back();
      break;
    }
    case EventKind::commit_advanced:
      commits(cluster, node, Index(fact.a));
      break;
    default:
      break;
  }
}

void Ghost::leads(const Cluster& cluster, NodeId node, Term term) {
  const auto [leader, fresh] = leaders_.try_emplace(term.value(), node);
  expect(fresh || leader->second == node, "a term has two leaders");
  for (std::size_t i = committed_.size(); i > 0; --i) {
    if (committed_[i - 1].known_in >= term) continue;
    const auto held = cluster[node.value()].log().at(Index(i));
    expect(held.has_value() && held->chain_hash == committed_[i - 1].chain_hash,
           "a leader lacks an entry that was committed in an earlier term");
    break;
  }
}

void Ghost::commits(const Cluster& cluster, NodeId node, Index index) {
  const Raft& raft = cluster[node.value()];
  for (std::uint64_t i = 1; i <= index.value(); ++i) {
    const auto held = raft.log().at(Index(i));
    if (!held.has_value()) continue;  // truncated since, which the log matching of others will show
    if (i > committed_.size()) {
      committed_.push_back({held->chain_hash, raft.term()});
    } else {
      expect(committed_[i - 1].chain_hash == held->chain_hash,
             "two nodes commit different entries");
      committed_[i - 1].known_in = std::min(committed_[i - 1].known_in, raft.term());
    }
  }
  if (roles_[node] != Role::leader || raft.role() != Role::leader) return;
  const Term term = raft.log().at(index)->term;
  expect(term == raft.term(), "a leader commits an entry of an older term by counting");
  expect(durable(cluster, node, index, term), "a leader commits what is not durable on a majority");
}

// Counted here, and not by what is under test.
bool Ghost::durable(const Cluster& cluster, NodeId leader, Index index, Term term) const {
  const Configuration& configuration = in_force_.at(leader).back().second;
  const auto majority = [&](bool Member::*chosen) {
    std::size_t voters = 0, stored = 0;
    for (const Member& member : configuration.members()) {
      if (!(member.*chosen)) continue;
      ++voters;
      stored += cluster.at(member.id.node.value()).stored(member.id.disk, index, term);
    }
    return stored > voters / 2;
  };
  return majority(&Member::votes) && (!configuration.joint() || majority(&Member::next));
}

void Ghost::holds(NodeId node, const Entry& entry) {
  if (entry.kind != EntryKind::configuration) return;
  in_force_[node].emplace_back(entry.index, configuration_of(entry));
}

void Ghost::restored(const Position& position, const StateMachine& state) {
  expect(state.applied == position.index, "a snapshot is of another index than it says");
  const std::uint64_t last = position.index.value();
  expect(last <= committed_.size() && committed_[last - 1].chain_hash == position.chain_hash,
         "a snapshot stands for another log than the committed one");
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(last, committed_.size()); ++i) {
    digest = combine64(digest, committed_[i].chain_hash);
  }
  expect(state.digest == digest, "a snapshot's state is not that of the committed log");
}

void Ghost::applied(const StateMachine& state, const Entry& entry) {
  expect(entry.index == state.applied + 1, "a node applies out of order");
  const std::uint64_t i = entry.index.value();
  expect(i <= committed_.size() && committed_[i - 1].chain_hash == entry.chain_hash,
         "a node applies an entry other than the committed one");
}

Config Cluster::default_config() {
  Config config{.self = NodeId(0), .founders = Configuration({NodeId(0)})};
  config.election_ticks_min = 10;
  config.election_ticks_max = 20;
  config.heartbeat_ticks = 2;
  return config;
}

Cluster::Cluster(std::size_t count, Config model, std::size_t spares) {
  std::vector<NodeId> voters;
  for (std::size_t i = 0; i < count; ++i) voters.emplace_back(static_cast<std::uint32_t>(i));
  model.founders = Configuration(voters);
  for (std::size_t i = 0; i < count + spares; ++i) {
    model.self = NodeId(static_cast<std::uint32_t>(i));
    nodes_.push_back({.config = model});
    restart(i);
  }
}

void Cluster::restart(std::size_t index) {
  Node& node = nodes_[index];
  ++node.incarnation;
  node.config.random_seed = combine64(index, node.incarnation);
  node.unpersisted.clear();
  auto unpacked = unpack(view_of(node.disk.snapshot.state));
  node.state = unpacked ? StateMachine::decode(unpacked->state) : StateMachine{};
  node.restored = 0;
  node.facts.clear();
  node.reads.clear();
  node.reads_refused.clear();
  node.raft = std::make_unique<Raft>(
      node.config, Recovered{node.disk.hard_state, node.disk.snapshot.position, node.disk.entries,
                             unpacked ? std::optional(unpacked->configuration) : std::nullopt});
  ghost_.starts(node.config.self, node.disk.base(),
                unpacked ? unpacked->configuration : node.config.founders);
  for (const Entry& entry : node.disk.entries) ghost_.holds(node.config.self, entry);
}

void Cluster::replace_disk(std::size_t index, bool knows) {
  Node& node = nodes_[index];
  node.lost_disks.emplace(node.config.disk, std::exchange(node.disk, {}));
  if (knows) node.config.disk = DiskId(++disks_);
  ghost_.forget_votes(node.config.self);
  restart(index);
}

bool Cluster::whole(std::size_t index) const {
  const Raft& raft = *nodes_[index].raft;
  const std::vector<Member>& members = raft.configuration().members();
  return raft.role() == Role::leader && raft.commit() == raft.log().last_index() &&
         raft.configuration().stable() &&
         std::all_of(members.begin(), members.end(), [&](const Member& member) {
           return nodes_[member.id.node.value()].id() == member.id;
         });
}

void Cluster::compact(std::size_t index) {
  Node& node = nodes_[index];
  const Index to = node.state.applied;
  if (!node.unpersisted.empty() || to <= node.disk.base()) return;
  if (!node.raft->log().at(to)) return;  // a leader's snapshot waits to be taken out
  node.disk.entries.erase(
      node.disk.entries.begin(),
      node.disk.entries.begin() + static_cast<std::ptrdiff_t>(to - node.disk.base()));
  node.disk.snapshot = node.raft->snapshot(to, node.state.encode());
  node.raft->compact(to);
}

void Cluster::send(std::vector<Message>& messages) {
  for (Message& message : messages) network.push_back(std::move(message));
}

Output Cluster::settle(std::size_t index) {
  Node& node = nodes_[index];
  const auto taken = node.raft->take_output();
  Output output = taken != nullptr ? std::move(*taken) : Output{};
  Output copy = output;
  if (watch) watch(index, output);
  for (const Fact& fact : output.facts) {
    ghost_.observe(*this, node.config.self, fact);
    node.facts.push_back(fact);
  }
  ghost_.expect(!output.forgot, "a node forgot what it acknowledged");
  if (output.snapshot) {
    const auto unpacked = unpack(view_of(output.snapshot->state));
    node.state = StateMachine::decode(unpacked->state);
    ghost_.starts(node.config.self, output.snapshot->position.index, unpacked->configuration);
    for (const Entry& entry : output.entries) ghost_.holds(node.config.self, entry);
    ++node.restored;
    ghost_.restored(output.snapshot->position, node.state);
  }
  for (const Entry& entry : output.committed) {
    ghost_.applied(node.state, entry);
    node.state.apply(entry);
  }
  if (output.snapshot_wanted) node.raft->provide(node.state.applied, node.state.encode());
  for (const ReadGrant& read : output.reads) node.reads.push_back(read);
  for (const auto context : output.reads_refused) node.reads_refused.push_back(context);
  send(output.messages_now);
  if (!output.empty()) node.unpersisted.push_back(std::move(output));
  if (!node.disk_held) persist_all(index);
  return copy;
}

void Cluster::persist_one(std::size_t index) {
  Node& node = nodes_[index];
  if (node.unpersisted.empty()) return;
  Output output = std::move(node.unpersisted.front());
  node.unpersisted.pop_front();
  node.disk.write(output);
  node.raft->persisted(output.id);
  for (const Fact& fact : output.facts_durable) {
    ghost_.observe(*this, node.config.self, fact);
    node.facts.push_back(fact);
  }
  send(output.messages);
}

void Cluster::persist_all(std::size_t index) {
  while (!nodes_[index].unpersisted.empty()) {
    persist_one(index);
    // What durability decided (a vote counted, a commit) is an Output of its own.
    if (nodes_[index].unpersisted.empty()) settle(index);
  }
}

void Cluster::tick(std::size_t node, std::size_t ticks) {
  for (std::size_t i = 0; i < ticks; ++i) {
    nodes_[node].raft->tick();
    settle(node);
  }
}

bool Cluster::is_cut(const Message& message) const {
  return cut_.contains({message.from.value(), message.to.value()});
}

void Cluster::isolate(std::size_t node) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (i != node) cut(i, node);
  }
}

void Cluster::deliver(Message message) {
  if (is_cut(message)) return;
  const std::size_t to = message.to.value();
  nodes_[to].raft->step(std::move(message));
  settle(to);
}

void Cluster::deliver_all() {
  while (!network.empty()) {
    Message message = std::move(network.front());
    network.pop_front();
    deliver(std::move(message));
  }
}

void Cluster::elect(std::size_t node) {
  while (nodes_[node].raft->role() == Role::follower) tick(node);
  deliver_all();
}

bool Cluster::propose(std::size_t node, std::string_view text) {
  std::vector<Proposal> proposals;
  proposals.push_back({payload_of(text)});
  const auto index = nodes_[node].raft->propose(std::move(proposals));
  settle(node);
  return index.ok();
}

std::vector<std::uint64_t> Cluster::terms(std::size_t node) const {
  std::vector<std::uint64_t> terms;
  const Log& log = nodes_[node].raft->log();
  for (Index index = log.base().index + 1; index <= log.last_index(); index = index + 1) {
    terms.push_back(log.entry(index).term.value());
  }
  return terms;
}

}  // namespace blackout::raft

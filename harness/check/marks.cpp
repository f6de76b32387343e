#include <algorithm>
#include <array>

#include "harness/check/judge.hpp"
#include "harness/check/observers.hpp"

namespace blackout::check {
namespace {

enum Mark : std::size_t {
  leader_changed,
  leader_left_region,
  truncated_on_rejoin,
  vote_split,
  prevote_rejected,
  tail_replaced,
  unsynced_lost,
  write_torn,
  retry_deduplicated,
  retried,
  message_lost,
  region_out,
  client_rerouted,
  encoding_agreed,
  lag_seen,
  divergence_found,
  repaired,
  superseded,
  shed,
  mark_count,
};

constexpr std::array<Described, mark_count> marks{{
    {"failover.leader_changed", "a shard's next leader was another node"},
    {"failover.leader_left_region", "a shard's next leader was in another region"},
    {"raft.log_truncated_on_rejoin",
     "a node that had been down or cut off dropped entries of its log"},
    {"raft.vote_split", "several candidates stood in a term, and none won"},
    {"raft.prevote_rejected", "a pre-vote ended without a candidacy"},
    {"raft.uncommitted_tail_replaced", "a dropped entry's place was taken by another"},
    {"disk.unsynced_write_lost", "a power loss took bytes that no sync had covered"},
    {"disk.write_torn", "a power loss left part of a write"},
    {"client.retry_deduplicated", "a request was answered from the idempotency table"},
    {"client.retried", "a client sent a request again"},
    {"network.message_lost", "the network dropped a message, whatever the reason"},
    {"routes.region_out", "a process went by a routing plan with a region out of service"},
    {"routes.client_rerouted", "a gateway sent a client elsewhere, which came by an older plan"},
    {"release.encoding_agreed", "a replica began to write to a peer in a newer encoding"},
    {"telemetry.lag_seen", "a leader exported that a voter lags by more than a second"},
    {"audit.divergence_found", "a leader found a replica's state to differ from the majority's"},
    {"audit.repaired", "a replica whose state was wrong took over another's"},
    {"records.superseded", "a write to a record came when one stood that its rule puts above it"},
    {"load.shed", "a gateway or a leader refused a request that would have waited too long"},
}};

}  // namespace

std::span<const Described> known_marks() { return marks; }

Marks::Marks(const Case& facts)
    : Observer(facts,
               {EventKind::role_changed, EventKind::log_truncated, EventKind::entry_appended,
                EventKind::disk_unsynced_lost, EventKind::disk_write_torn,
                EventKind::request_deduplicated, EventKind::operation_retried,
                EventKind::message_dropped, EventKind::routes_adopted, EventKind::request_rerouted,
                EventKind::encoding_changed, EventKind::lag_durable, EventKind::divergence_found,
                EventKind::replica_repaired, EventKind::request_shed}),
      counts_(mark_count),
      replicas_(facts.plan.nodes.size() * facts.plan.shards.size()),
      leaders_(facts.plan.shards.size(), no_node),
      elections_(facts.plan.shards.size()) {}

void Marks::on(const Event& event, EventId) {
  switch (event.kind) {
    case EventKind::role_changed:
      return role_changed(event);
    case EventKind::log_truncated:
      at(event).truncated_from = event.a;
      if (facts_.reach.was_away(event.node)) ++counts_[truncated_on_rejoin];
      return;
    case EventKind::entry_appended: {
      Replicated& mine = at(event);
      if (mine.truncated_from == event.a) ++counts_[tail_replaced];
      mine.truncated_from = 0;
      return;
    }
    case EventKind::disk_unsynced_lost:
      counts_[unsynced_lost] += event.b > 0;
      return;
    case EventKind::disk_write_torn:
      ++counts_[write_torn];
      return;
    case EventKind::request_deduplicated:
      ++counts_[retry_deduplicated];
      return;
    case EventKind::operation_retried:
      ++counts_[retried];
      return;
    case EventKind::routes_adopted:
      counts_[region_out] += event.b != 0;
      return;
    case EventKind::request_rerouted:
      ++counts_[client_rerouted];
      return;
    case EventKind::encoding_changed:
      counts_[encoding_agreed] += event.b > 1;
      return;
    case EventKind::lag_durable:
      counts_[lag_seen] += event.b > static_cast<std::uint64_t>(seconds(1).ns());
      return;
    case EventKind::divergence_found:
      ++counts_[divergence_found];
      return;
    case EventKind::replica_repaired:
      ++counts_[repaired];
      return;
    case EventKind::request_shed:
      ++counts_[shed];
      return;
    default:
      ++counts_[message_lost];
  }
}

Marks::Election& Marks::election(ShardId shard, std::uint64_t term) {
  std::vector<Election>& all = elections_[shard.value()];
  const auto at = std::lower_bound(all.begin(), all.end(), term,
                                   [](const Election& e, std::uint64_t t) { return e.term < t; });
  if (at != all.end() && at->term == term) return *at;
  return *all.insert(at, {term, 0, false});
}

void Marks::role_changed(const Event& event) {
  const Role role = static_cast<Role>(event.a);
  Replicated& mine = at(event);
  if (mine.role == Role::pre_candidate && (role == Role::follower || role == Role::pre_candidate)) {
    ++counts_[prevote_rejected];
  }
  mine.role = role;
  if (role == Role::candidate) ++election(event.shard, event.b).candidates;
  if (role != Role::leader) return;
  election(event.shard, event.b).won = true;
  NodeId& leader = leaders_[event.shard.value()];
  if (leader != no_node && leader != event.node) {
    ++counts_[leader_changed];
    const std::vector<record::NodeFact>& nodes = facts_.plan.nodes;
    counts_[leader_left_region] += nodes[leader.value()].region != nodes[event.node.value()].region;
  }
  leader = event.node;
}

void Marks::finish() {
  for (const std::vector<Election>& all : elections_) {
    counts_[vote_split] += static_cast<std::uint64_t>(std::count_if(
        all.begin(), all.end(), [](const Election& e) { return e.candidates > 1 && !e.won; }));
  }
  for (const record::Operation& operation : facts_.history.operations) {
    counts_[superseded] += record::writes_record(operation.kind) &&
                           operation.outcome == record::Outcome::ok && !operation.applied;
  }
}

}  // namespace blackout::check

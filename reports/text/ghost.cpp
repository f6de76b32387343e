#include "reports/text/ghost.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text/event_text.hpp"

namespace blackout::text {
namespace {

constexpr trace::KindSet kinds_taken() {
  trace::KindSet kinds{};
  for (const EventKind kind :
       {EventKind::vote_cast, EventKind::term_persisted, EventKind::entry_appended,
        EventKind::log_truncated, EventKind::log_durable, EventKind::log_recovered,
        EventKind::disk_replaced}) {
    kinds[static_cast<std::size_t>(kind)] = true;
  }
  return kinds;
}

}  // namespace

Ghost::Ghost(const record::RunRecord& run) : run_(run), cursor_(run.trace) {}

Note Ghost::note_at(EventId id, const Event& event) {
  read_up_to(id);
  if (event.shard.value() >= run_.plan.shards.size()) return {};
  if (event.kind == EventKind::vote_cast) return of_vote(event);
  if (event.kind == EventKind::write_acknowledged) return of_answer(event);
  const bool leads =
      event.kind == EventKind::role_changed && event.a == static_cast<std::uint64_t>(Role::leader);
  return leads ? of_leader(event) : Note{};
}

void Ghost::read_up_to(EventId id) {
  static constexpr trace::KindSet kinds = kinds_taken();
  while (cursor_.id() < id) {
    trace::Cursor ahead = cursor_;
    Event event;
    if (!ahead.next_of(kinds, event) || ahead.id() > id) return;
    cursor_ = ahead;
    take(event);
  }
}

void Ghost::take(const Event& event) {
  if (event.kind == EventKind::disk_replaced) {
    for (auto& [place, replica] : replicas_) {
      if (place.second == event.node) replica = {};
    }
    return;
  }
  if (event.kind == EventKind::vote_cast) {
    std::vector<NodeId>& voters = votes_[{event.shard, event.b, event.a}];
    if (std::find(voters.begin(), voters.end(), event.node) == voters.end()) {
      voters.push_back(event.node);
    }
    return;
  }
  const bool counts_entries = event.kind != EventKind::term_persisted;
  if (counts_entries && event.a > run_.trace.size()) return;  // more than can have been appended
  Replica& replica = replicas_[{event.shard, event.node}];
  switch (event.kind) {
    case EventKind::term_persisted:
      replica.term = event.a;
      replica.vote_node = event.b;
      break;
    case EventKind::entry_appended:
      replica.chain.resize(event.a);
      if (event.a > 0) replica.chain[event.a - 1] = event.c;
      break;
    case EventKind::log_truncated:
      replica.chain.resize(event.a > 0 ? event.a - 1 : 0);
      replica.durable = std::min<std::uint64_t>(replica.durable, replica.chain.size());
      break;
    case EventKind::log_durable:
      replica.durable = event.a;
      break;
    default:  // log_recovered
      replica.durable = event.a;
      replica.chain.resize(event.a);
      break;
  }
}

Note Ghost::of_vote(const Event& event) {
  const Replica& replica = replicas_[{event.shard, event.node}];
  if (replica.term == event.b && replica.vote_node == event.a) return {};
  return {"; that vote is not on its disk", true};
}

Note Ghost::of_leader(const Event& event) {
  std::string voters;
  for (const NodeId voter : votes_[{event.shard, event.b, node_word(event.node)}]) {
    voters += (voters.empty() ? "; votes " : ", ") + node_name(run_.plan, voter);
  }
  return {voters, false};
}

Note Ghost::of_answer(const Event& event) {
  const auto& voters = run_.plan.shards[event.shard.value()].voters;
  const std::vector<std::uint64_t>& chain = replicas_[{event.shard, event.node}].chain;
  if (event.b == 0 || event.b > chain.size()) return {};
  const auto copies =
      static_cast<std::size_t>(std::count_if(voters.begin(), voters.end(), [&](NodeId voter) {
        const Replica& other = replicas_[{event.shard, voter}];
        return other.durable >= event.b && other.chain.size() >= event.b &&
               other.chain[event.b - 1] == chain[event.b - 1];
      }));
  return {fmt::format("; on disk at {} of {} voters", copies, voters.size()),
          copies < voters.size() / 2 + 1};
}

}  // namespace blackout::text

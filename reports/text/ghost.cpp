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
        EventKind::disk_replaced, EventKind::write_acknowledged}) {
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
  if (event.kind == EventKind::commit_advanced) return of_commit(event);
  if (event.kind == EventKind::read_served) return of_read(event);
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
  if (event.kind == EventKind::write_acknowledged) {
    std::vector<Answer>& answers = answers_[event.shard];
    if (answers.empty() || answers.back().index < event.b) {
      answers.push_back({event.at, event.b, event.node});
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
      replica.terms.resize(event.a);
      if (event.a == 0) break;
      replica.chain[event.a - 1] = event.c;
      replica.terms[event.a - 1] = event.b;
      break;
    case EventKind::log_truncated:
      replica.chain.resize(event.a > 0 ? event.a - 1 : 0);
      replica.terms.resize(replica.chain.size());
      replica.durable = std::min<std::uint64_t>(replica.durable, replica.chain.size());
      break;
    case EventKind::log_durable:
      replica.durable = event.a;
      break;
    default:  // log_recovered
      replica.durable = event.a;
      replica.chain.resize(event.a);
      replica.terms.resize(event.a);
      if (event.a > 0) replica.terms.back() = event.b;
      break;
  }
}

Note Ghost::of_vote(const Event& event) {
  const Replica& voter = replicas_[{event.shard, event.node}];
  if (voter.term != event.b || voter.vote_node != event.a) {
    return {"; that vote is not on its disk", true};
  }
  const Replica& candidate = replicas_[{event.shard, node_of_word(event.a)}];
  const auto end = [](const Replica& replica) {
    return std::pair(replica.terms.empty() ? 0 : replica.terms.back(), replica.terms.size());
  };
  if (end(voter) <= end(candidate)) return {};
  const auto text = [&end](const Replica& replica) {
    return fmt::format("{} (term {})", end(replica).second, end(replica).first);
  };
  return {fmt::format("; its log ends at {}, that of {} at {}", text(voter),
                      node_name(run_.plan, node_of_word(event.a)), text(candidate)),
          true};
}

Note Ghost::of_leader(const Event& event) {
  const std::vector<NodeId>& given = votes_[{event.shard, event.b, node_word(event.node)}];
  const std::size_t voters = run_.plan.shards[event.shard.value()].voters.size();
  if (given.size() >= voters / 2 + 1) return {"; votes " + names(given), false};
  return {fmt::format("; votes {}: {} of {}", given.empty() ? "of nobody" : names(given),
                      given.size(), voters),
          true};
}

Note Ghost::of_commit(const Event& event) {
  const auto stored = storing(event.shard, event.node, event.a);
  const std::size_t voters = run_.plan.shards[event.shard.value()].voters.size();
  if (!stored || stored->size() >= voters / 2 + 1) return {};
  return {fmt::format("; on disk at {} of {} voters{}", stored->size(), voters,
                      stored->empty() ? "" : ": " + names(*stored)),
          true};
}

Note Ghost::of_answer(const Event& event) {
  const auto stored = storing(event.shard, event.node, event.b);
  if (!stored) return {};
  const std::size_t voters = run_.plan.shards[event.shard.value()].voters.size();
  const bool gap = stored->size() < voters / 2 + 1;
  return {fmt::format("; on disk at {} of {} voters{}", stored->size(), voters,
                      gap && !stored->empty() ? ": " + names(*stored) : ""),
          gap};
}

// What had been answered when the question was first sent, the answer must show.
Note Ghost::of_read(const Event& event) {
  if (event.a == 0 || event.a > run_.history.operations.size()) return {};
  const Instant asked = run_.history.operations[event.a - 1].invoked;
  const std::vector<Answer>& answers = answers_[event.shard];
  const auto later = std::partition_point(answers.begin(), answers.end(),
                                          [&](const Answer& one) { return one.at <= asked; });
  if (later == answers.begin() || std::prev(later)->index <= event.b) return {};
  const Answer& known = *std::prev(later);
  return {fmt::format("; {} had answered success for {} before that was asked",
                      node_name(run_.plan, known.node), known.index),
          true};
}

std::optional<std::vector<NodeId>> Ghost::storing(ShardId shard, NodeId node, std::uint64_t index) {
  const std::vector<std::uint64_t>& chain = replicas_[{shard, node}].chain;
  if (index == 0 || index > chain.size() || chain[index - 1] == 0) return {};
  std::vector<NodeId> stored;
  for (const NodeId voter : run_.plan.shards[shard.value()].voters) {
    const Replica& other = replicas_[{shard, voter}];
    if (other.durable >= index && other.chain.size() >= index &&
        other.chain[index - 1] == chain[index - 1]) {
      stored.push_back(voter);
    }
  }
  return stored;
}

std::string Ghost::names(const std::vector<NodeId>& nodes) const {
  std::string text;
  for (const NodeId node : nodes) text += (text.empty() ? "" : ", ") + node_name(run_.plan, node);
  return text;
}

}  // namespace blackout::text

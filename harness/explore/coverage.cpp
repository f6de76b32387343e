#include "harness/explore/coverage.hpp"

#include <algorithm>
#include <set>

#include "host/base/hash.hpp"

namespace blackout::explore {
namespace {

struct Voter {
  NodeId node;
  Role role = Role::follower;
  std::uint64_t term = 0, stored = 0, durable = 0, commit = 0;
  bool up = true;
};

class States {
 public:
  explicit States(const record::PlanFacts& plan) {
    for (const record::ShardFact& shard : plan.shards) {
      std::vector<Voter>& voters = shards_.emplace_back();
      for (const NodeId node : shard.voters) voters.push_back({node, {}, 0, 0, 0, 0, true});
    }
  }

  void see(const Event& event) {
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      if (event.shard != no_shard && event.shard.value() != s) continue;
      for (Voter& voter : shards_[s]) {
        if (voter.node == event.node && change(voter, event)) note(s, event.kind);
      }
    }
  }

  [[nodiscard]] std::vector<std::uint64_t> take() const { return {seen_.begin(), seen_.end()}; }

 private:
  // Whether it is a change worth a look.
  static bool change(Voter& voter, const Event& event) {
    switch (event.kind) {
      case EventKind::role_changed:
        voter.role = static_cast<Role>(event.a);
        voter.term = std::max(voter.term, event.b);
        return true;
      case EventKind::term_persisted:
        voter.term = std::max(voter.term, event.a);
        return true;
      case EventKind::entry_appended:
        voter.stored = event.a;
        return false;
      case EventKind::log_truncated:
        voter.stored = event.a - std::min<std::uint64_t>(event.a, 1);
        voter.durable = std::min(voter.durable, voter.stored);
        return true;
      case EventKind::log_durable:
      case EventKind::log_recovered:
        voter.durable = event.a;
        voter.stored = std::max(voter.stored, event.a);
        return event.kind == EventKind::log_recovered;
      case EventKind::commit_advanced:
        voter.commit = event.a;
        return false;
      case EventKind::node_started:
      case EventKind::node_stopped:
        voter.up = event.kind == EventKind::node_started;
        voter.role = Role::follower;
        voter.commit = 0;
        return true;
      default:
        return false;
    }
  }

  // 0, 1, few or many.
  static std::uint64_t size_class(std::uint64_t n) { return n < 2 ? n : n < 10 ? 2 : 3; }

  void note(std::size_t shard, EventKind what) {
    const std::vector<Voter>& voters = shards_[shard];
    std::uint64_t term = 0, commit = 0;
    for (const Voter& voter : voters) {
      term = std::max(term, voter.term);
      commit = std::max(commit, voter.commit);
    }
    std::vector<std::uint64_t> all;
    for (const Voter& voter : voters) {
      std::uint64_t state = static_cast<std::uint64_t>(voter.role);
      state = state * 4 + std::min<std::uint64_t>(term - voter.term, 3);
      state = state * 4 + size_class(commit - std::min(commit, voter.durable));
      state = state * 4 + size_class(voter.durable - std::min(voter.durable, commit));
      state = state * 4 + size_class(voter.stored - std::min(voter.stored, voter.durable));
      all.push_back(state * 2 + (voter.up ? 1 : 0));
    }
    std::sort(all.begin(), all.end());
    std::uint64_t hash = static_cast<std::uint64_t>(what);
    for (const std::uint64_t one : all) hash = combine64(hash, one);
    seen_.insert(hash);
  }

  std::vector<std::vector<Voter>> shards_;
  std::set<std::uint64_t> seen_;
};

constexpr trace::KindSet read_kinds = [] {
  trace::KindSet kinds{};
  for (const EventKind kind :
       {EventKind::role_changed, EventKind::term_persisted, EventKind::entry_appended,
        EventKind::log_truncated, EventKind::log_durable, EventKind::log_recovered,
        EventKind::commit_advanced, EventKind::node_started, EventKind::node_stopped}) {
    kinds[static_cast<std::size_t>(kind)] = true;
  }
  return kinds;
}();

}  // namespace

std::vector<std::uint64_t> abstract_states(const record::PlanFacts& plan,
                                           const trace::Trace& trace) {
  States states(plan);
  trace::Cursor cursor(trace);
  for (Event event; cursor.next_of(read_kinds, event);) states.see(event);
  return states.take();
}

}  // namespace blackout::explore

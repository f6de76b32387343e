// raft.vote_uniqueness: dissertation 3.4 and 3.8. Ghost: the candidate of every (disk, shard,
// term), for ever, from votes that left and votes that were made durable. O(log terms) per vote.
#include <algorithm>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class VoteUniqueness final : public Checker {
 public:
  explicit VoteUniqueness(const Case& facts)
      : Checker(facts, "raft.vote_uniqueness",
                {EventKind::vote_cast, EventKind::term_persisted, EventKind::disk_replaced}),
        votes_(facts.plan.nodes.size() * facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    if (event.kind == EventKind::disk_replaced) return forget(event.node);
    const bool cast = event.kind == EventKind::vote_cast;
    const std::uint64_t candidate = cast ? event.a : event.b;
    const std::uint64_t term = cast ? event.b : event.a;
    if (candidate == 0) return;
    ++checked_;
    std::vector<Vote>& votes =
        votes_[event.shard.value() * facts_.plan.nodes.size() + event.node.value()];
    const auto at =
        std::lower_bound(votes.begin(), votes.end(), term,
                         [](const Vote& vote, std::uint64_t t) { return vote.term < t; });
    if (at == votes.end() || at->term != term) {
      votes.insert(at, {term, candidate, event.at, id});
    } else if (at->candidate != candidate) {
      const std::string voter = facts_.node(event.node);
      const std::string in =
          " in term " + std::to_string(term) + " of " + facts_.shard(event.shard);
      found(event.at, id,
            voter + " voted twice" + in + ": for " + facts_.node_of_word(at->candidate) +
                " and for " + facts_.node_of_word(candidate) + ".",
            {{at->at, voter, "votes for " + facts_.node_of_word(at->candidate) + in, at->event},
             {event.at, voter, "votes for " + facts_.node_of_word(candidate) + in, id}});
    }
  }

 private:
  // Another disk: what it promised before, it promised to nobody here.
  void forget(NodeId node) {
    for (std::size_t at = node.value(); at < votes_.size(); at += facts_.plan.nodes.size()) {
      votes_[at].clear();
    }
  }

  struct Vote {
    std::uint64_t term, candidate;
    Instant at;
    EventId event;
  };
  std::vector<std::vector<Vote>> votes_;  // by shard * nodes + node, by term
};

}  // namespace

CheckerPtr vote_uniqueness(const Case& facts) { return std::make_unique<VoteUniqueness>(facts); }

}  // namespace blackout::check

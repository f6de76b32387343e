// raft.log_contiguous: a log has no holes. An entry is stored behind the one before it, or in the
// place of one; a snapshot stands for all before it. Ghost: the end of every replica's log. O(1)
// per event.
#include <algorithm>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class LogContiguous final : public Checker {
 public:
  explicit LogContiguous(const Case& facts)
      : Checker(facts, "raft.log_contiguous",
                {EventKind::entry_appended, EventKind::log_truncated, EventKind::log_recovered,
                 EventKind::snapshot_restored, EventKind::disk_replaced}),
        ends_(facts.plan.nodes.size() * facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    if (event.kind == EventKind::disk_replaced) return forget(event.node);
    std::uint64_t& end = ends_[event.shard.value() * facts_.plan.nodes.size() + event.node.value()];
    switch (event.kind) {
      case EventKind::entry_appended:
        ++checked_;
        if (event.a > end + 1) hole(event, id, end);
        end = event.a;
        break;
      case EventKind::log_truncated:
        end = std::min(end, event.a - std::min<std::uint64_t>(event.a, 1));
        break;
      case EventKind::log_recovered:
        end = event.a;
        break;
      default:
        end = std::max(end, event.a);
        break;
    }
  }

 private:
  void hole(const Event& event, EventId id, std::uint64_t end) {
    const std::string node = facts_.node(event.node);
    found(event.at, id,
          node + " stores entry " + std::to_string(event.a) + " of " + facts_.shard(event.shard) +
              " behind entry " + std::to_string(end) + ": what is between is missing.",
          {{event.at, node, "appends " + std::to_string(event.a), id}});
  }

  void forget(NodeId node) {
    for (std::size_t at = node.value(); at < ends_.size(); at += facts_.plan.nodes.size()) {
      ends_[at] = 0;
    }
  }

  std::vector<std::uint64_t> ends_;  // by shard * nodes + node
};

}  // namespace

CheckerPtr log_contiguous(const Case& facts) { return std::make_unique<LogContiguous>(facts); }

}  // namespace blackout::check

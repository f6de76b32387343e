// platform.routes_agree: case-study.md, P7: an older routing plan never replaces a newer one, and
// an epoch names one plan. Ghost: the epoch that each process goes by, and the plan of each epoch
// as the first process had it. O(log epochs) per adoption.
#include <map>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class RoutesAgree final : public Checker {
 public:
  explicit RoutesAgree(const Case& facts)
      : Checker(facts, "platform.routes_agree",
                {EventKind::routes_adopted, EventKind::node_started}),
        last_(facts.plan.nodes.size()) {}

  void on(const Event& event, EventId id) override {
    Adopted& last = last_[event.node.value()];
    if (event.kind == EventKind::node_started) {
      last = {};
      return;
    }
    ++checked_;
    const std::string node = facts_.node(event.node);
    const Adopted mine{event.a, event.b, event.node, event.at, id};
    if (event.a <= last.epoch) {
      found(event.at, id,
            node + " goes back from routing plan " + std::to_string(last.epoch) + " to " +
                std::to_string(event.a) + ".",
            {line(last), line(mine)});
    }
    last = mine;
    const Adopted& first = plans_.emplace(event.a, mine).first->second;
    if (first.out == event.b) return;
    found(event.at, id,
          node + " and " + facts_.node(first.node) + " know routing plan " +
              std::to_string(event.a) + " by different regions.",
          {line(first), line(mine)});
  }

 private:
  struct Adopted {
    std::uint64_t epoch = 0;
    std::uint64_t out = 0;
    NodeId node;
    Instant at;
    EventId event;
  };
  [[nodiscard]] record::StoryLine line(const Adopted& adopted) const {
    return {adopted.at, facts_.node(adopted.node),
            "goes by routing plan " + std::to_string(adopted.epoch), adopted.event};
  }

  std::vector<Adopted> last_;               // by node
  std::map<std::uint64_t, Adopted> plans_;  // by epoch
};

}  // namespace

CheckerPtr routes_agree(const Case& facts) { return std::make_unique<RoutesAgree>(facts); }

}  // namespace blackout::check

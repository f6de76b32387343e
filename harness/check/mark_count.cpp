#include "harness/check/mark_count.hpp"

#include <algorithm>
#include <array>

#include "harness/check/divergences.hpp"
#include "harness/check/judge.hpp"
#include "harness/check/observers.hpp"

namespace blackout::check {

struct MarkCount::State {
  explicit State(const record::PlanFacts& plan)
      : replicas(plan),
        reach(plan),
        order(plan, history),
        divergences(replicas),
        facts{plan, history, replicas, reach, order, divergences, Instant()},
        marks(facts) {
    for (const EventKind kind : marks.kinds()) watched[static_cast<std::size_t>(kind)] = true;
  }

  record::History history;  // none yet; marks ask only for the plan and the reach
  Replicas replicas;
  Reach reach;
  Order order;
  Divergences divergences;
  const Case facts;
  Marks marks;
  std::array<bool, event_kinds> watched{};
};

MarkCount::MarkCount(const record::PlanFacts& plan) : state_(std::make_unique<State>(plan)) {}
MarkCount::~MarkCount() = default;

void MarkCount::see(const Event& event, EventId id) {
  if (!names_known(event, needs_of(event.kind), state_->facts.plan)) return;
  if (Reach::concerns(event.kind)) state_->reach.change(event);
  if (state_->watched[static_cast<std::size_t>(event.kind)]) state_->marks.on(event, id);
}

std::uint64_t MarkCount::count(const std::string& mark) const {
  const auto known = known_marks();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const Described& one) { return one.name == mark; });
  if (found == known.end()) return 0;
  return state_->marks.counts()[static_cast<std::size_t>(found - known.begin())];
}

}  // namespace blackout::check

// Marks while a run goes on, for faults that wait for one.
#pragma once

#include <memory>
#include <string>

#include "host/base/event.hpp"
#include "reports/record/plan_facts.hpp"

namespace blackout::check {

class MarkCount {
 public:
  explicit MarkCount(const record::PlanFacts& plan);  // which outlives it
  ~MarkCount();
  MarkCount(const MarkCount&) = delete;
  MarkCount& operator=(const MarkCount&) = delete;

  // Every event of the run, in order.
  void see(const Event& event, EventId id);
  // How often it was reached so far; 0 for a mark that is known only at the end, or not at all.
  [[nodiscard]] std::uint64_t count(const std::string& mark) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace blackout::check

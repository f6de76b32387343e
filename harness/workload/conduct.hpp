// How clients behave while faults that befall them are in force: which key they want, whether they
// wait, how hastily they ask again, how fast they read, whose word on routes they hear.
//
// It is asked about each operation and decides by draws of that operation alone. Faults nest by
// tag: of two that speak of one operation the one that began later decides, and waiting ends with
// the last. Probes belong to the harness and are never spoken of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "harness/system/system.hpp"
#include "reports/record/history.hpp"
#include "sim/random/stream.hpp"

namespace blackout::workload {

// A fault's index in the Plan.
using FaultTag = std::uint32_t;

class Conduct {
 public:
  explicit Conduct(const scenario::Plan& plan) : plan_(plan) {}

  // `fault` stays where it is until the end with this tag.
  void begin(const fault::Fault& fault, FaultTag tag) { active_.push_back({&fault, tag}); }
  void end(FaultTag tag);

  // The key that the operation goes to: `rank`, or the one that a hot key drew for its group. `key`
  // is the operation's own.
  std::uint32_t rank_of(const record::Operation& operation, std::uint32_t rank, random::Key key);

  // The herd that the operation waits with.
  [[nodiscard]] std::optional<FaultTag> herd_of(const record::Operation& operation) const;

  struct Hurry {
    FaultTag tag = 0;
    system::Haste haste;
  };
  [[nodiscard]] std::optional<Hurry> hurry_of(const record::Operation& operation) const;

  // Whether the name service of a region's clients answers from the past.
  bool routes_kept(RegionId region);
  // How long the clients of a region are busy with the reply that they have in hand.
  Duration reply_time(RegionId region);

  void count(FaultTag tag, std::uint64_t amount = 1) { effects_[tag] += amount; }
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;

 private:
  struct Active {
    const fault::Fault* fault;
    FaultTag tag;
  };

  // The last begun of this kind that speaks of the operation, or null.
  [[nodiscard]] const Active* find(fault::Kind kind, const record::Operation& operation) const;

  template <class Visit>
  void each_at(RegionId region, fault::Kind kind, const Visit& visit);

  const scenario::Plan& plan_;
  std::vector<Active> active_;  // in the order in which they began
  std::map<FaultTag, std::uint64_t> effects_;
};

// Whether the clients of a group that stand in a region are among those of the fault.
bool reaches(const fault::Fault& fault, std::uint32_t group, RegionId region);

// A stream of its own for what a fault draws for a client group, named by the fault's kind and
// start: it does not depend on what else the Plan has.
random::Key key_of(const scenario::Plan& plan, const fault::Fault& fault, std::uint32_t group);

}  // namespace blackout::workload

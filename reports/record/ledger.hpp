// The efficacy ledger: what became of each fault of the Plan. A fault without effect proved
// nothing; it is reported, and changes no verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"

namespace blackout::record {

enum class FaultEnd : std::uint8_t {
  open,    // the run ended first
  healed,  // its inverse, at its own end
  calm,    // its inverse, where the calm phase began
  moment,  // over as soon as it began: what it broke is the program's to mend
};

struct FaultOutcome {
  std::string letter, kind;
  std::string target;         // as printed, resolved
  std::vector<NodeId> nodes;  // that it took hold of
  std::uint64_t links = 0;    // directed ones
  std::optional<Instant> began, ended;
  FaultEnd end = FaultEnd::open;
  std::uint64_t effect = 0;  // up to the end of the run, in `unit`
  std::string unit;          // "messages lost"
  std::string unmet;         // why it never began: "nobody was leader of orders"; else empty
  std::string cause = {};    // as FaultFact's

  [[nodiscard]] bool idle() const { return began.has_value() && effect == 0; }
};

// By the Plan's faults; empty where the run's process died.
using Ledger = std::vector<FaultOutcome>;

}  // namespace blackout::record

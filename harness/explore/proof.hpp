// The proof that a kind of fault does something: the catalogue's example of it, carried out once
// and compared with the same run in which it is only recorded.
//
// The run is the platform with a probe beside it on every server, which reads the clocks, writes,
// syncs and reads back: what the platform does not ask for is proved too.
#pragma once

#include <optional>

#include "host/base/event.hpp"
#include "models/fault/catalogue.hpp"

namespace blackout::explore {

// When the fault of a proof begins.
inline constexpr Instant proof_start = Instant(0) + seconds(6);

struct Proof {
  fault::Kind kind{};
  std::uint64_t effect = 0;  // in the catalogue's unit
  // The first event of the run with the fault that is another without it; what only announces the
  // fault does not count.
  std::optional<Event> first;

  [[nodiscard]] bool holds() const { return effect > 0 && first && first->at >= proof_start; }
};

Proof prove(fault::Kind kind);

}  // namespace blackout::explore

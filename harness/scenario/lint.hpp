// The rules that need the meaning: names that must exist, sums, times, quorums.
//
// They look at whatever could be read, so that one mistake does not hide another.
#pragma once

#include "harness/scenario/fault_rules.hpp"
#include "harness/scenario/fields.hpp"

namespace blackout::scenario {

inline constexpr std::size_t generated_faults_max = 10'000;

// What the system under test takes.
inline constexpr std::int64_t value_bytes_max = 1 << 20;
inline constexpr std::size_t key_bytes_max = 256;
inline constexpr std::int64_t voters_max = 15;
inline constexpr Duration heartbeat_min = milliseconds(1);
inline constexpr Duration election_timeout_max = seconds(3'600);

// What one run can hold in memory, and end within a working day.
inline constexpr Duration run_length_max = seconds(24 * 3'600);
inline constexpr std::int64_t clients_max = 10'000;
inline constexpr std::int64_t rate_per_s_max = 1'000'000;
inline constexpr std::int64_t operations_max = 10'000'000;
inline constexpr std::int64_t operations_open_max = 10'000;

// Delays that stay far from the end of 64 bits when faults multiply them.
inline constexpr Duration delay_max = seconds(60);

// When and where a fault takes hold, at its longest.
struct FaultExtent {
  fault::Kind kind{};
  std::string letter;
  const Node* node = nullptr;
  Instant start, end;
  bool lasts = false;  // false: no end was written
  // Whether every seed has it, and by how much its start and its end may vary.
  bool certain = true;
  Duration spread = {};
  // What it takes for certain: nothing where a role or a signal decides.
  fault::Extent extent;
};

// "A".."Z", "AA"..
std::string letter_of(std::size_t ordinal);
std::string seconds_text(Instant at);

// Of a fault whose time and target can be read.
std::optional<FaultExtent> fault_extent(const Node& fault, const record::Timeline& timeline,
                                        const Places& places, Report& report);

// The one of `taken` that holds a node of `next` at the same time by a fault of the same sort (down
// or paused, clock, disk); links may be cut by many at once.
const FaultExtent* colliding(const std::vector<FaultExtent>& taken, const FaultExtent& next);

// Sizes, rates and lengths beyond what a run can hold.
void check_limits(const Node& root, const Places& places, Report& report);
void check_world(const Node& root, const Places& places, Report& report);
void check_use(const Node& root, const Places& places, Report& report);
void check_faults(const Node& root, const Places& places, Report& report);
// Whether the file says that every promise holds.
bool expects_pass(const Node& root);
// A group that faults leave without a majority for longer than its RTO, unless the file expects
// that to be broken; `faults` by start.
void check_quorum(const Node& root, const std::vector<FaultExtent>& faults, const Places& places,
                  Report& report);
// Names that must be in the vocabulary.
void check_names(const Node& root, const Vocabulary& known, Report& report);
void check_promises(const Node& root, const Places& places, Report& report);

}  // namespace blackout::scenario

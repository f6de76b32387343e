// What a campaign keeps of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::explore {

// A broken promise without its names and numbers: two runs with equal shapes probably show one bug.
struct Shape {
  std::string finding;             // id of the worst finding, whatever the scenario expects
  std::string role;                // of the node of its event, at that time; empty without one
  std::vector<std::string> kinds;  // of the faults in force then, ascending, each once
  // "raft.vote_uniqueness   follower   node_restart partition"
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Shape&, const Shape&) = default;
};

struct Summary {
  std::uint64_t seed = 0;
  record::Conclusion conclusion{};
  std::optional<Shape> broken;  // what it found
  Instant found_at;             // when it was broken; 0 where that is no moment
  std::string sentence;         // of the verdict
  std::string trace_hash;
  Instant simulated;
  std::uint64_t faults = 0, leader_changes = 0;
  std::vector<std::string> marks;     // reached
  std::vector<std::uint64_t> states;  // abstract ones, ascending
};

Summary summary_of(const record::RunRecord& run);

// One line of JSON, and back; an empty optional for anything else.
std::string to_line(const Summary& summary);
std::optional<Summary> summary_from(const std::string& line);

}  // namespace blackout::explore

// How concurrent writes to one record are resolved: rules that the business sets, one for each type
// of record, the same on every replica.
//
// Part of what a ledger is founded with: replicas of different rules differ in their checksum and
// refuse each other's snapshots.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace blackout::ledger {

enum class Rule : std::uint8_t {
  lattice,  // values are statuses in a given order, and the highest that was ever written stands
  newest,   // the value of the newest stamp stands; of equal stamps the greater value
};

struct RecordType {
  std::string name;
  Rule rule{};
  std::vector<std::string> statuses = {};  // lattice only: each once, the lowest first
};

struct Rules {
  // A type is named by its index, so that types may be added behind and never taken away.
  std::vector<RecordType> types = {};
#ifdef BLACKOUT_PLANTED_BUGS
  bool last_arrival_wins = false;  // whatever the rule, what is applied last stands
#endif

  // 0 without types.
  [[nodiscard]] std::uint64_t digest() const;
};

}  // namespace blackout::ledger

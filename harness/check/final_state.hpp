// The final state S of objectives.md: which writes the platform still shows, by its own answers to
// the audit.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/check/case.hpp"

namespace blackout::check {

class FinalState {
 public:
  explicit FinalState(const Case& facts);

  // Some region's audit of the shard was answered whole.
  [[nodiscard]] bool known(ShardId shard) const { return known_[shard.value()]; }
  // The whole effect of the write is in S: for a transfer, in both accounts; for a write to a
  // record, it or one that stands above it.
  [[nodiscard]] bool holds(const record::Operation& operation) const;
  // Acknowledged, and not in S, which is known.
  [[nodiscard]] bool lost(const record::Operation& operation) const {
    return acknowledged_write(operation) && known(operation.shard) && !holds(operation);
  }

 private:
  using Place = std::pair<record::OperationKind, std::string_view>;

  static constexpr std::uint8_t in_key = 1, in_other_key = 2;
  std::vector<bool> known_;          // by shard
  std::vector<std::uint8_t> holds_;  // by operation - 1, of those that change accounts
  std::map<Place, const record::Operation*> standing_;  // the highest that a region's audit shows
};

}  // namespace blackout::check

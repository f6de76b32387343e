// Who votes. The only place that knows what a majority is, so that joint majorities (4.3) and
// learners (4.2.1) have one place to go.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "host/base/check.hpp"
#include "host/base/ids.hpp"

namespace blackout::raft {

class Configuration {
 public:
  static constexpr std::size_t voters_max = 15;

  // One to voters_max voters, none twice, else CHECK.
  explicit Configuration(std::vector<NodeId> voters) : voters_(std::move(voters)) {
    std::sort(voters_.begin(), voters_.end());
    CHECK(!voters_.empty() && voters_.size() <= voters_max && voters_.back() != no_node);
    CHECK(std::adjacent_find(voters_.begin(), voters_.end()) == voters_.end());
  }

  [[nodiscard]] const std::vector<NodeId>& voters() const { return voters_; }
  [[nodiscard]] bool contains(NodeId node) const {
    return std::binary_search(voters_.begin(), voters_.end(), node);
  }
  [[nodiscard]] std::size_t majority() const { return voters_.size() / 2 + 1; }

  // The largest value that a majority has reached, given each voter's.
  template <class ValueOf>
  [[nodiscard]] auto majority_value(ValueOf value_of) const {
    std::array<decltype(value_of(no_node)), voters_max> descending;
    std::size_t size = 0;
    for (const NodeId voter : voters_) {
      const auto value = value_of(voter);
      std::size_t at = size++;
      for (; at > 0 && descending[at - 1] < value; --at) descending[at] = descending[at - 1];
      descending[at] = value;
    }
    return descending[majority() - 1];
  }

 private:
  std::vector<NodeId> voters_;
};

}  // namespace blackout::raft

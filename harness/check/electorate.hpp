// Who votes in a shard by one of its configurations, and what a majority of them is.
//
// Learned from what the leaders report of their members. While a configuration is joint (Ongaro's
// dissertation 4.3) those who come in and those who go out both vote, and a majority is one of the
// voters with these and one of the voters with those.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "host/base/event.hpp"

namespace blackout::check {

class Electorate {
 public:
  explicit Electorate(std::vector<NodeId> voters) : now_(std::move(voters)), next_(now_) {}

  // False if that changes nothing. A learner does not: the disk before it may still have the vote.
  bool change(NodeId member, Suffrage suffrage) {
    const bool in = suffrage == Suffrage::voter || suffrage == Suffrage::incoming;
    const bool whole = suffrage == Suffrage::voter || suffrage == Suffrage::none;
    const bool now = whole && set(now_, member, in);
    const bool next = suffrage != Suffrage::learner && set(next_, member, in);
    return now || next;
  }

  [[nodiscard]] bool majority(const std::function<bool(NodeId)>& of_these) const {
    return majority_value([&](NodeId voter) { return std::uint64_t{of_these(voter)}; }) != 0;
  }
  // The largest value that a majority has reached.
  [[nodiscard]] std::uint64_t majority_value(
      const std::function<std::uint64_t(NodeId)>& value_of) const {
    const std::uint64_t reached = majority_value(now_, value_of);
    return now_ == next_ ? reached : std::min(reached, majority_value(next_, value_of));
  }
  // Everyone who votes.
  [[nodiscard]] std::vector<NodeId> voters() const {
    std::vector<NodeId> all = now_;
    for (const NodeId voter : next_) set(all, voter, true);
    return all;
  }

 private:
  static bool set(std::vector<NodeId>& voters, NodeId member, bool votes) {
    const auto found = std::find(voters.begin(), voters.end(), member);
    if (votes == (found != voters.end())) return false;
    if (votes) {
      voters.push_back(member);
    } else {
      voters.erase(found);
    }
    return true;
  }
  static std::uint64_t majority_value(const std::vector<NodeId>& voters,
                                      const std::function<std::uint64_t(NodeId)>& value_of) {
    std::vector<std::uint64_t> values;
    for (const NodeId voter : voters) values.push_back(value_of(voter));
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end(), std::greater<>());
    return *middle;
  }

  std::vector<NodeId> now_, next_;
};

}  // namespace blackout::check

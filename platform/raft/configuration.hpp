// Who belongs to a group and who of them votes (4). The only place that knows what a majority is.
//
// A member is a machine with a disk. With another disk it is another member, as what the one before
// had promised is not on it: its votes and acknowledgements count no more, and it learns the log
// before it votes again (4.2.1). Configurations change by one voter at a time (4.1).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "host/base/check.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

struct Member {
  NodeId node = no_node;
  DiskId disk = founding_disk;
  bool votes = true;  // else it learns
  friend bool operator==(const Member&, const Member&) = default;
};

class Configuration {
 public:
  static constexpr std::size_t members_max = 15;

  // Founding members that all vote: one to members_max, none twice, else CHECK.
  explicit Configuration(const std::vector<NodeId>& voters)
      : Configuration(founding_members(voters)) {}
  // One to members_max, no node twice, one of them votes; else CHECK.
  explicit Configuration(std::vector<Member> members) : members_(std::move(members)) {
    std::sort(members_.begin(), members_.end(),
              [](const Member& a, const Member& b) { return a.node < b.node; });
    for (const Member& member : members_) {
      if (member.votes) voters_.push_back(member.node);
    }
    CHECK(valid(members_));
  }
  // Whether these make a configuration.
  static bool valid(const std::vector<Member>& members) {
    std::vector<NodeId> nodes;
    for (const Member& member : members) nodes.push_back(member.node);
    std::sort(nodes.begin(), nodes.end());
    return !members.empty() && members.size() <= members_max && nodes.back() != no_node &&
           std::adjacent_find(nodes.begin(), nodes.end()) == nodes.end() &&
           std::any_of(members.begin(), members.end(), [](const Member& m) { return m.votes; });
  }

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] const std::vector<NodeId>& voters() const { return voters_; }
  // Null for a node that is no member.
  [[nodiscard]] const Member* find(NodeId node) const {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [node](const Member& member) { return member.node == node; });
    return found == members_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool has(NodeId node, DiskId disk) const {
    const Member* member = find(node);
    return member != nullptr && member->disk == disk;
  }
  [[nodiscard]] bool votes(NodeId node, DiskId disk) const {
    return has(node, disk) && find(node)->votes;
  }
  [[nodiscard]] std::size_t majority() const { return voters_.size() / 2 + 1; }

  // The same with this member in the place of the one of its node, which is there, else CHECK.
  [[nodiscard]] Configuration with(const Member& changed) const {
    std::vector<Member> members = members_;
    CHECK(find(changed.node) != nullptr);
    members[static_cast<std::size_t>(find(changed.node) - members_.data())] = changed;
    return Configuration(std::move(members));
  }

  // The largest value that a majority has reached, given each voter's.
  template <class ValueOf>
  [[nodiscard]] auto majority_value(ValueOf value_of) const {
    std::array<decltype(value_of(no_node)), members_max> descending;
    std::size_t size = 0;
    for (const NodeId voter : voters_) {
      const auto value = value_of(voter);
      std::size_t at = size++;
      for (; at > 0 && descending[at - 1] < value; --at) descending[at] = descending[at - 1];
      descending[at] = value;
    }
    return descending[majority() - 1];
  }

  friend bool operator==(const Configuration& a, const Configuration& b) {
    return a.members_ == b.members_;
  }

 private:
  static std::vector<Member> founding_members(const std::vector<NodeId>& nodes) {
    std::vector<Member> members;
    for (const NodeId node : nodes) members.push_back({node, founding_disk, true});
    return members;
  }

  std::vector<Member> members_;  // by node
  std::vector<NodeId> voters_;
};

}  // namespace blackout::raft

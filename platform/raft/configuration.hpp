// Who belongs to a group and who of them votes (4). The only place that knows what a majority is.
//
// A member is a machine with a disk. With another disk it is another member, as what the one before
// had promised is not on it: its votes and acknowledgements count no more, and it learns the log
// before it votes again (4.2.1).
//
// A configuration says who votes now and who is to vote next, and is one of three:
//   stable   the two are the same
//   pending  they differ, and those who vote now decide; who is to vote next and does not yet is a
//            learner
//   joint    they differ, and every decision needs a majority of the one and of the other (4.3)
// A change goes through them in turn, so that no two majorities that can decide are ever disjoint,
// however much changes at once.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <utility>
#include <vector>

#include "host/base/check.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

struct MemberId {
  NodeId node = no_node;
  DiskId disk = founding_disk;
  friend auto operator<=>(const MemberId&, const MemberId&) = default;
};

struct Member {
  MemberId id;
  bool votes = true;
  bool next = true;  // it votes, or still votes, in the configuration to come
  friend bool operator==(const Member&, const Member&) = default;
};

class Configuration {
 public:
  static constexpr std::size_t voters_max = 15;
  static constexpr std::size_t members_max = 2 * voters_max;  // all of them change

  // A stable one of founding disks: one to voters_max, none twice, else CHECK.
  explicit Configuration(const std::vector<NodeId>& voters) : Configuration(founding(voters)) {}
  // valid(), else CHECK.
  explicit Configuration(std::vector<Member> members, bool joint = false)
      : members_(std::move(members)), joint_(joint), stable_(!changes(members_)) {
    std::sort(members_.begin(), members_.end(),
              [](const Member& a, const Member& b) { return a.id < b.id; });
    CHECK(valid(members_, joint_));
    for (const Member& member : members_) {
      if (member.votes) voters_.push_back(member.id.node);
    }
  }
  // Whether these make a configuration: each is there once, and votes now or next; of either there
  // are one to voters_max, no node among them twice; a joint one changes something.
  static bool valid(const std::vector<Member>& members, bool joint) {
    std::vector<MemberId> ids;
    for (const Member& member : members) {
      if (!member.votes && !member.next) return false;
      ids.push_back(member.id);
    }
    std::sort(ids.begin(), ids.end());
    return std::adjacent_find(ids.begin(), ids.end()) == ids.end() &&
           electorate(members, &Member::votes) && electorate(members, &Member::next) &&
           (!joint || changes(members));
  }

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  // The nodes that vote now.
  [[nodiscard]] const std::vector<NodeId>& voters() const { return voters_; }
  [[nodiscard]] bool joint() const { return joint_; }
  [[nodiscard]] bool stable() const { return stable_; }
  // Null for one that is no member.
  [[nodiscard]] const Member* find(const MemberId& id) const {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&id](const Member& member) { return member.id == id; });
    return found == members_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool has(const MemberId& id) const { return find(id) != nullptr; }
  // Its vote counts.
  [[nodiscard]] bool votes(const MemberId& id) const {
    const Member* member = find(id);
    return member != nullptr && (member->votes || joint_);
  }
  // The same, also after the change.
  [[nodiscard]] bool stays(const MemberId& id) const { return votes(id) && find(id)->next; }
  // Those who are to vote.
  [[nodiscard]] std::vector<MemberId> next() const {
    std::vector<MemberId> ids;
    for (const Member& member : all_of(&Member::next)) ids.push_back(member.id);
    return ids;
  }
  // The one of this node among them, or null.
  [[nodiscard]] const Member* next_of(NodeId node) const { return of_node(node, &Member::next); }

  // The one of this node that votes now, or null.
  [[nodiscard]] const Member* voter_of(NodeId node) const { return of_node(node, &Member::votes); }

  // The three steps of a change. These are to vote: as learners first, who do not vote yet.
  [[nodiscard]] Configuration towards(const std::vector<MemberId>& next) const {
    std::vector<Member> members;
    for (const Member& voter : all_of(&Member::votes)) members.push_back({voter.id, true, false});
    for (const MemberId& id : next) {
      const auto known = std::find_if(members.begin(), members.end(),
                                      [&id](const Member& member) { return member.id == id; });
      if (known == members.end()) {
        members.push_back({id, false, true});
      } else {
        known->next = true;
      }
    }
    return Configuration(std::move(members));
  }
  [[nodiscard]] Configuration entered() const { return Configuration(members_, true); }
  [[nodiscard]] Configuration left() const { return Configuration(all_of(&Member::next)); }
  // Instead of the second: those who vote now go on.
  [[nodiscard]] Configuration called_off() const { return Configuration(all_of(&Member::votes)); }

  // The largest value that a majority has reached, in a joint configuration both of them, given
  // each voter's.
  template <class ValueOf>
  [[nodiscard]] auto majority_value(ValueOf value_of) const {
    const auto now = majority_value(&Member::votes, value_of);
    return joint_ ? std::min(now, majority_value(&Member::next, value_of)) : now;
  }

  friend bool operator==(const Configuration& a, const Configuration& b) {
    return a.joint_ == b.joint_ && a.members_ == b.members_;
  }

 private:
  static std::vector<Member> founding(const std::vector<NodeId>& nodes) {
    std::vector<Member> members;
    for (const NodeId node : nodes) members.push_back({{node, founding_disk}});
    return members;
  }
  static bool electorate(const std::vector<Member>& members, bool Member::*chosen) {
    std::vector<NodeId> nodes;
    for (const Member& member : members) {
      if (member.*chosen) nodes.push_back(member.id.node);
    }
    std::sort(nodes.begin(), nodes.end());
    return !nodes.empty() && nodes.size() <= voters_max && nodes.back() != no_node &&
           std::adjacent_find(nodes.begin(), nodes.end()) == nodes.end();
  }
  static bool changes(const std::vector<Member>& members) {
    return std::any_of(members.begin(), members.end(),
                       [](const Member& member) { return member.votes != member.next; });
  }

  [[nodiscard]] const Member* of_node(NodeId node, bool Member::*chosen) const {
    for (const Member& member : members_) {
      if (member.id.node == node && member.*chosen) return &member;
    }
    return nullptr;
  }
  // As those who vote, now and next.
  [[nodiscard]] std::vector<Member> all_of(bool Member::*chosen) const {
    std::vector<Member> members;
    for (const Member& member : members_) {
      if (member.*chosen) members.push_back({member.id});
    }
    return members;
  }
  template <class ValueOf>
  [[nodiscard]] auto majority_value(bool Member::*chosen, ValueOf value_of) const {
    std::array<decltype(value_of(MemberId())), voters_max> descending{};
    std::size_t size = 0;
    for (const Member& member : members_) {
      if (!(member.*chosen)) continue;
      const auto value = value_of(member.id);
      std::size_t at = size++;
      for (; at > 0 && descending[at - 1] < value; --at) descending[at] = descending[at - 1];
      descending[at] = value;
    }
    return descending[size / 2];
  }

  std::vector<Member> members_;  // by id
  std::vector<NodeId> voters_;
  bool joint_, stable_;
};

}  // namespace blackout::raft

// A hierarchical timing wheel over 63-bit times that pops its nodes in the order (time, insertion).
//
// Varghese and Lauck, SOSP 1987, with 64 slots a level and no ticking. The level of a node is the
// highest 6-bit digit in which its time differs from `base_` (the last time that was reached), its
// slot is that digit; so every node of a level is earlier than every node of the levels above, and
// a slot of level 0 is one nanosecond. A slot that is reached while it holds several nodes is
// re-linked, in its order, into the levels below, which are empty then: that is why nodes of one
// time stay in the order of insertion.
//
// The nodes are intrusive and the caller's; they do not move while they are inserted. Insert and
// remove are O(1); pop re-links a node at most once a level. No order depends on an address.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace blackout::kernel {

struct WheelNode {
  std::int64_t time = 0;
  WheelNode* next = nullptr;
  WheelNode* prev = nullptr;
};

class TimingWheel {
 public:
  TimingWheel() {
    for (WheelNode& head : heads_) head.next = head.prev = &head;
  }
  TimingWheel(const TimingWheel&) = delete;
  TimingWheel& operator=(const TimingWheel&) = delete;

  // `node` is not inserted; `time` is not negative and not before the time of any node that was
  // popped, nor before the horizon of a pop that returned null.
  void insert(WheelNode& node, std::int64_t time) {
    node.time = time;
    link(node);
  }

  // `node` is inserted.
  void remove(WheelNode& node) {
    node.prev->next = node.next;
    node.next->prev = node.prev;
    if (node.next == node.prev) mark_empty(*node.next);  // only a head can stand on both sides
  }

  // Takes the first node out, if its time is at most `horizon`; null otherwise.
  WheelNode* pop(std::int64_t horizon) {
    while (levels_ != 0) {
      const auto level = static_cast<unsigned>(std::countr_zero(levels_));
      const auto slot = static_cast<unsigned>(std::countr_zero(slots_[level]));
      WheelNode& head = heads_[level * 64 + slot];
      WheelNode* const first = head.next;
      if (level == 0 || head.prev == first) {
        if (first->time > horizon) return nullptr;
        base_ = first->time;
        remove(*first);
        return first;
      }
      const std::int64_t start = first->time >> (6 * level) << (6 * level);
      if (start > horizon) return nullptr;
      base_ = start;
      relink(head);
    }
    return nullptr;
  }

 private:
  static constexpr unsigned level_count = 11;

  void link(WheelNode& node) {
    const auto time = static_cast<std::uint64_t>(node.time);
    const std::uint64_t difference = time ^ static_cast<std::uint64_t>(base_);
    const unsigned level = static_cast<unsigned>(std::bit_width(difference | 1) - 1) / 6;
    const unsigned slot = (time >> (6 * level)) & 63;
    WheelNode& head = heads_[level * 64 + slot];
    node.next = &head;
    node.prev = head.prev;
    head.prev->next = &node;
    head.prev = &node;
    slots_[level] |= 1ULL << slot;
    levels_ |= 1U << level;
  }

  void relink(WheelNode& head) {
    WheelNode* node = head.next;
    head.next = head.prev = &head;
    mark_empty(head);
    while (node != &head) {
      WheelNode* const next = node->next;
      link(*node);
      node = next;
    }
  }

  void mark_empty(const WheelNode& head) {
    const auto index = static_cast<unsigned>(&head - heads_.data());
    slots_[index / 64] &= ~(1ULL << (index % 64));
    if (slots_[index / 64] == 0) levels_ &= ~(1U << (index / 64));
  }

  std::uint32_t levels_ = 0;  // which levels hold nodes
  std::int64_t base_ = 0;
  std::array<std::uint64_t, level_count> slots_{};  // which slots of a level do
  std::array<WheelNode, level_count * 64> heads_;   // of circular lists
};

}  // namespace blackout::kernel

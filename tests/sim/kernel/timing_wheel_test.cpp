#include "sim/kernel/timing_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

namespace blackout::kernel {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t none = static_cast<std::size_t>(-1);

// Nodes with an index each: 0, 1, 2, ...
class Nodes {
 public:
  WheelNode& operator[](std::size_t index) {
    for (std::size_t next = nodes_.size(); next <= index; ++next)
      nodes_.emplace_back().index = next;
    return nodes_[index];
  }
  static std::size_t index_of(const WheelNode* node) {
    return node == nullptr ? none : static_cast<const Node*>(node)->index;
  }

 private:
  struct Node : WheelNode {
    std::size_t index = 0;
  };
  std::deque<Node> nodes_;
};

// The oracle: a binary heap over (time, sequence), in which a cancelled node is searched for.
class BinaryHeap {
 public:
  void insert(std::size_t node, std::int64_t time) {
    entries_.push_back({time, ++sequence_, node});
    std::push_heap(entries_.begin(), entries_.end());
  }
  void remove(std::size_t node) {
    std::erase_if(entries_, [node](const Entry& entry) { return entry.node == node; });
    std::make_heap(entries_.begin(), entries_.end());
  }
  std::size_t pop(std::int64_t horizon) {
    if (entries_.empty() || entries_.front().time > horizon) return none;
    std::pop_heap(entries_.begin(), entries_.end());
    const std::size_t node = entries_.back().node;
    entries_.pop_back();
    return node;
  }

 private:
  struct Entry {
    std::int64_t time;
    std::uint64_t sequence;
    std::size_t node;
    bool operator<(const Entry& other) const {
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };
  std::vector<Entry> entries_;
  std::uint64_t sequence_ = 0;
};

// A plain counter-based generator: the test depends on no other module.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed * 0x9E37'79B9'7F4A'7C15 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    std::uint64_t z = (state_ += 0x9E37'79B9'7F4A'7C15);
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return (z ^ (z >> 31)) % bound;
  }

 private:
  std::uint64_t state_;
};

// The wheel and the oracle, driven alike.
class Pair {
 public:
  explicit Pair(std::uint64_t seed) : draws_(seed) {}

  void step() {
    const std::uint64_t kind = draws_.below(100);
    if (kind < 45) {
      insert(now_ + latency());
    } else if (kind < 48) {
      const std::int64_t time = now_ + latency();
      for (std::uint64_t i = draws_.below(12); i > 0; --i) insert(time);
    } else if (kind < 65 && !pending_.empty()) {
      remove(draws_.below(pending_.size()));
    } else if (kind < 97) {
      pop(never - 4);  // nothing could be inserted after the end of time
    } else {
      const std::int64_t horizon = now_ + static_cast<std::int64_t>(draws_.below(2'000'000));
      while (pop(horizon)) {
      }
      now_ = std::max(now_, horizon);
    }
  }
  void drain() {
    while (pop(never)) {
    }
    EXPECT_TRUE(pending_.empty());
  }
  [[nodiscard]] std::uint64_t popped() const { return popped_; }

 private:
  std::int64_t latency() {
    switch (draws_.below(8)) {
      case 0:
        return 0;
      case 1:
        return static_cast<std::int64_t>(draws_.below(3));
      case 2:
        return static_cast<std::int64_t>(draws_.below(64));
      case 3:
        return static_cast<std::int64_t>(draws_.below(5'000));
      case 4:
        return static_cast<std::int64_t>(1'000'000 + draws_.below(50) * 1'000);
      case 5:
        return static_cast<std::int64_t>(500'000'000 + draws_.below(3));
      case 6:
        return static_cast<std::int64_t>(draws_.below(1ULL << draws_.below(44)));
      default:
        return draws_.below(40) == 0 ? never - now_ - static_cast<std::int64_t>(draws_.below(3))
                                     : 64;
    }
  }
  void insert(std::int64_t time) {
    const std::size_t node = free_.empty() ? created_++ : free_.back();
    if (!free_.empty()) free_.pop_back();
    wheel_.insert(nodes_[node], time);
    heap_.insert(node, time);
    pending_.push_back(node);
  }
  void remove(std::size_t position) {
    const std::size_t node = pending_[position];
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(position));
    wheel_.remove(nodes_[node]);
    heap_.remove(node);
    free_.push_back(node);
  }
  bool pop(std::int64_t horizon) {
    const std::size_t expected = heap_.pop(horizon);
    const std::size_t node = Nodes::index_of(wheel_.pop(horizon));
    EXPECT_EQ(node, expected);
    if (node == none || node != expected) return false;
    ++popped_;
    now_ = nodes_[node].time;
    std::erase(pending_, node);
    free_.push_back(node);
    return true;
  }

  Draws draws_;
  Nodes nodes_;
  std::size_t created_ = 0;
  TimingWheel wheel_;
  BinaryHeap heap_;
  std::vector<std::size_t> pending_, free_;
  std::int64_t now_ = 0;
  std::uint64_t popped_ = 0;
};

std::vector<std::size_t> drained(TimingWheel& wheel) {
  std::vector<std::size_t> nodes;
  while (const WheelNode* const node = wheel.pop(never)) nodes.push_back(Nodes::index_of(node));
  return nodes;
}

TEST(TimingWheel, FiresInTheOrderOfABinaryHeapWithTiesBurstsAndCancellation) {
  std::uint64_t popped = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Pair pair(seed);
    for (int i = 0; i < 5'000 && !testing::Test::HasFailure(); ++i) pair.step();
    pair.drain();
    popped += pair.popped();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_GT(popped, 100'000U);
}

TEST(TimingWheel, KeepsTheOrderOfInsertionWithinOneTimeAcrossEveryLevel) {
  for (unsigned level = 0; level < 11; ++level) {
    Nodes nodes;
    TimingWheel wheel;
    const std::int64_t time = (std::int64_t{1} << (6 * level)) + 5;
    for (std::size_t node = 0; node < 4; ++node) {
      wheel.insert(nodes[node], time);
    }
    wheel.remove(nodes[1]);
    EXPECT_EQ(wheel.pop(time - 1), nullptr);
    wheel.insert(nodes[1], time);
    EXPECT_EQ(drained(wheel), (std::vector<std::size_t>{0, 2, 3, 1})) << "level " << level;
  }
}

TEST(TimingWheel, TakesInsertionsBetweenAHorizonAndTheFirstNode) {
  Nodes nodes;
  TimingWheel wheel;
  wheel.insert(nodes[0], 1'000'000);
  wheel.insert(nodes[1], 1'000'001);
  EXPECT_EQ(wheel.pop(500'000), nullptr);
  EXPECT_EQ(wheel.pop(999'999), nullptr);
  wheel.insert(nodes[2], 999'999);
  wheel.insert(nodes[3], 1'000'000);
  EXPECT_EQ(drained(wheel), (std::vector<std::size_t>{2, 0, 3, 1}));
}

TEST(TimingWheel, HoldsTheLastInstantOfAll) {
  Nodes nodes;
  TimingWheel wheel;
  wheel.insert(nodes[0], never);
  wheel.insert(nodes[1], never - 1);
  wheel.insert(nodes[2], never);
  EXPECT_EQ(wheel.pop(never - 2), nullptr);
  EXPECT_EQ(drained(wheel), (std::vector<std::size_t>{1, 0, 2}));
}

}  // namespace
}  // namespace blackout::kernel

// Which calls of others came already: the network may deliver a message twice.
//
// Whoever refuses a request says that it has no effect, and must then not take up its second copy,
// nor refuse the second copy of one that it took up. Only the last calls_max are known: a copy that
// comes later than so many other calls counts as a first. Not kept over a restart, which no message
// to the process before outlives.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <utility>

#include "host/base/ids.hpp"

namespace blackout::replica {

class Once {
 public:
  static constexpr std::size_t calls_max = 65'536;

  // False if this call of that node came before.
  bool first(NodeId from, std::uint64_t call) {
    if (!known_.emplace(from, call).second) return false;
    order_.emplace_back(from, call);
    if (order_.size() > calls_max) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

 private:
  std::set<std::pair<NodeId, std::uint64_t>> known_;
  std::deque<std::pair<NodeId, std::uint64_t>> order_;
};

}  // namespace blackout::replica

// Which calls of others came already: the network may deliver a message twice.
//
// Whoever refuses a request says that it has no effect, and must then not take up its second copy,
// nor refuse the second copy of one that it took up. A window of the last numbers for each sender,
// as against replay (Kent: "IP Encapsulating Security Payload", RFC 4303, 3.4.3), with one
// difference: a number far behind the newest is a sender's that started anew, and counts as a
// first, as does a copy that comes later than `window` other calls. Not kept over a restart, which
// no message to the process before outlives.
#pragma once

#include <bitset>
#include <cstdint>
#include <map>

#include "host/base/ids.hpp"

namespace blackout::replica {

class Once {
 public:
  static constexpr std::uint64_t window = 4096;

  // False if this call of that node came before. A node's calls are numbered in the order of their
  // sending.
  bool first(NodeId from, std::uint64_t call) {
    const auto [at, unknown] = senders_.try_emplace(from);
    Sender& sender = at->second;
    if (unknown || call + window <= sender.newest || call >= sender.newest + window) {
      sender.seen.reset();
      sender.newest = call;
    }
    for (; sender.newest < call; sender.seen.reset(sender.newest % window)) ++sender.newest;
    const bool before = sender.seen.test(call % window);
    sender.seen.set(call % window);
    return !before;
  }

 private:
  struct Sender {
    std::uint64_t newest = 0;
    std::bitset<window> seen;  // of (newest - window, newest], by the remainder
  };
  std::map<NodeId, Sender> senders_;
};

}  // namespace blackout::replica

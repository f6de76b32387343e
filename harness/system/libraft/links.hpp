// Ordered connections between servers on a network that keeps no order, as TCP gives them.
//
// A connection is one way: a random name, and frames counted from 0. What arrives out of order
// waits; where what is missing does not come within gap_max, the receiver closes the connection:
// what waits is lost, and the sender, once it is told, begins another. The first frame of a new
// connection ends the one before. A frame of a connection that ended is answered as a reset would.
// Nothing is sent again: whoever needs that, as the library does, repeats itself.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "host/env/environment.hpp"

namespace blackout::system::libraft {

inline constexpr Duration gap_max = milliseconds(300);

class Links {
 public:
  // `kind` is the first byte of every message.
  Links(env::Environment& environment, std::uint8_t kind)
      : environment_(environment), kind_(kind) {}

  void send(NodeId to, BytesView payload);

  // A message of that kind; calls `deliver` with each payload whose turn it now is.
  void receive(NodeId from, BytesView message, const std::function<void(BytesView)>& deliver);

  // Closes connections that have waited too long for what is missing.
  void close_gaps();

 private:
  enum class Frame : std::uint8_t { data, closed };
  struct Outgoing {
    std::uint64_t name = 0, next = 0;
  };
  struct Incoming {
    std::uint64_t name = 0, next = 0;
    std::map<std::uint64_t, Bytes> early;
    Instant waits_since;
    std::vector<std::uint64_t> ended;
  };
  static constexpr std::size_t ended_max = 64, early_max = 4096;

  void close(NodeId from, Incoming& incoming);
  void reset(NodeId from, std::uint64_t name);
  static void end(Incoming& incoming);

  env::Environment& environment_;
  std::uint8_t kind_;
  std::map<NodeId, Outgoing> outgoing_;
  std::map<NodeId, Incoming> incoming_;
};

}  // namespace blackout::system::libraft

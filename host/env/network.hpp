// Messages between nodes: whole or not at all, and nothing else is promised.
//
// A message arrives entire and unchanged or not at all; it may arrive twice, late, or in another
// order than sent, and no error tells of a loss. Whoever needs more builds it on top.
#pragma once

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"

namespace blackout::env {

struct Envelope {
  NodeId from;
  Bytes message;
};

class Network {
 public:
  static constexpr std::size_t message_bytes_max = 64u << 20;

  virtual ~Network() = default;

  // Hands `message` to the network and returns at once; a send to the own node is delivered like
  // any other. One to no node is lost. One over message_bytes_max fails a CHECK: a wrong program.
  virtual void send(NodeId to, Bytes message) = 0;

  // The next message for this node, waiting for it; messages wait in arrival order in a bounded
  // mailbox, and one that finds it full is dropped. One task at a time may wait here.
  virtual Envelope receive() = 0;
};

}  // namespace blackout::env

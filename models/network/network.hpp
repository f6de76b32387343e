// The simulated network of one world: every link between its nodes, and what breaks on them.
//
// A message passes: the sender's link (queue, bandwidth, cut, loss), the delay, and the receiver's
// mailbox. It carries the incarnations of both ends, as a connection would: one whose receiver
// restarted meanwhile is dropped, and so is one that had not left the sender's queue when the
// sender stopped. A message is in flight from its send until it reaches the mailbox, and what a
// fault did to it then is reported when it would have arrived.
//
// Draws are keyed by (sender, its incarnation, receiver) and counted per link, each effect with its
// own number, those of a fault by its tag as well: a fault on one link changes no draw of another,
// nor the delays of messages that it spares.
//
// Faults nest: each verb adds one effect under a tag and its inverse takes exactly that one away;
// while any is left, the link stays broken. The tag names the fault in the trace and in effect().
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "host/base/ids.hpp"
#include "host/env/network.hpp"
#include "models/network/degradation.hpp"
#include "models/network/drop_reason.hpp"
#include "models/network/link_faults.hpp"
#include "models/network/pair_table.hpp"
#include "models/network/profile.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::network {

// What the network needs of the machine that a mailbox belongs to.
class Host {
 public:
  // From a task: gives up the processor until its fiber is resumed.
  virtual void suspend() = 0;
  // A message came for which no task waited; from the loop.
  virtual void message_waits() = 0;

 protected:
  ~Host() = default;
};

class Network;

// One node's access to the network, in one cache line. Its mailbox is bounded and empties when the
// node goes down.
class alignas(64) Endpoint final : public env::Network {
 public:
  // Swallowed in silence while the node is down.
  void send(NodeId to, Bytes message) override;
  env::Envelope receive() override;

  // Of the messages in the mailbox.
  [[nodiscard]] std::uint64_t waiting_bytes() const { return waiting_bytes_; }

 private:
  friend class blackout::network::Network;

  blackout::network::Network* network_ = nullptr;
  Host* host_ = nullptr;
  fiber::FiberId waiting_;  // the task in receive()
  random::Key key_{0};      // of the incarnation
  NodeId self_;
  // The mailbox: a list of in-flight records, 0 at its ends.
  std::uint32_t first_ = 0, last_ = 0, waiting_messages_ = 0;
  std::uint64_t waiting_bytes_ = 0;
};

struct Totals {
  std::uint64_t sent = 0, delivered = 0, duplicated = 0;
  std::array<std::uint64_t, drop_reasons> dropped{};
};

class Network {
 public:
  Network(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, Settings settings);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  [[nodiscard]] std::size_t size() const { return endpoints_.size(); }
  [[nodiscard]] Place place(NodeId node) const;
  // Valid as long as the network.
  [[nodiscard]] Endpoint& endpoint(NodeId node);

  // The node's mailbox opens, for an incarnation above all before. `host` must live until down().
  void up(NodeId node, std::uint32_t incarnation, Host& host);
  // From now on it sends and receives nothing; what waits in its mailbox is gone.
  void down(NodeId node);

  // Every message from one node to the other is lost, what is in flight too (also if the link is
  // healed before it would arrive), until as many heals with this tag.
  void cut(NodeId from, NodeId to, FaultTag tag);
  void heal(NodeId from, NodeId to, FaultTag tag);

  // Adds to what is already wrong: delay factors and bandwidth factors multiply, delays add up, of
  // limits the lowest counts, probabilities are independent. When the bandwidth changes, what waits
  // in the queue since it was first degraded goes on at the new pace, in order.
  void degrade(NodeId from, NodeId to, const Degradation& degradation, FaultTag tag);
  void restore(NodeId from, NodeId to, FaultTag tag);

  // A jam: what would arrive while the link is held, were it in flight at its start or sent since,
  // waits before the receiver. The last release delivers it at once, in the order in which it would
  // have arrived. None is lost by this, but each may still meet what any other can: a receiver that
  // stopped meanwhile, a cut or reset that began, a full mailbox.
  void hold(NodeId from, NodeId to, FaultTag tag);
  void release(NodeId from, NodeId to, FaultTag tag);

  // A cut that goes and comes, from now on: a message is lost if it was sent in a spell of it or
  // one began while it was in flight.
  void flap(NodeId from, NodeId to, Flapping rhythm, FaultTag tag);
  void settle(NodeId from, NodeId to, FaultTag tag);

  // All that is in flight between the two, both ways, is lost: what was handed to send() before, be
  // it queued or held, and nothing after, not even at the same instant. Over at once: it has no
  // inverse.
  void reset(NodeId one, NodeId other, FaultTag tag);

  // A message sent now would be lost to a cut or to a spell of flapping.
  [[nodiscard]] bool is_cut(NodeId from, NodeId to) const;
  // How many messages the faults with this tag touched so far (lost, delayed, held, duplicated,
  // corrupted), each at most once. A duplicate counts as a message of its own for what happens
  // after it was made.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;
  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  friend class Endpoint;

  // What every sender must know of a node, packed: at 10'000 nodes it stays in the cache.
  struct Standing {
    Place place;
    std::uint32_t incarnation : 31 = 0;  // 0 before the first start
    std::uint32_t up : 1 = false;
  };
  static_assert(sizeof(Standing) == 8);

  // A message between send and receive; pooled, linked into the free list or a mailbox.
  struct alignas(64) InFlight {
    Bytes message;
    NodeId from, to;
    std::uint32_t from_incarnation : 31;
    std::uint32_t faulty : 1;  // sent on a link with faults, or touched by one since
    std::uint32_t to_incarnation : 31;
    std::uint32_t corrupted : 1;  // and its checksum shows it; then it is faulty as well
    Instant sent_at, leaves_at;   // handed over; out of the sender's queue
    std::uint32_t interruptions;  // network-wide, when it was sent
    std::uint32_t next;
  };
  static_assert(sizeof(InFlight) == 64);
  // State of directed links, made when first needed. `pair` is from * nodes + to.
  struct Counter {
    std::uint32_t pair = 0xFFFF'FFFF;
    std::uint32_t sent = 0;  // the n of the link's draws
  };
  struct Queue {
    std::uint32_t pair = 0xFFFF'FFFF;
    std::uint32_t incarnation = 0;  // the sender's, that waits
    Instant busy_until;             // when all that waits will have left
  };
  struct Broken {
    std::uint32_t pair = 0xFFFF'FFFF;
    std::uint32_t faults = 0;  // index
  };

  struct Launched {
    std::uint32_t record;
    kernel::TimerId arrival;
  };

  void send(Endpoint& sender, NodeId to, Bytes message);
  [[nodiscard]] bool enqueue(NodeId from, NodeId to, Pace pace, std::size_t bytes,
                             Instant& leaves_at);
  Launched launch(NodeId from, NodeId to, Bytes message, Instant leaves_at, Duration delay);
  void arrive(std::uint32_t record, NodeId to);
  [[nodiscard]] bool connected(const InFlight& flight, DropReason& reason) const;
  void drop(NodeId from, NodeId to, std::size_t bytes, DropReason reason);
  void note_duplicate(NodeId from, NodeId to, std::size_t bytes);
  [[nodiscard]] std::uint32_t take_record();
  void free_record(std::uint32_t record);
  [[nodiscard]] std::uint32_t pair_of(NodeId from, NodeId to) const;
  [[nodiscard]] const LinkProfile& profile(NodeId from, NodeId to) const;
  // Index in faults_.
  [[nodiscard]] std::uint32_t faults_on(NodeId from, NodeId to) const;

  // On links with faults.
  void send_faulty(LinkFaults& faults, NodeId from, NodeId to, const Passage& passage,
                   Bytes message);
  void pass(LinkFaults& faults, NodeId from, NodeId to, const Passage& passage, Bytes message);
  [[nodiscard]] bool outlives_faults(std::uint32_t record);
  // Flips bits, and notes in corrupted_ whether the message's checksum shows it.
  void corrupt(const LinkFaults& faults, NodeId from, NodeId to, const Passage& passage,
               Bytes& message);
  void launch_faulty(LinkFaults& faults, NodeId from, NodeId to, Bytes message,
                     LinkFaults::Queued place, bool paced);
  [[nodiscard]] Tags& record_touched_by(std::uint32_t record);
  void touch(std::uint32_t record, FaultTag tag);
  [[nodiscard]] Pace pace(NodeId from, NodeId to, const LinkFaults& faults) const;
  void interrupt(LinkFaults& faults, FaultTag tag, DropReason reason);
  void repace(NodeId from, NodeId to, LinkFaults& faults, Pace before);
  [[nodiscard]] LinkFaults& add_faults(NodeId from, NodeId to, FaultTag tag);
  void report(EventKind kind, NodeId from, NodeId to, FaultTag tag);

  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  random::Key key_;
  Settings settings_;
  std::size_t regions_ = 0;
  std::vector<Endpoint> endpoints_;
  std::vector<Standing> standings_;
  std::vector<std::vector<Instant>> stopped_at_;  // by node, then by incarnation - 1
  std::vector<InFlight> records_;
  std::uint32_t free_ = 0;
  PairTable<Counter> counters_;
  PairTable<Queue> queues_;         // of links with a limited bandwidth
  PairTable<Broken> broken_;        // links that ever had a fault
  std::vector<LinkFaults> faults_;  // by Broken::faults; the first is that of all other links: none
  std::uint32_t interruptions_ = 0;
  std::vector<std::uint64_t> effects_;   // by tag
  Tags touched_by_;                      // of the message that is being sent
  bool corrupted_ = false;               // the same
  std::vector<Tags> record_touched_by_;  // by record; stale where it is not `faulty`
  Totals totals_;
};

}  // namespace blackout::network

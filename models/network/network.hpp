// The simulated network of one world: every link between its nodes, and what breaks on them.
//
// A message passes: the sender's link (loss, cut, queue, bandwidth), the delay, and the receiver's
// mailbox. It carries the incarnations of both ends, as a connection would: one whose receiver
// restarted meanwhile is dropped, and so is one that had not left the sender's queue when the
// sender stopped. What was in flight on a link when a cut began is lost, also if the cut was healed
// before its arrival.
//
// Draws are keyed by (sender, its incarnation, receiver) and counted per link, each effect with its
// own number: a fault on one link changes no draw of another, nor the delays of messages that it
// spares.
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
#include "models/network/pair_table.hpp"
#include "models/network/profile.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::network {

// Word c of message_dropped.
enum class DropReason : std::uint8_t {
  loss,
  cut,
  queue_full,
  receiver_down,
  receiver_restarted,  // sent to an earlier incarnation
  mailbox_full,
  sender_stopped,  // still in the sender's queue when it stopped
};
inline constexpr std::size_t drop_reasons = 7;

// What the network needs of the machine that a mailbox belongs to.
class Host {
 public:
  // From a task: gives up the processor until its fiber is resumed.
  virtual void suspend() = 0;

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

 private:
  friend class blackout::network::Network;

  blackout::network::Network* network_ = nullptr;
  Host* host_ = nullptr;
  fiber::FiberId waiting_;  // the task in receive()
  random::Key key_{0};      // of the incarnation
  NodeId self_;
  // The mailbox: a list of in-flight records, 0 at its ends.
  std::uint32_t first_ = 0, last_ = 0, waiting_messages_ = 0;
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

  // Every message from one node to the other is lost, until as many heals with this tag.
  void cut(NodeId from, NodeId to, FaultTag tag);
  void heal(NodeId from, NodeId to, FaultTag tag);

  // Adds to what is already wrong: delay factors multiply, losses are independent, bandwidths
  // multiply.
  void degrade(NodeId from, NodeId to, Degradation degradation, FaultTag tag);
  void restore(NodeId from, NodeId to, FaultTag tag);

  [[nodiscard]] bool is_cut(NodeId from, NodeId to) const;
  // What the faults with this tag did to messages so far.
  [[nodiscard]] Effect effect(FaultTag tag) const;
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
    std::uint32_t from_incarnation, to_incarnation;
    Instant sent_at, leaves_at;  // handed over; out of the sender's queue
    std::uint32_t cuts_begun;    // network-wide, when it was sent
    std::uint32_t next;
  };
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

  void send(Endpoint& sender, NodeId to, Bytes message);
  [[nodiscard]] bool enqueue(NodeId from, NodeId to, const LinkProfile& profile,
                             const LinkFaults& faults, std::size_t bytes, Instant& leaves_at);
  [[nodiscard]] bool lost_to_faults(const LinkFaults& faults, random::Key key, std::uint64_t n,
                                    DropReason& reason);
  [[nodiscard]] std::uint64_t delay_permille(const LinkFaults& faults);
  void launch(NodeId from, NodeId to, Bytes message, Instant leaves_at, Duration delay);
  void arrive(std::uint32_t record, NodeId to);
  [[nodiscard]] bool arrives(const InFlight& flight, DropReason& reason);
  void drop(NodeId from, NodeId to, std::size_t bytes, DropReason reason);
  [[nodiscard]] std::uint32_t take_record();
  void free_record(std::uint32_t record);
  [[nodiscard]] std::uint32_t pair_of(NodeId from, NodeId to) const;
  [[nodiscard]] const LinkFaults& faults_on(NodeId from, NodeId to) const;
  [[nodiscard]] LinkFaults& add_faults(NodeId from, NodeId to, FaultTag tag);
  void report(EventKind kind, NodeId from, NodeId to, FaultTag tag);
  [[nodiscard]] const LinkProfile& profile(NodeId from, NodeId to) const;

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
  std::vector<Effect> effects_;     // by tag
  std::uint32_t cuts_begun_ = 0;
  Totals totals_;
};

}  // namespace blackout::network

#include "models/network/network.hpp"

#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "models/network/physics.hpp"

namespace blackout::network {
namespace {

constexpr std::size_t nodes_max = 65'535;  // so that a pair of them has a number of 32 bits

}  // namespace

void Endpoint::send(NodeId to, Bytes message) { network_->send(*this, to, std::move(message)); }

env::Envelope Endpoint::receive() {
  while (first_ == 0) {
    CHECK(waiting_ == fiber::FiberId(), "two tasks of a node wait for messages");
    waiting_ = network_->kernel_.fibers().current();
    host_->suspend();
  }
  const std::uint32_t record = first_;
  auto& flight = network_->records_[record];
  first_ = flight.next;
  --waiting_messages_;
  waiting_bytes_ -= flight.message.size();
  env::Envelope envelope{flight.from, std::move(flight.message)};
  network_->free_record(record);
  return envelope;
}

Network::Network(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key,
                 Settings settings)
    : kernel_(kernel),
      recorder_(recorder),
      key_(key.child("network")),
      settings_(std::move(settings)),
      endpoints_(settings_.nodes.size()),
      standings_(endpoints_.size()),
      stopped_at_(endpoints_.size()),
      records_(1),
      faults_(1) {
  CHECK(endpoints_.size() <= nodes_max);
  while (regions_ * regions_ < settings_.between_regions.size()) ++regions_;
  CHECK(regions_ * regions_ == settings_.between_regions.size());
  if (settings_.within_zones.empty()) settings_.within_zones.resize(regions_);
  CHECK(settings_.within_zones.size() == regions_);
  CHECK(settings_.mailbox_messages_max > 0);
  for (std::size_t node = 0; node < endpoints_.size(); ++node) {
    Endpoint& endpoint = endpoints_[node];
    endpoint.network_ = this;
    endpoint.self_ = NodeId(static_cast<std::uint32_t>(node));
    standings_[node].place = settings_.nodes[node];
    CHECK(standings_[node].place.region.value() < regions_);
  }
}

Place Network::place(NodeId node) const { return standings_.at(node.value()).place; }
Endpoint& Network::endpoint(NodeId node) { return endpoints_.at(node.value()); }

void Network::up(NodeId node, std::uint32_t incarnation, Host& host) {
  Standing& standing = standings_.at(node.value());
  CHECK(!standing.up && incarnation > standing.incarnation);
  standing.up = true;
  standing.incarnation = incarnation & 0x7FFF'FFFF;
  Endpoint& endpoint = endpoints_[node.value()];
  endpoint.key_ = key_.child(node.value()).child(incarnation);
  endpoint.host_ = &host;
}

void Network::down(NodeId node) {
  Standing& standing = standings_.at(node.value());
  CHECK(standing.up);
  standing.up = false;
  stopped_at_[node.value()].resize(standing.incarnation, kernel_.now());
  Endpoint& endpoint = endpoints_[node.value()];
  endpoint.waiting_ = {};
  endpoint.waiting_messages_ = 0;
  endpoint.waiting_bytes_ = 0;
  while (endpoint.first_ != 0) {
    const std::uint32_t next = records_[endpoint.first_].next;
    free_record(std::exchange(endpoint.first_, next));
  }
}

const LinkProfile& Network::profile(NodeId from, NodeId to) const {
  if (from == to) return settings_.within_node;
  const Place here = standings_[from.value()].place;
  const Place there = standings_[to.value()].place;
  if (here == there) return settings_.within_zones[here.region.value()];
  return settings_.between_regions[here.region.value() * regions_ + there.region.value()];
}

void Network::send(Endpoint& sender, NodeId to, Bytes message) {
  CHECK(message.size() <= env::Network::message_bytes_max);
  const NodeId from = sender.self_;
  if (!standings_[from.value()].up) return;
  if (to.value() >= endpoints_.size()) [[unlikely]] {
    ++totals_.sent;
    return drop(from, no_node, message.size(), DropReason::nobody);
  }
  const std::uint32_t pair = pair_of(from, to);
  counters_.prefetch(pair);
  const std::size_t bytes = message.size();
  ++totals_.sent;
  recorder_.report(EventKind::message_sent, from, no_shard, node_word(to), bytes);

  const std::uint64_t number = counters_.find_or_add(pair).sent++;
  const random::Key key = sender.key_.child(to.value());
  if (const std::uint32_t faults = faults_on(from, to); faults != 0) [[unlikely]] {
    const Passage passage{key, number, kernel_.now(), bytes};
    return send_faulty(faults_[faults], from, to, passage, std::move(message));
  }

  // What is lost has passed the queue as well: losing it changes the delay of no other message.
  const LinkProfile& physics = profile(from, to);
  Instant leaves_at = kernel_.now();
  if (physics.bits_per_second != 0) {
    const Pace pace{physics.bits_per_second, physics.queue_bytes_max};
    if (!enqueue(from, to, pace, bytes, leaves_at)) {
      return drop(from, to, bytes, DropReason::queue_full);
    }
  }
  const std::uint64_t n = number * draws;
  if (physics.loss.ppb != 0 && random::happens(key.draw(n + draw_loss), physics.loss)) {
    return drop(from, to, bytes, DropReason::loss);
  }
  const Duration delay = propagation(physics, key.draw(n + draw_delay));
  if (physics.duplication.ppb != 0 &&
      random::happens(key.draw(n + draw_duplication), physics.duplication)) [[unlikely]] {
    launch(from, to, message, leaves_at, delay);
    note_duplicate(from, to, bytes);
    const Duration other = propagation(physics, key.draw(n + draw_duplicate_delay));
    launch(from, to, std::move(message), leaves_at, other);
    return;
  }
  launch(from, to, std::move(message), leaves_at, delay);
}

bool Network::enqueue(NodeId from, NodeId to, Pace pace, std::size_t bytes, Instant& leaves_at) {
  const std::uint64_t rate = pace.bits_per_second;
  Queue& queue = queues_.find_or_add(pair_of(from, to));
  if (queue.incarnation != standings_[from.value()].incarnation) {
    queue.incarnation = standings_[from.value()].incarnation;
    queue.busy_until = Instant();
  }
  const Instant begin = std::max(kernel_.now(), queue.busy_until);
  if (begin > kernel_.now()) {
    const auto backlog_ns = static_cast<unsigned __int128>((begin - kernel_.now()).ns());
    const auto limit_bits = static_cast<unsigned __int128>(pace.queue_bytes_max) * 8;
    if (backlog_ns * rate > limit_bits * ns_per_second) return false;
  }
  queue.busy_until = begin + transmission(bytes, rate);
  leaves_at = queue.busy_until;
  return true;
}

Network::Launched Network::launch(NodeId from, NodeId to, Bytes message, Instant leaves_at,
                                  Duration delay) {
  const std::uint32_t record = take_record();
  InFlight& flight = records_[record];
  flight.message = std::move(message);
  flight.from = from;
  flight.to = to;
  flight.from_incarnation = standings_[from.value()].incarnation;
  flight.faulty = 0;
  flight.to_incarnation = standings_[to.value()].incarnation;
  flight.corrupted = 0;
  flight.sent_at = kernel_.now();
  flight.leaves_at = leaves_at;
  flight.interruptions = interruptions_;
  return {record, kernel_.at(leaves_at + delay, [this, record, to] { arrive(record, to); })};
}

bool Network::connected(const InFlight& flight, DropReason& reason) const {
  const Standing& receiver = standings_[flight.to.value()];
  if (!receiver.up) {
    reason = DropReason::receiver_down;
    return false;
  }
  if (receiver.incarnation != flight.to_incarnation) {
    reason = DropReason::receiver_restarted;
    return false;
  }
  if (flight.leaves_at > flight.sent_at) {
    const std::vector<Instant>& stopped_at = stopped_at_[flight.from.value()];
    if (stopped_at.size() >= flight.from_incarnation &&
        flight.leaves_at > stopped_at[flight.from_incarnation - 1]) {
      reason = DropReason::sender_stopped;
      return false;
    }
  }
  return true;
}

// `to` comes along so that both cache lines are loaded at once.
void Network::arrive(std::uint32_t record, NodeId to) {
  InFlight& flight = records_[record];
  Endpoint& receiver = endpoints_[to.value()];
  __builtin_prefetch(&flight);
  __builtin_prefetch(&receiver);
  DropReason reason = DropReason::mailbox_full;
  const bool is_connected = connected(flight, reason);
  if (is_connected && (flight.faulty | (flight.interruptions ^ interruptions_)) != 0) [[unlikely]] {
    if (!outlives_faults(record)) return;
  }
  if (!is_connected || receiver.waiting_messages_ >= settings_.mailbox_messages_max) [[unlikely]] {
    drop(flight.from, flight.to, flight.message.size(), reason);
    return free_record(record);
  }
  __builtin_prefetch(receiver.host_);
  ++totals_.delivered;
  const auto delay = static_cast<std::uint64_t>((kernel_.now() - flight.sent_at).ns());
  recorder_.report(EventKind::message_delivered, receiver.self_, no_shard, node_word(flight.from),
                   flight.message.size(), delay);
  flight.next = 0;
  if (receiver.first_ == 0) {
    receiver.first_ = record;
  } else {
    records_[receiver.last_].next = record;
  }
  receiver.last_ = record;
  ++receiver.waiting_messages_;
  receiver.waiting_bytes_ += flight.message.size();
  if (receiver.waiting_ != fiber::FiberId()) {
    kernel_.fibers().resume(std::exchange(receiver.waiting_, {}));
  } else {
    receiver.host_->message_waits();
  }
}

void Network::drop(NodeId from, NodeId to, std::size_t bytes, DropReason reason) {
  ++totals_.dropped[static_cast<std::size_t>(reason)];
  recorder_.report(EventKind::message_dropped, from, no_shard, node_word(to), bytes,
                   static_cast<std::uint64_t>(reason));
}

void Network::note_duplicate(NodeId from, NodeId to, std::size_t bytes) {
  ++totals_.duplicated;
  recorder_.report(EventKind::message_duplicated, from, no_shard, node_word(to), bytes);
}

std::uint32_t Network::take_record() {
  if (free_ != 0) return std::exchange(free_, records_[free_].next);
  records_.emplace_back();
  return static_cast<std::uint32_t>(records_.size() - 1);
}

void Network::free_record(std::uint32_t record) {
  records_[record].message = Bytes();
  records_[record].next = std::exchange(free_, record);
}

std::uint32_t Network::pair_of(NodeId from, NodeId to) const {
  return from.value() * static_cast<std::uint32_t>(endpoints_.size()) + to.value();
}

std::uint32_t Network::faults_on(NodeId from, NodeId to) const {
  if (faults_.size() == 1) return 0;
  const Broken* link = broken_.find(pair_of(from, to));
  return link == nullptr ? 0 : link->faults;
}

}  // namespace blackout::network

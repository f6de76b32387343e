// What breaks on links, and what becomes of messages there.
#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "host/base/crc32c.hpp"
#include "models/network/network.hpp"
#include "models/network/physics.hpp"

namespace blackout::network {
namespace {

constexpr std::uint32_t tags_max = 1'000'000;

// True if there was one.
bool remove_one(Tags& tags, FaultTag tag) {
  const auto found = std::find(tags.begin(), tags.end(), tag);
  if (found == tags.end()) return false;
  tags.erase(found);
  return true;
}

// As an event says it.
std::uint64_t bytes_word(const Degradation& degradation) {
  const std::uint64_t bytes = degradation.message_bytes_max;
  return bytes == Degradation::no_limit ? 0 : bytes;
}

// How long what took `span` takes at another rate; 0 is no limit.
Duration at_rate(Duration span, std::uint64_t old_rate, std::uint64_t new_rate) {
  if (new_rate == 0) return Duration();
  const random::Wide scaled = random::Wide{span.ns()} * old_rate / new_rate;
  return Duration(static_cast<std::int64_t>(std::min<random::Wide>(scaled, delay_max.ns())));
}

}  // namespace

void Network::send_faulty(LinkFaults& faults, NodeId from, NodeId to, const Passage& passage,
                          Bytes message) {
  touched_by_.clear();
  pass(faults, from, to, passage, std::move(message));
  for (const FaultTag tag : touched_by_) ++effects_[tag];
}

// As send() without faults, with the same draws.
void Network::pass(LinkFaults& faults, NodeId from, NodeId to, const Passage& passage,
                   Bytes message) {
  const LinkProfile& physics = profile(from, to);
  const random::Key key = passage.key;
  const std::uint64_t n = passage.number * draws;

  const Pace pace = faults.pace(physics, touched_by_);
  const bool paced = !touched_by_.empty();
  Instant leaves_at = passage.at;
  if (pace.bits_per_second != 0 && !enqueue(from, to, pace, passage.bytes, leaves_at)) {
    faults.add_limits(physics, touched_by_);
    return drop(from, to, passage.bytes, DropReason::queue_full);
  }
  DropReason reason{};
  if (faults.lose(passage, touched_by_, reason)) return drop(from, to, passage.bytes, reason);
  if (physics.loss.ppb != 0 && random::happens(key.draw(n + draw_loss), physics.loss)) {
    return drop(from, to, passage.bytes, DropReason::loss);
  }
  corrupted_ = false;
  if (faults.may_corrupt()) corrupt(faults, from, to, passage, message);
  const Duration own = propagation(physics, key.draw(n + draw_delay));
  const Duration delay = faults.delay(passage, own, touched_by_);
  std::vector<Duration> copies = faults.copies(passage, physics, touched_by_);
  if (physics.duplication.ppb != 0 &&
      random::happens(key.draw(n + draw_duplication), physics.duplication)) {
    const Duration other = propagation(physics, key.draw(n + draw_duplicate_delay));
    copies.push_back(faults.delay(passage, other, touched_by_));
  }

  const Duration sending = paced ? transmission(passage.bytes, pace.bits_per_second) : Duration();
  LinkFaults::Queued place{{}, {}, {}, leaves_at - sending, leaves_at, delay};
  launch_faulty(faults, from, to, message, place, paced);
  for (const Duration of_copy : copies) {
    note_duplicate(from, to, passage.bytes);
    place.begins_at = leaves_at;
    place.delay = of_copy;
    launch_faulty(faults, from, to, message, place, paced);
  }
}

void Network::corrupt(const LinkFaults& faults, NodeId from, NodeId to, const Passage& passage,
                      Bytes& message) {
  const std::uint32_t checksum = crc32c(message);
  const std::size_t bits = faults.corrupt(passage, message, touched_by_);
  if (bits == 0) return;
  recorder_.report(EventKind::message_corrupted, from, no_shard, node_word(to), passage.bytes,
                   bits);
  corrupted_ = crc32c(message) != checksum;
}

void Network::launch_faulty(LinkFaults& faults, NodeId from, NodeId to, Bytes message,
                            LinkFaults::Queued place, bool paced) {
  place.cause = kernel_.cause();
  const Launched launched = launch(from, to, std::move(message), place.leaves_at, place.delay);
  place.record = launched.record;
  place.arrival = launched.arrival;
  if (!touched_by_.empty() || faults.concern_arrivals()) {
    records_[place.record].faulty = 1;
    records_[place.record].corrupted = corrupted_ ? 1 : 0;
    record_touched_by(place.record) = touched_by_;
  }
  if (!paced) return;
  std::deque<LinkFaults::Queued>& queued = faults.queued;
  while (!queued.empty() && queued.front().leaves_at <= kernel_.now()) queued.pop_front();
  queued.push_back(place);
}

Tags& Network::record_touched_by(std::uint32_t record) {
  if (record >= record_touched_by_.size()) record_touched_by_.resize(records_.size());
  return record_touched_by_[record];
}

void Network::touch(std::uint32_t record, FaultTag tag) {
  Tags& tags = record_touched_by(record);
  InFlight& flight = records_[record];
  if (flight.faulty == 0) tags.clear();
  flight.faulty = 1;
  if (std::find(tags.begin(), tags.end(), tag) != tags.end()) return;
  tags.push_back(tag);
  ++effects_[tag];
}

// False if the message was lost or is held: then it is gone from the caller's hands.
bool Network::outlives_faults(std::uint32_t record) {
  const InFlight& flight = records_[record];
  LinkFaults& faults = faults_[faults_on(flight.from, flight.to)];
  bool lost = false;
  DropReason reason{};
  const auto lose_to = [&](FaultTag tag, DropReason why) {
    touch(record, tag);
    if (!lost) reason = why;
    lost = true;
  };
  for (const LinkFaults::Interruption& interruption : faults.interruptions) {
    if (interruption.number > flight.interruptions) lose_to(interruption.tag, interruption.reason);
  }
  for (const LinkFaults::Flap& flap : faults.flaps) {
    if (flap.began_between(flight.sent_at, kernel_.now())) {
      lose_to(flap.tag, DropReason::flapping);
    }
  }
  if (lost) {
    drop(flight.from, flight.to, flight.message.size(), reason);
    free_record(record);
    return false;
  }
  if (!faults.holds.empty()) {
    for (const FaultTag tag : faults.holds) touch(record, tag);
    faults.held.push_back({record, kernel_.cause()});
    return false;
  }
  if (flight.corrupted == 0) return true;
  drop(flight.from, flight.to, flight.message.size(), DropReason::corrupted);
  free_record(record);
  return false;
}

LinkFaults& Network::add_faults(NodeId from, NodeId to, FaultTag tag) {
  CHECK(from.value() < endpoints_.size() && to.value() < endpoints_.size());
  CHECK(tag < tags_max);
  if (tag >= effects_.size()) effects_.resize(tag + 1);
  Broken& link = broken_.find_or_add(pair_of(from, to));
  if (link.faults == 0) {
    link.faults = static_cast<std::uint32_t>(faults_.size());
    faults_.emplace_back();
  }
  return faults_[link.faults];
}

void Network::interrupt(LinkFaults& faults, FaultTag tag, DropReason reason) {
  faults.interruptions.push_back({++interruptions_, tag, reason});
}

void Network::cut(NodeId from, NodeId to, FaultTag tag) {
  LinkFaults& faults = add_faults(from, to, tag);
  faults.cuts.push_back(tag);
  interrupt(faults, tag, DropReason::cut);
  report(EventKind::link_cut, from, to, tag);
}

void Network::heal(NodeId from, NodeId to, FaultTag tag) {
  const bool was_cut = remove_one(add_faults(from, to, tag).cuts, tag);
  CHECK(was_cut, "healed a link that this fault did not cut");
  report(EventKind::link_healed, from, to, tag);
}

void Network::degrade(NodeId from, NodeId to, const Degradation& degradation, FaultTag tag) {
  CHECK(degradation.bandwidth_permille > 0 && degradation.bits_per_second > 0);
  CHECK(degradation.corruption.ppb == 0 || degradation.corruption_bits_max > 0);
  CHECK(degradation.reordering.ppb == 0 || degradation.reordering_delay_max > Duration());
  CHECK(degradation.delay_added >= Duration() && degradation.message_bytes_max > 0);
  LinkFaults& faults = add_faults(from, to, tag);
  const Pace before = pace(from, to, faults);
  LinkFaults::Degraded fault{tag, degradation, {}};
  if (degradation.tail_median != Duration() || degradation.tail_p99 != Duration()) {
    fault.tail.emplace(degradation.tail_median.ns(), degradation.tail_p99.ns());
  }
  faults.degradations.push_back(fault);
  repace(from, to, faults, before);
  recorder_.report(EventKind::link_degraded, from, no_shard, node_word(to), tag,
                   bytes_word(degradation));
}

void Network::restore(NodeId from, NodeId to, FaultTag tag) {
  LinkFaults& faults = add_faults(from, to, tag);
  const Pace before = pace(from, to, faults);
  std::vector<LinkFaults::Degraded>& all = faults.degradations;
  const auto found = std::find_if(all.begin(), all.end(), [tag](const LinkFaults::Degraded& fault) {
    return fault.tag == tag;
  });
  CHECK(found != all.end(), "restored a link that this fault did not degrade");
  const std::uint64_t bytes_max = bytes_word(found->degradation);
  all.erase(found);
  repace(from, to, faults, before);
  recorder_.report(EventKind::link_restored, from, no_shard, node_word(to), tag, bytes_max);
}

Pace Network::pace(NodeId from, NodeId to, const LinkFaults& faults) const {
  Tags slowed;
  return faults.pace(profile(from, to), slowed);
}

void Network::repace(NodeId from, NodeId to, LinkFaults& faults, Pace before) {
  const std::uint64_t old_rate = before.bits_per_second;
  const std::uint64_t new_rate = pace(from, to, faults).bits_per_second;
  const Standing& sender = standings_[from.value()];
  if (new_rate == old_rate || !sender.up) return;
  const Instant now = kernel_.now();
  std::erase_if(faults.queued, [&](const LinkFaults::Queued& place) {
    // A record whose message has left may already be another's.
    return place.leaves_at <= now || records_[place.record].from_incarnation != sender.incarnation;
  });
  if (faults.queued.empty()) return;
  const EventId cause = kernel_.cause();
  Instant free_at = std::max(now, faults.queued.front().begins_at);
  for (LinkFaults::Queued& place : faults.queued) {
    const Duration left = place.leaves_at - std::max(now, place.begins_at);
    place.begins_at = free_at;
    free_at = free_at + at_rate(left, old_rate, new_rate);
    place.leaves_at = free_at;
    records_[place.record].leaves_at = free_at;
    kernel_.cancel(place.arrival);
    kernel_.set_cause(place.cause);
    place.arrival = kernel_.at(free_at + place.delay,
                               [this, record = place.record, to] { arrive(record, to); });
  }
  kernel_.set_cause(cause);
  queues_.find_or_add(pair_of(from, to)).busy_until = free_at;
}

void Network::hold(NodeId from, NodeId to, FaultTag tag) {
  LinkFaults& faults = add_faults(from, to, tag);
  faults.holds.push_back(tag);
  // So that what is in flight looks at the link when it arrives.
  ++interruptions_;
  for (const LinkFaults::Held& held : faults.held) touch(held.record, tag);
  report(EventKind::link_held, from, to, tag);
}

void Network::release(NodeId from, NodeId to, FaultTag tag) {
  LinkFaults& faults = add_faults(from, to, tag);
  const bool was_held = remove_one(faults.holds, tag);
  CHECK(was_held, "released a link that this fault did not hold");
  report(EventKind::link_released, from, to, tag);
  if (!faults.holds.empty()) return;
  const EventId cause = kernel_.cause();
  for (const LinkFaults::Held& held : faults.held) {
    kernel_.set_cause(held.cause);
    kernel_.at(kernel_.now(), [this, record = held.record, to] { arrive(record, to); });
  }
  kernel_.set_cause(cause);
  faults.held.clear();
}

void Network::flap(NodeId from, NodeId to, Flapping rhythm, FaultTag tag) {
  CHECK(Duration() < rhythm.down && rhythm.down < rhythm.period);
  LinkFaults& faults = add_faults(from, to, tag);
  faults.flaps.push_back({tag, rhythm, kernel_.now()});
  interrupt(faults, tag, DropReason::flapping);
  const auto permille = random::Wide{rhythm.down.ns()} * 1000 / rhythm.period.ns();
  recorder_.report(EventKind::link_flapping, from, no_shard, node_word(to), tag,
                   static_cast<std::uint64_t>(permille));
}

void Network::settle(NodeId from, NodeId to, FaultTag tag) {
  std::vector<LinkFaults::Flap>& flaps = add_faults(from, to, tag).flaps;
  const auto found = std::find_if(flaps.begin(), flaps.end(), [tag](const LinkFaults::Flap& flap) {
    return flap.tag == tag && !flap.over();
  });
  CHECK(found != flaps.end(), "settled a link that this fault did not make flap");
  found->until = kernel_.now();
  report(EventKind::link_settled, from, to, tag);
}

void Network::reset(NodeId one, NodeId other, FaultTag tag) {
  interrupt(add_faults(one, other, tag), tag, DropReason::reset);
  interrupt(add_faults(other, one, tag), tag, DropReason::reset);
  report(EventKind::link_reset, one, other, tag);
}

void Network::report(EventKind kind, NodeId from, NodeId to, FaultTag tag) {
  recorder_.report(kind, from, no_shard, node_word(to), tag);
}

bool Network::is_cut(NodeId from, NodeId to) const {
  const LinkFaults& faults = faults_[faults_on(from, to)];
  return !faults.cuts.empty() ||
         std::any_of(faults.flaps.begin(), faults.flaps.end(),
                     [this](const LinkFaults::Flap& flap) { return flap.down_at(kernel_.now()); });
}

std::uint64_t Network::effect(FaultTag tag) const {
  return tag < effects_.size() ? effects_[tag] : 0;
}

}  // namespace blackout::network

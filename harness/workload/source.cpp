#include "harness/workload/source.hpp"

#include <algorithm>
#include <utility>

namespace blackout::workload {
namespace {

constexpr std::int64_t amount_max = 1'000;

}  // namespace

Source::Source(const scenario::Plan& plan, kernel::Kernel& kernel, Conduct& conduct,
               Settings settings, std::function<void(Arrival)> arrive)
    : plan_(plan),
      kernel_(kernel),
      conduct_(conduct),
      settings_(settings),
      arrive_(std::move(arrive)),
      versions_(clients().key_count) {
  if (clients().pick == scenario::KeyPick::zipf) zipf_.emplace(clients().key_count);
}

void Source::start() {
  next_ = kernel_.now();
  arm();
}

void Source::seen(std::uint32_t key_rank, std::uint64_t version) {
  std::vector<std::uint64_t>& known =
      settings_.informant ? settings_.informant->versions_ : versions_;
  known[key_rank] = std::max(known[key_rank], version);
}

std::int64_t Source::mean_gap_ns() const {
  const auto rate = static_cast<std::int64_t>(clients().rate_per_s);
  if (!settings_.surge) return 1'000'000'000 / rate;
  return 1'000'000'000'000 / (rate * (settings_.surge->fault->factor_permille - 1'000));
}

void Source::arm() {
  const Instant end = plan_.facts.timeline.end();
  const random::Key gap_key = settings_.key.child("gap");
  next_ = next_ + (probing()
                       ? probe_gap
                       : Duration(1 + random::exponential(gap_key.draw(ordinal_), mean_gap_ns())));
  if (next_ >= end) return;
  kernel_.at(next_, [this] { arrive(); });
}

void Source::arrive() {
  if (stopped_) return;
  kernel_.set_cause(EventId());
  Arrival arrival = draw(settings_.key.child(ordinal_));
  ++ordinal_;
  // A surge of some of a group's clients is drawn for all of them, and thinned.
  const auto& surge = settings_.surge;
  if (!surge || reaches(*surge->fault, settings_.group, arrival.operation.region)) {
    arrive_(std::move(arrival));
  }
  arm();
}

Arrival Source::draw(random::Key key) {
  const scenario::ClientGroupPlan& group = clients();
  random::Stream stream(key);
  Arrival arrival;
  arrival.source = this;
  record::Operation& operation = arrival.operation;
  operation.group = settings_.group;
  operation.shard = group.shard;
  operation.probe = probing();
  const auto client = static_cast<std::uint32_t>(random::below(stream.next(), group.clients));
  operation.client = settings_.first_client + client;
  operation.region = probing() ? *settings_.probed : group.from[client % group.from.size()];
  operation.kind = kind(stream.next());
  const std::uint32_t key_rank = conduct_.rank_of(operation, rank(stream.next()), key);
  arrival.key_rank = key_rank;
  operation.key = group.key_prefix + std::to_string(key_rank);
  operation.amount = 1 + static_cast<std::int64_t>(random::below(stream.next(), amount_max));
  if (operation.kind == record::OperationKind::transfer) {
    const std::uint64_t step = 1 + random::below(stream.next(), group.key_count - 1);
    operation.other_key = group.key_prefix + std::to_string((key_rank + step) % group.key_count);
  }
  if (operation.kind == record::OperationKind::cas) {
    const Source& informant = settings_.informant ? *settings_.informant : *this;
    operation.expected_version = informant.versions_[key_rank];
  }
  if (operation.kind == record::OperationKind::status) {
    const std::vector<std::string>& statuses = plan_.groups[group.shard.value()].statuses;
    const std::uint64_t at = random::below(stream.next(), statuses.size());
    operation.amount = static_cast<std::int64_t>(at) + 1;
    operation.value = statuses[at];
  }
  if (operation.kind == record::OperationKind::profile) operation.amount = 0;
  return arrival;
}

record::OperationKind Source::kind(std::uint64_t bits) const {
  const scenario::ClientGroupPlan& group = clients();
  std::uint64_t share = random::below(bits, 1'000'000);
  if (share < group.put_ppm) return record::OperationKind::put;
  share -= group.put_ppm;
  if (share < group.get_ppm) return record::OperationKind::get;
  share -= group.get_ppm;
  if (share < group.cas_ppm) return record::OperationKind::cas;
  share -= group.cas_ppm;
  if (share < group.status_ppm) return record::OperationKind::status;
  share -= group.status_ppm;
  if (share < group.profile_ppm) return record::OperationKind::profile;
  return record::OperationKind::transfer;
}

std::uint32_t Source::rank(std::uint64_t bits) const {
  const scenario::ClientGroupPlan& group = clients();
  switch (group.pick) {
    case scenario::KeyPick::zipf:
      return (*zipf_)(bits);
    case scenario::KeyPick::sequential:
      return static_cast<std::uint32_t>(ordinal_ % group.key_count);
    case scenario::KeyPick::uniform:
      break;
  }
  return static_cast<std::uint32_t>(random::below(bits, group.key_count));
}

}  // namespace blackout::workload

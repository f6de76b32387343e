#include "harness/workload/conduct.hpp"

#include <algorithm>

#include "models/fault/catalogue.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::workload {

using fault::Fault;
using fault::Kind;
using record::Operation;

bool reaches(const Fault& fault, std::uint32_t group, RegionId region) {
  return std::binary_search(fault.clients.begin(), fault.clients.end(),
                            fault::Clients{group, region});
}

random::Key key_of(const scenario::Plan& plan, const Fault& fault, std::uint32_t group) {
  return random::Key(plan.facts.seed)
      .child("load")
      .child(row_of(fault.kind).name)
      .child(static_cast<std::uint64_t>(fault.at.ns()))
      .child(group);
}

void Conduct::end(FaultTag tag) {
  std::erase_if(active_, [tag](const Active& one) { return one.tag == tag; });
}

const Conduct::Active* Conduct::find(Kind kind, const Operation& operation) const {
  if (operation.probe) return nullptr;
  const auto last = std::find_if(active_.rbegin(), active_.rend(), [&](const Active& one) {
    return one.fault->kind == kind && reaches(*one.fault, operation.group, operation.region);
  });
  return last == active_.rend() ? nullptr : &*last;
}

std::uint32_t Conduct::rank_of(const Operation& operation, std::uint32_t rank, random::Key key) {
  const Active* hot = find(Kind::hot_key, operation);
  if (hot == nullptr) return rank;
  const random::Key own = key_of(plan_, *hot->fault, operation.group);
  if (!random::happens(key.child(own.value()).draw(0), hot->fault->share)) return rank;
  const auto wanted = static_cast<std::uint32_t>(
      random::below(own.draw(0), plan_.clients[operation.group].key_count));
  if (wanted != rank) count(hot->tag);
  return wanted;
}

std::optional<FaultTag> Conduct::herd_of(const Operation& operation) const {
  const Active* herd = find(Kind::thundering_herd, operation);
  return herd == nullptr ? std::nullopt : std::optional(herd->tag);
}

std::optional<Conduct::Hurry> Conduct::hurry_of(const Operation& operation) const {
  const Active* storm = find(Kind::retry_storm, operation);
  if (storm == nullptr) return std::nullopt;
  return Hurry{storm->tag, {storm->fault->attempt, storm->fault->retries}};
}

Duration Conduct::reply_time(RegionId region) {
  Duration sum;
  each_at(region, Kind::slow_client, [&](const Active& one) {
    sum = sum + one.fault->per_reply;
    count(one.tag);
  });
  return sum;
}

bool Conduct::routes_kept(RegionId region) {
  bool kept = false;
  each_at(region, Kind::routes_stale, [&](const Active& one) {
    kept = true;
    count(one.tag);
  });
  return kept;
}

// Those of the kind that have the client host of this region.
template <class Visit>
void Conduct::each_at(RegionId region, Kind kind, const Visit& visit) {
  for (const Active& one : active_) {
    if (one.fault->kind != kind) continue;
    const std::vector<NodeId>& hosts = one.fault->nodes;
    const bool here = std::any_of(hosts.begin(), hosts.end(), [&](NodeId host) {
      return plan_.facts.nodes[host.value()].region == region;
    });
    if (here) visit(one);
  }
}

std::uint64_t Conduct::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return found == effects_.end() ? 0 : found->second;
}

}  // namespace blackout::workload

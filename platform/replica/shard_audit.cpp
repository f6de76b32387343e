// A shard's part in audits: checksums compared, and a wrong state replaced.
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "platform/replica/shard.hpp"

namespace blackout::replica {
namespace {

constexpr std::array<std::uint8_t, 1> audit_mark{1};
constexpr std::size_t reported_max = audit::Audit::points_max;
constexpr Duration patience = milliseconds(500);
// What nobody asked for so long is not kept.
constexpr Duration offer_kept = seconds(5);

}  // namespace

std::uint64_t Shard::audit_ticks() const {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, config_.audit_every.ns() / tick_.ns()));
}

void Shard::tick() {
#ifdef BLACKOUT_PLANTED_BUGS
  ++ticks_;
#endif
  promise_.tick();
  keep_promise();
  raft_.tick();
  for (auto each = offers_.begin(); each != offers_.end();) {
    const auto idle_ticks = static_cast<std::int64_t>(each->second.tick());
    each = tick_ * idle_ticks > offer_kept ? offers_.erase(each) : std::next(each);
  }
  ++since_audit_ticks_;
  if (in_quarantine()) {
    if (raft_.role() == Role::leader) hand_over();
    return ask_for_state();
  }
  machine_->scrub(audit_ticks());
  if (raft_.role() != Role::leader || since_audit_ticks_ < audit_ticks()) return;
  if (raft_.propose({{.payload = raft::Payload(audit_mark), .kind = raft::EntryKind::no_op}})) {
    since_audit_ticks_ = 0;
  }
}

void Shard::tell(NodeId to, AuditKind kind, AuditMessage message) {
  message.kind = kind;
  message.shard = config_.shard;
  environment_.network.send(to, encode(message));
}

// An audit point was applied.
void Shard::report_checksums() {
  since_audit_ticks_ = 0;
  if (in_quarantine()) return;
  audit::Checksums checksums = machine_->checksums();
  reported_.push_back({applied_, checksums.root});
  if (reported_.size() > reported_max) reported_.pop_front();
  const NodeId leader = raft_.leader();
  if (leader == environment_.self) return compare(leader, applied_, std::move(checksums));
  if (leader == no_node) return;
  AuditMessage report;
  report.index = applied_;
  report.checksums = std::move(checksums);
  tell(leader, AuditKind::report, std::move(report));
}

void Shard::compare(NodeId replica, raft::Index index, audit::Checksums checksums) {
  if (raft_.role() != Role::leader || in_quarantine()) return;
  for (const audit::Divergence& each : audit_.report(index.value(), replica, std::move(checksums),
                                                     raft_.configuration().voters())) {
    environment_.trace.report(EventKind::divergence_found, config_.shard, node_word(each.replica),
                              each.index, each.ranges);
    AuditMessage verdict;
    verdict.index = index;
    verdict.checksums.root = each.root;
    if (each.replica == environment_.self) {
      on_verdict(verdict);
    } else {
      tell(each.replica, AuditKind::verdict, verdict);
    }
  }
}

void Shard::on_audit(NodeId from, AuditMessage message) {
  switch (message.kind) {
    case AuditKind::report:
      return compare(from, message.index, std::move(message.checksums));
    case AuditKind::verdict:
      return on_verdict(message);
    case AuditKind::request:
      return give_state(from, message);
    case AuditKind::part:
      if (!in_quarantine()) return;
      if (auto next = repair_->on_part(from, message)) {
        tell(next->to, AuditKind::request, std::move(next->message));
      }
      return repair();
  }
}

// One that speaks of a state that this replica has no more comes too late.
void Shard::on_verdict(const AuditMessage& verdict) {
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.audit_trusts_itself) return;
#endif
  const bool mine = std::any_of(reported_.begin(), reported_.end(), [&](const Reported& one) {
    return one.index == verdict.index && one.root != verdict.checksums.root;
  });
  if (mine && !in_quarantine()) quarantine(verdict.index);
}

void Shard::quarantine(raft::Index index) {
  environment_.trace.report(EventKind::replica_quarantined, config_.shard, index.value());
  raft_.withdraw_snapshot();
  repair_.emplace(applied_, static_cast<std::uint64_t>(patience.ns() / tick_.ns()));
  reported_.clear();
  offers_.clear();
  raft_.stand_aside(true);
  lost_leadership();
}

void Shard::give_state(NodeId to, const AuditMessage& request) {
  if (in_quarantine()) return;
  auto offer = offers_.find(to);
  const bool same = offer != offers_.end() && offer->second.index() == request.index;
  if (!same) offer = offers_.insert_or_assign(to, Offer(applied_, encoded_state())).first;
  if (auto part = offer->second.part(same ? request.offset : 0)) {
    tell(to, AuditKind::part, std::move(*part));
  }
}

void Shard::ask_for_state() {
  std::vector<NodeId> others;
  const NodeId leader = raft_.leader();
  if (leader != no_node && leader != environment_.self) others.push_back(leader);
  for (const NodeId voter : raft_.configuration().voters()) {
    if (voter != environment_.self && voter != leader) others.push_back(voter);
  }
  if (others.empty()) return;
  if (auto ask = repair_->tick(others)) {
    tell(ask->to, AuditKind::request, std::move(ask->message));
  }
}

// Where the state is ahead of what is committed here, it waits.
void Shard::repair() {
  if (!repair_->complete() || repair_->index() > applied_) return;
  auto machine = config_.machine();
  if (repair_->index() < repair_->held_after() || !machine->decode(repair_->state())) {
    return repair_->refuse();
  }
  machine_ = std::move(machine);
  for (const raft::Entry& entry : repair_->held()) {
    if (entry.index > repair_->index() && entry.kind == raft::EntryKind::command) {
      machine_->apply(raft::view_of(entry.payload), nullptr);
    }
  }
  repaired(repair_->from());
}

void Shard::repaired(NodeId from) {
  repair_.reset();
  repaired_ = true;
  raft_.stand_aside(false);
  environment_.trace.report(EventKind::replica_repaired, config_.shard, applied_.value(),
                            node_word(from), machine_->checksum());
}

#ifdef BLACKOUT_PLANTED_BUGS
std::optional<raft::Index> Shard::spoil(ledger::Spoilt what, std::uint64_t draw) {
  if (!machine_->spoil(what, draw)) return std::nullopt;
  return applied_;
}
#endif

}  // namespace blackout::replica

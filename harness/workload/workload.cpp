#include "harness/workload/workload.hpp"

#include <optional>
#include <utility>

#include "sim/random/distributions.hpp"

namespace blackout::workload {
namespace {

// Probes sample availability between a sparse workload's arrivals (objectives.md, "RTO").
constexpr Duration probe_gap = milliseconds(100);
constexpr std::int64_t amount_max = 1'000;

// One in sixteen more than are to be expected.
std::size_t arrivals_about(const scenario::Plan& plan) {
  const std::int64_t ms = (plan.facts.timeline.end() - Instant(0)).ns() / 1'000'000;
  std::int64_t arrivals = 0;
  for (const scenario::ClientGroupPlan& group : plan.clients) {
    arrivals += static_cast<std::int64_t>(group.rate_per_s) * ms / 1000;
  }
  if (plan.facts.objectives.rto) {
    const auto& probed = plan.clients[plan.facts.objectives.rto->group];
    arrivals += static_cast<std::int64_t>(probed.from.size()) * ms * 1'000'000 / probe_gap.ns();
  }
  return static_cast<std::size_t>(arrivals + arrivals / 16);
}

}  // namespace

class Workload::Source {
 public:
  Source(Workload& owner, std::uint32_t group, std::uint32_t first_client,
         std::optional<RegionId> probed)
      : owner_(owner),
        group_(group),
        first_client_(first_client),
        probed_(probed),
        key_(random::Key(owner.plan_.facts.seed)
                 .child(probed ? "probe" : "workload")
                 .child(group)
                 .child(probed ? probed->value() : 0)),
        versions_(plan().key_count) {
    if (plan().pick == scenario::KeyPick::zipf) zipf_.emplace(plan().key_count);
  }

  void start() {
    next_ = owner_.kernel_.now();
    arm();
  }
  void seen(std::uint32_t key_rank, std::uint64_t version) {
    versions_[key_rank] = std::max(versions_[key_rank], version);
  }

 private:
  [[nodiscard]] const scenario::ClientGroupPlan& plan() const {
    return owner_.plan_.clients[group_];
  }

  void arm() {
    const Instant end = owner_.plan_.facts.timeline.end();
    const random::Key gap_key = key_.child("gap");
    next_ =
        next_ +
        (probed_ ? probe_gap
                 : Duration(1 + random::exponential(
                                    gap_key.draw(ordinal_),
                                    1'000'000'000 / static_cast<std::int64_t>(plan().rate_per_s))));
    if (next_ >= end) return;
    owner_.kernel_.at(next_, [this] { arrive(); });
  }

  void arrive() {
    owner_.kernel_.set_cause(EventId());
    std::uint32_t key_rank = 0;
    record::Operation operation = draw(key_.child(ordinal_), key_rank);
    ++ordinal_;
    owner_.submit(std::move(operation), *this, key_rank);
    arm();
  }

  record::Operation draw(random::Key key, std::uint32_t& key_rank) const {
    const scenario::ClientGroupPlan& group = plan();
    random::Stream stream(key);
    record::Operation operation;
    operation.group = group_;
    operation.shard = group.shard;
    operation.probe = probed_.has_value();
    const auto client = static_cast<std::uint32_t>(random::below(stream.next(), group.clients));
    operation.client = first_client_ + client;
    operation.region = probed_ ? *probed_ : group.from[client % group.from.size()];
    operation.kind = kind(stream.next());
    key_rank = rank(stream.next());
    operation.key = group.key_prefix + std::to_string(key_rank);
    operation.amount = 1 + static_cast<std::int64_t>(random::below(stream.next(), amount_max));
    if (operation.kind == record::OperationKind::transfer) {
      const std::uint64_t step = 1 + random::below(stream.next(), group.key_count - 1);
      operation.other_key = group.key_prefix + std::to_string((key_rank + step) % group.key_count);
    }
    if (operation.kind == record::OperationKind::cas) {
      operation.expected_version = versions_[key_rank];
    }
    return operation;
  }

  [[nodiscard]] record::OperationKind kind(std::uint64_t bits) const {
    const scenario::ClientGroupPlan& group = plan();
    std::uint64_t share = random::below(bits, 1'000'000);
    if (share < group.put_ppm) return record::OperationKind::put;
    share -= group.put_ppm;
    if (share < group.get_ppm) return record::OperationKind::get;
    share -= group.get_ppm;
    if (share < group.cas_ppm) return record::OperationKind::cas;
    return record::OperationKind::transfer;
  }

  [[nodiscard]] std::uint32_t rank(std::uint64_t bits) const {
    const scenario::ClientGroupPlan& group = plan();
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

  Workload& owner_;
  std::uint32_t group_;
  std::uint32_t first_client_;
  std::optional<RegionId> probed_;
  random::Key key_;
  std::optional<random::Zipf> zipf_;
  std::vector<std::uint64_t> versions_;  // by key: the newest version that an answer showed
  Instant next_;
  std::uint64_t ordinal_ = 0;
};

Workload::Workload(const scenario::Plan& plan, kernel::Kernel& kernel, std::vector<Host>& hosts)
    : plan_(plan), kernel_(kernel), hosts_(hosts) {
  std::uint32_t first_client = 0;
  for (std::uint32_t group = 0; group < plan.clients.size(); ++group) {
    sources_.push_back(std::make_unique<Source>(*this, group, first_client, std::nullopt));
    if (plan.facts.objectives.rto && plan.facts.objectives.rto->group == group) {
      for (const RegionId region : plan.clients[group].from) {
        sources_.push_back(std::make_unique<Source>(*this, group, first_client, region));
      }
    }
    first_client += plan.clients[group].clients;
  }
  history_.operations.reserve(arrivals_about(plan));
}

Workload::~Workload() = default;

void Workload::start() {
  for (const auto& source : sources_) source->start();
}

void Workload::submit(record::Operation operation, Source& source, std::uint32_t key_rank) {
  Host& host = hosts_[operation.region.value()];
  if (host.session == nullptr) return;
  const std::size_t index = history_.operations.size();
  operation.id = OperationId(index + 1);
  operation.invoked = kernel_.now();
  operation.deadline = kernel_.now() + plan_.clients[operation.group].timeout;
  history_.operations.push_back(std::move(operation));
  host.spawn("client-operation", [this, index, key_rank, &host, &source] {
    const record::Operation& before = history_.operations[index];
    env::Environment& environment = *host.environment;
    environment.trace.report(EventKind::operation_invoked, before.shard, before.id.value(),
                             before.client, static_cast<std::uint64_t>(before.kind));
    record::Operation performed = before;  // the vector may move while this task waits
    host.session->perform(performed,
                          environment.clock.monotonic() + plan_.clients[performed.group].timeout);
    performed.completed = kernel_.now();
    environment.trace.report(
        EventKind::operation_completed, performed.shard, performed.id.value(),
        static_cast<std::uint64_t>(performed.outcome),
        static_cast<std::uint64_t>((performed.completed - performed.invoked).ns()));
    if (performed.outcome == record::Outcome::ok) source.seen(key_rank, performed.version);
    history_.operations[index] = std::move(performed);
  });
}

void Workload::start_audit(Duration limit) {
  std::vector<bool> has_clients(hosts_.size());
  for (const scenario::ClientGroupPlan& group : plan_.clients) {
    for (const RegionId region : group.from) has_clients[region.value()] = true;
  }
  for (std::uint16_t region = 0; region < hosts_.size(); ++region) {
    if (!has_clients[region] || hosts_[region].session == nullptr) continue;
    for (std::uint32_t shard = 0; shard < plan_.groups.size(); ++shard) {
      const std::size_t index = history_.audits.size();
      history_.audits.push_back({RegionId(region), ShardId(shard), false, {}});
      ++audits_open_;
      hosts_[region].spawn("audit", [this, index, limit, &host = hosts_[region]] {
        const Instant deadline = host.environment->clock.monotonic() + limit;
        auto accounts = host.session->audit(history_.audits[index].shard, deadline);
        history_.audits[index].complete = accounts.has_value();
        if (accounts) history_.audits[index].accounts = std::move(*accounts);
        --audits_open_;
      });
    }
  }
}

}  // namespace blackout::workload

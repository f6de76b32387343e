#include "harness/workload/workload.hpp"

#include <algorithm>
#include <utility>

namespace blackout::workload {

namespace {

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

// What the journal has of a profile before it is first sent: its stamp, and a value that nobody
// else writes, in the order of the ids.
void write_out(record::Operation& operation, system::Session& session) {
  if (operation.kind != record::OperationKind::profile || operation.stamp != 0) return;
  operation.stamp = session.stamp();
  const std::string number = std::to_string(operation.id.value());
  operation.value = std::string(20 - number.size(), '0') + number;
}

}  // namespace

// An operation's line in its clients' journal, for as long as a task performs it.
class Workload::UnderWay {
 public:
  UnderWay(Journal& journal, std::size_t index, const Entry& entry)
      : journal_(journal), line_(journal.emplace(index, entry).first) {}
  ~UnderWay() { journal_.erase(line_); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  Journal& journal_;
  Journal::iterator line_;
};

Workload::Workload(const scenario::Plan& plan, kernel::Kernel& kernel, std::vector<Host>& hosts)
    : plan_(plan),
      kernel_(kernel),
      hosts_(hosts),
      conduct_(plan),
      journals_(hosts.size()),
      interrupted_(hosts.size()) {
  const random::Key seed(plan.facts.seed);
  std::uint32_t first_client = 0;
  for (std::uint32_t group = 0; group < plan.clients.size(); ++group) {
    first_clients_.push_back(first_client);
    add_source({.group = group,
                .first_client = first_client,
                .key = seed.child("workload").child(group).child(0)});
    if (plan.facts.objectives.rto && plan.facts.objectives.rto->group == group) {
      for (const RegionId region : plan.clients[group].from) {
        add_source({.group = group,
                    .first_client = first_client,
                    .key = seed.child("probe").child(group).child(region.value()),
                    .probed = region});
      }
    }
    first_client += plan.clients[group].clients;
  }
  history_.operations.reserve(arrivals_about(plan));
}

Workload::~Workload() = default;

void Workload::add_source(Source::Settings settings) {
  sources_.push_back(std::make_unique<Source>(
      plan_, kernel_, conduct_, settings, [this](Arrival arrival) { arrive(std::move(arrival)); }));
}

void Workload::start() {
  for (const auto& source : sources_) source->start();
}

void Workload::begin(const fault::Fault& fault, FaultTag tag) {
  conduct_.begin(fault, tag);
  if (fault.kind != fault::Kind::load_surge || fault.factor_permille <= 1'000) return;
  for (std::uint32_t group = 0; group < plan_.clients.size(); ++group) {
    const auto& from = plan_.clients[group].from;
    if (std::none_of(from.begin(), from.end(),
                     [&](RegionId region) { return reaches(fault, group, region); })) {
      continue;
    }
    const auto usual = std::find_if(sources_.begin(), sources_.end(), [group](const auto& source) {
      return source->group() == group && !source->probing() && !source->surge();
    });
    add_source({.group = group,
                .first_client = first_clients_[group],
                .key = key_of(plan_, fault, group),
                .surge = Surge{&fault, tag},
                .informant = usual->get()});
    sources_.back()->start();
  }
}

void Workload::end(FaultTag tag) {
  conduct_.end(tag);
  for (const auto& source : sources_) {
    if (source->surge() && source->surge()->tag == tag) source->stop();
  }
  const auto herd = herds_.extract(tag);
  if (herd.empty()) return;
  for (Arrival& arrival : herd.mapped()) {
    if (!conduct_.herd_of(arrival.operation)) conduct_.count(tag);
    arrive(std::move(arrival));
  }
}

void Workload::arrive(Arrival arrival) {
  if (const auto herd = conduct_.herd_of(arrival.operation)) {
    herds_[*herd].push_back(std::move(arrival));
  } else {
    submit(std::move(arrival));
  }
}

void Workload::submit(Arrival arrival) {
  record::Operation& operation = arrival.operation;
  if (hosts_[operation.region.value()].session == nullptr) return;
  if (const auto& surge = arrival.source->surge()) conduct_.count(surge->tag);
  const std::size_t index = history_.operations.size();
  operation.id = OperationId(index + 1);
  operation.invoked = kernel_.now();
  operation.deadline = kernel_.now() + plan_.clients[operation.group].timeout;
  history_.operations.push_back(std::move(operation));
  perform(index, {arrival.source, arrival.key_rank});
}

void Workload::perform(std::size_t index, Entry entry) {
  const RegionId region = history_.operations[index].region;
  Host& host = hosts_[region.value()];
  host.spawn("client-operation", [this, index, entry, region, &host] {
    const UnderWay line(journals_[region.value()], index, entry);
    write_out(history_.operations[index], *host.session);
    record::Operation performed = history_.operations[index];  // the vector may move while we wait
    env::Environment& environment = *host.environment;
    Duration patience = plan_.clients[performed.group].timeout;
    if (performed.attempts > 0) {
      patience = performed.deadline - kernel_.now();
    } else {
      environment.trace.report(EventKind::operation_invoked, performed.shard, performed.id.value(),
                               performed.client, static_cast<std::uint64_t>(performed.kind));
    }
    const std::uint32_t attempts_before = performed.attempts;
    const auto hurry = conduct_.hurry_of(performed);
    host.session->perform(performed, environment.clock.monotonic() + patience,
                          hurry ? hurry->haste : system::Haste());
    if (const std::uint32_t attempts = performed.attempts - attempts_before;
        hurry && attempts > 1) {
      conduct_.count(hurry->tag, std::min(attempts - 1, hurry->haste.retries));
    }
    performed.completed = kernel_.now();
    environment.trace.report(
        EventKind::operation_completed, performed.shard, performed.id.value(),
        static_cast<std::uint64_t>(performed.outcome),
        static_cast<std::uint64_t>((performed.completed - performed.invoked).ns()));
    if (performed.outcome == record::Outcome::ok && !record::writes_record(performed.kind)) {
      entry.source->seen(entry.key_rank, performed.version);
    }
    history_.operations[index] = std::move(performed);
  });
}

void Workload::interrupt(NodeId host, FaultTag tag) {
  const RegionId region = plan_.facts.nodes[host.value()].region;
  const Journal& open = journals_[region.value()];
  for (const auto& [index, entry] : open) {
    // What it sent, if anything, was not counted: one attempt says that there may have been some.
    record::Operation& operation = history_.operations[index];
    operation.attempts = std::max(operation.attempts, 1U);
    conduct_.count(tag);
  }
  interrupted_[region.value()].insert(open.begin(), open.end());
}

void Workload::opened(RegionId region) {
  const Journal resumed = std::exchange(interrupted_[region.value()], {});
  for (const auto& [index, entry] : resumed) {
    if (history_.operations[index].deadline > kernel_.now()) perform(index, entry);
  }
}

void Workload::start_audit(Duration limit) {
  std::vector<bool> has_clients(hosts_.size());
  for (const scenario::ClientGroupPlan& group : plan_.clients) {
    for (const RegionId region : group.from) has_clients[region.value()] = true;
  }
  for (std::uint16_t region = 0; region < hosts_.size(); ++region) {
    if (!has_clients[region] || hosts_[region].session == nullptr) continue;
    for (std::uint32_t shard = 0; shard < plan_.groups.size(); ++shard) {
      if (ShardId(shard) == record::routes_shard(plan_.facts)) continue;
      const std::size_t index = history_.audits.size();
      history_.audits.push_back({RegionId(region), ShardId(shard), false, {}});
      ++audits_open_;
      hosts_[region].spawn("audit", [this, index, limit, shard, &host = hosts_[region]] {
        const Instant deadline = host.environment->clock.monotonic() + limit;
        auto accounts = host.session->audit(history_.audits[index].shard, deadline);
        history_.audits[index].complete = accounts.has_value();
        if (accounts) history_.audits[index].accounts = std::move(*accounts);
        if (plan_.groups[shard].records) {
          auto records = host.session->audit_records(ShardId(shard), deadline);
          history_.audits[index].complete &= records.has_value();
          if (records) history_.audits[index].records = std::move(*records);
        }
        --audits_open_;
      });
    }
  }
}

}  // namespace blackout::workload

#include "harness/system/platform/platform.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/system/distance.hpp"
#include "platform/client/client.hpp"
#include "platform/director/routing_machine.hpp"
#include "platform/gateway/server.hpp"

namespace blackout::system::platform {
namespace {

// Ticks per heartbeat: the granularity of elections is a quarter of it.
constexpr std::int64_t ticks_per_heartbeat = 4;
constexpr std::uint32_t audit_page = 256;
// Types of records, by their place in the rules.
constexpr std::uint8_t verification_type = 0, profile_type = 1;

std::vector<NodeId> servers(const scenario::Plan& plan) {
  std::vector<NodeId> nodes;
  for (std::uint32_t i = 0; i < plan.facts.nodes.size(); ++i) {
    if (!plan.facts.nodes[i].client_host) nodes.emplace_back(i);
  }
  return nodes;
}

#ifdef BLACKOUT_PLANTED_BUGS
struct Bug {
  std::string_view name;
  bool& (*in)(replica::PlantedBugs&);
};

constexpr auto bugs = std::to_array<Bug>({
    {"answer_before_disk", [](auto& all) -> bool& { return all.raft.answer_before_disk; }},
    {"audit_trusts_itself", [](auto& all) -> bool& { return all.audit_trusts_itself; }},
    {"commit_unmatched", [](auto& all) -> bool& { return all.raft.commit_unmatched; }},
    {"count_before_disk", [](auto& all) -> bool& { return all.raft.count_before_disk; }},
    {"count_pre_votes", [](auto& all) -> bool& { return all.raft.count_pre_votes; }},
    {"crash", [](auto& all) -> bool& { return all.crash; }},
    {"forget_operations", [](auto& all) -> bool& { return all.forget_operations; }},
    {"forget_vote", [](auto& all) -> bool& { return all.raft.forget_vote; }},
    {"hoard", [](auto& all) -> bool& { return all.hoard; }},
    {"lag_tops_out", [](auto& all) -> bool& { return all.lag_tops_out; }},
    {"lease_outlives_pause", [](auto& all) -> bool& { return all.lease_outlives_pause; }},
    {"never_shed", [](auto& all) -> bool& { return all.never_shed; }},
    {"read_at_once", [](auto& all) -> bool& { return all.raft.read_at_once; }},
    {"refuse_undecided", [](auto& all) -> bool& { return all.refuse_undecided; }},
    {"spin", [](auto& all) -> bool& { return all.spin; }},
    {"vote_for_stale_log", [](auto& all) -> bool& { return all.raft.vote_for_stale_log; }},
    {"yield_own_vote", [](auto& all) -> bool& { return all.raft.yield_own_vote; }},
});

bool is_planted(const scenario::Plan& plan, std::string_view bug) {
  return std::find(plan.planted.begin(), plan.planted.end(), bug) != plan.planted.end();
}

replica::PlantedBugs planted_in(const scenario::Plan& plan) {
  replica::PlantedBugs planted;
  for (const Bug& bug : bugs) bug.in(planted) = is_planted(plan, bug.name);
  return planted;
}
#endif

Duration tick_of(const scenario::Plan& plan) {
  Duration tick = Duration::max();
  for (const scenario::GroupPlan& group : plan.groups) {
    tick = std::min(tick, group.heartbeat / ticks_per_heartbeat);
  }
  return std::max(tick, nanoseconds(1));
}

// How the group's business resolves concurrent writes to one record.
ledger::Rules rules_of(const scenario::Plan& plan, const scenario::GroupPlan& group) {
  ledger::Rules rules;
  if (!group.records) return rules;
  rules.types.resize(2);
  rules.types[verification_type] = {"verification", ledger::Rule::lattice, group.statuses};
  rules.types[profile_type] = {"profile", ledger::Rule::newest};
#ifdef BLACKOUT_PLANTED_BUGS
  rules.last_arrival_wins = is_planted(plan, "last_arrival_wins");
#else
  static_cast<void>(plan);
#endif
  return rules;
}

replica::ShardConfig shard_config(const scenario::Plan& plan, ShardId shard, Duration tick) {
  const scenario::GroupPlan& group = plan.groups[shard.value()];
  const auto ticks = [&](Duration span) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(1, span.ns() / tick.ns()));
  };
  replica::ShardConfig config;
  config.shard = shard;
  config.voters = group.voters;
  config.preferred = group.preferred;
  config.election_ticks_min = ticks(group.election_timeout_min);
  // A spread below one tick is none.
  config.election_ticks_max =
      std::max(config.election_ticks_min + 1, ticks(group.election_timeout_max));
  config.heartbeat_ticks = ticks(group.heartbeat);
  config.snapshot_entries = group.snapshot_every;
  config.leases = group.reads == scenario::Reads::lease;
  config.machine = [rules = rules_of(plan, group)] { return replica::make_ledger(rules); };
#ifdef BLACKOUT_PLANTED_BUGS
  config.planted = planted_in(plan);
  config.planted.acknowledge_early = group.acknowledge == scenario::Acknowledge::leader;
#endif
  return config;
}

// What the routing plan has to do with a server.
void direct(const scenario::Plan& plan, NodeId node, gateway::ServerConfig& config) {
  config.gateway.region = plan.facts.nodes[node.value()].region;
  const ShardId routes = record::routes_shard(plan.facts);
  if (routes == no_shard) return;
  config.routes_shard = routes;
  for (const record::NodeFact& each : plan.facts.nodes) config.regions.push_back(each.region);
#ifdef BLACKOUT_PLANTED_BUGS
  config.planted_adopt_older_routes = is_planted(plan, "adopt_older_routes");
#endif
  const auto held = std::find_if(config.replica.shards.begin(), config.replica.shards.end(),
                                 [&](const auto& shard) { return shard.shard == routes; });
  if (held == config.replica.shards.end()) return;
  held->machine = [regions = plan.facts.regions.size()] { return director::make_routing(regions); };
  director::Config& director = config.director.emplace();
  director.shard = routes;
  for (std::uint32_t s = 0; s < routes.value(); ++s) director.probed.emplace_back(s);
  director.gateways.resize(plan.facts.regions.size());
  for (const NodeId server : servers(plan)) {
    director.gateways[plan.facts.nodes[server.value()].region.value()].push_back(server);
  }
}

gateway::ServerConfig server_config(const scenario::Plan& plan, NodeId node,
                                    fault::Release release) {
  gateway::ServerConfig config;
  const RegionId region = plan.facts.nodes[node.value()].region;
  config.replica.tick = tick_of(plan);
  if (release == fault::Release::next) {
    config.replica.encoding = raft::Encoding::sparse;
  } else {
    config.replica.founding = std::make_shared<bool>(true);
  }
  for (std::uint32_t i = 0; i < plan.groups.size(); ++i) {
    const std::vector<NodeId>& voters = plan.groups[i].voters;
    config.gateway.routes.push_back({ShardId(i), by_distance(plan, region, voters)});
    if (std::find(voters.begin(), voters.end(), node) == voters.end()) continue;
    config.replica.shards.push_back(shard_config(plan, ShardId(i), config.replica.tick));
  }
  direct(plan, node, config);
#ifdef BLACKOUT_PLANTED_BUGS
  config.gateway.planted_never_shed = is_planted(plan, "never_shed");
#endif
  return config;
}

client::Config client_config(const scenario::Plan& plan, RegionId region, ReplyTime reply_time,
                             std::function<Bytes(Bytes)> through_names) {
  client::Config config;
  config.gateways = by_distance(plan, region, servers(plan));
  config.reply_time = std::move(reply_time);
  config.routes_shard = record::routes_shard(plan.facts);
  for (const NodeId gateway : config.gateways) {
    config.regions.push_back(plan.facts.nodes[gateway.value()].region);
  }
  config.through_names = std::move(through_names);
  config.author = region.value();
#ifdef BLACKOUT_PLANTED_BUGS
  config.planted_adopt_older_routes = is_planted(plan, "adopt_older_routes");
  config.planted_forsake_gateway = is_planted(plan, "forsake_gateway");
#endif
  return config;
}

class PlatformSession final : public Session {
 public:
  PlatformSession(const scenario::Plan& plan, RegionId region, env::Environment& environment,
                  ClientWorld world)
      : plan_(plan),
        routes_kept_(std::move(world.routes_kept)),
        client_(environment, client_config(plan, region, std::move(world.reply_time),
                                           [this](Bytes routes) { return named(routes); })) {
    environment.tasks.spawn("client-receive", [this] { client_.run(); });
    if (record::routes_shard(plan.facts) != no_shard) {
      environment.tasks.spawn("client-routes", [this] { client_.follow_routes(); });
    }
  }

  bool steer(RegionId region, bool drained, Instant deadline) override {
    if (record::routes_shard(plan_.facts) == no_shard) return false;
    using placement::RouteAnswer;
    using placement::RouteChange;
    client::Call call{.deadline = deadline};
    const auto result = client_.steer(
        {drained ? RouteChange::drain : RouteChange::restore, region, std::nullopt}, call);
    return result && (result.value().answer == RouteAnswer::changed ||
                      result.value().answer == RouteAnswer::unchanged);
  }

  void perform(record::Operation& operation, Instant deadline, const Haste& haste) override {
    const bool retry = plan_.clients[operation.group].retry == scenario::Retry::same_request_id;
    client::Call call{.deadline = deadline,
                      .retry = retry,
                      .resumed = operation.attempts > 0,
                      .hasty_attempts = haste.retries,
                      .hasty_attempt = haste.attempt};
    const auto answer = operation.kind == record::OperationKind::get
                            ? client_.read(operation.shard, operation.key, operation.id, call)
                            : client_.write(operation.shard, command(operation), call);
    operation.attempts += call.attempts;
    if (!answer) {
      operation.outcome =
          answer.error() == client::Error::refused ? record::Outcome::fail : record::Outcome::info;
      return;
    }
    const ledger::Answer& seen = answer.value();
    CHECK(
        seen.code != ledger::AnswerCode::key_reused && seen.code != ledger::AnswerCode::bad_command,
        "the ledger refused a well-formed command");
    operation.outcome = record::Outcome::ok;
    operation.applied = seen.code == ledger::AnswerCode::applied;
    operation.duplicate = seen.duplicate;
    operation.version = seen.version;
    operation.balance = seen.balance;
    operation.last_operation = seen.last_operation;
  }

  std::optional<std::vector<record::AuditedAccount>> audit(ShardId shard,
                                                           Instant deadline) override {
    std::vector<record::AuditedAccount> accounts;
    client::Call call{.deadline = deadline};
    while (true) {
      const std::string after = accounts.empty() ? "" : accounts.back().key;
      auto page = client_.page(shard, after, audit_page, call);
      if (!page) return std::nullopt;
      const bool last = page.value().size() < audit_page;
      for (ledger::AccountRecord& account : page.value()) {
        accounts.push_back(
            {std::move(account.account), account.balance, std::move(account.operations)});
      }
      if (last) return accounts;
    }
  }

  std::optional<std::vector<record::AuditedRecord>> audit_records(ShardId shard,
                                                                  Instant deadline) override {
    std::vector<record::AuditedRecord> records;
    client::Call call{.deadline = deadline};
    ledger::RecordKey from;
    while (true) {
      auto page = client_.records(shard, from, audit_page, call);
      if (!page) return std::nullopt;
      for (ledger::Record& record : page.value()) {
        from = next(record.at);
        records.push_back({record.at.type == profile_type ? record::OperationKind::profile
                                                          : record::OperationKind::status,
                           std::move(record.at.key), std::move(record.value), record.operation});
      }
      if (page.value().size() < audit_page) return records;
    }
  }

  std::uint64_t stamp() override { return client_.stamp().time; }

 private:
  [[nodiscard]] ledger::Command command(const record::Operation& operation) const {
    ledger::Command command;
    command.operation = operation.id;
    command.account = operation.key;
    command.counterparty = operation.other_key;
    command.amount = operation.amount;
    command.expected_version = operation.expected_version;
    command.memo.assign(plan_.clients[operation.group].value_bytes,
                        static_cast<std::uint8_t>(operation.id.value()));
    switch (operation.kind) {
      case record::OperationKind::transfer:
        command.kind = ledger::CommandKind::transfer;
        break;
      case record::OperationKind::cas:
        command.kind = ledger::CommandKind::compare_and_post;
        break;
      case record::OperationKind::put:
      case record::OperationKind::get:
        command.kind = ledger::CommandKind::post;
        break;
      case record::OperationKind::status:
      case record::OperationKind::profile:
        write_record(operation, command);
        break;
    }
    return command;
  }

  void write_record(const record::Operation& operation, ledger::Command& command) const {
    command.kind = ledger::CommandKind::merge;
    command.amount = 0;
    command.type = verification_type;
    command.value = operation.value;
    if (operation.kind != record::OperationKind::profile) return;
    command.type = profile_type;
    command.stamp = {operation.stamp, operation.region.value()};
  }

  // What the clients' name service answers, asked for `routes`.
  Bytes named(Bytes routes) {
    if (names_.empty() || names_ == routes || !routes_kept_()) names_ = std::move(routes);
    return names_;
  }

  const scenario::Plan& plan_;
  RoutesKept routes_kept_;
  Bytes names_;  // the answer before
  client::Client client_;
};

}  // namespace

std::vector<std::string> PlatformSystem::planted() const {
#ifdef BLACKOUT_PLANTED_BUGS
  std::vector<std::string> names{"acknowledge_leader", "adopt_older_routes", "forsake_gateway",
                                 "last_arrival_wins"};
  for (const Bug& bug : bugs) names.emplace_back(bug.name);
  std::sort(names.begin(), names.end());
  return names;
#else
  return {};
#endif
}

Program PlatformSystem::program(const scenario::Plan& plan, NodeId node, fault::Release release) {
  gateway::ServerConfig config = server_config(plan, node, release);
  std::shared_ptr<replica::Replica*>& running = running_[node];
  if (running == nullptr) running = std::make_shared<replica::Replica*>(nullptr);
  config.replica.running = running;
  return [config = std::move(config)](env::Environment& environment) {
    gateway::run_server(environment, config);
  };
}

std::string PlatformSystem::state(NodeId node) const {
  const auto running = running_.find(node);
  if (running == running_.end() || *running->second == nullptr) return {};
  return telemetry::to_json((*running->second)->state());
}

#ifdef BLACKOUT_PLANTED_BUGS
std::optional<std::uint64_t> PlatformSystem::corrupt(NodeId node, ShardId shard,
                                                     fault::Record record, std::uint64_t draw) {
  const auto running = running_.find(node);
  if (running == running_.end() || *running->second == nullptr) return std::nullopt;
  const auto index = (*running->second)
                         ->spoil(shard,
                                 record == fault::Record::account ? ledger::Spoilt::account
                                                                  : ledger::Spoilt::operation,
                                 draw);
  if (!index) return std::nullopt;
  return index->value();
}
#endif

std::unique_ptr<Session> PlatformSystem::open_session(const scenario::Plan& plan, RegionId region,
                                                      env::Environment& environment,
                                                      ClientWorld world) {
  return std::make_unique<PlatformSession>(plan, region, environment, std::move(world));
}

}  // namespace blackout::system::platform

// The judge: every invariant alone, then all, on a million events of a healthy shard with five
// voters.
#include <benchmark/benchmark.h>

#include "harness/check/checker.hpp"
#include "harness/check/divergences.hpp"
#include "harness/check/judge.hpp"
#include "host/base/hash.hpp"

namespace blackout::check {
namespace {

struct Material {
  record::PlanFacts plan;
  trace::Trace trace;
  record::History history;
};

constexpr std::uint64_t events = 1'000'000;
constexpr std::uint64_t keys = 1000;
constexpr std::uint32_t voters = 5;

void add(Material& made, Instant at, EventKind kind, std::uint32_t node, std::uint64_t a,
         std::uint64_t b, std::uint64_t c) {
  made.trace.append({at, {}, kind, NodeId(node), ShardId(0), a, b, c});
}

// One put from its first send to its answer; the account's state is that of the model.
void add_write(Material& made, std::uint64_t index, std::vector<record::AuditedAccount>& accounts) {
  const Instant at = Instant(0) + microseconds(static_cast<std::int64_t>(index) * 100);
  const std::uint64_t chain = mix64(index);
  add(made, at, EventKind::entry_appended, 0, index, 1, chain);
  for (std::uint32_t node = 1; node < voters; ++node) {
    add(made, at, EventKind::message_sent, 0, node + 1, 600, 0);
    add(made, at, EventKind::message_delivered, node, 1, 600, 1000);
    add(made, at, EventKind::entry_appended, node, index, 1, chain);
  }
  for (std::uint32_t node = 0; node < voters; ++node) {
    add(made, at, EventKind::disk_synced, node, 1, 600, 800'000);
    add(made, at, EventKind::log_durable, node, index, 1, chain);
    add(made, at, EventKind::match_advanced, 0, node + 1, index, 1);
  }
  for (std::uint32_t node = 0; node < voters; ++node) {
    add(made, at, EventKind::commit_advanced, node, index, 1, chain);
    add(made, at, EventKind::entry_applied, node, index, index, chain);
  }
  add(made, at, EventKind::write_acknowledged, 0, index, index, 1);
  add(made, at, EventKind::operation_completed, voters, index, 0, 0);

  record::AuditedAccount& account = accounts[index % keys];
  account.balance += 1;
  account.entries.push_back(OperationId(index));
  record::Operation operation;
  operation.id = OperationId(index);
  operation.key = account.key;
  operation.amount = 1;
  operation.invoked = at;
  operation.completed = at + microseconds(50);
  operation.deadline = at + seconds(2);
  operation.outcome = record::Outcome::ok;
  operation.applied = true;
  operation.version = account.entries.size();
  operation.balance = account.balance;
  operation.last_operation = operation.id;
  made.history.operations.push_back(std::move(operation));
}

const Material& material() {
  static const Material made = [] {
    Material m;
    m.plan.regions = {{"a"}, {"b"}, {"c"}};
    for (std::uint16_t n = 0; n < voters; ++n) {
      m.plan.nodes.push_back({"node-" + std::to_string(n), RegionId(n % 3), 0, false});
    }
    m.plan.nodes.push_back({"clients", RegionId(0), 0, true});
    m.plan.shards = {{"shard", "", {NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)}}};
    m.plan.groups = {{"group", ShardId(0), {RegionId(0)}, 1, seconds(2)}};
    add(m, Instant(0), EventKind::role_changed, 0, static_cast<std::uint64_t>(Role::leader), 1, 1);
    std::vector<record::AuditedAccount> accounts(keys);
    for (std::uint64_t k = 0; k < keys; ++k) accounts[k].key = "eu/orders/" + std::to_string(k);
    for (std::uint64_t index = 1; m.trace.size() < events; ++index) add_write(m, index, accounts);
    m.plan.timeline = {{}, {}, m.history.operations.back().completed - Instant(0)};
    m.history.audits = {{RegionId(0), ShardId(0), true, std::move(accounts)}};
    return m;
  }();
  return made;
}

// A pass with nothing but the ghost state and, where there is one, the checker.
void pass(benchmark::State& state, CheckerPtr (*make)(const Case&)) {
  const Material& from = material();
  for (auto _ : state) {
    Replicas replicas(from.plan);
    Reach reach(from.plan);
    Order order(from.plan, from.history);
    const Divergences divergences(replicas);
    const Case facts{
        from.plan, from.history, replicas, reach, order, divergences, from.plan.timeline.end()};
    const CheckerPtr checker = make == nullptr ? nullptr : make(facts);
    std::array<bool, event_kinds> wanted{};
    if (checker) {
      for (const EventKind kind : checker->kinds()) wanted[static_cast<std::size_t>(kind)] = true;
    }
    trace::Cursor cursor(from.trace);
    Event event;
    while (cursor.next(event)) {
      if (Replicas::concerns(event.kind)) replicas.update(event, cursor.id());
      if (Order::concerns(event.kind)) order.update(event, cursor.id());
      if (wanted[static_cast<std::size_t>(event.kind)]) checker->on(event, cursor.id());
    }
    reach.settle(Instant::never());
    if (checker) checker->finish();
    if (checker && checker->finding()) state.SkipWithError("the healthy run was found broken");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(from.trace.size()));
}

void decoding_alone(benchmark::State& state) {
  const Material& from = material();
  for (auto _ : state) {
    trace::Cursor cursor(from.trace);
    Event event;
    while (cursor.next(event)) benchmark::DoNotOptimize(event);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(from.trace.size()));
}

void whole_verdict(benchmark::State& state) {
  const Material& from = material();
  for (auto _ : state) {
    const record::Verdict verdict =
        judge(from.plan, from.trace, from.history, {}, from.plan.timeline.end());
    if (verdict.conclusion != record::Conclusion::pass) state.SkipWithError("not a pass");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(from.trace.size()));
}

BENCHMARK(decoding_alone)->Name("check/decoding alone")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pass, ghost, nullptr)->Name("check/ghost state")->Unit(benchmark::kMillisecond);
#define CHECKER(name)                  \
  BENCHMARK_CAPTURE(pass, name, name)  \
      ->Name("check/ghost and " #name) \
      ->Unit(benchmark::kMillisecond);
CHECKER(election_safety)
CHECKER(vote_uniqueness)
CHECKER(term_monotonic)
CHECKER(log_matching)
CHECKER(leader_completeness)
CHECKER(match_honesty)
CHECKER(commit_durable)
CHECKER(commit_current_term)
CHECKER(committed_entry_replaced)
CHECKER(log_contiguous)
CHECKER(state_machine_safety)
CHECKER(checksum_agreement)
CHECKER(acknowledged_durable)
CHECKER(lag_honest)
CHECKER(audit)
CHECKER(conflict_rules)
CHECKER(routes_agree)
CHECKER(addressed)
CHECKER(fencing)
CHECKER(exactly_once)
CHECKER(linearizable)
CHECKER(convergence)
#undef CHECKER
BENCHMARK(whole_verdict)->Name("check/whole verdict")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace blackout::check

// The pure parts of a replica's write path: applying commands, and encoding records for the log.
#include <benchmark/benchmark.h>

#include "host/base/hash.hpp"
#include "platform/ledger/ledger.hpp"
#include "platform/log/log.hpp"
#include "tests/platform/log/memory_disk.hpp"

namespace {

using namespace blackout;

constexpr std::uint64_t accounts = 2'000;

std::string account(std::uint64_t n) { return "eu/orders/" + std::to_string(1'000 + n % accounts); }

ledger::Command post(std::uint64_t operation, std::uint64_t to) {
  ledger::Command command;
  command.operation = OperationId(operation);
  command.kind = ledger::CommandKind::post;
  command.account = account(to);
  command.amount = 1'000'000;
  return command;
}

// The operations' ids start at `first`.
std::vector<ledger::Command> transfers(std::uint64_t first, std::size_t count) {
  std::vector<ledger::Command> commands;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t from = mix64(i) % accounts;
    ledger::Command command = post(first + i, from);
    command.kind = ledger::CommandKind::transfer;
    command.counterparty = account(from + 1 + mix64(i + 77) % (accounts - 1));
    command.amount = 1;
    commands.push_back(command);
  }
  return commands;
}

// Items are transfers; the checksum is read after each, as a replica that reports every entry does.
void ledger_apply(benchmark::State& state) {
  const auto commands = transfers(accounts + 1, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    ledger::Ledger ledger;
    for (std::uint64_t n = 0; n < accounts; ++n) ledger.apply(post(n + 1, n));
    state.ResumeTiming();
    std::uint64_t sum = 0;
    for (const ledger::Command& command : commands) {
      ledger.apply(command);
      sum ^= ledger.checksum();
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ledger_apply)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// Items are changes of an account with its checksums: what apply() does beside the look-ups.
void checksum_update(benchmark::State& state) {
  ledger::Ledger ledger;
  std::uint64_t operation = 0;
  for (auto _ : state) {
    state.PauseTiming();
    ledger = ledger::Ledger();
    const ledger::Command one = post(1, 1);
    state.ResumeTiming();
    for (int i = 0; i < 10'000; ++i) {
      ledger::CommandView command(one);
      command.operation = OperationId(++operation);
      ledger.apply(command);
    }
  }
  benchmark::DoNotOptimize(ledger.range_checksums());
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(checksum_update);

// Items are accounts and operations whose digests are made anew.
void ledger_scrub(benchmark::State& state) {
  const auto commands = transfers(accounts + 1, static_cast<std::size_t>(state.range(0)));
  ledger::Ledger ledger;
  for (std::uint64_t n = 0; n < accounts; ++n) ledger.apply(post(n + 1, n));
  for (const ledger::Command& command : commands) ledger.apply(command);
  const std::size_t records = ledger.accounts() + ledger.operations();
  for (auto _ : state) ledger.scrub(records + 1);
  benchmark::DoNotOptimize(ledger.range_checksums());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records));
}
BENCHMARK(ledger_scrub)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
// Items are writes to records, each of `accounts` keys under one of the two rules.
void ledger_merges(benchmark::State& state) {
  ledger::Rules rules;
  rules.types = {{"verification", ledger::Rule::lattice, {"pending", "approved", "revoked"}},
                 {"profile", ledger::Rule::newest}};
  std::vector<ledger::Command> merges;
  for (std::uint64_t n = 1; n <= static_cast<std::uint64_t>(state.range(0)); ++n) {
    ledger::Command merge = post(n, mix64(n));
    merge.kind = ledger::CommandKind::merge;
    merge.amount = 0;
    merge.type = static_cast<std::uint8_t>(n % 2);
    merge.value = rules.types[0].statuses[n / 2 % 3];
    if (merge.type == 1) merge.stamp = {mix64(n) | 1, static_cast<std::uint32_t>(n % 3)};
    merges.push_back(merge);
  }
  for (auto _ : state) {
    ledger::Ledger ledger(rules);
    std::uint64_t sum = 0;
    for (const ledger::Command& merge : merges) {
      ledger.apply(merge);
      sum ^= ledger.checksum();
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ledger_merges)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void ledger_answers_duplicate(benchmark::State& state) {
  const auto commands = transfers(accounts + 1, 100'000);
  ledger::Ledger ledger;
  for (std::uint64_t n = 0; n < accounts; ++n) ledger.apply(post(n + 1, n));
  for (const ledger::Command& command : commands) ledger.apply(command);
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ledger.apply(commands[at]));
    at = at + 1 == commands.size() ? 0 : at + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ledger_answers_duplicate);

void command_codec(benchmark::State& state) {
  const ledger::Command command = transfers(1, 1).front();
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    ledger::encode(command, bytes);
    benchmark::DoNotOptimize(ledger::decode_command(bytes));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(command_codec);

// Items are entries of 100 bytes, `range` of them in a batch; the disk takes no time.
void log_append(benchmark::State& state) {
  log::MemoryDisk disk;
  auto opened = log::Log::open(disk);
  log::Log& log = opened.value().log;
  disk.keeps_operations = false;
  const raft::Payload payload(Bytes(100, 0x5A));
  std::vector<raft::Entry> entries(static_cast<std::size_t>(state.range(0)));
  std::uint64_t index = 0;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    for (raft::Entry& entry : entries) {
      entry.index = raft::Index(++index);
      entry.term = raft::Term(7);
      entry.payload = payload;
      bytes += payload.view().size();
    }
    const log::Batch batch{ShardId(0), {}, {}, entries};
    benchmark::DoNotOptimize(log.append({&batch, 1}).ok());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(index));
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(log_append)->Arg(1)->Arg(64);

}  // namespace

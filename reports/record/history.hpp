// The history: every operation as its client saw it, and the final state as the platform's public
// interface answered it after the run.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"
#include "reports/record/plan_facts.hpp"

namespace blackout::record {

// objectives.md: a time-out is info, never fail.
enum class Outcome : std::uint8_t { ok, fail, info };

// The model every system under test is held to: a key holds an account with a balance and an
// append-only history of the operations that changed it; `version` is the length of that history.
//   put       balance += amount (amount > 0)                                  one entry in `key`
//   transfer  moves amount from `key` to `other_key`; refused if the balance would go below zero
//   cas       as put, if version == expected_version; else refused
//   get       reads
// Beside it a key has two records, which join by rules: of all writes to a record that arrived the
// highest stands (see stands_above), whatever their order.
//   status    writes the status `value`, the amount-th of an order that the business set
//   profile   writes `value` under `stamp`, a hybrid time
// A refusal by rule is an ok outcome with applied == false and no effect; so is a write to a record
// in which a higher one stands. To a write to a record, the answer's last_operation is the one that
// stands then.
struct Operation {
  OperationId id;
  OperationKind kind{};
  std::uint32_t client = 0;  // index over all groups
  std::uint32_t group = 0;
  RegionId region;
  ShardId shard;
  bool probe = false;  // sent by the harness to sample availability, not by the workload
  std::string key, other_key;
  std::int64_t amount = 0;
  std::uint64_t expected_version = 0;
  std::uint64_t stamp = 0;
  std::string value;

  Instant invoked;   // first send
  Instant deadline;  // invoked + timeout
  Instant completed = Instant::never();
  Outcome outcome = Outcome::info;
  bool applied = false;
  bool duplicate = false;  // answered from the idempotency table
  std::uint64_t version = 0;
  std::int64_t balance = 0;
  OperationId last_operation;  // the newest entry of `key` that the answer saw
  std::uint32_t attempts = 0;
};

// One account in one region's answer to the audit.
struct AuditedAccount {
  std::string key;
  std::int64_t balance = 0;
  std::vector<OperationId> entries;  // oldest first
};

// Whether, of two writes to one record, the rule lets this one stand.
inline bool stands_above(const Operation& one, const Operation& other) {
  const auto order = [](const Operation& write) {
    const bool status = write.kind == OperationKind::status;
    return std::tuple(status ? write.amount : 0, write.stamp, status ? RegionId() : write.region,
                      write.id);
  };
  return order(one) > order(other);
}

// One record in one region's answer to the audit.
struct AuditedRecord {
  OperationKind kind{};  // that writes it
  std::string key;
  std::string value;
  OperationId operation;  // that wrote the value
};

// What a client of `region` read of `shard` after the run; `complete` is false where the platform
// did not answer it all within the audit's deadline.
struct Audit {
  RegionId region;
  ShardId shard;
  bool complete = false;
  std::vector<AuditedAccount> accounts;     // by key
  std::vector<AuditedRecord> records = {};  // by kind, then key
};

struct History {
  std::vector<Operation> operations;  // by invocation; operations[i].id == i + 1
  std::vector<Audit> audits;
};

}  // namespace blackout::record

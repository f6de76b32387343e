// A hand-made run: three regions "a", "b", "c" with the voters a-1 a-2 b-1 b-2 c-1 of one shard, a
// client host in each region, and a happy path from which a test departs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/check/judge.hpp"
#include "host/base/hash.hpp"

namespace blackout::check {

inline constexpr NodeId a1{0}, a2{1}, b1{2}, b2{3}, c1{4};
inline constexpr NodeId clients_a{5}, clients_b{6}, clients_c{7};
inline constexpr RegionId region_a{0}, region_b{1}, region_c{2};
inline constexpr ShardId orders{0};

// The digest of a log whose entries up to `index` are those of the happy path and the last is of
// `term`.
inline std::uint64_t chain(std::uint64_t index, std::uint64_t term) {
  return combine64(index, term);
}

class Scene {
 public:
  Scene();

  record::PlanFacts plan;
  trace::Trace trace;
  record::History history;
  std::optional<record::CodeFailure> failure;
  Instant now;

  Scene& at(Duration t);  // from the start of the run
  EventId event(EventKind kind, NodeId node, std::uint64_t a = 0, std::uint64_t b = 0,
                std::uint64_t c = 0, ShardId shard = orders);

  // Consensus, at now.
  void lead(NodeId node, std::uint64_t term);
  void follow(NodeId node, std::uint64_t term, NodeId leader);
  void append(NodeId node, std::uint64_t index, std::uint64_t term);
  void durable(NodeId node, std::uint64_t index, std::uint64_t term);
  void store(NodeId node, std::uint64_t index, std::uint64_t term);  // append, then durable
  void commit(NodeId node, std::uint64_t index, std::uint64_t term);
  void apply(NodeId node, std::uint64_t index, std::uint64_t operation);
  void acknowledge(NodeId node, std::uint64_t operation, std::uint64_t index, std::uint64_t term);

  // Faults, at now.
  void stop(NodeId node) { event(EventKind::node_stopped, node, 2, 1, 0, no_shard); }
  void start(NodeId node) { event(EventKind::node_started, node, 2, 0, 0, no_shard); }
  void cut(NodeId from, NodeId to) {
    event(EventKind::link_cut, from, node_word(to), 0, 0, no_shard);
  }
  void heal(NodeId from, NodeId to) {
    event(EventKind::link_healed, from, node_word(to), 0, 0, no_shard);
  }
  void isolate(NodeId node);  // both ways from all others
  void rejoin(NodeId node);
  // Declares a fault; the events are the test's.
  void fault(const std::string& kind, const std::string& target, Duration at, Duration length);

  // An operation of a client in region_a; outcome info until it is completed.
  record::Operation& invoke(record::OperationKind kind, const std::string& key,
                            std::int64_t amount);
  // The client's answer now: ok as the model has it.
  void complete(record::Operation& operation);
  // A whole write in 5 ms from `t`: the leader a-1 of term 1 stores it, then all, then the answer.
  // Returns its id.
  std::uint64_t write(Duration t, const std::string& key, std::int64_t amount = 1);
  // The same for a read, served as of the last entry; 1 ms.
  std::uint64_t read(Duration t, const std::string& key);
  // The operation with this id.
  record::Operation& operation(std::uint64_t id) { return history.operations[id - 1]; }

  // Every region's answer to the audit, as the model has it, then the verdict.
  void audit();
  record::Verdict verdict();
  record::Verdict judge_only() const;

  std::vector<Paired> paired;  // operations of the twin
  std::uint64_t last_index = 0;
  std::map<std::string, record::AuditedAccount> model;
};

// The finding with this id, or null.
const record::Finding* finding(const record::Verdict& verdict, const std::string& id);
const record::InvariantRow& invariant(const record::Verdict& verdict, const std::string& id);
const record::ObjectiveRow& objective(const record::Verdict& verdict, const std::string& name);
std::uint64_t mark(const record::Verdict& verdict, const std::string& name);
// "id: sentence" of all findings, for messages.
std::string all_findings(const record::Verdict& verdict);

}  // namespace blackout::check

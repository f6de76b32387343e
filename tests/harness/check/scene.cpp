#include "tests/harness/check/scene.hpp"

#include <algorithm>

namespace blackout::check {

using record::OperationKind;
using record::Outcome;

Scene::Scene() {
  plan.scenario = "scene";
  plan.seed = 7;
  plan.regions = {{"a"}, {"b"}, {"c"}};
  plan.nodes = {{"a-1", region_a, 0, false},      {"a-2", region_a, 1, false},
                {"b-1", region_b, 0, false},      {"b-2", region_b, 1, false},
                {"c-1", region_c, 0, false},      {"clients-a", region_a, 0, true},
                {"clients-b", region_b, 0, true}, {"clients-c", region_c, 0, true}};
  plan.shards = {{"orders", "eu/", {a1, a2, b1, b2, c1}}};
  plan.groups = {{"orders-eu", orders, {region_a}, 3, seconds(2)}};
  plan.timeline = {seconds(10), seconds(20), seconds(10)};
  plan.clock_offset_max = milliseconds(20);
  for (std::uint32_t n = 0; n < plan.nodes.size(); ++n) {
    event(EventKind::node_started, NodeId(n), 1, 0, 0, no_shard);
  }
  at(milliseconds(1)).lead(a1, 1);
}

Scene& Scene::at(Duration t) {
  now = Instant(0) + t;
  return *this;
}

EventId Scene::event(EventKind kind, NodeId node, std::uint64_t a, std::uint64_t b, std::uint64_t c,
                     ShardId shard) {
  return trace.append({now, {}, kind, node, shard, a, b, c});
}

void Scene::lead(NodeId node, std::uint64_t term) {
  event(EventKind::role_changed, node, static_cast<std::uint64_t>(Role::leader), term,
        node_word(node));
}
void Scene::follow(NodeId node, std::uint64_t term, NodeId leader) {
  event(EventKind::role_changed, node, static_cast<std::uint64_t>(Role::follower), term,
        node_word(leader));
  event(EventKind::term_persisted, node, term);
}
void Scene::append(NodeId node, std::uint64_t index, std::uint64_t term) {
  event(EventKind::entry_appended, node, index, term, chain(index, term));
}
void Scene::durable(NodeId node, std::uint64_t index, std::uint64_t term) {
  event(EventKind::log_durable, node, index, term, chain(index, term));
}
void Scene::store(NodeId node, std::uint64_t index, std::uint64_t term) {
  append(node, index, term);
  durable(node, index, term);
}
void Scene::commit(NodeId node, std::uint64_t index, std::uint64_t term) {
  event(EventKind::commit_advanced, node, index, term, chain(index, term));
}
void Scene::apply(NodeId node, std::uint64_t index, std::uint64_t operation) {
  event(EventKind::entry_applied, node, index, operation, index * 31);
}
void Scene::acknowledge(NodeId node, std::uint64_t operation, std::uint64_t index,
                        std::uint64_t term) {
  event(EventKind::write_acknowledged, node, operation, index, term);
}

void Scene::isolate(NodeId node) {
  for (std::uint32_t n = 0; n < plan.nodes.size(); ++n) {
    if (NodeId(n) == node) continue;
    cut(node, NodeId(n));
    cut(NodeId(n), node);
  }
}
void Scene::rejoin(NodeId node) {
  for (std::uint32_t n = 0; n < plan.nodes.size(); ++n) {
    if (NodeId(n) == node) continue;
    heal(node, NodeId(n));
    heal(NodeId(n), node);
  }
}

void Scene::fault(const std::string& kind, const std::string& target, Duration when,
                  Duration length) {
  const std::string letter(1, static_cast<char>('A' + plan.faults.size()));
  plan.faults.push_back({letter, kind, target, "", Instant(0) + when, length, ""});
}

record::Operation& Scene::invoke(OperationKind kind, const std::string& key, std::int64_t amount) {
  record::Operation operation;
  operation.id = OperationId(history.operations.size() + 1);
  operation.kind = kind;
  operation.key = key;
  operation.amount = amount;
  operation.invoked = now;
  operation.deadline = now + seconds(2);
  operation.attempts = 1;
  history.operations.push_back(operation);
  return history.operations.back();
}

void Scene::complete(record::Operation& operation) {
  const record::AuditedAccount& account = model[operation.key];
  operation.completed = now;
  operation.outcome = Outcome::ok;
  operation.applied = true;
  operation.version = account.entries.size();
  operation.balance = account.balance;
  operation.last_operation = account.entries.empty() ? OperationId(0) : account.entries.back();
  event(EventKind::operation_completed, clients_a, operation.id.value(), 0);
}

std::uint64_t Scene::write(Duration t, const std::string& key, std::int64_t amount) {
  at(t);
  const std::uint64_t id = invoke(OperationKind::put, key, amount).id.value();
  const std::uint64_t index = ++last_index;
  at(t + milliseconds(1));
  store(a1, index, 1);
  at(t + milliseconds(2));
  for (const NodeId node : {a2, b1, b2, c1}) {
    store(node, index, 1);
    event(EventKind::match_advanced, a1, node_word(node), index, 1);
  }
  at(t + milliseconds(3));
  for (const NodeId node : {a1, a2, b1, b2, c1}) {
    commit(node, index, 1);
    apply(node, index, id);
  }
  record::AuditedAccount& account = model[key];
  account.key = key;
  account.balance += amount;
  account.entries.push_back(OperationId(id));
  at(t + milliseconds(4)).acknowledge(a1, id, index, 1);
  at(t + milliseconds(5)).complete(operation(id));
  return id;
}

std::uint64_t Scene::read(Duration t, const std::string& key) {
  at(t);
  const std::uint64_t id = invoke(OperationKind::get, key, 0).id.value();
  event(EventKind::read_served, a1, id, last_index, 1);
  at(t + milliseconds(1)).complete(operation(id));
  return id;
}

void Scene::audit() {
  history.audits.clear();
  for (const RegionId region : {region_a, region_b, region_c}) {
    record::Audit audit{region, orders, true, {}};
    for (const auto& [key, account] : model) {
      if (!account.entries.empty()) audit.accounts.push_back(account);
    }
    history.audits.push_back(std::move(audit));
  }
}

record::Verdict Scene::verdict() {
  audit();
  return judge_only();
}

record::Verdict Scene::judge_only() const {
  return judge(plan, trace, history, failure, plan.timeline.end() + seconds(1), paired);
}

const record::Finding* finding(const record::Verdict& verdict, const std::string& id) {
  const auto found = std::find_if(verdict.findings.begin(), verdict.findings.end(),
                                  [&](const record::Finding& f) { return f.id == id; });
  return found == verdict.findings.end() ? nullptr : &*found;
}

const record::InvariantRow& invariant(const record::Verdict& verdict, const std::string& id) {
  return *std::find_if(verdict.invariants.begin(), verdict.invariants.end(),
                       [&](const record::InvariantRow& row) { return row.id == id; });
}

const record::ObjectiveRow& objective(const record::Verdict& verdict, const std::string& name) {
  return *std::find_if(verdict.objectives.begin(), verdict.objectives.end(),
                       [&](const record::ObjectiveRow& row) { return row.name == name; });
}

std::uint64_t mark(const record::Verdict& verdict, const std::string& name) {
  const auto found = std::find_if(verdict.marks.begin(), verdict.marks.end(),
                                  [&](const record::MarkRow& row) { return row.name == name; });
  return found->count;
}

std::string all_findings(const record::Verdict& verdict) {
  std::string text;
  for (const record::Finding& finding : verdict.findings) {
    text += finding.id + ": " + finding.sentence + "\n";
  }
  return text + verdict.sentence;
}

}  // namespace blackout::check

#include "harness/explore/summary.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "harness/explore/coverage.hpp"

namespace blackout::explore {
namespace {

using Json = nlohmann::ordered_json;

// The role of the node of an event, in its shard, when it happened.
std::string role_at(const trace::Trace& trace, EventId id) {
  Event event;
  if (id == EventId() || !trace::Cursor(trace, id).next(event) || event.node == no_node) return {};
  trace::KindSet kinds{};
  kinds[static_cast<std::size_t>(EventKind::role_changed)] = true;
  kinds[static_cast<std::size_t>(EventKind::node_started)] = true;
  Role role = Role::follower;
  trace::Cursor cursor(trace);
  for (Event earlier; cursor.next_of(kinds, earlier) && cursor.id() <= id;) {
    if (earlier.node != event.node) continue;
    if (earlier.kind == EventKind::node_started) {
      role = Role::follower;
    } else if (earlier.shard == event.shard || event.shard == no_shard) {
      role = static_cast<Role>(earlier.a);
    }
  }
  return std::string(name_of(role));
}

std::vector<std::string> kinds_at(const record::Ledger& faults, Instant when) {
  std::set<std::string> kinds;
  for (const record::FaultOutcome& fault : faults) {
    const bool moment = fault.end == record::FaultEnd::moment;
    if (!fault.began || *fault.began > when) continue;
    if (!moment && fault.ended && *fault.ended < when) continue;
    kinds.insert(fault.kind);
  }
  return {kinds.begin(), kinds.end()};
}

std::optional<Shape> shape_of(const record::RunRecord& run) {
  const record::Finding* worst = record::worst_finding(run.verdict);
  if (worst == nullptr) return {};
  return Shape{worst->id, role_at(run.trace, worst->event), kinds_at(run.faults, worst->at)};
}

std::uint64_t count_of(const record::Verdict& verdict, std::string_view mark) {
  for (const record::MarkRow& row : verdict.marks) {
    if (row.name == mark) return row.count;
  }
  return 0;
}

}  // namespace

std::string Shape::text() const {
  std::string text = finding;
  if (!role.empty()) text += "   " + role;
  for (std::size_t i = 0; i < kinds.size(); ++i) text += (i == 0 ? "   " : " ") + kinds[i];
  return text;
}

Summary summary_of(const record::RunRecord& run) {
  Summary summary;
  summary.seed = run.plan.seed;
  summary.conclusion = run.verdict.conclusion;
  summary.broken = shape_of(run);
  const record::Finding* worst = record::worst_finding(run.verdict);
  if (summary.broken && worst != nullptr) summary.found_at = worst->at;
  summary.sentence = run.verdict.sentence;
  summary.trace_hash = trace::format_hash(run.trace.hash());
  summary.simulated = run.simulated;
  summary.faults = run.plan.faults.size();
  summary.leader_changes = count_of(run.verdict, "failover.leader_changed");
  for (const record::MarkRow& row : run.verdict.marks) {
    if (row.count > 0) summary.marks.push_back(row.name);
  }
  summary.states = abstract_states(run.plan, run.trace);
  return summary;
}

std::string to_line(const Summary& summary) {
  Json json = Json::object();
  json["seed"] = summary.seed;
  json["conclusion"] = static_cast<int>(summary.conclusion);
  if (summary.broken) {
    json["broken"] = {summary.broken->finding, summary.broken->role, summary.broken->kinds};
  }
  json["found_at"] = summary.found_at.ns();
  json["sentence"] = summary.sentence;
  json["trace_hash"] = summary.trace_hash;
  json["simulated"] = summary.simulated.ns();
  json["faults"] = summary.faults;
  json["leader_changes"] = summary.leader_changes;
  json["marks"] = summary.marks;
  json["states"] = summary.states;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Summary> summary_from(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    Summary summary;
    json.at("seed").get_to(summary.seed);
    summary.conclusion = static_cast<record::Conclusion>(json.at("conclusion").get<int>());
    if (json.contains("broken")) {
      const Json& broken = json.at("broken");
      summary.broken = Shape{broken.at(0), broken.at(1), broken.at(2)};
    }
    summary.found_at = Instant(json.at("found_at").get<std::int64_t>());
    json.at("sentence").get_to(summary.sentence);
    json.at("trace_hash").get_to(summary.trace_hash);
    summary.simulated = Instant(json.at("simulated").get<std::int64_t>());
    json.at("faults").get_to(summary.faults);
    json.at("leader_changes").get_to(summary.leader_changes);
    json.at("marks").get_to(summary.marks);
    json.at("states").get_to(summary.states);
    return summary;
  } catch (const Json::exception&) {
    return {};
  }
}

}  // namespace blackout::explore

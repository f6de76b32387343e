#include "harness/scenario/lint.hpp"

#include <algorithm>

namespace blackout::scenario {

namespace {

bool is_string(const Node* node) { return node != nullptr && node->is(NodeType::string); }

void check_unique_names(const Node& root, std::string_view list, std::string_view what,
                        Report& report) {
  std::vector<std::string> seen;
  for (const Node& item : items_of(root.find(list))) {
    const Node* name = item.find("name");
    if (!is_string(name)) continue;
    if (std::find(seen.begin(), seen.end(), name->text) != seen.end()) {
      report.add(Code::duplicate_name, name->at,
                 "two " + std::string(what) + " are named " + quote(name->text), {"rename one"});
    }
    seen.push_back(name->text);
  }
}

void check_region(const Node& name, std::string_view text, Position at, const Places& places,
                  Report& report) {
  if (!name.is(NodeType::string) && name.key.empty()) return;
  if (places.region(text) != nullptr) return;
  report.add(Code::unknown_place, at, "unknown region " + quote(text),
             {suggestion(text, places.names(Level::region))});
}

// Shares are counted in millionths.
void check_share(const Node* percent, Report& report) {
  const auto value = value_of(percent, Quantity::percent);
  if (!value || *value % 1'000 == 0) return;
  report.add(Code::out_of_range, percent->at, quote(percent->text) + " is finer than 0.0001 %",
             {"write at most four decimals"});
}

void check_voters(const Node& group, const Places& places, Report& report) {
  const Node* voters = group.find("voters");
  bool all_known = voters != nullptr && !voters->children.empty();
  for (std::size_t i = 0; voters != nullptr && i < voters->children.size(); ++i) {
    const Node& count = voters->children[i];
    check_region(count, count.key, count.key_at, places, report);
    const Place* region = places.region(count.key);
    const auto wanted = integer_of(&count);
    all_known = all_known && region != nullptr;
    if (region == nullptr || !wanted) continue;
    const auto there = static_cast<std::int64_t>(region->servers.size());
    if (*wanted <= there) continue;
    report.add(Code::too_many_voters, count.at,
               "region " + quote(count.key) + " has " + std::to_string(there) +
                   (there == 1 ? " node, not " : " nodes, not ") + std::to_string(*wanted),
               {"a node holds one voter of a group: ask for fewer, or add zones or nodes"});
  }
  for (const Node& name : items_of(group.find("prefer_leader"))) {
    check_region(name, name.text, name.at, places, report);
    if (places.region(name.text) == nullptr || !all_known || voters->find(name.text)) continue;
    report.add(Code::unknown_place, name.at, "region " + quote(name.text) + " has no voter to lead",
               {"give it a voter, or remove it from prefer_leader"});
  }
}

void check_timeouts(const Node& group, Report& report) {
  const Node* timeout = group.find("election_timeout");
  if (timeout == nullptr || timeout->children.size() != 2) return;
  const auto low = span_of(&timeout->children[0], Quantity::duration);
  const auto high = span_of(&timeout->children[1], Quantity::duration);
  if (!low || !high) return;
  if (low->max >= high->min) {
    report.add(Code::bad_timeouts, timeout->at,
               "the lower end of the election timeout is not below the upper one",
               {"candidates need a spread, or they split every vote"});
  }
  if (Duration(high->max) > election_timeout_max) {
    report.add(Code::bad_timeouts, timeout->at,
               "an election timeout of " + format_duration(Duration(high->max)),
               {"at most " + format_duration(election_timeout_max) + ", as in [\"1s\", \"2s\"]"});
  }
  const Node* heartbeat = group.find("heartbeat");
  const auto beat = value_of(heartbeat, Quantity::duration);
  if (!beat) return;
  if (*beat == 0) {
    report.add(Code::bad_timeouts, heartbeat->at, "a heartbeat of no time", {"write \"200ms\""});
  } else if (Duration(*beat) < heartbeat_min) {
    report.add(Code::bad_timeouts, heartbeat->at,
               "a heartbeat every " + format_duration(Duration(*beat)) + " leaves no time for more",
               {"at least " + format_duration(heartbeat_min) + ", as in \"200ms\""});
  } else if (*beat >= low->min - *beat) {
    report.add(Code::bad_timeouts, heartbeat->at,
               "two heartbeats do not fit into the election timeout of at least " +
                   format_duration(Duration(low->min)),
               {"one lost message would start an election: shorten the heartbeat"});
  }
}

// A lease is an election timeout less a heartbeat, from the sending of one; what two readings of a
// clock may be off by does not count.
void check_lease(const Node& root, const Node& group, Report& report) {
  const Node* reads = group.find("reads");
  const Node* timeout = group.find("election_timeout");
  if (!is_string(reads) || reads->text != "lease" || items_of(timeout).empty()) return;
  const auto low = span_of(&timeout->children[0], Quantity::duration);
  const auto beat = value_of(group.find("heartbeat"), Quantity::duration);
  const auto offset =
      span_of(at_path(root, {"topology", "clocks", "offset_max"}), Quantity::duration);
  if (!low || !beat || !offset || low->min - *beat > *beat + 2 * offset->max) return;
  report.add(Code::bad_timeouts, reads->at,
             "a lease that is over before the next heartbeat renews it, where clocks are off by " +
                 format_duration(Duration(offset->max)),
             {"lengthen the election timeout, or write \"quorum\""});
}

void check_group_keys(const Node& root, Report& report) {
  const auto& groups = items_of(root.find("groups"));
  for (std::size_t b = 1; b < groups.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      const Node* first = groups[a].find("keys");
      const Node* second = groups[b].find("keys");
      if (!is_string(first) || !is_string(second)) continue;
      if (!first->text.starts_with(second->text) && !second->text.starts_with(first->text))
        continue;
      report.add(Code::overlapping_keys, second->at,
                 "keys under " + quote(second->text) + " and under " + quote(first->text) +
                     " would belong to two groups",
                 {"no prefix may be the start of another"});
      break;
    }
  }
}

void check_director_name(const Node& root, Report& report) {
  if (root.find(director_name) == nullptr) return;
  for (const Node& group : items_of(root.find("groups"))) {
    const Node* name = group.find("name");
    if (!is_string(name) || name->text != director_name) continue;
    report.add(Code::duplicate_name, name->at, "the director's group has this name",
               {"rename the group: targets tell groups apart by their names"});
  }
}

void check_mix(const Node& client_group, Report& report) {
  const Node* mix = client_group.find("mix");
  if (mix == nullptr || mix->children.empty()) return;
  std::int64_t sum = 0;
  for (const Node& share : mix->children) {
    check_share(&share, report);
    const auto value = value_of(&share, Quantity::percent);
    if (!value) return;
    sum += *value;
  }
  if (sum == 1'000'000'000) return;
  std::string text = std::to_string(sum / 10'000'000);
  if (sum % 10'000'000 != 0) {
    std::string fraction = std::to_string(10'000'000 + sum % 10'000'000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    text += "." + fraction;
  }
  report.add(Code::mix_not_whole, mix->at, "this mix sums to " + text + " %, not 100 %",
             {"change the shares so that they sum to 100 %"});
}

void check_owned(const Node& root, const Node* keys, Report& report) {
  if (!is_string(keys)) return;
  std::vector<std::string> known;
  for (const Node& group : items_of(root.find("groups"))) {
    const Node* prefix = group.find("keys");
    if (!is_string(prefix)) return;
    known.push_back(prefix->text);
  }
  if (group_of(root, keys->text) < known.size()) return;
  report.add(Code::keys_of_no_group, keys->at, "no group owns keys under " + quote(keys->text),
             {"the groups own " + join_quoted(known, "and")});
}

void check_clients(const Node& root, const Node* clients, Report& report) {
  if (!is_string(clients)) return;
  std::vector<std::string> known;
  for (const Node& group : items_of(root.find("workload"))) {
    if (is_string(group.find("name"))) known.push_back(group.find("name")->text);
  }
  if (std::find(known.begin(), known.end(), clients->text) != known.end()) return;
  report.add(Code::unknown_clients, clients->at, "unknown clients " + quote(clients->text),
             {suggestion(clients->text, known)});
}

void check_residency(const Node& root, const Node& objective, const Places& places,
                     Report& report) {
  const Node* keys = objective.find("keys");
  const Node* stay_in = objective.find("stay_in");
  for (const Node& name : items_of(stay_in)) {
    check_region(name, name.text, name.at, places, report);
  }
  if (!is_string(keys) || stay_in == nullptr) return;
  std::string allowed_text;
  for (const Node& region : stay_in->children) {
    allowed_text += (allowed_text.empty() ? "" : ", ") + region.text;
  }
  bool owned = false;
  for (const Node& group : items_of(root.find("groups"))) {
    const Node* prefix = group.find("keys");
    const Node* voters = group.find("voters");
    if (!is_string(prefix) || voters == nullptr || !group.find("name")) return;
    if (!prefix->text.starts_with(keys->text) && !keys->text.starts_with(prefix->text)) continue;
    owned = true;
    for (const Node& voter : voters->children) {
      const auto& allowed = stay_in->children;
      if (std::any_of(allowed.begin(), allowed.end(),
                      [&](const Node& region) { return region.text == voter.key; })) {
        continue;
      }
      report.add(Code::voters_outside_residency, voter.key_at,
                 "group " + quote(group.find("name")->text) + " stores " + quote(keys->text) +
                     " in " + voter.key,
                 {"objectives.residency lets these keys stay in " + allowed_text + " only",
                  "move the voters, or add the region to stay_in"});
    }
  }
  if (!owned) check_owned(root, keys, report);
}

void check_latency(const Node& root, const Node& objective, Report& report) {
  const Node* op = objective.find("op");
  if (!is_string(op)) return;
  for (const Node& group : items_of(root.find("workload"))) {
    if (at_path(group, {"mix", op->text}) != nullptr) return;
  }
  report.add(Code::latency_of_no_operation, op->at, "no clients call " + op->text,
             {"this promise holds because nothing is measured",
              "add " + op->text + " to a mix, or remove the objective"});
}

void check_expectation(const Node& root, Report& report) {
  const Node* violates = at_path(root, {"expect", "violates"});
  if (!expects_pass(root)) return;
  if (violates != nullptr) {
    report.add(Code::contradicting_expectation, violates->key_at,
               "a verdict of \"pass\" violates nothing",
               {"expect \"violates\", or remove the list"});
  }
  const Node* planted = root.find("planted");
  if (planted != nullptr && !planted->children.empty()) {
    report.add(Code::planted_bug_expected_to_pass, at_path(root, {"expect", "verdict"})->at,
               "a scenario with planted bugs expects \"pass\"",
               {"a planted bug that is found fails the run, one that nobody finds passes it",
                "expect \"violates\""});
  }
}

void check_still(const Node& still, const Places& places, Report& report) {
  for (const Node& pair : items_of(still.find("links"))) {
    for (const Node& name : items_of(&pair)) check_region(name, name.text, name.at, places, report);
  }
  for (const char* key : {"disks", "clocks"}) {
    for (const Node& name : items_of(still.find(key))) {
      const Place* place = places.find(name.text);
      if (!is_string(&name) || (place != nullptr && place->level == Level::node)) continue;
      report.add(Code::unknown_place, name.at, "unknown node " + quote(name.text),
                 {suggestion(name.text, places.names(Level::node))});
    }
  }
}

}  // namespace

bool expects_pass(const Node& root) {
  const Node* verdict = at_path(root, {"expect", "verdict"});
  return verdict != nullptr && verdict->text == "pass";
}

void check_world(const Node& root, const Places& places, Report& report) {
  const Node* fsync = at_path(root, {"topology", "disks", "fsync"});
  if (fsync != nullptr) {
    const auto median = value_of(fsync->find("median"), Quantity::duration);
    const auto p99 = value_of(fsync->find("p99"), Quantity::duration);
    if (p99 && Duration(*p99) > delay_max) {
      report.add(
          Code::out_of_range, fsync->find("p99")->at,
          "an fsync of " + format_duration(Duration(*p99)),
          {"at most " + format_duration(delay_max) + "; an fsync that never ends is a disk_error"});
    }
    if (median && p99 && (*median == 0 || *median > *p99)) {
      report.add(Code::out_of_range, fsync->at,
                 "an fsync takes time, and its p99 no less than its median",
                 {"write as in { \"median\": \"800us\", \"p99\": \"6ms\" }"});
    }
  }
  if (const Node* still = at_path(root, {"topology", "still"})) check_still(*still, places, report);
  for (const Place* region : places.of_level(Level::region)) {
    for (const Place* node : places.of_level(Level::node)) {
      if (region->name != node->name) continue;
      const Node* named = at_path(root, {"topology", "regions", region->name});
      report.add(Code::duplicate_name, named->key_at,
                 "region " + quote(region->name) + " is named as a node of another region",
                 {"nodes are named after their region with a number: rename the region"});
    }
  }
  for (const std::string_view phase : {"chaos", "calm"}) {
    const Node* length = at_path(root, {"timeline", phase});
    if (value_of(length, Quantity::duration) == std::optional<std::int64_t>(0)) {
      report.add(Code::out_of_range, length->at, "a phase of no time",
                 {"faults need chaos, and convergence needs calm"});
    }
  }
}

void check_use(const Node& root, const Places& places, Report& report) {
  check_unique_names(root, "groups", "groups", report);
  check_unique_names(root, "workload", "client groups", report);
  check_unique_names(root, "causes", "causes", report);
  check_group_keys(root, report);
  for (const Node* group : groups_of(root)) {
    check_voters(*group, places, report);
    check_timeouts(*group, report);
    check_lease(root, *group, report);
  }
  check_director_name(root, report);
  for (const Node& group : items_of(root.find("workload"))) {
    for (const Node& name : items_of(group.find("from"))) {
      check_region(name, name.text, name.at, places, report);
    }
    check_mix(group, report);
    check_owned(root, at_path(group, {"keys", "prefix"}), report);
    const Node* timeout = group.find("timeout");
    if (value_of(timeout, Quantity::duration) == std::optional<std::int64_t>(0)) {
      report.add(Code::out_of_range, timeout->at, "a timeout of no time", {"write as in \"2s\""});
    }
  }
}

void check_promises(const Node& root, const Places& places, Report& report) {
  for (const std::string_view span : {"window", "within"}) {
    const Node* length = at_path(root, {"objectives", "rto", span});
    if (value_of(length, Quantity::duration) == std::optional<std::int64_t>(0)) {
      report.add(Code::out_of_range, length->at, "no operation falls into no time",
                 {"write as in \"1s\""});
    }
  }
  check_clients(root, at_path(root, {"objectives", "rto", "clients"}), report);
  check_share(at_path(root, {"objectives", "rto", "success"}), report);
  for (const Node& one : items_of(at_path(root, {"objectives", "availability"}))) {
    check_clients(root, one.find("clients"), report);
    check_share(one.find("min"), report);
  }
  for (const std::string_view promised : {"latency", "added_latency"}) {
    for (const Node& one : items_of(at_path(root, {"objectives", promised}))) {
      check_latency(root, one, report);
    }
  }
  for (const Node& one : items_of(at_path(root, {"objectives", "residency"}))) {
    check_residency(root, one, places, report);
  }
  check_expectation(root, report);
}

}  // namespace blackout::scenario

#include <algorithm>

#include "harness/scenario/aim.hpp"
#include "harness/scenario/causes.hpp"
#include "harness/scenario/lint.hpp"

namespace blackout::scenario {

namespace {

// The least and the greatest value of a count that may be a draw.
std::optional<Span> count_span(const Node* node) {
  if (node == nullptr) return {};
  std::vector<const Node*> values{node};
  if (node->is(NodeType::object) && node->children.size() == 1) {
    values.clear();
    for (const Node& value : node->children[0].children) values.push_back(&value);
  }
  std::optional<Span> span;
  for (const Node* value : values) {
    const auto count = integer_of(value);
    if (!count || *count < 1) return {};
    if (!span) span = Span{*count, *count};
    span->min = std::min(span->min, *count);
    span->max = std::max(span->max, *count);
  }
  return span;
}

void check_group_size(const Node& group, Report& report) {
  const Node* voters = group.find("voters");
  std::int64_t sum = 0;
  for (std::size_t i = 0; voters != nullptr && i < voters->children.size(); ++i) {
    const auto count = integer_of(&voters->children[i]);
    if (!count || *count < 1 || *count > 1'000) return;
    sum += *count;
  }
  if (sum <= voters_max) return;
  report.add(Code::too_many_voters, voters->at, "this group has " + std::to_string(sum) + " voters",
             {"at most " + std::to_string(voters_max) + ": every write waits for a majority"});
}

void check_operations(const Node& client_group, Report& report) {
  const Node* value = client_group.find("value");
  const auto bytes = value_of(value, Quantity::bytes);
  if (bytes && *bytes > value_bytes_max) {
    report.add(Code::out_of_range, value->at, quote(value->text) + " is more than one write takes",
               {"at most \"1MiB\""});
  }
  const Node* keys = client_group.find("keys");
  const Node* prefix = keys != nullptr ? keys->find("prefix") : nullptr;
  const Node* count = keys != nullptr ? keys->find("count") : nullptr;
  const auto span = count_span(count);
  if (!span) return;
  if (prefix != nullptr && prefix->is(NodeType::string)) {
    const std::size_t longest = prefix->text.size() + std::to_string(span->max - 1).size();
    if (longest > key_bytes_max) {
      report.add(
          Code::key_too_long, prefix->at,
          "the longest of these keys has " + std::to_string(longest) + " bytes",
          {"at most " + std::to_string(key_bytes_max) + " with its number: shorten the prefix"});
    }
  }
  const Node* transfer = at_path(client_group, {"mix", "transfer"});
  if (value_of(transfer, Quantity::percent).value_or(0) > 0 && span->min == 1) {
    report.add(Code::transfer_of_one_key, count->at,
               "a transfer goes from one key to another, and here is a single one",
               {"raise \"count\" to at least 2, or take \"transfer\" out of the mix"});
  }
}

// A sum over all client groups that must stay below a limit; the group that passes it is named.
class Total {
 public:
  Total(std::int64_t most, std::string what, std::string remedy)
      : most_(most), what_(std::move(what)), remedy_(std::move(remedy)) {}
  void add(std::int64_t amount, const Node& at, Report& report) {
    if (sum_ > most_) return;
    sum_ += amount;
    if (sum_ <= most_) return;
    report.add(Code::too_much_load, at.at, "this makes " + std::to_string(sum_) + " " + what_,
               {"at most " + std::to_string(most_) + " in one run: " + remedy_});
  }

 private:
  std::int64_t most_, sum_ = 0;
  std::string what_, remedy_;
};

void check_load(const Node& root, Duration length, Report& report) {
  Total clients(clients_max, "clients", "fewer clients can send as much");
  Total rate(rate_per_s_max, "operations a second", "lower the rate");
  Total open(operations_open_max, "operations that wait when nothing answers",
             "lower the rate or the timeout");
  Total operations(operations_max, "operations", "lower the rate or shorten the timeline");
  for (const Node& group : items_of(root.find("workload"))) {
    const Node* count = group.find("clients");
    const Node* per_second = group.find("rate");
    const Node* timeout = group.find("timeout");
    if (const auto n = integer_of(count); n && *n > 0 && *n <= clients_max) {
      clients.add(*n, *count, report);
    }
    const auto each = value_of(per_second, Quantity::rate);
    if (!each) continue;
    rate.add(*each, *per_second, report);
    if (const auto wait = value_of(timeout, Quantity::duration)) {
      open.add(*each * (*wait / 1'000'000) / 1'000, *timeout, report);
    }
    operations.add(*each * (length.ns() / 1'000'000'000), *per_second, report);
  }
}

// What faults of the group "load" make of the load while one of them lasts, at its worst.
void check_fault_load(const Node& root, const Node& fault, const Places& places, Duration chaos,
                      Report& report) {
  const auto kind = kind_of(fault);
  const Node* target = fault.find("target");
  if (kind != fault::Kind::load_surge && kind != fault::Kind::thundering_herd) return;
  const auto lasts = span_of(fault.find("for"), Quantity::duration);
  const std::int64_t ms = (lasts ? std::min(lasts->max, chaos.ns()) : chaos.ns()) / 1'000'000;
  const Node* said = fault.find("factor");
  const auto factor = span_of(said, Quantity::factor);
  const Node& at = kind == fault::Kind::load_surge && said != nullptr ? *said : fault;
  Total rate(rate_per_s_max, "operations a second", "lower the factor");
  Total open(operations_open_max, "operations that wait when nothing answers", "lower the factor");
  Total operations(operations_max, "operations", "lower the factor or shorten the fault");
  Total herd(operations_open_max, "operations at one instant", "shorten the fault");
  Report known = Report::unheard();  // check_faults has said it
  std::optional<Aimed> aimed;
  if (target != nullptr) aimed = aim_at(*kind, fault::Shape::cut, false, *target, places, known);
  const auto may_mean = [&](std::uint32_t group) {
    if (!aimed) return true;
    return std::any_of(aimed->choices.begin(), aimed->choices.end(), [&](const auto& choice) {
      const auto& clients = choice.extent.clients;
      return std::any_of(clients.begin(), clients.end(),
                         [&](const auto& one) { return one.group == group; });
    });
  };
  const auto& groups = items_of(root.find("workload"));
  for (std::uint32_t g = 0; g < groups.size(); ++g) {
    const auto each = value_of(groups[g].find("rate"), Quantity::rate);
    if (!may_mean(g) || !each) continue;
    const auto wait = value_of(groups[g].find("timeout"), Quantity::duration).value_or(0);
    if (kind == fault::Kind::thundering_herd) {
      herd.add(*each * ms / 1'000, at, report);
    } else if (factor) {
      const std::int64_t raised = *each * factor->max / 1'000;
      rate.add(raised, at, report);
      open.add(raised * (wait / 1'000'000) / 1'000, at, report);
      operations.add((raised - *each) * (ms / 1'000), at, report);
    }
  }
}

void check_fault_loads(const Node& root, const Places& places, Report& report) {
  const Node* faults = root.find("faults");
  const auto timeline = timeline_of(root);
  if (faults == nullptr || !timeline || timeline->end() - Instant(0) > run_length_max) return;
  const Node* generator = faults->find("generate");
  const Node* list = generator != nullptr ? generator->find("menu") : faults;
  for (const Node& fault : items_of(list)) {
    check_fault_load(root, fault, places, timeline->chaos, report);
  }
  for (const Consequence& one : possible_consequences(root)) {
    check_fault_load(root, one.fault, places, timeline->chaos, report);
  }
}

void check_unused_keys(const Node& root, const Vocabulary& known, Report& report) {
  const Node* named = root.find("system");
  if (named == nullptr && known.systems.empty()) return;
  const std::string& system = named != nullptr ? named->text : known.systems.front();
  const auto unused = known.unused_keys.find(system);
  if (unused == known.unused_keys.end()) return;
  std::vector<const Node*> places = groups_of(root);
  places.insert(places.begin(), &root);
  for (const Node* place : places) {
    for (const std::string& key : unused->second) {
      const Node* value = place->find(key);
      if (value == nullptr) continue;
      report.add(Code::key_of_another_system, value->key_at,
                 quote(system) + " has nothing for " + quote(key),
                 {"remove it, or test another system"});
    }
  }
}

}  // namespace

void check_limits(const Node& root, const Places& places, Report& report) {
  for (const Node* group : groups_of(root)) check_group_size(*group, report);
  for (const Node& group : items_of(root.find("workload"))) check_operations(group, report);
  const auto timeline = timeline_of(root);
  Duration length = timeline ? timeline->end() - Instant(0) : Duration();
  if (length > run_length_max) {
    report.add(Code::run_too_long, root.find("timeline")->at,
               "this run lasts " + std::to_string(length.ns() / seconds(3'600).ns()) + " h",
               {"at most 24 h of simulated time: shorten its phases"});
    length = Duration();
  }
  check_load(root, length, report);
  check_fault_loads(root, places, report);
}

void check_names(const Node& root, const Vocabulary& known, Report& report) {
  const auto check_name = [&](const Node& name, std::string_view what, Code code,
                              const std::vector<std::string>& names, bool or_their_kind) {
    if (names.empty() || report.speaks_of(name.at)) return;  // not even a name
    const bool found = std::any_of(names.begin(), names.end(), [&](const std::string& one) {
      return one == name.text || (or_their_kind && one.starts_with(name.text + "."));
    });
    if (found) return;
    report.add(code, name.at, "unknown " + std::string(what) + " " + quote(name.text),
               {suggestion(name.text, names)});
  };
  const auto check = [&](const Node* list, std::string_view what, Code code,
                         const std::vector<std::string>& names, bool or_their_kind) {
    for (const Node& name : items_of(list)) check_name(name, what, code, names, or_their_kind);
  };
  check(at_path(root, {"expect", "reach"}), "mark", Code::unknown_mark, known.marks, false);
  check(at_path(root, {"expect", "violates"}), "objective or invariant", Code::unknown_promise,
        known.promises, true);
  for (const Node& fault : items_of(root.find("faults"))) {
    const Node* mark = at_path(fault, {"on", "mark"});
    if (mark != nullptr) check_name(*mark, "mark", Code::unknown_mark, known.marks, false);
  }
  const Node* system = root.find("system");
  if (system != nullptr) {
    check_name(*system, "system", Code::unknown_system, known.systems, false);
  }
  check_unused_keys(root, known, report);
  check(root.find("planted"), "planted bug", Code::unknown_planted_bug, known.planted, false);
}

}  // namespace blackout::scenario
